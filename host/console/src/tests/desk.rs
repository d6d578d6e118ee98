//! The queue and one question, asked as a librarian's browser asks.

use std::time::Duration;

use callslip_core::ids::TicketId;
use callslip_core::staff::Role;

use super::site::{Answer, Site, Visitor};

const PATRON: &str = "+15557654321";

async fn desk(site: &Site) -> (Visitor<'_>, Visitor<'_>, TicketId) {
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Staff)])
        .await;
    let ticket = site.text(PATRON, "BAYSIDE do you lend ukuleles?").await;
    (jo, ann, ticket)
}

/// What a hidden field of the page holds.
pub(super) fn hidden<'a>(page: &'a Answer, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .body
        .split_once(&start)
        .unwrap_or_else(|| panic!("{name} in {}", page.body));
    rest.split('"').next().unwrap()
}

fn alias(page: &Answer) -> &str {
    let (_, rest) = page.body.split_once("<title>").unwrap();
    rest.split(" - ").next().unwrap()
}

pub(super) async fn claimed(visitor: &Visitor<'_>, ticket: TicketId) -> Answer {
    let path = format!("/tickets/{ticket}");
    visitor
        .post(&format!("{path}/claim"), &[])
        .await
        .goes_to(&path);
    visitor.get(&path).await
}

pub(super) async fn send(
    visitor: &Visitor<'_>,
    page: &Answer,
    ticket: TicketId,
    body: &str,
) -> Answer {
    let fields = [
        ("fence", hidden(page, "fence")),
        ("send", hidden(page, "send")),
        ("seen", hidden(page, "seen")),
        ("body", body),
    ];
    visitor
        .post(&format!("/tickets/{ticket}/reply"), &fields)
        .await
}

#[tokio::test]
async fn a_question_is_claimed_answered_and_closed() {
    let site = Site::open().await;
    let (jo, ann, ticket) = desk(&site).await;
    let queue = jo.get("/queue").await;
    queue.says("do you lend ukuleles?");
    queue.says(&format!("/tickets/{ticket}"));
    queue.says("Bayside");
    jo.get("/waiting").await.says("<span class=\"count\">1<");
    let open = jo.get(&format!("/tickets/{ticket}")).await;
    open.says("Nobody has it");
    open.says_not("<textarea id=\"body\"");
    open.says_not("5557654321");
    let page = claimed(&jo, ticket).await;
    page.says("Yours");
    page.says(&format!("Send to {}", alias(&page)));
    jo.get("/queue?show=mine").await.says(alias(&page));

    // The other one is told who has it.
    let late = ann.post(&format!("/tickets/{ticket}/claim"), &[]).await;
    assert_eq!(late.status, 409);
    late.says("jo the person has this question now");
    ann.get(&format!("/tickets/{ticket}"))
        .await
        .says("jo the person has it");

    let sent = send(&jo, &page, ticket, "Yes, four of them.").await;
    sent.goes_to(&format!("/tickets/{ticket}#box"));
    let after = jo.get(&format!("/tickets/{ticket}")).await;
    after.says("Yes, four of them.");
    after.says("Take it back");
    after.says("answered, the patron's turn");
    // Twice is once.
    send(&jo, &page, ticket, "Yes, four of them.")
        .await
        .goes_to(&format!("/tickets/{ticket}#box"));
    let again = jo.get(&format!("/tickets/{ticket}")).await;
    assert_eq!(again.body.matches("Yes, four of them.").count(), 1);

    let close = [("reason", "answered")];
    let closed = jo.post(&format!("/tickets/{ticket}/close"), &close).await;
    closed.goes_to(&format!("/tickets/{ticket}"));
    jo.get(&format!("/tickets/{ticket}")).await.says("Reopen");
    jo.get("/queue?show=closed").await.says(alias(&page));
}

#[tokio::test]
async fn d1_a_reply_is_taken_back_within_five_seconds() {
    let site = Site::open().await;
    let (jo, _, ticket) = desk(&site).await;
    let page = claimed(&jo, ticket).await;
    send(&jo, &page, ticket, "Yes, four of them.").await;
    let path = format!("/tickets/{ticket}");
    let after = jo.get(&path).await;
    let fields = [("send", hidden(&after, "send"))];
    jo.post(&format!("{path}/take-back"), &fields)
        .await
        .goes_to(&path);
    let back = jo.get(&path).await;
    back.says("Yes, four of them.</textarea>");
    back.says_not("Take it back");

    send(&jo, &back, ticket, "Yes, five of them.").await;
    let after = jo.get(&path).await;
    let send = hidden(&after, "send").to_owned();
    site.pass(Duration::from_secs(6));
    jo.get(&path).await.says_not("Take it back");
    let _ = send;
}

#[tokio::test]
async fn a_reply_that_the_patron_overtook_is_flagged_before_it_is_sent() {
    let site = Site::open().await;
    let (jo, _, ticket) = desk(&site).await;
    let page = claimed(&jo, ticket).await;
    let draft = [
        ("fence", hidden(&page, "fence")),
        ("seen", hidden(&page, "seen")),
        ("body", "Yes, four of them."),
    ];
    let cost = jo.post(&format!("/tickets/{ticket}/draft"), &draft).await;
    cost.says("1 text, 18 characters, GSM-7");
    site.text(PATRON, "or a banjo").await;
    // The page that was open, and one that is opened now, both say so.
    let flagged = jo.get(&format!("/tickets/{ticket}")).await;
    flagged.says("wrote after you began");
    flagged.says("I have read it: send to");
    let refused = send(&jo, &page, ticket, "Yes, four of them, in all sizes.").await;
    assert_eq!(refused.status, 409);
    refused.says("wrote after you began");
    refused.says("Yes, four of them, in all sizes.</textarea>");
    let fields = [
        ("fence", hidden(&refused, "fence")),
        ("send", hidden(&refused, "send")),
        ("seen", hidden(&refused, "seen")),
        ("anyway", hidden(&refused, "anyway")),
        ("body", "Yes, and two banjos."),
    ];
    let sent = jo.post(&format!("/tickets/{ticket}/reply"), &fields).await;
    sent.goes_to(&format!("/tickets/{ticket}#box"));
}

#[tokio::test]
async fn d5_after_a_stop_the_box_is_closed_and_the_draft_is_kept() {
    let site = Site::open().await;
    let (jo, _, ticket) = desk(&site).await;
    let page = claimed(&jo, ticket).await;
    let draft = [
        ("fence", hidden(&page, "fence")),
        ("seen", hidden(&page, "seen")),
        ("body", "Yes, four of them."),
    ];
    jo.post(&format!("/tickets/{ticket}/draft"), &draft).await;
    site.text(PATRON, "STOP").await;
    let closed = jo.get(&format!("/tickets/{ticket}")).await;
    closed.says("has stopped all texts");
    closed.says("Yes, four of them.");
    closed.says_not("<textarea id=\"body\"");
    let refused = send(&jo, &page, ticket, "Yes, four of them.").await;
    assert_eq!(refused.status, 409);
    refused.says("has stopped all texts");
}

#[tokio::test]
async fn d2_one_queue_over_one_s_libraries_and_no_other() {
    let site = Site::open().await;
    let (jo, _, bayside) = desk(&site).await;
    let maple = site
        .text("+15557654322", "MAPLE is the car park open?")
        .await;
    let both = [("bayside", Role::Staff), ("maple", Role::ReadOnly)];
    let ann = site.signed_in("both", false, &both).await;
    let queue = ann.get("/queue").await;
    queue.says("ukuleles");
    queue.says("car park");
    jo.get("/queue").await.says_not("car park");
    assert_eq!(jo.get(&format!("/tickets/{maple}")).await.status, 404);
    assert_eq!(
        jo.post(&format!("/tickets/{maple}/claim"), &[])
            .await
            .status,
        404
    );
    assert_eq!(jo.get("/tickets/999999").await.status, 404);
    assert_eq!(jo.get("/tickets/x").await.status, 404);
    assert_eq!(
        ann.post(&format!("/tickets/{maple}/claim"), &[])
            .await
            .status,
        403
    );
    ann.get(&format!("/tickets/{maple}"))
        .await
        .says_not("Claim it");
    claimed(&ann, bayside).await.says("Yours");
}

#[tokio::test]
async fn a_question_is_put_aside_handed_over_noted_and_reopened() {
    let site = Site::open().await;
    let (jo, ann, ticket) = desk(&site).await;
    let path = format!("/tickets/{ticket}");
    claimed(&jo, ticket).await.says("Hand over");
    let over = jo
        .post(&format!("{path}/hand-over"), &[("to", "id-of-ann")])
        .await;
    over.goes_to(&path);
    ann.get(&path).await.says("Yours");
    jo.get(&path).await.says("ann the person has it");
    let stranger = site
        .account("stranger", false, &[("maple", Role::Staff)])
        .await;
    let to = [("to", &*stranger.0)];
    assert_eq!(
        ann.post(&format!("{path}/hand-over"), &to).await.status,
        409
    );

    ann.post(&format!("{path}/note"), &[("note", "Asked the music desk")])
        .await
        .goes_to(&path);
    jo.get(&path).await.says("Asked the music desk");
    ann.post(&format!("{path}/snooze"), &[("until", "tomorrow")])
        .await
        .goes_to(&path);
    ann.get("/queue?show=snoozed").await.says("ukuleles");
    ann.get("/queue").await.says_not("ukuleles");
    ann.post(&format!("{path}/close"), &[("reason", "no-answer")])
        .await
        .goes_to(&path);
    ann.post(&format!("{path}/reopen"), &[])
        .await
        .goes_to(&path);
    ann.post(&format!("{path}/release"), &[])
        .await
        .goes_to(&path);
    jo.get(&path).await.says("Nobody has it");
    for (act, field) in [("snooze", "until"), ("close", "reason"), ("topic", "topic")] {
        let answer = ann
            .post(&format!("{path}/{act}"), &[(field, "nonsense")])
            .await;
        assert_eq!(answer.status, 422, "{act}");
    }
}

#[tokio::test]
async fn what_a_patron_writes_is_only_ever_words() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Owner)])
        .await;
    let nasty = [
        "<script>alert(1)</script><img src=x onerror=alert(2)>".to_owned(),
        "\u{202e}gnihtyreve sesrever siht\u{2066}".to_owned(),
        format!("e{}", "\u{301}".repeat(10_000)),
        "\u{1f468}\u{200d}\u{200d}\u{fe0f}\u{d7ff}\u{fffd}\u{10ffff} on loan?".to_owned(),
        "\"><a href='javascript:alert(3)'>x</a> ' onclick='alert(4)".to_owned(),
    ];
    for (index, words) in nasty.iter().enumerate() {
        let from = format!("+1555765{:04}", 4_400 + index);
        let ticket = site.text(&from, &format!("BAYSIDE about {words}")).await;
        let pages = [
            format!("/tickets/{ticket}"),
            "/queue".to_owned(),
            "/".to_owned(),
            "/keywords".to_owned(),
            "/audit".to_owned(),
            "/staff".to_owned(),
            "/account".to_owned(),
        ];
        for page in pages {
            let answer = jo.get(&page).await;
            assert_eq!(answer.status, 200, "{page}");
            for bad in [
                "<script>",
                "<img",
                "onerror=alert(2)>",
                "<a href='javascript",
                "onclick='alert(4)\">",
            ] {
                answer.says_not(bad);
            }
            // Whatever its direction is, it ends with its box.
            for (at, _) in answer.body.match_indices('\u{202e}') {
                let before = &answer.body[..at];
                assert!(before.rfind("<bdi") > before.rfind("</bdi>"), "{page}");
            }
            assert!(
                answer.body.len() < 100_000,
                "{page}: {} bytes",
                answer.body.len()
            );
        }
    }
}
