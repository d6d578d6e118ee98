//! Who may ask the phone page (f6). It is for the person at this machine: a request that a proxy
//! has passed on, that names another host, or that another page makes is refused. Knows no route.

use http::uri::Authority;
use http::{HeaderMap, HeaderName, Method, Request, header};

use super::answer::Refusal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    ThisMachine,
    Anywhere,
}

/// By its own address, and by no proxy.
pub(crate) fn is_for_this_machine<B>(request: &Request<B>) -> bool {
    !request.headers().keys().any(is_forwarding)
        && asked_host(request).is_some_and(|host| is_loopback(&host))
}

pub(super) fn check<B>(request: &Request<B>, reach: Reach) -> Result<(), Refusal> {
    if reach == Reach::ThisMachine {
        if request.headers().keys().any(is_forwarding) {
            return Err(Refusal::forbidden(
                "The phone page answers only on this machine, and a proxy has passed this on. \
                 To allow it, set allow-remote = true under [phone] in callslip.toml.",
            ));
        }
        // A page elsewhere can let its name point to this machine; the browser still says the name.
        if !asked_host(request).is_some_and(|host| is_loopback(&host)) {
            return Err(Refusal::forbidden(
                "The phone page answers only to localhost, 127.0.0.1 and [::1]. \
                 To allow others, set allow-remote = true under [phone] in callslip.toml.",
            ));
        }
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    // No form of another page can send this type, and no script may without asking first.
    if !is_json(request.headers()) {
        return Err(Refusal::unreadable("Send this as application/json."));
    }
    if !is_same_origin(request) {
        return Err(Refusal::forbidden(
            "Only the phone page itself may send this.",
        ));
    }
    Ok(())
}

fn is_forwarding(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("x-forwarded-") || ["forwarded", "via", "x-real-ip"].contains(&name)
}

/// From the request line, where it stands there, and from `Host`: they must not differ.
fn asked_host<B>(request: &Request<B>) -> Option<Authority> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let named: Authority = hosts.next()?.to_str().ok()?.parse().ok()?;
    let once = hosts.next().is_none();
    let agreed = request.uri().authority().is_none_or(|line| *line == named);
    (once && agreed).then_some(named)
}

fn is_loopback(host: &Authority) -> bool {
    let is_bare = !host.as_str().contains('@');
    is_bare
        && ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|own| host.host().eq_ignore_ascii_case(own))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| {
        let bare = kind.split(';').next().unwrap_or_default();
        bare.trim().eq_ignore_ascii_case("application/json")
    })
}

/// What a browser says of who asks. Programs say nothing, and are no other page.
fn is_same_origin<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    if headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin")
    {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().ok().and_then(|origin| {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
    });
    match (
        origin.and_then(|origin| origin.parse::<Authority>().ok()),
        asked_host(request),
    ) {
        (Some(origin), Some(host)) => origin == host,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().method(method).uri("/phone/texts");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    fn passes(method: &str, headers: &[(&str, &str)], reach: Reach) -> bool {
        check(&request(method, headers), reach).is_ok()
    }

    #[test]
    fn f6_only_who_names_this_machine_gets_in() {
        for host in [
            "localhost",
            "LOCALHOST:8067",
            "127.0.0.1:8067",
            "[::1]:8067",
            "[::1]",
        ] {
            assert!(
                passes("GET", &[("host", host)], Reach::ThisMachine),
                "{host}"
            );
        }
        for host in [
            "desk.library.example",
            "localhost.evil.example:8067",
            "127.0.0.1.nip.example",
            "evil.example@127.0.0.1",
            "127.0.0.2",
            "",
        ] {
            assert!(
                !passes("GET", &[("host", host)], Reach::ThisMachine),
                "{host}"
            );
        }
        assert!(!passes("GET", &[], Reach::ThisMachine));
        assert!(!passes(
            "GET",
            &[("host", "localhost"), ("host", "evil.example")],
            Reach::ThisMachine
        ));
        let absolute = Request::builder()
            .uri("http://evil.example/phone")
            .header("host", "localhost")
            .body(());
        assert!(check(&absolute.unwrap(), Reach::ThisMachine).is_err());
        assert!(passes(
            "GET",
            &[("host", "desk.library.example")],
            Reach::Anywhere
        ));
    }

    #[test]
    fn f6_what_a_proxy_passes_on_is_refused() {
        for name in [
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Real-IP",
            "Via",
        ] {
            let headers = [("host", "127.0.0.1:8067"), (name, "x")];
            assert!(!passes("GET", &headers, Reach::ThisMachine), "{name}");
            assert!(passes("GET", &headers, Reach::Anywhere), "{name}");
        }
    }

    #[test]
    fn another_page_cannot_text() {
        let host = ("host", "127.0.0.1:8067");
        let json = ("content-type", "application/json; charset=utf-8");
        let own = ("origin", "http://127.0.0.1:8067");
        for reach in [Reach::ThisMachine, Reach::Anywhere] {
            assert!(passes("POST", &[host, json], reach), "a program");
            assert!(passes(
                "POST",
                &[host, json, own, ("sec-fetch-site", "same-origin")],
                reach
            ));
            assert!(!passes("POST", &[host, own], reach), "no type");
            for kind in [
                "text/plain",
                "application/x-www-form-urlencoded",
                "application/jsonp",
            ] {
                assert!(
                    !passes("POST", &[host, ("content-type", kind)], reach),
                    "{kind}"
                );
            }
            for origin in [
                "http://evil.example",
                "http://127.0.0.1:9",
                "null",
                "file://",
            ] {
                assert!(
                    !passes("POST", &[host, json, ("origin", origin)], reach),
                    "{origin}"
                );
            }
            for site in ["cross-site", "same-site", "none"] {
                assert!(
                    !passes("POST", &[host, json, ("sec-fetch-site", site)], reach),
                    "{site}"
                );
            }
        }
    }
}
