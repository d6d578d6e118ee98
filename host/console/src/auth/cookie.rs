//! The one cookie: a visitor's token, which is a session's after sign-in.
//!
//! Behind https its name begins with `__Host-`: browsers then take it from this host alone, for
//! every path and over https only. On a loopback address there is no https, and browsers refuse
//! such a name there: the name is plain, and nobody else is on the wire.

use http::{HeaderMap, HeaderValue, header};

use super::token::Token;

const GUARDED: &str = "__Host-callslip";
const PLAIN: &str = "callslip";

pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    pub(crate) fn new(public_url: Option<&str>) -> Cookies {
        Cookies {
            secure: public_url.is_some_and(|url| url.starts_with("https://")),
        }
    }

    fn name(&self) -> &'static str {
        if self.secure { GUARDED } else { PLAIN }
    }

    pub(crate) fn read(&self, headers: &HeaderMap) -> Option<Token> {
        let all = headers.get_all(header::COOKIE).into_iter();
        let pairs = all
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        let mut own = pairs.filter_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        });
        let value = own.next()?;
        // Two of one name: somebody else has set one of them.
        own.next().is_none().then(|| Token::read(value))?
    }

    /// For this browser session: who closes the browser is a visitor again.
    pub(crate) fn set(&self, token: &Token) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
            self.name(),
            token.told()
        );
        let mut value = HeaderValue::from_str(&line).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn behind_https_the_cookie_is_this_host_s_alone() {
        let token = Token::fresh().unwrap();
        let set = |url| Cookies::new(url).set(&token).unwrap();
        let guarded = set(Some("https://desk.example.org"));
        let guarded = guarded.to_str().unwrap();
        assert!(guarded.starts_with("__Host-callslip="), "{guarded}");
        for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(guarded.contains(part), "{part}");
        }
        assert!(!guarded.contains("Domain"));
        let plain = set(None);
        let plain = plain.to_str().unwrap();
        assert!(
            plain.starts_with("callslip=") && !plain.contains("Secure"),
            "{plain}"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others_and_not_twice() {
        let cookies = Cookies::new(None);
        let token = Token::fresh().unwrap();
        let own = format!("callslip={}", token.told());
        let found = cookies.read(&headers(&["a=b", &format!("c=d; {own}")]));
        assert_eq!(found.unwrap().told(), token.told());
        assert!(cookies.read(&headers(&[&own, "callslip=x"])).is_none());
        assert!(cookies.read(&headers(&["callslip=short"])).is_none());
        assert!(cookies.read(&headers(&[])).is_none());
        let guarded = Cookies::new(Some("https://desk.example.org"));
        assert!(
            guarded.read(&headers(&[&own])).is_none(),
            "not by its plain name"
        );
    }
}
