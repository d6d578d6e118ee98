//! What can be a number of ours: which forms, which gateways, and what is said of others.

use super::*;

const UK: &str = r#"
[[number]]
number = "BAYSIDE LIB"
replies = false
gateway = "main"
brand = "Bayside Public Library"
jurisdiction = "uk"
help-contact = "texts.example.org/help"
"#;

fn machine(more: &str) -> String {
    format!("{MACHINE}{more}")
}

fn at_letters_too() -> String {
    edit(
        BAYSIDE,
        "\"+15555550100\"]",
        "\"+15555550100\", \"BAYSIDE LIB\"]",
    )
}

fn said(machine: &str, bayside: &str) -> Vec<String> {
    lines(&read_texts(machine, bayside, MAPLE, None))
}

#[test]
fn a_sender_in_letters_only_sends() {
    let reading = read_texts(&machine(UK), &at_letters_too(), MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let letters = reading.directory.number("BAYSIDE LIB").unwrap();
    assert!(!letters.takes_replies());
    assert!(reading.directory.number("66746").unwrap().takes_replies());
    let entries = reading.machine.unwrap().numbers;
    let texted = entries.iter().map(|entry| entry.takes_replies());
    assert_eq!(texted.collect::<Vec<_>>(), [true, true, false]);
}

#[test]
fn what_patrons_text_to_is_no_letters() {
    let first = edit(BAYSIDE, "[\"66746\"", "[\"BAYSIDE LIB\", \"66746\"");
    let reading = read_texts(&machine(UK), &first, MAPLE, None);
    let bayside = reading.directory.library(&"bayside".into()).unwrap();
    assert_eq!(bayside.numbers[0], "BAYSIDE LIB");
    assert_eq!(bayside.number(), Some("66746"));
}

/// Nothing comes in there that somebody would have to own, or that a word would have to tell.
#[test]
fn libraries_share_letters_without_a_front_desk_and_join_words() {
    let bayside = edit(&at_letters_too(), "\"66746\", ", "");
    let bayside = edit(&bayside, "join = \"BAYSIDE\"\n", "");
    let maple = edit(MAPLE, "[\"66746\"]", "[\"66746\", \"BAYSIDE LIB\"]");
    let maple = edit(&maple, "join = \"MAPLE\"\n", "");
    let machine = edit(&machine(UK), "front-desk = \"bayside\"\n", "");
    let reading = read_texts(&machine, &bayside, &maple, None);
    assert_eq!(lines(&reading), [""; 0]);
}

#[test]
fn wrong_senders_are_told_what_they_are() {
    for (from, to, expected) in [
        (
            "replies = false\n",
            "",
            "callslip.toml:34: no patron can reply to letters, nor text a keyword to \"BAYSIDE LIB\". \
             Add replies = false if it only sends what nobody has just asked for; what patrons text \
             to is a number or a short code.",
        ),
        (
            "\"uk\"",
            "\"us\"",
            "callslip.toml:34: \"BAYSIDE LIB\" is not a number that texts could come to. Write it with \
             + and country code, such as \"+12125550123\", or a short code such as \"66746\".",
        ),
        (
            "\"BAYSIDE LIB\"",
            "\"Bayside Library\"",
            "callslip.toml:34: \"Bayside Library\" is not a number that texts could come to. A \
             sender in letters has eleven of them at most: a to z, digits and spaces.",
        ),
        (
            "\"BAYSIDE LIB\"",
            "\"éire\"",
            "callslip.toml:34: \"éire\" is not a number that texts could come to. A sender in \
             letters has eleven of them at most: a to z, digits and spaces.",
        ),
        (
            "\"BAYSIDE LIB\"",
            "\"+447700900123\"",
            "callslip.toml:34: patrons can reply to +447700900123. Take replies = false away; it is \
             for a sender in letters.",
        ),
    ] {
        let problems = said(&machine(&edit(UK, from, to)), BAYSIDE);
        assert_eq!(problems.first().map(String::as_str), Some(expected));
    }
}

#[test]
fn at_telnyx_letters_need_a_messaging_profile() {
    let text = edit(MACHINE, "[[number]]\nnumber = \"66746\"\n", SPARE);
    let uk = edit(UK, "gateway = \"main\"", "gateway = \"spare\"");
    let text = format!("{text}{uk}");
    assert_eq!(
        said(&text, &at_letters_too()),
        [
            "callslip.toml:45: Telnyx sends from letters only for a messaging profile. Add \
             messaging-profile to the gateway \"spare\"."
        ]
    );
    let profile = "name = \"spare\"\nmessaging-profile = \"40017a00-1b2c-4d3e-8f90-e639f9d2c7c8\"";
    let text = edit(&text, "name = \"spare\"", profile);
    assert_eq!(said(&text, &at_letters_too()), [""; 0]);
}

#[test]
fn one_librarys_numbers_may_be_at_several_gateways() {
    let text = edit(MACHINE, "[[number]]\nnumber = \"66746\"\n", SPARE);
    let own = "number = \"+15555550100\"\ngateway = ";
    let text = edit(&text, &format!("{own}\"main\""), &format!("{own}\"spare\""));
    let reading = read_texts(&text, BAYSIDE, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let bayside = reading.directory.library(&"bayside".into()).unwrap();
    let gateways = bayside.numbers.iter().map(|number| {
        let number = reading.directory.number(number).unwrap();
        number.gateway.as_str()
    });
    assert_eq!(gateways.collect::<Vec<_>>(), ["main", "spare"]);
}

#[test]
fn a_library_of_letters_alone_is_off() {
    let alone = edit(
        BAYSIDE,
        "[\"66746\", \"+15555550100\"]",
        "[\"BAYSIDE LIB\"]",
    );
    let text = edit(&machine(UK), "front-desk = \"bayside\"\n", "");
    let (before, own) = text
        .split_once("[[number]]\nnumber = \"+15555550100\"")
        .unwrap();
    let (_, after) = own.split_once("[[number]]").unwrap();
    let text = format!("{before}[[number]]{after}");
    assert_eq!(
        said(&text, &alone),
        [
            "libraries/bayside.toml:4: no patron can text this library: \"BAYSIDE LIB\" takes no \
             replies. Add one of the machine's numbers or short codes to \"numbers\"."
        ]
    );
}

const SPARE: &str = r#"[[gateway]]
name = "spare"
kind = "telnyx"
api-key = { env = "TELNYX_API_KEY" }
public-key = "7Sg5aK8iC9l++iWe0y2QnIdFEwJBXesZ6nnKZx5F1/8="

[[gateway]]
name = "toy"
kind = "simulator"

[[number]]
number = "66746"
fallback = "spare"
"#;

#[test]
fn a_number_falls_back_on_another_gateway() {
    let text = edit(MACHINE, "[[number]]\nnumber = \"66746\"\n", SPARE);
    let reading = read_texts(&text, BAYSIDE, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let number = reading.directory.number("66746").unwrap();
    assert_eq!(number.fallback.as_deref(), Some("spare"));
    let own = reading.directory.number("+15555550100").unwrap();
    assert_eq!(own.fallback, None);

    for (fallback, expected) in [
        (
            "spar",
            "callslip.toml:30: there is no gateway \"spar\". Did you mean \"spare\"?",
        ),
        (
            "main",
            "callslip.toml:30: a number cannot fall back on its own gateway. Name another one, or \
             take \"fallback\" away.",
        ),
        (
            "toy",
            "callslip.toml:30: \"toy\" is a simulator: what fell back on it would reach nobody. \
             Name a gateway that carries texts, or take \"fallback\" away.",
        ),
    ] {
        let wrong = edit(
            &text,
            "fallback = \"spare\"",
            &format!("fallback = {fallback:?}"),
        );
        assert_eq!(said(&wrong, BAYSIDE), [expected]);
    }
}
