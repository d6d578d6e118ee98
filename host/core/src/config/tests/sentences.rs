//! Sentences against the jurisdiction of the number that they would go out from (b8).

use super::*;

fn problems(machine: &str, bayside: &str) -> Vec<String> {
    lines(&read_texts(machine, bayside, MAPLE, None))
}

/// The example in another country, both of its numbers.
fn machine_in(jurisdiction: &str) -> String {
    MACHINE.replace("\"us\"", &format!("\"{jurisdiction}\""))
}

#[test]
fn b8_the_shipped_sentences_are_right_in_each_jurisdiction() {
    for jurisdiction in ["us", "ca", "uk"] {
        assert_eq!(
            problems(&machine_in(jurisdiction), BAYSIDE),
            [""; 0],
            "{jurisdiction}"
        );
    }
}

#[test]
fn b8_canada_s_lengths_are_measured_with_the_number_s_own_words() {
    let long = "texts.bay-area-libraries.example.org/what-is-this-number-and-how-do-i-get-help";
    let machine = edit(&machine_in("ca"), "texts.example.org/help", long);
    let expected = "callslip.toml:19: the sentence \"help-shared\" in \"en\" cannot go out from 66746: \
                    it has 190 characters, and 136 are allowed. Shorten its brand or its \
                    help-contact, or reword the sentence.";
    assert_eq!(problems(&machine, BAYSIDE), [expected]);
    // In the United States it is two segments, and nobody's rule.
    let machine = edit(MACHINE, "texts.example.org/help", long);
    assert_eq!(problems(&machine, BAYSIDE), [""; 0]);
}

#[test]
fn b8_a_name_that_is_too_long_is_its_librarys_to_shorten() {
    let name = "Bayside Public Library and Archive of the Whole of the Northern Bay Area";
    let long = edit(BAYSIDE, "Bayside Public Library", name);
    let found = problems(&machine_in("ca"), &long);
    assert!(!found.is_empty());
    for line in &found {
        assert!(
            line.starts_with("libraries/bayside.toml:4: the sentence"),
            "{line}"
        );
        assert!(
            line.ends_with("Add a short-name that is shorter."),
            "{line}"
        );
    }
    let short = edit(&long, "time-zone", "short-name = \"Bayside\"\ntime-zone");
    assert_eq!(problems(&machine_in("ca"), &short), [""; 0]);
}

#[test]
fn b8_a_reworded_sentence_says_what_it_must_and_not_what_it_must_not() {
    let reworded = |text: &str| {
        let sentence = format!("[messages.en]\nhelp = \"{text}\"\n[hours]");
        edit(BAYSIDE, "[hours]", &sentence)
    };
    let of_help = |jurisdiction: &str, text: &str| {
        let found = problems(&machine_in(jurisdiction), &reworded(text));
        let start = "libraries/bayside.toml:4: the sentence \"help\" in \"en\" cannot go out from \
                     +15555550100: ";
        let end = ". Reword it under [messages.en].";
        let why = |line: &String| {
            let why = line
                .strip_prefix(start)
                .and_then(|line| line.strip_suffix(end));
            why.unwrap_or(line).to_owned()
        };
        found.iter().map(why).collect::<Vec<_>>()
    };
    let right = "{brand}: {contact}. {rates} STOP to end.";
    for jurisdiction in ["us", "ca", "uk"] {
        assert_eq!(of_help(jurisdiction, right), [""; 0], "{jurisdiction}");
    }
    let silent = of_help("us", "{brand}: ask at {contact}.");
    let unsaid = [
        "it does not say what texts cost ({rates})",
        "it does not say how to stop (STOP)",
    ];
    assert_eq!(silent, unsaid);
    assert_eq!(of_help("uk", "{brand}: ask at {contact}."), unsaid[1..]);
    let american = of_help(
        "uk",
        "{brand}: {contact}. Msg&Data rates may apply. STOP to end.",
    );
    assert!(american.contains(&"it says \"msg&data\", which is not said there".to_owned()));
}
