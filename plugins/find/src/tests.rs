//! Answers that catalogues give and nobody can read, and lengths.

use callslip::test::{Phone, Recording};
use callslip::{Failure, Response};

use super::find;

const DUNE: &str = "GET https://catalog.example.org/sru?query=dc.title%20all%20%22dune%22";

fn phone(body: &str) -> Phone {
    let answer = Recording::Response(Response {
        status: 200,
        content_type: "text/xml".to_owned(),
        body: body.to_owned(),
    });
    Phone::new::<find>()
        .keyword("FIND")
        .settings("[sru]\naddress = \"https://catalog.example.org/sru?query={query}\"\n")
        .answers(DUNE, answer)
}

fn marc(title: &str, author: &str, copies: &str) -> String {
    format!(
        "<zs:searchRetrieveResponse xmlns:zs=\"http://www.loc.gov/zing/srw/\"><zs:records><zs:record>\
         <zs:recordData><record xmlns=\"http://www.loc.gov/MARC21/slim\">\
         <datafield tag=\"100\" ind1=\"1\" ind2=\" \"><subfield code=\"a\">{author}</subfield></datafield>\
         <datafield tag=\"245\"><subfield code=\"a\">{title}</subfield></datafield>{copies}\
         </record></zs:recordData></zs:record></zs:records></zs:searchRetrieveResponse>"
    )
}

#[test]
fn an_answer_that_is_none_ends_with_a_person() {
    for body in [
        "",
        "<html>",
        "<html></html>",
        "{\"a\": 1}",
        "<searchRetrieveResponse><recordData></searchRetrieveResponse>",
        "<searchRetrieveResponse><diagnostics><diagnostic/><diagnostic></diagnostic></diagnostics></searchRetrieveResponse>",
    ] {
        let mut phone = phone(body);
        phone.text("FIND dune");
        phone.expect("I cannot ask our catalog right now, sorry. A person will answer you here.");
        assert!(phone.handed_off().is_some(), "{body}");
    }
    let mut phone = phone("").answers(DUNE, Recording::Failed(Failure::TooLong));
    phone.now_answers(DUNE, Recording::Failed(Failure::TooLong));
    phone.text("FIND dune");
    assert!(phone.handed_off().is_some());
}

#[test]
fn entities_and_cdata_are_read() {
    let mut phone = phone(&marc(
        "War &amp; <![CDATA[Peace]]> &#233;",
        "Tolstoy, Leo,",
        "",
    ));
    phone.text("FIND dune");
    phone.expect("War & Peace é, Tolstoy, Leo.");
}

#[test]
fn whatever_the_title_it_is_one_segment() {
    let copy = "<datafield tag=\"952\"><subfield code=\"o\">FIC GAR</subfield></datafield>";
    for title in [
        "x".repeat(400),
        "Los años de aprendizaje ".repeat(20),
        "Братья Карамазовы ".repeat(20),
        "The [complete] {annotated} ".repeat(20),
    ] {
        let mut phone = phone(&marc(&title, "García Márquez, Gabriel", copy));
        phone.text("FIND dune");
        let told = phone.read().pop().unwrap();
        let other = told.chars().any(|letter| ('А'..='я').contains(&letter));
        let doubled = told
            .chars()
            .filter(|letter| "[]{}".contains(*letter))
            .count();
        let most = if other { 70 } else { 160 - doubled };
        assert!(told.chars().count() <= most, "{told}");
        assert!(told.contains("FIC GAR"), "{told}");
    }
}
