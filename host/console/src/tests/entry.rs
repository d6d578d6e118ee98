//! Ways in: the first run, sign-in and its limits, links, the second step.

use std::time::Duration;

use callslip_core::staff::Role;
use callslip_store::StaffStore as _;

use super::site::{PASSWORD, Site, Visitor};
use crate::auth::SecondStep;

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn sign_in(visitor: &Visitor<'_>, name: &str, password: &str) -> super::site::Answer {
    let fields = [
        ("name", name),
        ("password", password),
        ("next", "/keywords"),
    ];
    visitor.post("/sign-in", &fields).await
}

const FIRST: [(&str, &str); 4] = [
    ("shown", "Maria Lopez"),
    ("name", "Maria"),
    ("password", PASSWORD),
    ("again", PASSWORD),
];

#[tokio::test]
async fn the_first_run_s_link_makes_the_first_owner_once() {
    let site = Site::open().await;
    let old = site.console.first_link().await.unwrap().unwrap();
    let link = site.console.first_link().await.unwrap().unwrap();
    let maria = site.visitor();
    assert_eq!(
        maria.get(&old).await.status,
        410,
        "a later start's link holds"
    );
    // A preview of the link uses nothing up.
    for _ in 0..2 {
        maria.get(&link).await.says("Bayside Public Library");
    }
    let before = maria.token().told();
    maria.post(&link, &FIRST).await.goes_to("/guide");
    assert_ne!(maria.token().told(), before, "a new token for the session");
    let account = maria.get("/account").await;
    account.says("Maria Lopez");
    account.says("operator");
    for library in ["Bayside Public Library", "Maple Valley Library"] {
        account.says(&format!("{library}: <strong>owner</strong>"));
    }
    assert_eq!(site.console.first_link().await.unwrap(), None);
    let other = site.visitor();
    assert_eq!(other.post(&link, &FIRST).await.status, 410);
    assert_eq!(other.get(&link).await.status, 410);
    maria
        .get("/audit")
        .await
        .says("made the first account: maria");
}

#[tokio::test]
async fn the_first_steps_lead_from_the_first_account_to_a_keyword_on_the_air() {
    let site = Site::open().await;
    let link = site.console.first_link().await.unwrap().unwrap();
    let maria = site.visitor();
    maria.post(&link, &FIRST).await.goes_to("/guide");
    let guide = maria.get("/guide").await;
    guide.says("Bayside Public Library");
    guide.says("libraries/bayside.toml");
    // No carrier yet: what to paste.
    guide.says("[[gateway]]");
    guide.says("[[number]]");
    guide.says("Read the files again");
    guide.says("HOURS");
    let fields = [
        ("flow", "auto-reply"),
        ("word", "PARKING"),
        ("set-text-en", "Behind the library."),
    ];
    let made = maria.post("/libraries/bayside/keywords", &fields).await;
    made.goes_to("/libraries/bayside/keywords/parking?done=keyword-made");
    maria.get("/guide").await.says("PARKING");
    let staff = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    assert_eq!(staff.get("/guide").await.status, 403);
    staff.get("/").await.says_not("First steps");
    let admin = site
        .signed_in("ann", false, &[("maple", Role::Admin)])
        .await;
    let guide = admin.get("/guide").await;
    guide.says("Maple");
    guide.says_not("Bayside");
}

#[tokio::test]
async fn the_first_run_s_link_works_for_an_hour() {
    let site = Site::open().await;
    let link = site.console.first_link().await.unwrap().unwrap();
    site.pass(HOUR - Duration::from_secs(1));
    assert_eq!(site.visitor().get(&link).await.status, 200);
    site.pass(Duration::from_secs(1));
    assert_eq!(site.visitor().get(&link).await.status, 410);
    assert_eq!(site.visitor().post(&link, &FIRST).await.status, 410);
    assert!(
        site.console.first_link().await.unwrap().is_some(),
        "a start makes a new one"
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_first_account_stands_beside_its_field() {
    let site = Site::open().await;
    let link = site.console.first_link().await.unwrap().unwrap();
    let maria = site.visitor();
    for (field, value, told) in [
        ("shown", "", "Write a name of at most 64 characters"),
        ("name", "two words", "Write one word to sign in with"),
        ("password", "short", "Use 12 characters or more"),
        ("again", "something else", "These two are not the same"),
    ] {
        let fields = FIRST.map(|(name, own)| (name, if name == field { value } else { own }));
        let answer = maria.post(&link, &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        answer.says(told);
        answer.says(&format!("id=\"{field}-problem\""));
        answer.says_not(PASSWORD);
    }
    maria.post(&link, &FIRST).await.goes_to("/guide");
}

#[tokio::test]
async fn sign_in_sign_out_and_back_to_where_one_was() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let maria = site.visitor();
    let away = maria.get("/keywords").await;
    away.goes_to("/sign-in?next=%2Fkeywords");
    maria
        .get(&away.location.unwrap())
        .await
        .says("value=\"/keywords\"");
    let before = maria.token().told();
    sign_in(&maria, " Maria ", PASSWORD)
        .await
        .goes_to("/keywords");
    assert_ne!(maria.token().told(), before);
    assert_eq!(maria.get("/keywords").await.status, 200);
    let session = maria.token();
    maria.post("/sign-out", &[]).await.goes_to("/sign-in");
    assert_eq!(maria.get("/keywords").await.status, 303);
    assert_eq!(
        maria.token().told(),
        session.told(),
        "and the old cookie is worth nothing"
    );
}

#[tokio::test]
async fn sign_in_leads_back_with_the_whole_address_and_nowhere_else() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let maria = site.visitor();
    let away = maria.get("/queue?library=bayside&topic=tax%20forms").await;
    let path = away.location.unwrap();
    maria
        .get(&path)
        .await
        .says("value=\"/queue?library=bayside&amp;topic=tax%20forms\"");
    for elsewhere in [
        "/%09/evil.example",
        "/%0a/evil.example",
        "%2F%2Fevil.example",
        "/%5Cevil.example",
        "https:%2F%2Fevil.example",
    ] {
        let form = maria.get(&format!("/sign-in?next={elsewhere}")).await;
        form.says("name=\"next\" value=\"/\"");
        form.says_not("evil");
    }
    let fields = [
        ("name", "maria"),
        ("password", PASSWORD),
        ("next", "/\t/evil.example"),
    ];
    maria.post("/sign-in", &fields).await.goes_to("/");
    maria
        .get("/sign-in?next=/%09/evil.example")
        .await
        .goes_to("/");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let visitor = site.visitor();
    let wrong = sign_in(&visitor, "maria", "not the password").await;
    let unknown = sign_in(&visitor, "nobody", "not the password").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    let same = |body: &str, name: &str| body.replace(name, "NAME");
    assert_eq!(
        same(&wrong.body, "\"maria\""),
        same(&unknown.body, "\"nobody\"")
    );
    wrong.says_not("not the password");
}

#[tokio::test]
async fn too_many_tries_have_to_wait() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let visitor = site.visitor();
    for _ in 0..5 {
        assert_eq!(
            sign_in(&visitor, "maria", "not the password").await.status,
            422
        );
    }
    let late = sign_in(&visitor, "maria", PASSWORD).await;
    assert_eq!(late.status, 429, "the right password does not help");
    late.says("Too many tries. Wait a second and try again.");
    // From elsewhere neither: it is the account that waits.
    let mut elsewhere = site.visitor();
    elsewhere.from = "203.0.113.9".to_owned();
    assert_eq!(sign_in(&elsewhere, "maria", PASSWORD).await.status, 429);
    site.pass(Duration::from_secs(1));
    sign_in(&visitor, "maria", PASSWORD)
        .await
        .goes_to("/keywords");
    // Who is in has all tries again.
    for _ in 0..5 {
        assert_eq!(
            sign_in(&elsewhere, "maria", "not the password")
                .await
                .status,
            422
        );
    }
}

#[tokio::test]
async fn one_address_does_not_try_all_accounts() {
    let site = Site::open().await;
    let mut visitor = site.visitor();
    visitor.from = "203.0.113.9".to_owned();
    for index in 0..30 {
        let name = format!("person-{index}");
        assert_eq!(
            sign_in(&visitor, &name, "not the password").await.status,
            422,
            "{index}"
        );
    }
    assert_eq!(
        sign_in(&visitor, "person-30", "not the password")
            .await
            .status,
        429
    );
    let mut other = site.visitor();
    other.from = "203.0.113.10".to_owned();
    assert_eq!(
        sign_in(&other, "person-31", "not the password")
            .await
            .status,
        422
    );
}

#[tokio::test]
async fn a_session_ends_by_itself_and_everywhere_at_once() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let (here, there) = (site.visitor(), site.visitor());
    sign_in(&here, "maria", PASSWORD).await.goes_to("/keywords");
    sign_in(&there, "maria", PASSWORD)
        .await
        .goes_to("/keywords");
    // Used now and then, it lasts; left alone for half a day, it ends.
    for _ in 0..4 {
        site.pass(5 * HOUR);
        assert_eq!(here.get("/").await.status, 200);
    }
    assert_eq!(there.get("/").await.status, 303);
    sign_in(&there, "maria", PASSWORD)
        .await
        .goes_to("/keywords");
    here.post("/account/sign-out-everywhere", &[])
        .await
        .goes_to("/sign-in?done=signed-out");
    assert_eq!(here.get("/").await.status, 303);
    assert_eq!(there.get("/").await.status, 303);
    // However much it is used, a week is the most.
    sign_in(&here, "maria", PASSWORD).await.goes_to("/keywords");
    for _ in 0..28 {
        site.pass(6 * HOUR);
        here.get("/").await;
    }
    assert_eq!(here.get("/").await.status, 303);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one() {
    let site = Site::open().await;
    site.account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let (here, there) = (site.visitor(), site.visitor());
    sign_in(&here, "maria", PASSWORD).await;
    sign_in(&there, "maria", PASSWORD).await;
    let new = "another four words here";
    let change = |old| [("old", old), ("password", new), ("again", new)];
    let wrong = here
        .post("/account/password", &change("not the password"))
        .await;
    assert_eq!(wrong.status, 422);
    wrong.says("This is not your password of now");
    let right = here.post("/account/password", &change(PASSWORD)).await;
    right.goes_to("/account?done=password");
    assert_eq!(here.get("/account").await.status, 200);
    assert_eq!(
        there.get("/account").await.status,
        303,
        "out everywhere else"
    );
    assert_eq!(sign_in(&there, "maria", PASSWORD).await.status, 422);
    sign_in(&there, "maria", new).await.goes_to("/keywords");
}

#[tokio::test]
async fn d5_a_lost_password_is_made_anew_by_a_link() {
    let site = Site::open().await;
    let id = site
        .account("maria", false, &[("bayside", Role::Staff)])
        .await;
    let old = site.session(&id).await;
    let (hash, path) = crate::reset_link().unwrap();
    site.commit(callslip_store::staff::StaffChange::OfferReset {
        staff: id,
        link: hash,
        expires: site.now() + HOUR,
    })
    .await;
    let maria = site.visitor();
    maria
        .get(&path)
        .await
        .says("A password for maria the person");
    assert_eq!(
        old.get("/account").await.status,
        200,
        "nothing has happened yet"
    );
    let new = "another four words here";
    let short = maria
        .post(&path, &[("password", "short"), ("again", "short")])
        .await;
    assert_eq!(short.status, 422);
    let set = maria
        .post(&path, &[("password", new), ("again", new)])
        .await;
    set.goes_to("/sign-in?done=set");
    assert_eq!(maria.get(&path).await.status, 410);
    assert_eq!(
        maria
            .post(&path, &[("password", new), ("again", new)])
            .await
            .status,
        410
    );
    assert_eq!(old.get("/account").await.status, 303);
    sign_in(&maria, "maria", new).await.goes_to("/keywords");
}

/// The code that an app would show now.
fn code(secret: &str, site: &Site) -> String {
    let step = SecondStep::read(secret).unwrap();
    (0..1_000_000)
        .map(|code| format!("{code:06}"))
        .find(|code| step.check(code, site.now()) == Some(site.now().0 / 30_000))
        .unwrap()
}

async fn set_up(site: &Site, visitor: &Visitor<'_>) -> String {
    let page = visitor.get("/account/second-step").await;
    page.says("<svg class=\"qr\"");
    let (_, rest) = page.body.split_once("name=\"secret\" value=\"").unwrap();
    let secret = rest.split('"').next().unwrap().to_owned();
    let wrong = visitor
        .post(
            "/account/second-step",
            &[("secret", &secret), ("code", "abc")],
        )
        .await;
    assert_eq!(wrong.status, 422);
    wrong.says(&secret);
    let code = code(&secret, site);
    let set = visitor
        .post(
            "/account/second-step",
            &[("secret", &secret), ("code", &code)],
        )
        .await;
    set.goes_to("/account?done=second-step");
    secret
}

#[tokio::test]
async fn with_a_second_step_the_password_alone_opens_nothing() {
    let site = Site::open().await;
    let id = site
        .account("maria", false, &[("bayside", Role::Admin)])
        .await;
    let other = site.session(&id).await;
    let maria = site.session(&id).await;
    let secret = set_up(&site, &maria).await;
    assert_eq!(
        other.get("/account").await.status,
        303,
        "out everywhere else"
    );
    let used = code(&secret, &site);

    let visitor = site.visitor();
    let half = sign_in(&visitor, "maria", PASSWORD).await;
    assert_eq!((half.status, half.cookie.is_some()), (200, false));
    half.says("Six digits");
    assert_eq!(visitor.get("/account").await.status, 303);
    let (_, rest) = half.body.split_once("name=\"half\" value=\"").unwrap();
    let proof = rest.split('"').next().unwrap();
    let send = async |visitor: &Visitor<'_>, proof: &str, code: &str| {
        let fields = [
            ("name", "maria"),
            ("half", proof),
            ("code", code),
            ("next", "/"),
        ];
        visitor.post("/sign-in/code", &fields).await
    };
    let again = send(&visitor, proof, &used).await;
    assert_eq!(again.status, 422);
    again.says("This code was used");
    site.pass(Duration::from_secs(30));
    let fresh = code(&secret, &site);
    let stranger = site.visitor();
    for (visitor, proof) in [(&stranger, proof), (&visitor, ""), (&visitor, "1.x")] {
        let answer = send(visitor, proof, &fresh).await;
        assert_eq!(answer.status, 422);
        answer.says("Sign in again");
    }
    send(&visitor, proof, &fresh).await.goes_to("/");
    assert_eq!(visitor.get("/account").await.status, 200);

    site.pass(Duration::from_secs(5 * 60));
    let late = send(&stranger, proof, &code(&secret, &site)).await;
    assert_eq!(late.status, 422, "five minutes, and its visitor's");
    let removed = visitor
        .post(
            "/account/second-step/remove",
            &[("code", &code(&secret, &site))],
        )
        .await;
    removed.goes_to("/account?done=second-step-removed");
    sign_in(&stranger, "maria", PASSWORD)
        .await
        .goes_to("/keywords");
}

#[tokio::test]
async fn another_second_step_needs_a_code_of_the_old_one() {
    let site = Site::open().await;
    let id = site
        .account("maria", false, &[("bayside", Role::Admin)])
        .await;
    let maria = site.session(&id).await;
    let old = set_up(&site, &maria).await;
    site.pass(Duration::from_secs(60));
    let page = maria.get("/account/second-step").await;
    page.says("name=\"old-code\"");
    let (_, rest) = page.body.split_once("name=\"secret\" value=\"").unwrap();
    let secret = rest.split('"').next().unwrap().to_owned();
    let new_code = code(&secret, &site);
    for wrong in ["", "000000", &new_code] {
        let fields = [
            ("secret", secret.as_str()),
            ("code", &new_code),
            ("old-code", wrong),
        ];
        let answer = maria.post("/account/second-step", &fields).await;
        assert_eq!(answer.status, 422, "{wrong}");
        answer.says("id=\"old-code-problem\"");
    }
    let kept = site.store.staff_reader().unwrap().account("maria").unwrap();
    let kept = kept.unwrap().totp.unwrap();
    assert_eq!(SecondStep::of(&kept).base32(), old);
    let old_code = code(&old, &site);
    let fields = [
        ("secret", secret.as_str()),
        ("code", &new_code),
        ("old-code", &old_code),
    ];
    let set = maria.post("/account/second-step", &fields).await;
    set.goes_to("/account?done=second-step");
}

#[tokio::test]
async fn codes_are_not_guessed_one_after_another() {
    let site = Site::open().await;
    let id = site
        .account("maria", false, &[("bayside", Role::Admin)])
        .await;
    let secret = set_up(&site, &site.session(&id).await).await;
    site.pass(Duration::from_secs(60));
    let visitor = site.visitor();
    let half = sign_in(&visitor, "maria", PASSWORD).await;
    let (_, rest) = half.body.split_once("name=\"half\" value=\"").unwrap();
    let proof = rest.split('"').next().unwrap().to_owned();
    let mut last = 0;
    for _ in 0..6 {
        let fields = [
            ("name", "maria"),
            ("half", proof.as_str()),
            ("code", "000000"),
        ];
        last = visitor.post("/sign-in/code", &fields).await.status;
    }
    assert_eq!(last, 429);
    let right = code(&secret, &site);
    let fields = [
        ("name", "maria"),
        ("half", proof.as_str()),
        ("code", &right),
    ];
    assert_eq!(visitor.post("/sign-in/code", &fields).await.status, 429);
}

#[tokio::test]
async fn from_elsewhere_whoever_may_change_things_has_a_second_step() {
    let site = Site::reached_at(Some("https://desk.example.org")).await;
    let admin = site
        .signed_in("maria", false, &[("bayside", Role::Admin)])
        .await;
    admin.get("/").await.goes_to("/account/second-step");
    let closed = admin
        .post("/libraries/bayside/closed", &[("because", "Snow")])
        .await;
    assert_eq!(closed.status, 403);
    assert_eq!(admin.get("/account").await.status, 200);
    set_up(&site, &admin).await;
    assert_eq!(admin.get("/").await.status, 200);
    let staff = site
        .signed_in("jo", false, &[("bayside", Role::Staff)])
        .await;
    assert_eq!(
        staff.get("/").await.status,
        200,
        "who answers may go on with a password"
    );
    let cookie = sign_in(&site.visitor(), "jo", PASSWORD)
        .await
        .cookie
        .unwrap();
    assert!(
        cookie.starts_with("__Host-callslip=") && cookie.contains("; Secure"),
        "{cookie}"
    );
}
