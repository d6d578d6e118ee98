//! A plugin comes by the console: looked at before it is installed, kept by version, withdrawn; and
//! what failed lately is shown with what it logged.

use bytes::Bytes;
use callslip_core::staff::Role;
use callslip_store::StaffStore as _;
use callslip_store::staff::StaffChange;

use super::site::{Site, component};

const OWN: &str = "/libraries/bayside/plugins";

#[tokio::test]
async fn what_a_plugin_asks_for_is_shown_before_it_is_installed() {
    let site = Site::with_flows().await;
    let dev = site
        .signed_in("dev", false, &[("bayside", Role::Developer)])
        .await;
    let page = dev.get("/plugins").await;
    page.says("Upload a plugin for Bayside Public Library");
    page.says_not("for this machine");
    let sent = dev.upload(OWN, component("signup").into()).await;
    sent.goes_to(&format!("{OWN}/signup/0.1.0"));
    let shown = dev.get(&format!("{OWN}/signup/0.1.0")).await;
    shown.says("Not installed");
    shown.says("may ");
    shown.says("<code>lists</code>");
    shown.says("<code>profile</code>");
    // Nothing is installed by looking at it.
    let stored = site.store.staff_reader().unwrap().plugins().unwrap();
    assert_eq!(stored.len(), 1);
    assert!(!stored[0].is_there());

    dev.post(&format!("{OWN}/signup/0.1.0/install"), &[])
        .await
        .goes_to(&format!("{OWN}/signup/0.1.0?done=plugin-installed"));
    assert!(site.store.staff_reader().unwrap().plugins().unwrap()[0].is_there());
    dev.get("/plugins").await.says("Brought by the console");
    dev.post(&format!("{OWN}/signup/0.1.0/withdraw"), &[])
        .await
        .goes_to(&format!("{OWN}/signup/0.1.0?done=plugin-withdrawn"));
    assert!(!site.store.staff_reader().unwrap().plugins().unwrap()[0].is_there());
    dev.get(&format!("{OWN}/signup/0.1.0"))
        .await
        .says("Bring it back");
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let log = ann.get("/audit").await;
    log.says("uploaded a plugin: signup 0.1.0");
    log.says("installed a plugin: signup 0.1.0");
    log.says("withdrew a plugin: signup 0.1.0");
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_with_why() {
    let site = Site::with_flows().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let signup = component("signup");
    let half = signup[..signup.len() / 2].to_vec();
    let core_module = b"\0asm\x01\0\0\0".to_vec();
    let other_world = b"\0asm\x0d\0\x01\0".to_vec();
    let cases = [
        (
            "a text",
            b"hello, world".to_vec(),
            "no plugin that can run here",
        ),
        ("half", half, "no plugin that can run here"),
        ("a core module", core_module, "core module"),
        ("another world", other_world, "no plugin that can run here"),
        (
            "a consent word",
            replaced(&signup, b"YES", b"END"),
            "waits for the answer END, which is a consent word",
        ),
        (
            "another manifest",
            replaced(&signup, b"\"0.1.0\"", b"\"0.3.0\""),
            "its manifest says",
        ),
        ("nothing", Vec::new(), "Choose a file"),
        (
            "too large",
            vec![0; 64 * 1024 * 1024 + 1],
            "a component has 64 at most",
        ),
    ];
    for (name, bytes, told) in cases {
        let answer = ann.upload(OWN, Bytes::from(bytes)).await;
        assert_eq!(answer.status, 422, "{name}");
        answer.says(told);
    }
    assert_eq!(site.store.staff_reader().unwrap().plugins().unwrap(), []);
    // Without the form's own token nothing is looked at.
    let stranger = site.visitor();
    assert_eq!(stranger.upload(OWN, signup.into()).await.status, 401);
}

#[tokio::test]
async fn g5_same_names_of_two_owners_do_not_meet_and_a_version_is_one_file() {
    let site = Site::with_flows().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let max = site
        .signed_in("max", false, &[("maple", Role::Admin)])
        .await;
    let op = site.signed_in("op", true, &[]).await;
    let signup = Bytes::from(component("signup"));
    ann.upload(OWN, signup.clone()).await;
    ann.post(&format!("{OWN}/signup/0.1.0/install"), &[]).await;
    max.upload("/libraries/maple/plugins", signup.clone()).await;
    op.upload("/plugins", signup.clone()).await;
    let stored = site.store.staff_reader().unwrap().plugins().unwrap();
    let owners: Vec<_> = stored.iter().map(|stored| stored.flow().name).collect();
    assert_eq!(owners, ["signup", "bayside/signup", "maple/signup"]);
    // One sees the machine's and one's own.
    let page = max.get("/plugins").await;
    page.says("Maple Valley Library");
    page.says_not("/libraries/bayside/");
    assert_eq!(max.get(&format!("{OWN}/signup/0.1.0")).await.status, 404);
    // Another file with the version of one that is installed.
    let mut other = signup.to_vec();
    other.extend(custom_section());
    let answer = ann.upload(OWN, other.clone().into()).await;
    assert_eq!(answer.status, 422);
    answer.says("Give the new one another version");
    // Of one that was only looked at, the later file counts.
    max.upload("/libraries/maple/plugins", other.into())
        .await
        .goes_to("/libraries/maple/plugins/signup/0.1.0");
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places = 0..bytes.len() - from.len();
    for at in places
        .filter(|at| bytes[*at..].starts_with(from))
        .collect::<Vec<_>>()
    {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// One that says nothing: an empty name, no bytes.
fn custom_section() -> [u8; 3] {
    [0, 1, 0]
}

#[tokio::test]
async fn a_flow_that_fails_three_times_is_switched_off_until_somebody_switches_it_on() {
    let site = Site::with_flows_that_fail().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/plugins").await.says("None.");
    for last in 1..=3 {
        let ticket = site
            .text(&format!("+1555765440{last}"), "BAYSIDE HOURS")
            .await;
        assert_ne!(ticket.0, 0, "a person has the question");
    }
    // What the machine wrote stands before this.
    site.commit(StaffChange::Noted).await;
    let page = ann.get("/plugins").await;
    for fault in ["Fault 1", "Fault 2", "Fault 3"] {
        page.says(fault);
    }
    page.says("href=\"/libraries/bayside/keywords/hours\"");
    page.says("it sent 1 messages; 0 at most");
    page.says_not("5440");
    ann.get("/").await.says("by the machine");
    let keyword = ann.get("/libraries/bayside/keywords/hours").await;
    keyword.says("Switched off by the machine");
    keyword.says("HOURS is closed at the moment.");
    ann.get("/audit")
        .await
        .says("switched a keyword off, whose flow failed again and again: HOURS");
    // It runs no more, now and after a start.
    assert_eq!(site.text("+15557654409", "BAYSIDE HOURS").await.0, 0);
    let switches = site.store.staff_reader().unwrap().switches().unwrap();
    assert_eq!(switches.keywords_off.len(), 1);
    ann.post("/libraries/bayside/keywords/hours/on", &[])
        .await
        .goes_to("/libraries/bayside/keywords/hours?done=keyword-on");
    assert_ne!(site.text("+15557654410", "BAYSIDE HOURS").await.0, 0);
    ann.get("/libraries/bayside/keywords/hours")
        .await
        .says("It is on.");
}
