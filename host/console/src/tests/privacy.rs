//! What a patron sees of what is held (a15), and what the nightly job leaves (b1, b4).

use std::time::Duration;

use callslip_core::inbound::Namespace;
use callslip_core::phone::PhoneNumber;
use callslip_core::staff::Role;
use callslip_store::{Reader, Store as _, ThreadOf};

use super::site::Site;

const PHONE: &str = "+15557654301";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn reader(site: &Site) -> Box<dyn Reader> {
    site.store.reader().unwrap()
}

/// What the phone was told last.
fn told(site: &Site) -> String {
    let of = ThreadOf::Number(Namespace::Simulator, PhoneNumber::new(PHONE));
    let turns = reader(site).thread(&of, "66746", None, 1).unwrap();
    turns[0].messages[0].body.clone()
}

async fn link(site: &Site, word: &str) -> String {
    site.text(PHONE, word).await;
    let told = told(site);
    let at = told.find("/mine/").expect("a link") + "/mine/".len();
    told[at..at + 32].to_owned()
}

#[tokio::test]
async fn a15_mydata_shows_nothing_until_its_button_is_pressed_and_then_once() {
    let site = Site::open().await;
    let ticket = site.text(PHONE, "BAYSIDE Is there a zebra book?").await;
    let token = link(&site, "MYDATA").await;
    // A preview, and another.
    for _ in 0..2 {
        let (open, page) = site.console.my_data_closed(&token, "en-US").await.unwrap();
        assert!(open && page.contains("<button"), "{page}");
        assert!(!page.contains("zebra"), "{page}");
    }
    let staff = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    let page = staff.get(&format!("/tickets/{}", ticket.0)).await;
    page.says("/mine/(...)");
    page.says_not(&token);

    let (found, page) = site.console.my_data(&token, "es-MX,es").await.unwrap();
    assert!(found && page.contains("zebra book"), "{page}");
    assert!(page.contains("Lo que se guarda de usted"), "{page}");
    let (found, page) = site.console.my_data(&token, "fr").await.unwrap();
    assert!(!found && !page.contains("zebra"), "{page}");
    let (open, _) = site.console.my_data_closed(&token, "").await.unwrap();
    assert!(!open);
}

#[tokio::test]
async fn a15_mydatas_link_ends_after_half_an_hour_and_when_another_is_asked_for() {
    let site = Site::open().await;
    let first = link(&site, "MYDATA").await;
    site.pass(Duration::from_secs(60));
    let second = link(&site, "MIS DATOS").await;
    assert!(!site.console.my_data(&first, "").await.unwrap().0);
    site.pass(Duration::from_secs(30 * 60));
    assert!(!site.console.my_data(&second, "").await.unwrap().0);
    assert!(!site.console.my_data("", "").await.unwrap().0);
}

#[tokio::test]
async fn a15_who_forgets_is_known_to_nobody_and_stays_out() {
    let site = Site::open().await;
    let ticket = site.text(PHONE, "BAYSIDE Is there a zebra book?").await;
    site.text(PHONE, "FORGET ME").await;
    let said = told(&site);
    let code: String = said
        .split_whitespace()
        .find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap()
        .to_owned();
    site.text(PHONE, &code).await;
    assert!(told(&site).contains("is deleted"), "{}", told(&site));
    let staff = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    staff.get("/").await.says_not("zebra");
    staff
        .get("/search?words=zebra")
        .await
        .says_not("zebra book");
    let page = staff.get(&format!("/tickets/{}", ticket.0)).await;
    page.says_not("zebra");
    let number = PhoneNumber::new(PHONE);
    let held = reader(&site).patron_file(Namespace::Simulator, &number, None);
    let held = held.unwrap().unwrap();
    assert!(held.libraries.is_empty() && held.tickets.is_empty());
    assert_eq!(held.numbers[0].consent, "out");
    let words: Vec<_> = held
        .consent
        .iter()
        .map(|line| line.words.as_str())
        .collect();
    assert_eq!(words, ["FORGET ME"], "the proof stays (b9)");
}

#[tokio::test]
async fn b1_words_go_at_night_after_their_term_and_the_page_says_when() {
    let site = Site::open().await;
    let zebra = site.text(PHONE, "BAYSIDE Is there a zebra book?").await;
    let admin = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let close = [("reason", "elsewhere"), ("remark", "Called her")];
    let claimed = admin
        .post(&format!("/tickets/{}/claim", zebra.0), &[])
        .await;
    assert_eq!(claimed.status, 303, "{}", claimed.body);
    let closed = admin
        .post(&format!("/tickets/{}/close", zebra.0), &close)
        .await;
    assert_eq!(closed.status, 303, "{}", closed.body);
    assert!(site.engine.retain_when_due().await, "it has never run");
    let page = admin.get("/leaves").await;
    page.says("The oldest text: in the night after Monday, August 4, 2031");
    page.says("Last looked through: Tuesday, May 6, 2031");
    page.says("deleted after 90 days");
    site.pass(5 * DAY + Duration::from_secs(12 * 60 * 60));
    assert!(site.engine.retain_when_due().await, "it was off for nights");
    assert!(!site.engine.retain_when_due().await, "once a night");
    let session = site.session(&"id-of-ann".into()).await;
    session
        .get(&format!("/tickets/{}", zebra.0))
        .await
        .says("zebra");
    site.pass(26 * DAY);
    assert!(site.engine.retain_when_due().await);
    let session = site.session(&"id-of-ann".into()).await;
    session
        .get(&format!("/tickets/{}", zebra.0))
        .await
        .says_not("zebra");
    session
        .get("/leaves")
        .await
        .says("There is no text that could go.");
}

#[tokio::test]
async fn b4_of_a_schools_patrons_no_number_is_revealed_and_terms_end() {
    let site = Site::open().await;
    site.edit(
        "bayside",
        "[hours]",
        "[quiet]\npreset = \"school\"\n[hours]",
    );
    let admin = site
        .signed_in("jo", false, &[("bayside", Role::Admin)])
        .await;
    let read = admin.post("/libraries/bayside/files", &[]).await;
    read.says("nothing is wrong");
    let ticket = site.text(PHONE, "BAYSIDE Is there a zebra book?").await;
    let owner = site
        .signed_in("ann", false, &[("bayside", Role::Owner)])
        .await;
    owner
        .get(&format!("/tickets/{}", ticket.0))
        .await
        .says_not("reveal-why");
    let asked = [("why", "to call them")];
    let refused = owner
        .post(&format!("/tickets/{}/reveal", ticket.0), &asked)
        .await;
    assert!(
        !refused.body.contains("5557654301") && refused.status >= 400,
        "{}",
        refused.body
    );
    owner
        .get("/leaves")
        .await
        .says("At the end of each term all of them are deleted: June 30, December 31.");
}
