//! Library systems that are down, slow or lie, and phones that try PINs.

use callslip::test::{Phone, Recording, days};
use callslip::{Failure, Response};

use super::renew;

const PATRON: &str = "GET https://koha.example.org/api/v1/patrons?cardnumber=23456789&_match=exact";
const LOANS: &str =
    "GET https://koha.example.org/api/v1/checkouts?patron_id=7&_per_page=50&_order_by=due_date";
const ITEMS: &str = "GET https://koha.example.org/api/v1/items?q=%7B%22me.item_id%22%3A%5B31%5D%7D";
const ACCOUNT: &str = "GET https://koha.example.org/api/v1/patrons/7/account";
const RENEWAL: &str = "POST https://koha.example.org/api/v1/checkouts/11/renewal";
const LOAN: &str = "GET https://koha.example.org/api/v1/checkouts/11";

fn pin(pin: &str) -> String {
    format!(
        "POST https://koha.example.org/api/v1/auth/password/validation {{\"identifier\":\"23456789\",\"password\":\"{pin}\"}}"
    )
}

fn json(status: u16, body: &str) -> Recording {
    Recording::Response(Response {
        status,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    })
}

fn koha() -> Phone {
    Phone::new::<renew>()
        .keyword("RENEW")
        .settings("pickup = \"MAIN\"\n[koha]\naddress = \"https://koha.example.org\"\n")
        .number("+15555550142")
        .answers(
            PATRON,
            json(
                200,
                r#"[{"patron_id":7,"cardnumber":"23456789","phone":"555-555-0190"}]"#,
            ),
        )
        .answers(
            &pin("1234"),
            json(
                201,
                r#"{"cardnumber":"23456789","patron_id":7,"userid":"m"}"#,
            ),
        )
        .answers(&pin("0000"), json(400, r#"{"error":"Validation failed"}"#))
        .answers(
            LOANS,
            json(
                200,
                r#"[{"checkout_id":11,"item_id":31,"due_date":"2031-05-09T23:59:00-04:00"}]"#,
            ),
        )
        .answers(
            ITEMS,
            json(200, r#"[{"item_id":31,"biblio":{"title":"Dune /"}}]"#),
        )
        .answers(ACCOUNT, json(200, r#"{"balance":0}"#))
}

fn logged_in() -> Phone {
    let mut phone = koha();
    phone.text("RENEW");
    phone.text("23456789");
    phone.text("1234");
    phone.read();
    phone
}

#[test]
fn g3_an_unknown_card_and_a_wrong_pin_read_the_same() {
    let mut known = koha();
    let mut unknown = koha();
    unknown.now_answers(PATRON, json(200, "[]"));
    for phone in [&mut known, &mut unknown] {
        phone.text("RENEW");
        phone.text("23456789");
        phone.text("0000");
    }
    assert_eq!(known.read(), unknown.read());
}

#[test]
fn g3_the_sixth_try_is_not_made_and_a_person_helps() {
    let mut phone = koha();
    for _ in 0..5 {
        phone.text("RENEW");
        phone.text("23456789");
        phone.text("0000");
        phone.read();
        phone.later(days(2));
    }
    phone.text("RENEW");
    phone.text("23456789");
    phone.read();
    phone.text("1234");
    phone.expect("That was tried too often today. A person will help you here.");
    assert!(phone.handed_off().is_some());
    assert!(!phone.asked().iter().any(|asked| asked.contains("1234")));
}

#[test]
fn g3_the_number_on_file_needs_no_pin_and_g2_a_code_before_anything_changes() {
    let mut phone = koha().number("+1 555 555 0190");
    phone.now_answers(
        RENEWAL,
        json(
            201,
            r#"{"checkout_id":11,"due_date":"2031-05-30T23:59:00-04:00"}"#,
        ),
    );
    phone.text("RENEW");
    phone.text("23456789");
    phone.read();
    phone.text("1");
    phone.expect_part("Renew Dune?\nTo confirm, reply with the number ");
    assert!(!phone.asked().iter().any(|asked| asked.starts_with("POST")));
    phone.text("134");
    phone.expect_part("Dune is renewed, due on Friday, May 30.");
}

#[test]
fn unclear_looks_before_it_asks_again() {
    let mut phone = logged_in();
    phone.now_answers(RENEWAL, Recording::Failed(Failure::Unclear));
    phone.now_answers(
        LOAN,
        json(
            200,
            r#"{"checkout_id":11,"due_date":"2031-05-30T23:59:00-04:00"}"#,
        ),
    );
    phone.text("1");
    phone.expect_part("Dune is renewed, due");
    let renewals = phone.asked().iter().filter(|asked| *asked == RENEWAL);
    assert_eq!(renewals.count(), 1);

    // Not renewed: it is asked again, and unclear again ends with a person.
    let mut phone = logged_in();
    phone.now_answers(RENEWAL, Recording::Failed(Failure::Unclear));
    phone.now_answers(
        LOAN,
        json(
            200,
            r#"{"checkout_id":11,"due_date":"2031-05-09T23:59:00-04:00"}"#,
        ),
    );
    phone.text("1");
    phone.expect_part("I cannot ask the library's system right now");
    let renewals = phone.asked().iter().filter(|asked| *asked == RENEWAL);
    assert_eq!(renewals.count(), 2);
}

#[test]
fn a_system_that_is_down_or_lies_ends_with_a_person() {
    for lie in [
        Recording::Failed(Failure::Unreachable("down".to_owned())),
        Recording::Failed(Failure::TooLong),
        json(500, "{}"),
        json(401, r#"{"error":"Authentication failure."}"#),
        json(200, "<html>Maintenance</html>"),
        json(200, r#"{"loans":[]}"#),
        json(200, r#"[{"item_id":31}]"#),
    ] {
        let mut phone = koha();
        phone.now_answers(LOANS, lie.clone());
        phone.text("RENEW");
        phone.text("23456789");
        phone.text("1234");
        assert!(phone.handed_off().is_some(), "{lie:?}");
        let told = phone.read().pop().unwrap();
        assert_eq!(
            told,
            "I cannot ask the library's system right now, sorry. A person will answer you here."
        );
    }
}

#[test]
fn another_patron_s_answer_opens_nothing() {
    let mut phone = koha().number("+1 555 555 0190");
    phone.now_answers(
        PATRON,
        json(
            200,
            r#"[{"patron_id":8,"cardnumber":"999","phone":"555-555-0190"}]"#,
        ),
    );
    phone.text("RENEW");
    phone.text("23456789");
    assert!(phone.handed_off().is_some());
}

#[test]
fn the_pin_is_asked_for_in_secret() {
    let mut phone = koha();
    phone.text("RENEW");
    assert!(phone.question().unwrap().secret);
    phone.text("23456789");
    assert!(phone.question().unwrap().secret);
}

#[test]
fn several_cards_have_nicknames() {
    let mut phone = logged_in();
    let mia = "GET https://koha.example.org/api/v1/patrons?cardnumber=88889999&_match=exact";
    phone.now_answers(
        mia,
        json(
            200,
            r#"[{"patron_id":9,"cardnumber":"88889999","phone":"+15555550142"}]"#,
        ),
    );
    phone.now_answers(&LOANS.replace("=7", "=9"), json(200, "[]"));
    phone.now_answers(
        &ACCOUNT.replace("/7/", "/9/"),
        json(200, r#"{"balance":2.5}"#),
    );
    phone.text("card");
    phone.text("88889999");
    phone.expect_part("What is the number");
    phone.expect("What shall I call this card, such as MIA? One word.");
    phone.text("Mia");
    phone.expect(
        "You have nothing out.\nYou owe $2.50.\nReply HOLDS, CARD for another card, or DONE.",
    );
    phone.text("done");
    phone.read();
    phone.text("RENEW mia");
    phone.expect_part("You owe $2.50.");
    phone.text("done");
    phone.read();
    phone.text("RENEW");
    phone.expect("Whose card?\n1 my card\n2 Mia");
    phone.text("my card");
    phone.expect_part("1 Dune, due on Friday, May 9");
    phone.text("drop");
    phone.expect("This phone no longer knows that card (my card).");
}
