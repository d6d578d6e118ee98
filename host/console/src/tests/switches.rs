//! The bad day: what is switched off by hand acts at once and stays (c1, c7).

use callslip_core::staff::Role;
use callslip_engine::Running;
use callslip_store::StaffStore as _;

use super::site::Site;

fn bayside(running: &Running) -> &callslip_core::directory::Library {
    &running.directory.libraries[&"bayside".into()]
}

#[tokio::test]
async fn c1_a_keyword_that_a_file_owns_is_switched_off_at_once_and_stays_off() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/libraries/bayside/keywords/hours")
        .await
        .says("It is on.");
    let told = "The hours are on our door today.";
    let fields = [("keyword", "hours"), ("told", told)];
    ann.post("/libraries/bayside/off", &fields)
        .await
        .goes_to("/?done=keyword-off");
    let running = site.engine.running();
    let keyword = &bayside(&running).keywords[0];
    assert_eq!(
        (keyword.enabled, keyword.closing.as_deref()),
        (false, Some(told))
    );
    let page = ann.get("/libraries/bayside/keywords/hours").await;
    page.says(told);
    page.says("Switched off by ann the person");
    page.says_not("enabled = false");
    ann.get("/?done=keyword-off")
        .await
        .says("The keyword is off.");

    // A reload brings the files, and the switch lies over them.
    let files = running.filed().clone();
    assert!(files.libraries[&"bayside".into()].keywords[0].enabled);
    let again = running.switched(Default::default());
    site.engine.reload(again, Default::default());
    assert!(!bayside(&site.engine.running()).keywords[0].enabled);
    // A restart too: it is in the store.
    let kept = site.store.staff_reader().unwrap().switches().unwrap();
    assert_eq!(&kept, site.engine.running().switches());

    let on = ann.post("/libraries/bayside/keywords/hours/on", &[]).await;
    on.goes_to("/libraries/bayside/keywords/hours?done=keyword-on");
    assert!(bayside(&site.engine.running()).keywords[0].enabled);
    let log = ann.get("/audit").await;
    log.says("switched a keyword off: HOURS");
    log.says("switched a keyword on: HOURS");
}

#[tokio::test]
async fn c7_closed_today_is_told_and_taken_back() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    ann.get("/").await.says("Open today 10:00-20:00");
    let closed = ann
        .post("/libraries/bayside/closed", &[("because", "Snow & ice")])
        .await;
    closed.goes_to("/?done=closed");
    let page = ann.get("/").await;
    page.says("Closed today");
    page.says("Snow &amp; ice");
    let running = site.engine.running();
    let day = bayside(&running).hours.special_days.last().unwrap();
    assert_eq!((day.date.as_str(), day.spans.len()), ("2031-05-06", 0));
    ann.post("/libraries/bayside/opened", &[])
        .await
        .goes_to("/?done=opened");
    ann.get("/").await.says("Open today 10:00-20:00");
    // Tomorrow it is over by itself.
    ann.post("/libraries/bayside/closed", &[("because", "Snow")])
        .await;
    site.pass(std::time::Duration::from_secs(24 * 60 * 60));
    let tomorrow = site.session(&"id-of-ann".into()).await.get("/").await;
    tomorrow.says("Open today 10:00-20:00");
}

#[tokio::test]
async fn c7_an_outage_stops_all_flows_of_one_library() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let told = "Our catalogue is down. A person reads your text.";
    ann.post("/libraries/bayside/outage", &[("told", told)])
        .await
        .goes_to("/?done=outage");
    ann.get("/").await.says(told);
    let running = site.engine.running();
    assert_eq!(bayside(&running).outage.as_deref(), Some(told));
    assert_eq!(running.directory.libraries[&"maple".into()].outage, None);
    let over = ann.post("/libraries/bayside/outage/over", &[]).await;
    over.goes_to("/?done=outage-over");
    assert_eq!(bayside(&site.engine.running()).outage, None);
}

#[tokio::test]
async fn what_patrons_are_told_is_a_paragraph() {
    let site = Site::open().await;
    let ann = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let long = "x".repeat(301);
    for told in ["", "  ", "two\nlines", long.as_str()] {
        let fields = [("keyword", "hours"), ("told", told)];
        let answer = ann.post("/libraries/bayside/off", &fields).await;
        assert_eq!(answer.status, 422, "{told:?}");
    }
    assert_eq!(
        ann.post(
            "/libraries/bayside/off",
            &[("keyword", "none"), ("told", "x")]
        )
        .await
        .status,
        404
    );
    assert!(site.engine.running().switches().keywords_off.is_empty());
}
