//! Budgets, countries, tenure and quiet hours, as an admin writes them.

use super::*;
use crate::budget::Rules;
use crate::country::Country;
use crate::directory::Library;
use crate::flow::Span;
use crate::quiet;

fn bayside(to: &str) -> Library {
    let text = edit(BAYSIDE, "[hours]\n", &format!("{to}\n[hours]\n"));
    let reading = read_texts(MACHINE, &text, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0], "{to}");
    Library::clone(&reading.directory.libraries[&"bayside".into()])
}

/// What is said of `to` in the library's file, in place of nothing.
fn wrong(to: &str) -> Vec<String> {
    let text = edit(BAYSIDE, "[hours]\n", &format!("{to}\n[hours]\n"));
    lines(&read_texts(MACHINE, &text, MAPLE, None))
}

#[test]
fn g4_the_budgets_have_defaults_and_can_be_set() {
    let reading = read_texts(MACHINE, BAYSIDE, MAPLE, None);
    let rules = Rules {
        answers_an_hour: 30,
        answers_a_day: 100,
        segments_a_turn: 6,
        tenure_days: 90,
    };
    assert_eq!(reading.directory.rules, rules);
    let text = edit(
        MACHINE,
        "[server]",
        "tenure-days = 180\n[budget]\nanswers-an-hour = 60\nsegments-a-turn = 4\n[server]",
    );
    let reading = read_texts(&text, BAYSIDE, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let set = Rules {
        answers_an_hour: 60,
        segments_a_turn: 4,
        tenure_days: 180,
        ..rules
    };
    assert_eq!(reading.directory.rules, set);
    // A question may wait a month.
    let text = edit(MACHINE, "[server]", "tenure-days = 7\n[server]");
    assert_eq!(
        lines(&read_texts(&text, BAYSIDE, MAPLE, None)),
        ["callslip.toml:3: \"tenure-days\" is 7. Write a number from 31 to 3650."]
    );
}

#[test]
fn g4_a_month_is_limited_in_segments_or_in_money() {
    let limit = |to: &str| bayside(to).budget.monthly_segments;
    assert_eq!(bayside("").budget.monthly_segments, None);
    assert_eq!(limit("[budget]\nmonthly-segments = 20000"), Some(20_000));
    let money = "[budget]\nmonthly-money = 150\nsegment-price = 0.0083";
    assert_eq!(limit(money), Some(18_072));
    let both = "[budget]\nmonthly-segments = 900\nmonthly-money = 7.50\nsegment-price = 0.01";
    assert_eq!(limit(both), Some(750));

    for (to, said) in [
        (
            "[budget]\nmonthly-money = 150",
            "libraries/bayside.toml:8: \"monthly-money\" does not tell how many texts it pays for. \
             Add what one segment costs, such as segment-price = 0.0083.",
        ),
        (
            "[budget]\nsegment-price = 0.01",
            "libraries/bayside.toml:8: \"segment-price\" alone limits nothing. Add a sum for the \
             month, such as monthly-money = 150.",
        ),
        (
            "[budget]\nmonthly-money = 1\nsegment-price = 2",
            "libraries/bayside.toml:8: \"monthly-money\" does not pay for one segment. Write a \
             larger sum, or correct the price.",
        ),
        (
            "[budget]\nmonthly-money = -3.5\nsegment-price = 0.01",
            "libraries/bayside.toml:8: \"monthly-money\" cannot be -3.5. Write a sum in plain \
             figures, such as 150 or 0.0083.",
        ),
        (
            "[budget]\nmonthly-money = \"150\"\nsegment-price = 0.01",
            "libraries/bayside.toml:8: \"monthly-money\" is text, but must be a number. Write it \
             without quotes.",
        ),
        (
            "[budget]\nmonthly-segment = 5",
            "libraries/bayside.toml:8: unknown field \"monthly-segment\" in [budget]. Did you mean \
             \"monthly-segments\"?",
        ),
    ] {
        assert_eq!(wrong(to)[0], said, "{to}");
    }
}

#[test]
fn g4_a_number_names_the_countries_that_it_answers() {
    let answers = |to: &str| {
        let text = edit(MACHINE, "front-desk", &format!("{to}\nfront-desk"));
        let reading = read_texts(&text, BAYSIDE, MAPLE, None);
        let number = reading.directory.number("66746").unwrap();
        (lines(&reading), number.answers_in.clone())
    };
    let own = vec![Country::US];
    assert_eq!(answers(""), (Vec::new(), own.clone()));
    let mexico = Country::from_iso("mx").unwrap();
    let named = vec![Country::US, Country::CA, mexico];
    assert_eq!(answers("reply-to = [\"ca\", \"mx\"]"), (Vec::new(), named));
    for (to, said) in [
        (
            "reply-to = [\"uk\"]",
            "callslip.toml:24: there is no country \"uk\". Write \"gb\".",
        ),
        (
            "reply-to = [\"Canada\"]",
            "callslip.toml:24: there is no country \"Canada\". Write two letters, such as \"ca\" or \
             \"mx\".",
        ),
        (
            "reply-to = [\"us\"]",
            "callslip.toml:24: \"us\" is answered already. Take it away.",
        ),
    ] {
        assert_eq!(answers(to), (vec![said.to_owned()], own.clone()), "{to}");
    }
}

#[test]
fn g4_a_keyword_may_have_longer_answers() {
    let text = edit(
        BAYSIDE,
        "word = \"WIFI\"",
        "word = \"WIFI\"\nsegments-max = 12",
    );
    let reading = read_texts(MACHINE, &text, MAPLE, None);
    assert_eq!(lines(&reading), [""; 0]);
    let library = &reading.directory.libraries[&"bayside".into()];
    let max: Vec<_> = library
        .keywords
        .iter()
        .map(|keyword| keyword.segments_max)
        .collect();
    assert_eq!(max, [None, Some(12), None]);
    let text = edit(
        BAYSIDE,
        "word = \"WIFI\"",
        "word = \"WIFI\"\nsegments-max = 0",
    );
    let reading = read_texts(MACHINE, &text, MAPLE, None);
    let said = "libraries/bayside.toml:18: \"segments-max\" is 0. Write a number from 1 to 110.";
    assert_eq!(lines(&reading), [said]);
}

#[test]
fn b4_a_library_has_quiet_hours_of_its_own() {
    assert_eq!(bayside("").quiet, quiet::Rules::default());
    let school = quiet::Rules::preset("school").unwrap();
    assert_eq!(bayside("[quiet]\npreset = \"school\"").quiet, *school);
    let day = |opens: u16, closes: u16| Span {
        opens: opens * 60,
        closes: closes * 60,
    };
    let mut nights: [Vec<Span>; 7] = Default::default();
    for spans in &mut nights {
        *spans = vec![day(0, 9), day(19, 24)];
    }
    let quiet = "[quiet]\nmon-sun = [\"19:00-09:00\"]";
    let expected = quiet::Rules::default().without(&nights);
    assert_eq!(bayside(quiet).quiet, expected);
    let both = "[quiet]\npreset = \"school\"\nmon-sun = [\"19:00-09:00\"]";
    assert_eq!(bayside(both).quiet, expected.and(school));

    for (to, said) in [
        (
            "[quiet]\npreset = \"shcool\"",
            "libraries/bayside.toml:8: \"preset\" cannot be \"shcool\". Did you mean \"school\"?",
        ),
        (
            "[quiet]\nnight = [\"19:00-09:00\"]",
            "libraries/bayside.toml:8: unknown day \"night\" in [quiet]. Write a day or days in a \
             row, such as sat or mon-thu: mon, tue, wed, thu, fri, sat, sun.",
        ),
        (
            "[quiet]\nsun = [\"7 pm\"]",
            "libraries/bayside.toml:8: \"7 pm\" is not a span of time. Write from and to by the \
             24-hour clock, such as \"10:00-20:00\"; [] is closed.",
        ),
    ] {
        assert_eq!(wrong(to), [said], "{to}");
    }
}
