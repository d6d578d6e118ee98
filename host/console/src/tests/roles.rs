//! Every route as every role, as another library and as nobody. The table here is written by hand:
//! a route that is not in it fails, and so does one that lets in more or fewer than it says.

use callslip_core::ids::StaffId;
use callslip_core::staff::Role;
use http::Method;

use super::site::Site;
use crate::routes::ALL;

/// Who gets past the door: o operator, O owner, A admin, S staff, D developer, R read-only; `m` is
/// the owner of Maple, while the path names Bayside; `-` is anybody at all.
const TABLE: &[(&str, &str, &str)] = &[
    ("GET", "/sign-in", "-"),
    ("POST", "/sign-in", "-"),
    ("POST", "/sign-in/code", "-"),
    ("GET", "/first/*", "-"),
    ("POST", "/first/*", "-"),
    ("GET", "/link/*", "-"),
    ("POST", "/link/*", "-"),
    ("GET", "/counter/*", "-"),
    ("GET", "/counter/*/moves", "-"),
    ("GET", "/", "oOASDRm"),
    ("POST", "/sign-out", "oOASDRm"),
    ("GET", "/account", "oOASDRm"),
    ("POST", "/account/password", "oOASDRm"),
    ("POST", "/account/email", "oOASDRm"),
    ("POST", "/account/sign-out-everywhere", "oOASDRm"),
    ("GET", "/account/second-step", "oOASDRm"),
    ("POST", "/account/second-step", "oOASDRm"),
    ("POST", "/account/second-step/remove", "oOASDRm"),
    ("GET", "/queue", "OASRm"),
    ("GET", "/events", "OASRm"),
    ("GET", "/waiting", "OASRm"),
    ("GET", "/tickets/*", "OASR"),
    ("GET", "/tickets/*/pictures/*/*", "OASR"),
    ("POST", "/tickets/*/look", "OASR"),
    ("POST", "/tickets/*/claim", "OAS"),
    ("POST", "/tickets/*/release", "OAS"),
    ("POST", "/tickets/*/hand-over", "OAS"),
    ("POST", "/tickets/*/close", "OAS"),
    ("POST", "/tickets/*/reopen", "OAS"),
    ("POST", "/tickets/*/snooze", "OAS"),
    ("POST", "/tickets/*/topic", "OAS"),
    ("POST", "/tickets/*/note", "OAS"),
    ("POST", "/tickets/*/draft", "OAS"),
    ("POST", "/tickets/*/save", "OAS"),
    ("POST", "/tickets/*/insert", "OAS"),
    ("POST", "/tickets/*/reply", "OAS"),
    ("POST", "/tickets/*/take-back", "OAS"),
    ("POST", "/tickets/*/start", "OAS"),
    ("POST", "/tickets/*/remind", "OAS"),
    ("POST", "/tickets/*/reminder", "OAS"),
    ("POST", "/tickets/*/wrong", "OAS"),
    ("POST", "/tickets/*/agreed", "OAS"),
    ("POST", "/tickets/*/write-first", "OAS"),
    ("POST", "/tickets/*/guest", "OAS"),
    ("POST", "/tickets/*/guest/over", "OAS"),
    ("POST", "/tickets/*/split", "OAS"),
    ("POST", "/tickets/*/move", "OAS"),
    ("POST", "/tickets/*/prefer", "OAS"),
    ("POST", "/tickets/*/answered", "OAS"),
    ("POST", "/tickets/*/mute", "OAS"),
    ("POST", "/tickets/*/unmute", "OAS"),
    ("POST", "/tickets/*/opt-out", "OAS"),
    ("POST", "/tickets/*/undo", "OAS"),
    ("POST", "/tickets/*/reveal", "OA"),
    ("GET", "/search", "OASRm"),
    ("POST", "/search", "OASRm"),
    ("GET", "/reminders", "OASRm"),
    ("GET", "/answers", "OASRm"),
    ("GET", "/libraries/*/answers", "OA"),
    ("POST", "/libraries/*/answers", "OA"),
    ("POST", "/libraries/*/answers/remove", "OA"),
    ("GET", "/libraries/*/topics", "OA"),
    ("POST", "/libraries/*/topics", "OA"),
    ("GET", "/keywords", "oOASDRm"),
    ("GET", "/libraries/*/keywords/*", "oOASDR"),
    ("GET", "/libraries/*/keywords", "OA"),
    ("POST", "/libraries/*/keywords", "OA"),
    ("POST", "/libraries/*/preview", "OA"),
    ("GET", "/libraries/*/keywords/*/edit", "OA"),
    ("POST", "/libraries/*/keywords/*/edit", "OA"),
    ("POST", "/libraries/*/keywords/*/remove", "OA"),
    ("POST", "/libraries/*/keywords/*/version", "OA"),
    ("POST", "/libraries/*/keywords/*/alias", "OA"),
    ("GET", "/libraries/*/export", "oOASDR"),
    ("GET", "/libraries/*/check", "OA"),
    ("POST", "/libraries/*/files", "oOA"),
    ("GET", "/guide", "oOAm"),
    ("POST", "/libraries/*/off", "oOA"),
    ("POST", "/libraries/*/keywords/*/on", "oOA"),
    ("POST", "/libraries/*/closed", "oOA"),
    ("POST", "/libraries/*/opened", "oOA"),
    ("POST", "/libraries/*/outage", "oOA"),
    ("POST", "/libraries/*/outage/over", "oOA"),
    ("GET", "/libraries/*/keywords/*/poster", "oOASDR"),
    ("POST", "/libraries/*/keywords/*/poster", "OA"),
    ("POST", "/libraries/*/keywords/*/poster/gone", "OA"),
    ("GET", "/libraries/*/keywords/*/poster/png", "oOASDR"),
    ("GET", "/libraries/*/keywords/*/poster/pdf", "oOASDR"),
    ("GET", "/libraries/*/keywords/*/counter", "oOASR"),
    ("POST", "/libraries/*/keywords/*/counter", "OA"),
    ("POST", "/libraries/*/keywords/*/counter/end", "OA"),
    ("GET", "/libraries/*/keywords/*/counter/moves", "oOASR"),
    ("GET", "/libraries/*/keywords/*/results", "oOASR"),
    ("GET", "/libraries/*/keywords/*/results/csv", "oOASR"),
    ("GET", "/libraries/*/sources", "oOASR"),
    ("GET", "/libraries/*/sources/csv", "oOASR"),
    ("GET", "/reports", "oOASRm"),
    ("GET", "/libraries/*/reports/*/csv", "oOASR"),
    ("GET", "/libraries/*/reports/pdf", "oOASR"),
    ("GET", "/numbers", "oOAm"),
    ("GET", "/numbers/*/registration", "oOAm"),
    ("POST", "/numbers/*/test", "oOAm"),
    ("GET", "/lists", "oOASRm"),
    ("GET", "/libraries/*/lists/*", "O"),
    ("POST", "/libraries/*/lists/*/import", "O"),
    ("POST", "/libraries/*/lists/*/members", "O"),
    ("GET", "/broadcasts", "oOASRm"),
    ("GET", "/libraries/*/broadcasts", "OA"),
    ("POST", "/libraries/*/broadcasts", "OA"),
    ("GET", "/libraries/*/broadcasts/*", "oOASR"),
    ("POST", "/libraries/*/broadcasts/*/test", "OA"),
    ("POST", "/libraries/*/broadcasts/*/send", "OA"),
    ("POST", "/libraries/*/broadcasts/*/approve", "OA"),
    ("POST", "/libraries/*/broadcasts/*/pause", "OA"),
    ("POST", "/libraries/*/broadcasts/*/resume", "OA"),
    ("POST", "/libraries/*/broadcasts/*/cancel", "OA"),
    ("GET", "/messages", "oOASRm"),
    ("GET", "/messages/*", "oOASR"),
    ("POST", "/messages/*/again", "oOAS"),
    ("GET", "/plugins", "oOADm"),
    ("POST", "/plugins", "o"),
    ("GET", "/plugins/*/*", "oOADm"),
    ("POST", "/plugins/*/*/install", "o"),
    ("POST", "/plugins/*/*/withdraw", "o"),
    ("POST", "/libraries/*/plugins", "oOAD"),
    ("GET", "/libraries/*/plugins/*/*", "oOAD"),
    ("POST", "/libraries/*/plugins/*/*/install", "oOAD"),
    ("POST", "/libraries/*/plugins/*/*/withdraw", "oOAD"),
    ("GET", "/leaves", "oOASDRm"),
    ("POST", "/libraries/*/study", "O"),
    ("GET", "/unmatched", "OASRm"),
    ("GET", "/libraries/*/unmatched/*", "OASR"),
    ("POST", "/libraries/*/unmatched/*/ignore", "OA"),
    ("POST", "/libraries/*/unmatched/*/show", "OA"),
    ("GET", "/staff", "oOAm"),
    ("GET", "/libraries/*/staff", "oOA"),
    ("POST", "/libraries/*/staff", "oOA"),
    ("POST", "/libraries/*/staff/*/role", "oOA"),
    ("POST", "/staff/*/link", "oOAm"),
    ("POST", "/staff/*/sign-out", "oOAm"),
    ("POST", "/staff/*/disable", "oOAm"),
    ("POST", "/staff/*/enable", "oOAm"),
    ("GET", "/audit", "oOAm"),
];

/// What stands for the places: Bayside, one of its keywords, one of its staff.
pub(super) fn filled(path: &str, ticket: &str) -> String {
    let staff = "id-of-colleague";
    match path {
        "/first/*" | "/link/*" => path.replace('*', "AAAA"),
        "/libraries/*/staff/*/role" => format!("/libraries/bayside/staff/{staff}/role"),
        "/libraries/*/keywords/*" => "/libraries/bayside/keywords/hours".to_owned(),
        "/libraries/*/unmatched/*" => format!("/libraries/bayside/unmatched/{}", "0".repeat(24)),
        _ if path.starts_with("/libraries/*/unmatched/*/") => path
            .replacen('*', "bayside", 1)
            .replacen('*', &"0".repeat(24), 1),
        _ if path.starts_with("/libraries/*/keywords/*/") => {
            path.replacen('*', "bayside", 1).replacen('*', "hours", 1)
        }
        _ if path.starts_with("/libraries/*/broadcasts/*") => {
            path.replacen('*', "bayside", 1).replacen('*', "1", 1)
        }
        _ if path.starts_with("/numbers/") => path.replace('*', "66746"),
        _ if path.starts_with("/libraries/*/plugins/*/") => {
            path.replacen('*', "bayside", 1).replace('*', "none")
        }
        // The acknowledgement of that question: the first message of its turn.
        _ if path.starts_with("/messages/") => {
            let turn: i64 = ticket.parse().unwrap();
            path.replace('*', &(turn * 32).to_string())
        }
        _ if path.starts_with("/tickets/") => path.replace('*', ticket),
        _ if path.starts_with("/libraries/") => path.replacen('*', "bayside", 1),
        _ => path.replace('*', staff),
    }
}

async fn people(site: &Site) -> Vec<(char, StaffId)> {
    let mut people = Vec::new();
    for (letter, operator, library, role) in [
        ('o', true, "", None),
        ('O', false, "bayside", Some(Role::Owner)),
        ('A', false, "bayside", Some(Role::Admin)),
        ('S', false, "bayside", Some(Role::Staff)),
        ('D', false, "bayside", Some(Role::Developer)),
        ('R', false, "bayside", Some(Role::ReadOnly)),
        ('m', false, "maple", Some(Role::Owner)),
    ] {
        let roles: Vec<(&str, Role)> = role.into_iter().map(|role| (library, role)).collect();
        let name = format!("person-{}{letter}", u32::from(letter));
        people.push((letter, site.account(&name, operator, &roles).await));
    }
    people
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says_and_nobody_else() {
    let site = Site::open().await;
    let people = people(&site).await;
    site.account("colleague", false, &[("bayside", Role::Staff)])
        .await;
    site.account(
        "owner",
        true,
        &[("bayside", Role::Owner), ("maple", Role::Owner)],
    )
    .await;
    let ticket = site
        .text("+15557654321", "BAYSIDE do you lend ukuleles?")
        .await
        .to_string();
    for route in ALL {
        let row = TABLE
            .iter()
            .find(|row| row.0 == route.method.as_str() && row.1 == route.path);
        let (_, _, those) = row.unwrap_or_else(|| panic!("{} {}", route.method, route.path));
        let path = filled(route.path, &ticket);
        for (letter, staff) in &people {
            // A session for each: some routes end it.
            site.pass(std::time::Duration::from_secs(1));
            let visitor = site.session(staff).await;
            let answer = match route.method {
                Method::GET => visitor.get(&path).await,
                _ => visitor.post(&path, &[]).await,
            };
            let case = format!("{letter} {} {path}: {}", route.method, answer.status);
            let inside = those.contains(*letter) || *those == "-";
            match inside {
                true => assert!(
                    ![401, 403].contains(&answer.status),
                    "{case} {}",
                    answer.body
                ),
                false if *letter == 'm' && !path.starts_with("/plugins") => {
                    assert_eq!(answer.status, 404, "{case}");
                }
                false => assert_eq!(answer.status, 403, "{case}"),
            }
        }
        let nobody = site.visitor();
        let answer = match route.method {
            Method::GET => nobody.get(&path).await,
            _ => nobody.post(&path, &[]).await,
        };
        let case = format!("nobody {} {path}: {}", route.method, answer.status);
        match (*those, &route.method) {
            ("-", _) => assert!(![401, 403].contains(&answer.status), "{case}"),
            (_, &Method::GET) => {
                assert_eq!(answer.status, 303, "{case}");
                assert!(answer.location.unwrap().starts_with("/sign-in"), "{case}");
            }
            _ => assert_eq!(answer.status, 401, "{case}"),
        }
    }
    assert_eq!(TABLE.len(), ALL.len(), "a row for a route that is gone");
}

#[tokio::test]
async fn d2_a_library_that_is_not_one_s_own_is_not_there() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    assert_eq!(
        jo.get("/libraries/maple/keywords/parking").await.status,
        404
    );
    assert_eq!(
        jo.get("/libraries/nowhere/keywords/parking").await.status,
        404
    );
    assert_eq!(jo.get("/keywords?library=maple").await.status, 404);
    assert_eq!(jo.get("/audit?library=maple").await.status, 404);
    let list = jo.get("/keywords").await;
    list.says("HOURS");
    list.says_not("PARKING");
    list.says_not("Maple");
    for (path, fields) in [
        (
            "/libraries/maple/off",
            &[("keyword", "parking"), ("told", "Closed.")][..],
        ),
        ("/libraries/maple/closed", &[("because", "Snow")][..]),
        (
            "/libraries/maple/staff",
            &[("name", "x"), ("role", "staff")][..],
        ),
    ] {
        assert_eq!(jo.post(path, fields).await.status, 404, "{path}");
    }
    assert!(site.engine.running().switches().keywords_off.is_empty());
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    let other = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let fields = [("because", "Snow")];
    let path = "/libraries/bayside/closed";
    let theirs = crate::auth::form_token(&other.token());
    let own = crate::auth::form_token(&jo.token());
    for form in ["", "x", &theirs] {
        let answer = jo.post_with(path, form, &fields, &[]).await;
        assert_eq!(answer.status, 403, "{form}");
        answer.says("This form is too old");
    }
    for header in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = jo.post_with(path, &own, &fields, &[header]).await;
        assert_eq!(answer.status, 403, "{header:?}");
    }
    assert!(site.engine.running().switches().closed.is_empty());
    let own_origin = [
        ("origin", "http://127.0.0.1:8068"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(
        jo.post_with(path, &own, &fields, &own_origin).await.status,
        303
    );
    assert_eq!(site.engine.running().switches().closed.len(), 1);
}

#[tokio::test]
async fn a_page_elsewhere_cannot_point_its_name_here() {
    let site = Site::open().await;
    let mut jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    for (host, status) in [
        ("127.0.0.1:8068", 200),
        ("localhost:1", 200),
        ("LOCALHOST", 200),
        ("[::1]:8068", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example@127.0.0.1", 421),
        ("desk.example.org", 421),
    ] {
        jo.host = host.to_owned();
        assert_eq!(jo.get("/account").await.status, status, "{host}");
    }
    let site = Site::reached_at(Some("https://desk.example.org")).await;
    let mut ann = site
        .signed_in("ann", false, &[("bayside", Role::Staff)])
        .await;
    ann.host = "desk.example.org".to_owned();
    assert_eq!(ann.get("/account").await.status, 200);
    ann.host = "other.example.org".to_owned();
    assert_eq!(ann.get("/account").await.status, 421);
}

#[tokio::test]
async fn methods_and_paths_that_are_not_there() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    assert_eq!(jo.get("/nothing").await.status, 404);
    assert_eq!(jo.get("/sign-out").await.status, 405);
    assert_eq!(jo.post("/keywords", &[]).await.status, 405);
    assert_eq!(
        jo.get("/libraries/bayside/keywords/nothing").await.status,
        404
    );
    assert_eq!(jo.get("/libraries/%ff/keywords/x").await.status, 404);
}
