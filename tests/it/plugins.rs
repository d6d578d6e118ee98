//! A plugin from the console to the air: uploaded over the wire, installed, given to a keyword, with
//! a second version beside it on which nobody is put who began with the first.

use crate::harness::office::{Client, console, office, patron_texts};
use crate::harness::server::Server;
use crate::harness::workspace;

const FIRST: &str = "What name shall we put down";
const SECOND: &str = "Which name shall we note for";

/// The bundled sign-up; what its author would build as its next version.
fn versions() -> (Vec<u8>, Vec<u8>) {
    let path = workspace().join("target/plugins/signup.wasm");
    let first = std::fs::read(path).expect("build the plugins first: cargo xtask build");
    let mut second = first.clone();
    let put = |bytes: &mut Vec<u8>, from: &[u8], to: &[u8], is_meant: &dyn Fn(u8) -> bool| {
        assert!(to.len() <= from.len());
        let mut at = 0;
        while at + from.len() <= bytes.len() {
            if bytes[at..].starts_with(from) && is_meant(bytes[at - 1]) {
                bytes[at..at + to.len()].copy_from_slice(to);
            }
            at += 1;
        }
    };
    // Not the version of the world that it imports.
    put(&mut second, b"0.1.0", b"0.2.0", &|before| before != b'@');
    put(
        &mut second,
        FIRST.as_bytes(),
        &SECOND.as_bytes()[..FIRST.len()],
        &|_| true,
    );
    (first, second)
}

fn thread(server: &Server, from: &str) -> String {
    let url = format!("{}/phone/thread", server.phone.as_deref().expect("a phone"));
    let whose = serde_json::json!({ "from": from, "to": "66746" });
    let answer = ureq::post(&url)
        .header("Content-Type", "application/json")
        .send(whose.to_string());
    let mut answer = answer.expect("an answer");
    answer.body_mut().read_to_string().expect("a text")
}

#[test]
fn g5_c8_a_plugin_is_uploaded_given_to_a_keyword_and_followed_by_another_version() {
    let site = office("plugins");
    let server = site.start();
    let client = Client::new(&console(&server));
    client.first_run(&server);
    let (first, second) = versions();
    let own = "/libraries/bayside/plugins";
    // Over the size of a form: only for who may bring a file, and only as far as a component goes.
    assert!(first.len() > 64 * 1024);
    let nobody = Client::new(&console(&server));
    assert_eq!(nobody.upload(own, &first), 413);
    assert_eq!(client.upload("/account/password", &first), 413);
    assert_eq!(client.upload_of(own, 70 * 1024 * 1024), 413);

    assert_eq!(client.upload(own, &first), 303);
    client.post(&format!("{own}/signup/0.1.0/install"), &[]);
    let keyword = |flow: &'static str| {
        vec![
            ("flow", flow),
            ("word", "TEENS"),
            ("set-list", "storytime"),
            ("set-ask-name", "1"),
            ("grant-lists", "1"),
            ("grant-profile", "1"),
            ("profile-fields", "name"),
        ]
    };
    let form = client.get("/libraries/bayside/keywords?flow=bayside/signup");
    assert!(form.contains("value=\"bayside/signup\""), "{form}");
    client.post("/libraries/bayside/keywords", &keyword("bayside/signup"));
    patron_texts(&server, "+15557654401", "BAYSIDE TEENS");
    let asked = thread(&server, "+15557654401");
    assert!(asked.contains(FIRST), "{asked}");

    // The second one changes nothing by being there.
    assert_eq!(client.upload(own, &second), 303);
    client.post(&format!("{own}/signup/0.2.0/install"), &[]);
    patron_texts(&server, "+15557654402", "BAYSIDE TEENS");
    assert!(thread(&server, "+15557654402").contains(FIRST));

    // Changed to it: new conversations have it, one that waits goes on with what it began with.
    let path = "/libraries/bayside/keywords/teens";
    let page = client.get(path);
    assert!(page.contains("Change it to bayside/signup 0.2.0"), "{page}");
    let edit = client.get(&format!("{path}/edit?flow=bayside/signup%400.2.0"));
    let (_, rest) = edit
        .split_once("name=\"version\" value=\"")
        .expect("a form");
    let version = rest.split('"').next().expect("a version").to_owned();
    let mut fields = keyword("bayside/signup@0.2.0");
    fields.push(("version", &version));
    client.post(&format!("{path}/edit"), &fields);
    patron_texts(&server, "+15557654403", "BAYSIDE TEENS");
    let asked = thread(&server, "+15557654403");
    assert!(asked.contains(&SECOND[..FIRST.len()]), "{asked}");
    patron_texts(&server, "+15557654401", "Maria");
    let goes_on = thread(&server, "+15557654401");
    assert!(goes_on.contains("Shall we sign you up"), "{goes_on}");

    // What a keyword has is not withdrawn; what none has any more is, and its conversation ends
    // as it began, also over a start.
    assert_eq!(client.status(&format!("{own}/signup/0.2.0/withdraw")), 422);
    client.post(&format!("{own}/signup/0.1.0/withdraw"), &[]);
    drop(server);
    let server = site.start();
    patron_texts(&server, "+15557654401", "yes");
    let ends = thread(&server, "+15557654401");
    assert!(ends.contains("Thanks, Maria."), "{ends}");
    patron_texts(&server, "+15557654404", "BAYSIDE TEENS");
    assert!(thread(&server, "+15557654404").contains(&SECOND[..FIRST.len()]));
}
