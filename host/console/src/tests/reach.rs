//! Posters, where texts come from, the hall's counter, reports, results: what each shows, and to
//! whom.

use std::time::Duration;

use callslip_core::inbound::Namespace;
use callslip_core::staff::Role;

use super::site::{Site, Visitor};

const HOURS: &str = "/libraries/bayside/keywords/hours";

async fn admin(site: &Site) -> Visitor<'_> {
    site.signed_in("jo", false, &[("bayside", Role::Admin)])
        .await
}

async fn real(site: &Site, from: &str, words: &str) {
    site.text_in(Namespace::Real, from, words).await;
}

#[tokio::test]
async fn a_poster_is_looked_at_and_taken_as_a_file() {
    let site = Site::open().await;
    let jo = admin(&site).await;
    let page = jo
        .get(&format!("{HOURS}/poster?kind=bookmark&language=es"))
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    // a2: on a shared number the library's word goes first; a word of its own in Spanish.
    page.says("BAYSIDE HORAS");
    page.says("sms:66746?&amp;amp;body=BAYSIDE%20HORAS");
    let png = jo.get(&format!("{HOURS}/poster/png")).await;
    assert_eq!(png.kind.as_deref(), Some("image/png"));
    assert!(png.raw.starts_with(b"\x89PNG"));
    let pdf = jo.get(&format!("{HOURS}/poster/pdf?kind=slide")).await;
    assert_eq!(pdf.kind.as_deref(), Some("application/pdf"));
    assert!(pdf.raw.starts_with(b"%PDF-1."));
    let none = jo.get("/libraries/bayside/keywords/none/poster").await;
    assert_eq!(none.status, 404);
}

#[tokio::test]
async fn a20_marks_are_given_and_what_came_by_them_is_counted() {
    let site = Site::with_flows().await;
    let jo = admin(&site).await;
    let poster = format!("{HOURS}/poster");
    for (place, mark, goes) in [("Bus stop", "", "A1"), ("Pool", "b2", "B2")] {
        let made = jo.post(&poster, &[("place", place), ("mark", mark)]).await;
        made.goes_to(&format!("{poster}?mark={goes}&done=poster-made"));
    }
    for (place, mark, why) in [
        ("Again", "B2", "hangs somewhere already"),
        ("Door", "two", "a letter and up to three digits"),
        ("", "B3", "where it will hang"),
    ] {
        let refused = jo.post(&poster, &[("place", place), ("mark", mark)]).await;
        assert_eq!(refused.status, 422);
        refused.says(why);
    }
    jo.get(&format!("{poster}?mark=B2")).await.says("HOURS B2");

    real(&site, "+12125550111", "BAYSIDE HOURS B2").await;
    real(&site, "+12125550112", "bayside hours b2").await;
    real(&site, "+12125550112", "Do you have a piano?").await;
    real(&site, "+12125550113", "BAYSIDE HOURS").await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::ReadOnly)])
        .await;
    let page = ann.get("/libraries/bayside/sources?period=1").await;
    page.says("Pool");
    let table = ann.get("/libraries/bayside/sources/csv?period=1").await;
    let rows: Vec<&str> = table.body.lines().collect();
    assert_eq!(rows.len(), 2, "{}", table.body);
    assert_eq!(rows[1], "2031-05-06,hours,B2,Pool,2,2,0,1,0,1");
    for number in ["2125550112", "piano"] {
        page.says_not(number);
    }
    let gone = jo.post(&format!("{poster}/gone"), &[("mark", "B2")]).await;
    gone.goes_to(&format!("{poster}?done=poster-gone"));
    real(&site, "+12125550111", "BAYSIDE HOURS B2").await;
    let table = ann.get("/libraries/bayside/sources/csv?period=1").await;
    assert!(table.body.contains("B2,,2,2,"), "{}", table.body);
}

#[tokio::test]
async fn a_counter_is_shown_by_a_link_until_it_is_ended() {
    let site = Site::with_flows().await;
    let jo = admin(&site).await;
    let counter = format!("{HOURS}/counter");
    let told = jo.post(&counter, &[]).await;
    assert_eq!(told.status, 200);
    let link = told.body.split("href=\"/counter/").nth(1).unwrap();
    let link = format!("/counter/{}", link.split('"').next().unwrap());
    real(&site, "+12125550111", "BAYSIDE HOURS").await;
    real(&site, "+12125550112", "BAYSIDE HOURS").await;
    let hall = site.visitor();
    let page = hall.get(&link).await;
    assert_eq!(page.status, 200);
    page.says("<span>2</span>");
    page.says_not("2125550112");
    page.says_not("/queue");
    let moves = hall.get(&format!("{link}/moves")).await;
    assert_eq!(moves.kind.as_deref(), Some("text/event-stream"));
    let other = hall.get(&format!("/counter/{}", "0".repeat(43))).await;
    assert_eq!(other.status, 404);
    jo.post(&format!("{counter}/end"), &[]).await;
    assert_eq!(hall.get(&link).await.status, 404);
    // Tomorrow it begins anew.
    let told = jo.post(&counter, &[]).await;
    let link = told.body.split("href=\"/counter/").nth(1).unwrap();
    let link = format!("/counter/{}", link.split('"').next().unwrap());
    hall.get(&link).await.says("<span>2</span>");
    site.pass(Duration::from_secs(24 * 60 * 60));
    hall.get(&link).await.says("<span>0</span>");
}

#[tokio::test]
async fn a_report_says_what_came_and_leads_where_one_may_go() {
    let site = Site::with_flows().await;
    let jo = admin(&site).await;
    real(&site, "+12125550111", "BAYSIDE HOURS").await;
    real(&site, "+12125550112", "BAYSIDE Do you have a piano?").await;
    site.text("+12125550113", "BAYSIDE HOURS").await; // f5: no simulated phone counts.
    let page = jo.get("/reports?library=bayside").await;
    for said in [
        "Texts by day: 2 in all",
        "/unmatched?library=bayside",
        HOURS,
        "Went to a person",
    ] {
        page.says(said);
    }
    let keywords = jo.get("/libraries/bayside/reports/keywords/csv").await;
    assert_eq!(keywords.body, "Keyword,Texts\r\nnone,1\r\nHOURS,1\r\n");
    let pdf = jo
        .get("/libraries/bayside/reports/pdf?period=2031-05")
        .await;
    assert!(pdf.raw.starts_with(b"%PDF-1."));
    let operator = site.signed_in("op", true, &[]).await;
    let seen = operator.get("/reports?library=bayside").await;
    seen.says(HOURS);
    seen.says_not("/unmatched?library");
    let none = jo.get("/libraries/bayside/reports/nothing/csv").await;
    assert_eq!(none.status, 404);
    assert_eq!(jo.get("/reports?library=maple").await.status, 404);
}

#[tokio::test]
async fn what_a_poll_counted_is_shown_by_its_choices() {
    let site = Site::with_flows().await;
    let jo = admin(&site).await;
    let keyword = [
        ("flow", "survey"),
        ("word", "RATE"),
        ("set-question-en", "How did we do?"),
        ("set-question-es", "¿Cómo lo hicimos?"),
        ("set-best", "5"),
        ("grant-storage", "1"),
    ];
    let made = jo.post("/libraries/bayside/keywords", &keyword).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let results = "/libraries/bayside/keywords/rate/results";
    jo.get(results).await.says("Nobody has answered yet");
    for (phone, rating) in [
        ("+12125550111", "5"),
        ("+12125550112", "5"),
        ("+12125550113", "2"),
    ] {
        site.text(phone, "BAYSIDE RATE").await;
        site.text(phone, rating).await;
    }
    let page = jo.get(results).await;
    page.says("Ratings: 3");
    page.says("On average 4.0");
    let table = jo.get(&format!("{results}/csv")).await;
    assert_eq!(
        table.body,
        "what,answer,times\r\nrating,2,1\r\nrating,5,2\r\n"
    );
}
