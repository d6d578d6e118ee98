//! Another library answers (b7), asked as its librarians' browsers ask.

use std::time::Duration;

use callslip_core::ids::TicketId;
use callslip_core::staff::Role;

use super::desk::{claimed, send};
use super::site::{Site, Visitor};

const PATRON: &str = "+15557654321";

async fn house() -> Site {
    let site = Site::open().await;
    let agreed = "[desk]\nanswers-for = [\"bayside\"]\n[[keyword]]\nword = \"PARKING\"";
    site.edit("maple", "[[keyword]]\nword = \"PARKING\"", agreed);
    let roles = [("maple", Role::Admin), ("bayside", Role::Admin)];
    {
        let eve = site.signed_in("eve", false, &roles).await;
        let read = eve.post("/libraries/maple/files", &[]).await;
        read.says("is in force, and nothing is wrong");
        // The patron's own earlier question, which is nobody's business at Maple.
        let earlier = site.text(PATRON, "BAYSIDE when is the choir?").await;
        claimed(&eve, earlier).await;
        let close = [("reason", "answered"), ("remark", "")];
        eve.post(&format!("/tickets/{earlier}/close"), &close)
            .await
            .goes_to(&format!("/tickets/{earlier}"));
        site.pass(Duration::from_secs(3 * 24 * 60 * 60));
    }
    site
}

async fn people(site: &Site) -> (Visitor<'_>, Visitor<'_>) {
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let max = site
        .signed_in("max", false, &[("maple", Role::Staff)])
        .await;
    (jo, max)
}

/// Asked, answered with a question of ours, and the patron's yes.
async fn asked(site: &Site, jo: &Visitor<'_>) -> (TicketId, String) {
    let first = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let page = claimed(jo, first).await;
    send(jo, &page, first, "May Maple answer this? They know.").await;
    site.text(PATRON, "yes ask them").await;
    let page = jo.get(&format!("/tickets/{first}")).await;
    let (before, _) = page.body.rsplit_once("/guest\">").expect("it is offered");
    let form = page.body[before.len()..].to_owned();
    let (_, rest) = form.split_once("name=\"text\" value=\"").unwrap();
    (first, rest.split('"').next().unwrap().to_owned())
}

#[tokio::test]
async fn b7_another_library_answers_when_it_and_the_patron_agreed_and_sees_that_question_alone() {
    let site = house().await;
    let (jo, max) = people(&site).await;
    site.text("+15557654399", "BAYSIDE is there a crypt?").await;
    let (ticket, yes) = asked(&site, &jo).await;
    let path = format!("/tickets/{ticket}");
    assert_eq!(max.get(&path).await.status, 404, "not agreed yet");
    let invite = [("text", yes.as_str()), ("library", "maple")];
    let by_a_stranger = max.post(&format!("{path}/guest"), &invite).await;
    assert_eq!(by_a_stranger.status, 404);
    jo.post(&format!("{path}/guest"), &invite)
        .await
        .goes_to(&path);

    // Both see where it is.
    let own = jo.get(&path).await;
    own.says("Maple Valley Library");
    own.says("Take it back");
    own.says("given to Maple Valley Library by you");
    jo.get("/queue").await.says("Maple answers");
    let queue = max.get("/queue").await;
    queue.says(&path);
    queue.says("for Bayside");
    queue.says_not("crypt");
    own.says("choir");
    let page = claimed(&max, ticket).await;
    page.says("You answer for");
    page.says("do you lend ukuleles?");
    page.says_not("choir");
    page.says_not("Earlier questions");
    for private in [
        "/reveal", "/mute", "/prefer", "/opt-out", "/split", "/topic\"",
    ] {
        page.says_not(&format!("{path}{private}"));
    }
    for (act, fields) in [
        ("mute", vec![("term", "day"), ("why", "x")]),
        ("prefer", vec![("channel", "call")]),
        ("opt-out", vec![("why", "x")]),
        ("topic", vec![("topic", "")]),
        ("agreed", vec![("text", yes.as_str())]),
        ("split", vec![("text", yes.as_str()), ("topic", "")]),
        ("reveal", vec![("why", "x")]),
    ] {
        let answer = max.post(&format!("{path}/{act}"), &fields).await;
        assert!([403, 404].contains(&answer.status), "{act}");
    }

    // Through the first library's number, and until it is closed.
    send(&max, &page, ticket, "We have four of them.").await;
    let page = jo.get(&path).await;
    page.says("We have four of them.");
    page.says("<p class=\"who\">max the person");
    let close = [("reason", "answered"), ("remark", "")];
    max.post(&format!("{path}/close"), &close)
        .await
        .goes_to("/queue");
    assert_eq!(max.get(&path).await.status, 404);
    max.get("/queue").await.says_not(&path);
    jo.get(&path).await.says("closed");
    jo.post(&format!("{path}/reopen"), &[]).await.goes_to(&path);
    assert_eq!(
        max.get(&path).await.status,
        404,
        "a new question, a new yes"
    );
}

#[tokio::test]
async fn b7_a_question_is_given_back_or_taken_back() {
    let site = house().await;
    let (jo, max) = people(&site).await;
    let (ticket, yes) = asked(&site, &jo).await;
    let path = format!("/tickets/{ticket}");
    let invite = [("text", yes.as_str()), ("library", "maple")];
    for (who, after) in [(&max, "/queue"), (&jo, path.as_str())] {
        jo.post(&format!("{path}/guest"), &invite)
            .await
            .goes_to(&path);
        who.post(&format!("{path}/guest/over"), &[])
            .await
            .goes_to(after);
        assert_eq!(max.get(&path).await.status, 404);
        jo.get(&path).await.says("given back from Maple Valley");
    }
}

#[tokio::test]
async fn b7_nobody_is_asked_who_did_not_agree() {
    let site = Site::open().await;
    let (jo, _) = people(&site).await;
    let first = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    let page = claimed(&jo, first).await;
    page.says_not("A yes to another library");
    send(&jo, &page, first, "May Maple answer this?").await;
    site.text(PATRON, "yes").await;
    let path = format!("/tickets/{first}");
    let text = (first.0 + 2).to_string();
    let invite = [("text", text.as_str()), ("library", "maple")];
    let refused = jo.post(&format!("{path}/guest"), &invite).await;
    assert_eq!(refused.status, 409);
    refused.says("has not agreed to answer for this one");
}
