//! Staff and their roles, from an admin's page.

use callslip_core::ids::StaffId;
use callslip_core::staff::Role;

use super::site::{PASSWORD, Site};

fn link_in(body: &str) -> String {
    let (_, rest) = body.split_once("http://127.0.0.1:8068").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_person_is_added_by_a_link_that_is_shown_once() {
    let site = Site::open().await;
    let owner = site
        .signed_in("maria", true, &[("bayside", Role::Owner)])
        .await;
    let fields = [("shown", "Jo Ash"), ("name", "Jo"), ("role", "staff")];
    let made = owner.post("/libraries/bayside/staff", &fields).await;
    assert_eq!(made.status, 200);
    made.says("A link for Jo Ash");
    let link = link_in(&made.body);
    owner.get("/staff").await.says("Not opened yet");
    owner.get("/staff").await.says_not("/link/");
    let jo = site.visitor();
    jo.get(&link).await.says("A password for Jo Ash");
    let set = jo
        .post(&link, &[("password", PASSWORD), ("again", PASSWORD)])
        .await;
    set.goes_to("/sign-in?done=set");
    jo.post("/sign-in", &[("name", "jo"), ("password", PASSWORD)])
        .await
        .goes_to("/");
    jo.get("/account")
        .await
        .says("Bayside Public Library: <strong>staff</strong>");
    let log = owner.get("/audit").await;
    log.says("made an account: jo, staff");
    log.says_not("/link/");
}

#[tokio::test]
async fn somebody_with_an_account_gets_a_role_more() {
    let site = Site::open().await;
    let id = site.account("jo", false, &[("maple", Role::Staff)]).await;
    let admin = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let fields = [("name", "jo"), ("role", "read-only")];
    admin
        .post("/libraries/bayside/staff", &fields)
        .await
        .goes_to("/staff?done=role");
    let again = admin.post("/libraries/bayside/staff", &fields).await;
    assert_eq!(again.status, 422);
    let jo = site.session(&id).await;
    let account = jo.get("/account").await;
    account.says("Bayside Public Library: <strong>read-only</strong>");
    account.says("Maple Valley Library: <strong>staff</strong>");
    // The admin sees nothing of the other library, and the account is not theirs alone.
    let list = admin.get("/staff").await;
    list.says("jo the person");
    list.says_not("Maple");
    assert_eq!(admin.post("/staff/id-of-jo/disable", &[]).await.status, 403);
}

#[tokio::test]
async fn an_admin_makes_no_owner_and_touches_none() {
    let site = Site::open().await;
    site.account("owner", false, &[("bayside", Role::Owner)])
        .await;
    site.account("jo", false, &[("bayside", Role::Staff)]).await;
    let admin = site
        .signed_in("ann", false, &[("bayside", Role::Admin)])
        .await;
    let page = admin.get("/libraries/bayside/staff").await;
    page.says("value=\"admin\"");
    page.says_not("value=\"owner\"");
    for (path, role) in [
        ("/libraries/bayside/staff/id-of-jo/role", "owner"),
        ("/libraries/bayside/staff/id-of-owner/role", "staff"),
        ("/libraries/bayside/staff/id-of-owner/role", "none"),
    ] {
        assert_eq!(
            admin.post(path, &[("role", role)]).await.status,
            403,
            "{path} {role}"
        );
    }
    for act in ["link", "sign-out", "disable", "enable"] {
        let path = format!("/staff/id-of-owner/{act}");
        assert_eq!(admin.post(&path, &[]).await.status, 403, "{act}");
    }
    let operator = admin
        .post(
            "/libraries/bayside/staff/id-of-jo/role",
            &[("role", "operator")],
        )
        .await;
    assert_eq!(operator.status, 422, "that is no library's role");
    let jo = site.session(&StaffId::from("id-of-jo")).await;
    let given = admin.post(
        "/libraries/bayside/staff/id-of-jo/role",
        &[("role", "developer")],
    );
    given.await.goes_to("/staff?done=role");
    jo.get("/account").await.says("<strong>developer</strong>");
}

#[tokio::test]
async fn who_is_switched_off_is_out_and_who_is_last_stays() {
    let site = Site::open().await;
    let jo_id = site.account("jo", false, &[("bayside", Role::Staff)]).await;
    let jo = site.session(&jo_id).await;
    let owner = site
        .signed_in("maria", true, &[("bayside", Role::Owner)])
        .await;
    owner
        .post("/staff/id-of-jo/disable", &[])
        .await
        .goes_to("/staff?done=disabled");
    assert_eq!(jo.get("/").await.status, 303);
    let back = jo
        .post("/sign-in", &[("name", "jo"), ("password", PASSWORD)])
        .await;
    assert_eq!(back.status, 422);
    owner
        .post("/staff/id-of-jo/enable", &[])
        .await
        .goes_to("/staff?done=enabled");
    jo.post("/sign-in", &[("name", "jo"), ("password", PASSWORD)])
        .await
        .goes_to("/");
    owner
        .post("/staff/id-of-jo/sign-out", &[])
        .await
        .goes_to("/staff?done=signed-out");
    assert_eq!(jo.get("/").await.status, 303);

    let last = owner.post("/staff/id-of-maria/disable", &[]).await;
    assert_eq!(last.status, 422);
    last.says("Nobody would be left");
    let path = "/libraries/bayside/staff/id-of-maria/role";
    assert_eq!(owner.post(path, &[("role", "none")]).await.status, 422);
    let made = owner.post("/staff/id-of-jo/link", &[]).await;
    assert!(link_in(&made.body).starts_with("/link/"));
}

#[tokio::test]
async fn the_log_shows_what_was_done_at_the_desk_and_owners_their_people_s_accounts() {
    let site = Site::open().await;
    let owner = site
        .signed_in("ann", false, &[("bayside", Role::Owner)])
        .await;
    let admin = site
        .signed_in("lou", false, &[("bayside", Role::Admin)])
        .await;
    let jo = site.account("jo", false, &[("bayside", Role::Staff)]).await;
    let max = site.account("max", false, &[("maple", Role::Staff)]).await;
    for session in [site.session(&jo).await, site.session(&max).await] {
        session
            .post("/account/sign-out-everywhere", &[])
            .await
            .goes_to("/sign-in?done=signed-out");
    }
    let saved = [("name", "Lost card"), ("body", "Come by with your id.")];
    owner
        .post("/libraries/bayside/answers", &saved)
        .await
        .goes_to("/answers?done=answer");
    let jo = site.session(&jo).await;
    let ticket = site.text("+15557654401", "BAYSIDE ukuleles?").await;
    jo.post(&format!("/tickets/{ticket}/claim"), &[]).await;
    let handed = jo
        .post(
            &format!("/tickets/{ticket}/hand-over"),
            &[("to", "id-of-lou")],
        )
        .await;
    assert_eq!(handed.status, 303, "{}", handed.body);
    let log = owner.get("/audit").await;
    log.says("saved an answer: Lost card");
    log.says(&format!(
        "handed a question over: question {ticket}, to lou the person"
    ));
    log.says("signed out everywhere");
    log.says("jo the person");
    log.says("Their account");
    log.says_not("max the person");
    log.says_not("ukulele");
    let log = admin.get("/audit").await;
    log.says("saved an answer: Lost card");
    log.says_not("signed out everywhere");
}
