//! SIGHUP takes a changed configuration without dropping a text; a bad one leaves the old running
//! and says why.

use std::time::{Duration, Instant};

use crate::harness::server::{Server, Site};

/// Waits for the thing itself, not for time to pass.
fn until(site: &Site, words: &str) {
    let begun = Instant::now();
    while !site.log().contains(words) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "no \"{words}\" in the log:\n{}",
            site.log()
        );
        std::thread::yield_now();
    }
}

fn said(server: &Server, id: &str, body: &str) -> String {
    server
        .text("+12125550142", id, body)
        .expect("an answer")
        .messages()
        .join("\n")
}

#[test]
fn a_changed_file_is_taken_and_a_bad_one_is_not() {
    let site = Site::new("reload");
    let server = site.start();
    assert!(said(&server, "SM1", "WIFI").contains("BaysideGuest"));

    let library = site.read("libraries/bayside.toml");
    site.write(
        "libraries/bayside.toml",
        &library.replace("BaysideGuest", "HarborGuest"),
    );
    server.signal("-HUP");
    until(&site, "the changed configuration is in force");
    assert!(said(&server, "SM2", "WIFI").contains("HarborGuest"));

    let machine = site.read("callslip.toml");
    site.write(
        "callslip.toml",
        &machine.replace("public-url", "public-irl"),
    );
    server.signal("-HUP");
    until(&site, "the old one goes on");
    assert!(
        site.log().contains("callslip.toml:1"),
        "it says where: {}",
        site.log()
    );
    assert!(said(&server, "SM3", "WIFI").contains("HarborGuest"));
}

#[test]
fn c5_an_error_in_a_librarys_file_keeps_its_last_good_configuration() {
    let site = Site::new("reload-library");
    let server = site.start();
    let library = site.read("libraries/bayside.toml");
    site.write(
        "libraries/bayside.toml",
        &library.replace(
            "time-zone = \"America/New_York\"",
            "time-zone = \"Nowhere\"",
        ),
    );
    server.signal("-HUP");
    until(&site, "the changed configuration is in force");
    assert!(said(&server, "SM1", "WIFI").contains("BaysideGuest"));
    let ready = ureq::get(format!("{}/readyz", server.web))
        .call()
        .expect("ready")
        .body_mut()
        .read_to_string();
    assert!(
        ready.expect("text").contains("bayside.toml"),
        "/readyz names the file"
    );
}

#[test]
fn no_text_is_dropped_by_reloads_under_load() {
    let site = Site::new("reload-load");
    let server = site.start();
    std::thread::scope(|scope| {
        let texting = scope.spawn(|| {
            for index in 0..100 {
                let from = format!("+1212555{index:04}");
                let answer = server
                    .text(&from, &format!("SM{index}"), "WIFI")
                    .expect("an answer");
                assert_eq!(answer.messages().len(), 1, "text {index}: {}", answer.body);
            }
        });
        while !texting.is_finished() {
            server.signal("-HUP");
            std::thread::sleep(Duration::from_millis(20)); // Reloads as often as an impatient person.
        }
        texting.join().expect("no panic");
    });
}
