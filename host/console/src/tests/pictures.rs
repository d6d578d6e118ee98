//! Pictures on a ticket's page (d4), and who is told without looking.

use std::time::Duration;

use callslip_core::ids::TicketId;
use callslip_core::inbound::{Inbound, Media, Namespace, Sender};
use callslip_core::phone::PhoneNumber;
use callslip_core::staff::Role;
use callslip_engine::Received;
use callslip_store::pictures::PictureFate;
use callslip_store::{Store as _, StoreError};

use super::site::Site;

async fn picture(site: &Site, from: &str, words: &str, fate: Option<PictureFate>) -> TicketId {
    let inbound = Inbound {
        gateway: "main".to_owned(),
        provider_id: format!("MM{from}"),
        from: Sender::Phone(PhoneNumber::new(from)),
        to: "66746".to_owned(),
        text: words.to_owned(),
        media: vec![Media {
            url: "https://api.example/one".to_owned(),
            content_type: "image/jpeg".to_owned(),
        }],
        namespace: Namespace::Simulator,
        received: site.now(),
        sent: None,
        gateway_consent: None,
    };
    let received = site.engine.receive(inbound, Duration::from_secs(30)).await;
    let Ok(Received::Answered(answer)) = received else {
        panic!("no answer");
    };
    if let Some(fate) = fate {
        let wanted = answered(|done| {
            let lasts = Duration::from_secs(60);
            site.store
                .pictures()
                .lease_pictures(site.now(), lasts, 1, done);
        })
        .await
        .unwrap();
        let wanted = wanted[0].clone();
        assert_eq!(wanted.text, answer.text);
        answered(|done| {
            site.store
                .pictures()
                .picture_ended(wanted, fate, site.now(), done)
        })
        .await
        .unwrap();
    }
    answer.verdict.ticket.unwrap()
}

async fn answered<T: Send + 'static>(
    ask: impl FnOnce(callslip_store::Done<T>),
) -> Result<T, StoreError> {
    crate::keep::answered(ask).await
}

fn kept() -> Option<PictureFate> {
    Some(PictureFate::Kept {
        jpeg: b"only dots".to_vec(),
    })
}

#[tokio::test]
async fn d4_a_picture_is_blurred_until_somebody_wants_to_see_it() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let ticket = picture(&site, "+15557654321", "BAYSIDE is this book yours?", kept()).await;
    let page = jo.get(&format!("/tickets/{ticket}")).await;
    let source = format!("/tickets/{ticket}/pictures/{ticket}/0");
    page.says(&format!("src=\"{source}\""));
    page.says("Show the picture clearly");
    let style = include_str!("../../assets/style.css");
    assert!(style.contains(".picture img") && style.contains("blur("));
    assert!(style.contains(".picture input:checked ~ img { filter: none; }"));
    let answer = jo.get(&source).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "only dots"));
    assert_eq!(answer.caching.as_deref(), Some("no-store"));
    assert_eq!(answer.kind.as_deref(), Some("image/jpeg"));
}

#[tokio::test]
async fn d4_another_librarys_staff_and_another_patrons_ticket_find_no_picture() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let max = site
        .signed_in("max", false, &[("maple", Role::Owner)])
        .await;
    let dev = site
        .signed_in("dev", false, &[("bayside", Role::Developer)])
        .await;
    let ticket = picture(&site, "+15557654321", "BAYSIDE is this book yours?", kept()).await;
    let other = picture(&site, "+15557654322", "BAYSIDE and this one?", None).await;
    let theirs = picture(&site, "+15557654323", "MAPLE and here?", None).await;
    let source = format!("/tickets/{ticket}/pictures/{ticket}/0");
    assert_eq!(max.get(&source).await.status, 404);
    assert_eq!(dev.get(&source).await.status, 403);
    assert_eq!(site.visitor().get(&source).await.status, 303);
    for path in [
        format!("/tickets/{other}/pictures/{ticket}/0"),
        format!("/tickets/{ticket}/pictures/{ticket}/1"),
        format!("/tickets/{ticket}/pictures/{other}/0"),
        format!("/tickets/{ticket}/pictures/x/0"),
    ] {
        assert_eq!(jo.get(&path).await.status, 404, "{path}");
    }
    // By a ticket of one's own library.
    let path = format!("/tickets/{theirs}/pictures/{ticket}/0");
    assert_eq!(max.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_is_no_picture_is_said_and_not_shown() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let refused = PictureFate::Refused {
        reason: "it is not a picture that can be shown".to_owned(),
    };
    let ticket = picture(&site, "+15557654321", "BAYSIDE look", Some(refused)).await;
    let page = jo.get(&format!("/tickets/{ticket}")).await;
    page.says("A picture or file that is not shown");
    page.says_not("<img");
}

#[tokio::test]
async fn a_person_says_where_notices_go_and_the_page_of_numbers_says_who_is_told() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let page = jo
        .post("/account/email", &[("email", "jo at bayside")])
        .await;
    assert_eq!(page.status, 422);
    page.says("This is not an e-mail address.");
    let saved = jo
        .post("/account/email", &[("email", "jo@bayside.example")])
        .await;
    saved.goes_to("/account?done=email");
    jo.get("/account").await.says("jo@bayside.example");
    jo.post("/account/email", &[("email", "")])
        .await
        .goes_to("/account?done=email");
    jo.get("/account").await.says_not("jo@bayside.example");
    let ann = site
        .signed_in("ann", true, &[("bayside", Role::Admin)])
        .await;
    ann.get("/numbers")
        .await
        .says("Nobody is told when a question waits.");
}

#[tokio::test]
async fn staff_write_first_only_to_who_said_yes_and_the_page_shows_that_yes() {
    let site = Site::open().await;
    let jo = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let patron = "+15557654321";
    let ticket = site.text(patron, "BAYSIDE is the new atlas there?").await;
    let path = format!("/tickets/{ticket}");
    let refused = jo.post(&format!("{path}/write-first"), &[]).await;
    assert_eq!(refused.status, 409);
    refused.says("has not said yes to being texted first");
    jo.post(&format!("{path}/claim"), &[]).await.goes_to(&path);
    let page = jo.get(&path).await;
    let field = |name: &str| {
        let start = format!("name=\"{name}\" value=\"");
        let (_, rest) = page.body.split_once(&start).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (fence, send, seen) = (field("fence"), field("send"), field("seen"));
    let asked = "Not yet. May we text you when it is?";
    let fields = [
        ("fence", fence.as_str()),
        ("send", &send),
        ("seen", &seen),
        ("body", asked),
    ];
    assert_eq!(jo.post(&format!("{path}/reply"), &fields).await.status, 303);
    assert_eq!(site.text(patron, "yes please").await, ticket);
    let page = jo.get(&path).await;
    let (_, rest) = page.body.split_once("yes please").unwrap();
    let (_, rest) = rest.split_once("name=\"text\" value=\"").unwrap();
    let text = rest.split('"').next().unwrap();
    let kept = jo.post(&format!("{path}/agreed"), &[("text", text)]).await;
    kept.goes_to(&path);
    let close = jo
        .post(&format!("{path}/close"), &[("reason", "answered")])
        .await;
    close.goes_to(&path);
    let page = jo.get(&path).await;
    page.says("May be texted first");
    page.says("yes please");
    page.says("Write to them");
    jo.post(&format!("{path}/write-first"), &[])
        .await
        .goes_to(&path);
    jo.get(&path).await.says("Yours");
}
