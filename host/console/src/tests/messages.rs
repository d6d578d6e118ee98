//! "Why was no text sent?": messages that did not get through, and another try.

use std::time::Duration;

use callslip_core::ids::{MessageId, TicketId};
use callslip_core::staff::Role;
use callslip_store::{GiveUp, MessageState, Noted, Outbox as _};

use super::desk::{claimed, send};
use super::site::{Site, Visitor};
use crate::keep::answered;

const WORDS: &str = "Yes, four of them.";

/// A librarian's reply that the gateway would not take.
async fn failed(site: &Site, staff: &Visitor<'_>, ticket: TicketId) -> MessageId {
    let page = claimed(staff, ticket).await;
    send(staff, &page, ticket, WORDS).await;
    let page = staff.get(&format!("/tickets/{ticket}")).await;
    let (_, rest) = page.body.rsplit_once("href=\"/messages/").unwrap();
    let message = MessageId(rest.split('"').next().unwrap().parse().unwrap());
    site.pass(Duration::from_secs(10));
    let give_up = GiveUp {
        message,
        attempt: 0,
        state: MessageState::Queued,
        reason: "the carrier does not know this phone (30005)".to_owned(),
        apology: None,
        ticket: None,
        now: site.now(),
    };
    let noted = answered(|done| site.store.give_up(give_up, done)).await;
    assert_eq!(noted, Ok(Noted::Changed));
    message
}

#[tokio::test]
async fn a_message_that_failed_says_why_and_is_sent_again_once() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    jo.get("/messages").await.says("Every message got through");
    let ticket = site
        .text("+15557654321", "BAYSIDE do you lend ukuleles?")
        .await;
    let message = failed(&site, &jo, ticket).await;
    let path = format!("/messages/{message}");
    let list = jo.get("/messages").await;
    list.says(&format!("href=\"{path}\""));
    list.says("the carrier does not know this phone (30005)");
    list.says("Send it again");
    let page = jo.get(&path).await;
    page.says("Failed at");
    page.says_not(" UTC"); // The library is elsewhere.
    page.says(&format!("href=\"/tickets/{ticket}\""));
    for page in [&list, &page] {
        page.says_not(WORDS);
        page.says_not("5557654321");
        page.says_not("ukulele");
    }
    let sent = jo.post(&format!("{path}/again"), &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let new = sent.location.unwrap();
    assert_ne!(new, format!("{path}?done=sent-again"));
    jo.get(&new)
        .await
        .says("It goes out again, as this message.");
    let old = jo.get(&path).await;
    old.says("sent in its place");
    old.says_not("Send it again");
    let twice = jo.post(&format!("{path}/again"), &[]).await;
    assert_eq!(twice.status, 422);
    twice.says("has been sent again already");
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/audit")
        .await
        .says(&format!("had a message sent again: message {message}, as"));
}

#[tokio::test]
async fn messages_are_those_of_one_s_own_libraries() {
    let site = Site::open().await;
    let jo = site
        .signed_in(
            "jo",
            false,
            &[("bayside", Role::Staff), ("maple", Role::Staff)],
        )
        .await;
    let ticket = site
        .text("+15557654321", "BAYSIDE do you lend ukuleles?")
        .await;
    let message = failed(&site, &jo, ticket).await;
    let path = format!("/messages/{message}");
    let link = format!("href=\"{path}\"");
    jo.get("/messages?library=bayside").await.says(&link);
    jo.get("/messages?library=maple").await.says_not(&link);
    // Who runs the machine looks after it and sees no words.
    let op = site.signed_in("op", true, &[]).await;
    op.get("/messages").await.says(&link);
    let page = op.get(&path).await;
    page.says("does not know this phone");
    page.says_not("/tickets/");
    page.says_not(WORDS);
    let maple = site
        .signed_in("max", false, &[("maple", Role::Owner)])
        .await;
    maple.get("/messages").await.says_not(&link);
    assert_eq!(maple.get(&path).await.status, 404);
    let again = maple.post(&format!("{path}/again"), &[]).await;
    assert_eq!(again.status, 404);
    assert_eq!(maple.get("/messages?library=bayside").await.status, 404);
    let looks = site
        .signed_in("lou", false, &[("bayside", Role::ReadOnly)])
        .await;
    looks.get(&path).await.says_not("Send it again");
    assert_eq!(looks.post(&format!("{path}/again"), &[]).await.status, 403);
    for path in [
        "/messages/0",
        "/messages/x",
        "/messages/99999999999999999999",
    ] {
        assert_eq!(jo.get(path).await.status, 404, "{path}");
    }
}
