//! How the console looks, and to whom: each page at a phone's width and at a desk's, light and
//! dark, is written to `target/screenshots/`, fits its window, and is looked over by axe-core.
//!
//! axe-core is a tool of this test alone, fetched with npm at its first run: its licence (MPL) is
//! for a program that carries it. Where it cannot be had the test fails, unless it is told by
//! `CALLSLIP_WITHOUT_AXE=1` to leave it out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::harness::browser::{Browser, Screen};
use crate::harness::office::{console, fill, first_run, heading, office, patron_texts, press};
use crate::harness::server::Server;

const AXE: &str = "axe-core@4.14.1";

const WIDTHS: [(&str, u32, u32); 2] = [("hand", 390, 844), ("desktop", 1280, 800)];

fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors()
        .nth(3)
        .expect("in target/release/deps")
        .to_owned()
}

/// What axe-core's one file holds; None: it was asked to be left out.
fn axe() -> Option<String> {
    if std::env::var_os("CALLSLIP_WITHOUT_AXE").is_some() {
        return None;
    }
    let folder = target().join("npm");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.exists() {
        std::fs::create_dir_all(&folder).expect("a folder for npm");
        let installed = Command::new("npm")
            .args([
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefix",
            ])
            .arg(&folder)
            .arg(AXE)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(
            installed.is_ok_and(|status| status.success()),
            "axe-core cannot be fetched with npm, and no page would be looked over by it: set \
             CALLSLIP_WITHOUT_AXE=1 to leave it out"
        );
    }
    Some(std::fs::read_to_string(file).expect("axe-core is readable"))
}

/// A page, in each width and theme.
struct Looks {
    browser: Browser,
    axe: Option<String>,
    found: Vec<String>,
}

impl Looks {
    fn at(&mut self, name: &str) {
        for (width_name, width, height) in WIDTHS {
            for scheme in ["light", "dark"] {
                self.browser.show_on(Screen {
                    width,
                    height,
                    scheme,
                });
                let picture = format!("console-{name}-{width_name}-{scheme}.png");
                let folder = target().join("screenshots");
                self.browser.screenshot(&folder.join(&picture));
                self.fits(&picture);
                self.looked_over(&picture);
            }
        }
    }

    /// Nothing is wider than the window.
    fn fits(&mut self, name: &str) {
        let wide = self.browser.run(
            "return document.documentElement.scrollWidth - innerWidth",
            &[],
        );
        if wide.as_i64().expect("a number") > 0 {
            self.found
                .push(format!("{name}: wider than the window by {wide}"));
        }
    }

    fn looked_over(&mut self, name: &str) {
        let Some(axe) = &self.axe else {
            return;
        };
        if self.browser.run("return typeof window.axe", &[]) == "undefined" {
            self.browser.run(axe, &[]);
        }
        let found = self.browser.later(
            "const done = arguments[0];
             axe.run(document, { resultTypes: ['violations'] }).then(
                 (result) => done(result.violations.map((found) =>
                     `${found.id}: ${found.help}: ${found.nodes.map((node) => node.html).join(' ')}`)),
                 (error) => done([String(error)]));",
        );
        let found = found
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str);
        self.found
            .extend(found.map(|what| format!("{name}: {what}")));
    }
}

/// A keyword that is made, wrong, changed over a newer version, and removed.
fn keyword_pages(looks: &mut Looks, base: &str) {
    let new = format!("{base}/libraries/bayside/keywords");
    looks.browser.open(&format!("{new}?word=HOURS"));
    fill(&looks.browser, "set-text-en", "Behind the library.");
    press(&looks.browser, "Put it on the air");
    looks
        .browser
        .arrive("document.getElementById('word-problem')");
    looks.at("keyword-wrong");
    looks.browser.open(&format!("{new}?word=PARKING"));
    fill(&looks.browser, "set-text-en", "Behind the library.");
    press(&looks.browser, "Put it on the air");
    heading(&looks.browser, "PARKING");
    looks.browser.open(&format!("{new}/parking/edit"));
    fill(&looks.browser, "set-text-en", "In front.");
    press(&looks.browser, "Save it");
    heading(&looks.browser, "PARKING");
    looks.at("keyword-history");
    looks.browser.open(&format!("{new}/parking/edit"));
    looks
        .browser
        .run("document.querySelector('[name=version]').value = 1", &[]);
    press(&looks.browser, "Save it");
    looks
        .browser
        .arrive("document.getElementById('newer-title')");
    looks.at("keyword-newer");
    press(&looks.browser, "Remove the keyword");
    heading(&looks.browser, "Keywords");
    looks.browser.run(
        "for (const more of document.querySelectorAll('details')) more.open = true",
        &[],
    );
    looks.at("keywords-removed");
}

/// The patron says yes to another library, which then has the question.
fn another_library(looks: &mut Looks, server: &Server) {
    press(&looks.browser, "Send");
    looks
        .browser
        .wait("document.querySelector('#talk .ours:last-child')?.textContent.includes('Sent')");
    patron_texts(server, "+15557654321", "yes ask Maple please");
    looks
        .browser
        .wait("document.getElementById('talk').textContent.includes('yes ask Maple')");
    looks.browser.run(
        "for (const more of document.querySelectorAll('#talk details')) more.open = true",
        &[],
    );
    looks.at("ticket-yes");
    press(&looks.browser, "They may answer");
    looks
        .browser
        .arrive("document.querySelector('.notice')?.textContent.includes('answers this one')");
    looks.at("ticket-guest");
    press(&looks.browser, "Take it back");
    looks
        .browser
        .arrive("document.readyState === 'complete' && document.getElementById('claim')");
    press(&looks.browser, "Claim it");
    looks.browser.arrive("document.getElementById('body')");
}

/// A new colleague's link, and the page that it leads to.
fn link_page(looks: &mut Looks, base: &str) {
    looks
        .browser
        .open(&format!("{base}/libraries/bayside/staff"));
    heading(&looks.browser, "Add a person");
    fill(&looks.browser, "shown", "Jo Lee");
    fill(&looks.browser, "name", "jo");
    looks.browser.run(
        "document.querySelector('input[name=role][value=staff]').click()",
        &[],
    );
    press(&looks.browser, "Add");
    looks
        .browser
        .arrive("document.querySelector('.paste code')");
    looks.at("staff-link");
    let link = looks.browser.run(
        "return document.querySelector('.paste code').textContent",
        &[],
    );
    looks.browser.open(link.as_str().expect("a link"));
    heading(&looks.browser, "A password for");
    looks.at("link");
    looks.browser.open(&format!("{base}/link/nothing"));
    heading(&looks.browser, "This link does not work any more");
    looks.at("link-over");
}

#[test]
fn each_page_fits_and_axe_finds_nothing() {
    let site = office("console-looks");
    let server = site.start();
    let base = console(&server);
    let browser = Browser::start("console-looks");
    let first = server.first.clone().expect("no account yet");
    let mut looks = Looks {
        browser,
        axe: axe(),
        found: Vec::new(),
    };
    looks.browser.open(&first);
    looks.at("first");
    first_run(&looks.browser, &server);
    looks.at("guide");
    looks.browser.open(&base);
    heading(&looks.browser, "Today");
    looks.at("today");
    for (number, words) in [
        ("+15557654321", "BAYSIDE do you lend ukuleles?"),
        ("+15557654322", "MAPLE ¿abren mañana?"),
        (
            "+15557654323",
            "BAYSIDE I cannot renew my card online, it says \"unknown reader\" each time I try",
        ),
        ("+15557654324", "BAYSIDE \u{202e}esrever ni <b>si</b> siht"),
        ("+15557654325", "BAYSIDE WIFI"),
    ] {
        patron_texts(&server, number, words);
    }
    looks.browser.open(&format!("{base}/queue"));
    looks
        .browser
        .wait("document.querySelectorAll('ol.queue a').length === 4");
    looks.at("queue");
    looks
        .browser
        .run("document.querySelector('ol.queue a').click()", &[]);
    looks
        .browser
        .arrive("document.readyState === 'complete' && document.getElementById('claim')");
    looks.at("ticket-open");
    press(&looks.browser, "Claim it");
    looks.browser.arrive("document.getElementById('body')");
    fill(&looks.browser, "note", "Asked the music desk.");
    press(&looks.browser, "Keep the note");
    looks
        .browser
        .arrive("document.querySelector('#talk .note')");
    fill(
        &looks.browser,
        "body",
        "Yes, four of them. Bring your card \u{2013} and a case.",
    );
    looks
        .browser
        .wait("document.getElementById('cost').textContent.includes('UCS-2')");
    looks.browser.run(
        "for (const more of document.querySelectorAll('aside details')) more.open = true",
        &[],
    );
    looks.at("ticket-claimed");
    another_library(&mut looks, &server);
    for (name, path, title) in [
        ("keywords", "/keywords", "Keywords"),
        ("keyword", "/libraries/bayside/keywords/story", "STORY"),
        (
            "keyword-new",
            "/libraries/bayside/keywords",
            "Make a keyword",
        ),
        (
            "keyword-signup",
            "/libraries/bayside/keywords?flow=signup",
            "Make a keyword",
        ),
        (
            "poster",
            "/libraries/bayside/keywords/story/poster",
            "Posters for STORY",
        ),
        (
            "counter",
            "/libraries/bayside/keywords/story/counter",
            "Bayside Public Library",
        ),
        (
            "results",
            "/libraries/bayside/keywords/story/results",
            "Results of STORY",
        ),
        (
            "sources",
            "/libraries/bayside/sources",
            "Where texts come from",
        ),
        ("reports", "/reports?library=bayside", "Reports"),
        ("unmatched", "/unmatched", "Unmatched"),
        ("numbers", "/numbers", "Numbers"),
        ("plugins", "/plugins", "Plugins"),
        ("privacy", "/leaves", "What leaves the house"),
        (
            "keyword-of-a-file",
            "/libraries/bayside/keywords/wifi/edit",
            "Change a keyword",
        ),
        (
            "registration",
            "/numbers/66746/registration",
            "Registration",
        ),
        ("lists", "/lists", "Lists"),
        (
            "list",
            "/libraries/bayside/lists/storytime",
            "People for Story time",
        ),
        ("broadcasts", "/broadcasts", "Broadcasts"),
        (
            "broadcast-new",
            "/libraries/bayside/broadcasts",
            "Write a broadcast",
        ),
        ("messages", "/messages", "Why was no text sent?"),
        ("message", "/messages/32", "Message 32"),
        ("topics", "/libraries/bayside/topics", "Who knows what"),
        ("reminders", "/reminders", "Reminders"),
        ("answers", "/answers", "Answers"),
        ("answer-new", "/libraries/bayside/answers", "Save an answer"),
        ("search", "/search", "Search"),
        ("staff", "/staff", "Staff"),
        ("staff-new", "/libraries/bayside/staff", "Add a person"),
        ("log", "/audit", "Log"),
        ("account", "/account", "Maria Lopez"),
        (
            "second-step",
            "/account/second-step",
            "Set up a second step",
        ),
        ("nothing", "/nothing", "There is nothing here"),
    ] {
        looks.browser.open(&format!("{base}{path}"));
        heading(&looks.browser, title);
        looks.at(name);
    }
    looks
        .browser
        .open(&format!("{base}/libraries/bayside/keywords"));
    heading(&looks.browser, "Make a keyword");
    fill(&looks.browser, "word", "PARKING");
    fill(&looks.browser, "set-text-en", "Park behind the library.");
    fill(&looks.browser, "patron", "BAYSIDE PARKING");
    press(&looks.browser, "Text it");
    looks.browser.arrive("document.querySelector('#try .talk')");
    looks.at("keyword-tried");
    looks
        .browser
        .open(&format!("{base}/libraries/bayside/broadcasts"));
    fill(&looks.browser, "text-en", "Ten dragons \u{2013} on Friday.");
    press(&looks.browser, "Look at it");
    heading(&looks.browser, "A broadcast to Story time");
    looks.at("broadcast");
    looks.browser.open(&format!("{base}/unmatched"));
    press(&looks.browser, "BAYSIDE do you lend");
    looks.browser.arrive("document.getElementById('words')");
    looks.at("unmatched-group");
    looks.browser.open(&format!("{base}/search"));
    fill(&looks.browser, "words", "ukuleles");
    press(&looks.browser, "Search");
    looks
        .browser
        .arrive("document.querySelector('ol[aria-label=Found] li')");
    looks.at("search-results");
    keyword_pages(&mut looks, &base);
    looks.browser.open(&format!("{base}/queue?show=mine"));
    looks.browser.wait("document.querySelector('ol.queue a')");
    looks
        .browser
        .run("document.querySelector('ol.queue a').click()", &[]);
    looks.browser.arrive("document.getElementById('reason')");
    looks.browser.run(
        "document.getElementById('reason').closest('form').requestSubmit()",
        &[],
    );
    looks
        .browser
        .arrive("[...document.querySelectorAll('button')].some((one) => one.textContent.includes('Reopen'))");
    looks.at("ticket-closed");
    link_page(&mut looks, &base);
    looks
        .browser
        .open(&format!("{}/privacy/bayside", server.web));
    heading(&looks.browser, "Texts and privacy");
    looks.at("privacy-public");
    looks.browser.open(&base);
    heading(&looks.browser, "Today");
    looks.browser.run(
        "for (const more of document.querySelectorAll('details')) more.open = true",
        &[],
    );
    looks.at("today-open");
    looks
        .browser
        .run("document.getElementById('keys').showModal()", &[]);
    looks.at("keys");
    looks.browser.open(&format!("{base}/account"));
    press(&looks.browser, "Sign out");
    heading(&looks.browser, "Sign in");
    press(&looks.browser, "Sign in");
    looks.browser.arrive("document.querySelector('.problems')");
    looks.at("sign-in");
    let said = looks.browser.console();
    let severe: Vec<_> = said
        .iter()
        .filter(|(level, source, _)| level != "INFO" && source != "network")
        .collect();
    assert!(severe.is_empty(), "{severe:?}");
    assert!(looks.found.is_empty(), "{}", looks.found.join("\n"));
    assert!(Path::new(&target().join("screenshots")).is_dir());
}
