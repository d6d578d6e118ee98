//! What a flow asks of the web: its words, with the host's credentials and nobody else's.

use std::time::Duration;

use bytes::Bytes;
use callslip_core::outside::{self, Answer, Ask, BODY_BYTES_MAX, Failure, HEADERS_MAX};
use http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT,
};
use http::{HeaderMap, Method, StatusCode, Uri};

use super::{Asked, FetchError, FetchLimits, Fetched, NoWay, Outward};
use crate::secret::Secret;
use crate::send_error::Trouble;

/// What the host adds to a flow's request.
#[derive(Clone, Debug, Default)]
pub struct Added {
    /// A header's name and its secret.
    pub credential: Option<(String, Secret)>,
    /// The same whenever the same request of the same turn is sent again.
    pub idempotency_key: Option<String>,
}

/// A file, and for how long it need not be asked for again. None: it must.
pub struct Download {
    pub body: Bytes,
    pub content_type: String,
    pub fresh: Option<Duration>,
}

/// Where the other side does not say.
const FRESH_UNSAID: Duration = Duration::from_secs(5 * 60);
const FRESH_MAX: Duration = Duration::from_secs(24 * 60 * 60);
const REDIRECTS_MAX: u32 = 3;
const CALLED: &str = concat!("callslip/", env!("CARGO_PKG_VERSION"));

impl Outward {
    /// A `Fetch`; and for how long its answer holds for others who ask the same.
    pub async fn ask_web(
        &self,
        ask: &Ask,
        added: &Added,
        patience: Duration,
    ) -> (Answer, Option<Duration>) {
        match self.asked_web(ask, added, patience).await {
            Ok(fetched) => {
                let fresh = (fetched.status == StatusCode::OK).then(|| fresh(&fetched.headers));
                (answer(fetched), fresh.flatten())
            }
            Err(failure) => (Answer::Failed(failure), None),
        }
    }

    async fn asked_web(
        &self,
        ask: &Ask,
        added: &Added,
        patience: Duration,
    ) -> Result<Fetched, Failure> {
        let Ask::Fetch {
            method,
            url,
            headers,
            body,
        } = ask
        else {
            return Err(Failure::Invalid("it is nothing for the web".to_owned()));
        };
        let verb = Method::from_bytes(method.name().as_bytes());
        let asked = Asked {
            method: verb.map_err(|_| Failure::Invalid("its method".to_owned()))?,
            url: without_fragment(url),
            headers: with_added(headers, added)?,
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        let limits = FetchLimits {
            total: patience,
            bytes_max: BODY_BYTES_MAX,
            redirects_max: 0,
        };
        // The flow learns where it is sent and asks there itself, if that is granted.
        let asks_only = *method == outside::Method::Get;
        let fetched = self.fetch(asked, limits, |_| false).await;
        let fetched = fetched.map_err(|error| match error {
            // It was on its way: who knows how far it came.
            FetchError::Trouble(_) | FetchError::TooLarge(_) if !asks_only => Failure::Unclear,
            error => failed(&error),
        })?;
        not_squeezed(&fetched.headers)?;
        Ok(fetched)
    }

    /// A whole file, such as a feed. `follow` says of each place to which we are sent whether to go.
    pub async fn download(
        &self,
        url: &str,
        added: &Added,
        bytes_max: usize,
        patience: Duration,
        follow: impl Fn(&Uri) -> bool,
    ) -> Result<Download, Failure> {
        let asked = Asked {
            method: Method::GET,
            url: without_fragment(url),
            headers: with_added(&[], added)?,
            body: Bytes::new(),
        };
        let limits = FetchLimits {
            total: patience,
            bytes_max,
            redirects_max: REDIRECTS_MAX,
        };
        let fetched = self.fetch(asked, limits, follow).await;
        let fetched = fetched.map_err(|error| failed(&error))?;
        not_squeezed(&fetched.headers)?;
        if fetched.status != StatusCode::OK {
            let status = fetched.status.as_u16();
            return Err(Failure::Unreachable(format!(
                "it answers with status {status}"
            )));
        }
        let content_type = fetched.headers.get(CONTENT_TYPE);
        Ok(Download {
            content_type: content_type.map(text).unwrap_or_default(),
            fresh: fresh(&fetched.headers),
            body: fetched.body,
        })
    }
}

fn with_added(
    theirs: &[(String, String)],
    added: &Added,
) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    let invalid = |_| Failure::Invalid("a header of it is none".to_owned());
    let mut headers = vec![(USER_AGENT, HeaderValue::from_static(CALLED))];
    for (name, value) in theirs {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(()))?;
        let credential = added.credential.as_ref();
        // What the host says here nobody says in its place.
        let hosts_own = credential.is_some_and(|(own, _)| name.as_str().eq_ignore_ascii_case(own));
        if name != USER_AGENT && !hosts_own {
            headers.push((name, HeaderValue::from_str(value).map_err(|_| invalid(()))?));
        }
    }
    if !headers.iter().any(|(name, _)| *name == ACCEPT) {
        headers.push((ACCEPT, HeaderValue::from_static("*/*")));
    }
    if let Some((name, secret)) = &added.credential {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(()))?;
        let mut value = HeaderValue::from_str(secret.reveal()).map_err(|_| invalid(()))?;
        value.set_sensitive(true);
        headers.push((name, value));
    }
    if let Some(key) = &added.idempotency_key {
        let name = HeaderName::from_static("idempotency-key");
        headers.push((name, HeaderValue::from_str(key).map_err(|_| invalid(()))?));
    }
    Ok(headers)
}

/// We ask for nothing squeezed: what comes so is as large as it likes when it is unpacked.
fn not_squeezed(headers: &HeaderMap) -> Result<(), Failure> {
    let squeezed = headers.get(CONTENT_ENCODING).map(text);
    match squeezed.as_deref() {
        None | Some("identity") => Ok(()),
        Some(_) => Err(Failure::Unreadable(
            "it is compressed, which was not asked for".to_owned(),
        )),
    }
}

fn answer(fetched: Fetched) -> Answer {
    let plain = fetched.headers.iter().filter(|(name, _)| {
        // A session of theirs is no affair of the flow's.
        *name != http::header::SET_COOKIE
    });
    let headers = plain
        .take(HEADERS_MAX)
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect();
    Answer::Response {
        status: fetched.status.as_u16(),
        headers,
        body: String::from_utf8_lossy(&fetched.body).into_owned(),
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

fn without_fragment(url: &str) -> String {
    let end = url.find('#').unwrap_or(url.len());
    url[..end].to_owned()
}

fn failed(error: &FetchError) -> Failure {
    match error {
        FetchError::Address(_) => Failure::Invalid("its address cannot be asked".to_owned()),
        FetchError::TooLarge(_) => Failure::TooLong,
        FetchError::NoWay(NoWay::OutOfReach { why, .. }) => Failure::NotGranted(why.to_string()),
        FetchError::NoWay(no_way) => Failure::Unreachable(no_way.to_string()),
        FetchError::Redirected => {
            Failure::Unreachable("it sends us elsewhere, and that is not granted".to_owned())
        }
        FetchError::Trouble(Trouble::TimedOut) => {
            Failure::Unreachable("nothing came in time".to_owned())
        }
        FetchError::Trouble(trouble) => Failure::Unreachable(trouble.to_string()),
    }
}

/// For how long the answer holds for whoever asks the same.
fn fresh(headers: &HeaderMap) -> Option<Duration> {
    if headers.get(http::header::VARY).map(text).as_deref() == Some("*") {
        return None;
    }
    let mut said = None;
    for value in headers.get_all(CACHE_CONTROL) {
        for part in text(value).to_ascii_lowercase().split(',') {
            match part.trim().split_once('=') {
                None if matches!(part.trim(), "no-store" | "no-cache" | "private") => return None,
                Some(("private" | "no-cache", _)) => return None,
                Some((name @ ("max-age" | "s-maxage"), seconds)) => {
                    let seconds = seconds.trim_matches('"').parse().ok()?;
                    // What is for caches of many goes before what is for one.
                    if name == "s-maxage" || said.is_none() {
                        said = Some(Duration::from_secs(seconds));
                    }
                }
                _ => {}
            }
        }
    }
    let fresh = said.unwrap_or(FRESH_UNSAID).min(FRESH_MAX);
    (fresh > Duration::ZERO).then_some(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_as_long_as_its_headers_say() {
        for (said, seconds) in [
            ("", Some(300)),
            ("max-age=60", Some(60)),
            ("public, max-age=7200", Some(7200)),
            ("max-age=60, s-maxage=10", Some(10)),
            ("s-maxage=10, max-age=60", Some(10)),
            ("max-age=99999999", Some(86_400)),
            ("max-age=0", None),
            ("no-store", None),
            ("private, max-age=60", None),
            ("no-cache=\"set-cookie\"", None),
            ("max-age=soon", None),
        ] {
            let mut headers = HeaderMap::new();
            if !said.is_empty() {
                headers.insert(CACHE_CONTROL, HeaderValue::from_static(said));
            }
            assert_eq!(fresh(&headers).map(|it| it.as_secs()), seconds, "{said}");
        }
    }

    #[test]
    fn c4_nobody_says_the_hosts_credential_in_its_place() {
        let theirs = [
            ("Authorization".to_owned(), "Bearer flow".to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        let added = Added {
            credential: Some(("authorization".to_owned(), Secret::new("Bearer host"))),
            idempotency_key: None,
        };
        let headers = with_added(&theirs, &added).unwrap();
        let all: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name == "authorization")
            .map(|(_, value)| value.to_str().unwrap())
            .collect();
        assert_eq!(all, ["Bearer host"]);
    }
}
