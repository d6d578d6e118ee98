//! Reminders that people set, asked as a librarian's browser asks.

use callslip_core::staff::Role;

use super::site::{Site, Visitor};

const PATRON: &str = "+15557654321";

async fn jo(site: &Site) -> Visitor<'_> {
    site.signed_in("jo", false, &[("bayside", Role::Staff)])
        .await
}

/// As a field for date and time has it.
fn in_days(site: &Site, days: u64) -> String {
    let then = site.now() + std::time::Duration::from_secs(days * 24 * 60 * 60);
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    crate::times::form(then, &zone)
}

/// What the page gave a field of its form.
fn value(page: &str, behind: &str, name: &str) -> String {
    let (_, form) = page.split_once(behind).unwrap();
    let (_, rest) = form
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_patron_is_reminded_the_day_before_and_it_is_moved_and_cancelled_with_its_cause() {
    let site = Site::open().await;
    let jo = jo(&site).await;
    let ticket = site.text(PATRON, "BAYSIDE when is the concert?").await;
    let path = format!("/tickets/{ticket}");
    let page = jo.get(&path).await;
    let send = value(&page.body, "/remind\"", "send");
    let event = in_days(&site, 10);
    let fields = [
        ("send", send.as_str()),
        ("words", "The concert is tomorrow at 7."),
        ("event", event.as_str()),
        ("when", "day-before"),
        ("at", ""),
    ];
    jo.post(&format!("{path}/remind"), &fields)
        .await
        .goes_to(&path);
    // Pressed twice.
    jo.post(&format!("{path}/remind"), &fields)
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("The concert is tomorrow at 7.");
    page.says("10:00");
    page.says("reminder set by");
    assert_eq!(page.body.matches("Reminder, goes out").count(), 1);
    jo.get("/reminders").await.says("waits");

    let reminder = value(&page.body, "Move or cancel", "reminder");
    let at = in_days(&site, 8);
    let moved = [
        ("reminder", reminder.as_str()),
        ("act", "move"),
        ("at", at.as_str()),
        ("cause", "it begins earlier"),
    ];
    jo.post(&format!("{path}/reminder"), &moved)
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("Moved: it begins earlier");
    let cancelled = [
        ("reminder", reminder.as_str()),
        ("act", "cancel"),
        ("cause", "the band is ill"),
    ];
    jo.post(&format!("{path}/reminder"), &cancelled)
        .await
        .goes_to(&path);
    let page = jo.get(&path).await;
    page.says("cancelled: the band is ill");
    page.says_not("The concert is tomorrow at 7.");
    jo.get("/reminders")
        .await
        .says("cancelled: the band is ill");
    // Nobody says why: nothing is done.
    let unsaid = [
        ("reminder", reminder.as_str()),
        ("act", "cancel"),
        ("cause", ""),
    ];
    assert_eq!(
        jo.post(&format!("{path}/reminder"), &unsaid).await.status,
        409
    );
}
