//! What every answer says to browsers, whatever was asked and whoever asked it.

use callslip_core::staff::Role;
use http::Method;

use super::roles::filled;
use super::site::{Answer, Site};
use crate::routes::ALL;

/// One page loads its own files, sends its own forms, stands in no frame and tells nobody else where
/// one came from.
#[track_caller]
fn is_protected(answer: &Answer, case: &str) {
    let header = |name: &str| {
        let value = answer.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    };
    let policy = header("content-security-policy");
    let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(rules.contains(&rule), "{case}: {rule} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{case}: {policy}");
    assert_eq!(header("x-frame-options"), "DENY", "{case}");
    assert_eq!(header("referrer-policy"), "same-origin", "{case}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{case}");
    let opener = header("cross-origin-opener-policy");
    assert_eq!(opener, "same-origin", "{case}");
    let is_file = header("cache-control").contains("immutable");
    assert!(is_file || header("cache-control") == "no-store", "{case}");
}

#[tokio::test]
async fn every_answer_is_protected_from_frames_scripts_and_referrers() {
    let site = Site::open().await;
    let owner = site.account("ann", true, &[("bayside", Role::Owner)]).await;
    site.account("colleague", false, &[("bayside", Role::Staff)])
        .await;
    let ticket = site.text("+15557654321", "BAYSIDE ukuleles?").await;
    let ticket = ticket.to_string();
    let mut statuses = std::collections::BTreeSet::new();
    for route in ALL {
        let path = filled(route.path, &ticket);
        for visitor in [site.session(&owner).await, site.visitor()] {
            let answer = match route.method {
                Method::GET => visitor.get(&path).await,
                _ => visitor.post(&path, &[]).await,
            };
            is_protected(&answer, &format!("{} {path}", route.method));
            statuses.insert(answer.status);
        }
    }
    // Pages, redirects and refusals were among them.
    for status in [200, 303, 401, 422] {
        assert!(statuses.contains(&status), "{statuses:?}");
    }
    let page = site.visitor().get("/sign-in").await;
    let (_, rest) = page
        .body
        .split_once("<link rel=\"stylesheet\" href=\"")
        .unwrap();
    let style = rest.split('"').next().unwrap();
    for path in [style, "/nothing", "/sign-out", "/libraries/%ff/keywords/x"] {
        is_protected(&site.visitor().get(path).await, path);
    }
    let mut elsewhere = site.visitor();
    elsewhere.host = "evil.example".to_owned();
    is_protected(&elsewhere.get("/").await, "another host");
}
