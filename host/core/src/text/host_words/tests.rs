//! The words of the host in each language, courtesies and stray answers.

use proptest::prelude::*;

use super::*;
use crate::text::consent;

#[test]
fn the_words_can_be_read_and_none_is_a_consent_word() {
    let table = table().unwrap();
    for words in table.words.keys().chain(&table.later) {
        assert!(!consent::is_consent_word(&words.join(" ")), "{words:?}");
    }
}

#[test]
fn the_host_s_words_in_each_language() {
    let check = |text: &str, word: HostWord| {
        assert_eq!(read(&Tokens::of(text)), Some(word), "{text}");
    };
    check("MENU", HostWord::Menu);
    check("menú.", HostWord::Menu);
    check("Exit!", HostWord::Exit);
    check("salir", HostWord::Exit);
    check("\"Resume\"", HostWord::Resume);
    check("reprendre", HostWord::Resume);
    check("ESPANOL", HostWord::Language("es".into()));
    check("En español", HostWord::Language("es".into()));
    check("français", HostWord::Language("fr".into()));
    check(
        "English please".split(' ').next().unwrap(),
        HostWord::Language("en".into()),
    );
    check(
        "0",
        HostWord::Ask {
            rest: String::new(),
        },
    );
    check(
        "ask",
        HostWord::Ask {
            rest: String::new(),
        },
    );
    check(
        "ASK: Is the pool open?",
        HostWord::Ask {
            rest: "Is the pool open?".into(),
        },
    );
    check(
        "Pregunta ¿dónde?",
        HostWord::Ask {
            rest: "¿dónde?".into(),
        },
    );
}

#[test]
fn an_ordinary_text_is_no_word_of_the_host_s() {
    for text in [
        "",
        "menu of the cafe",
        "exit row seats",
        "0 children",
        "asking",
        "Spanish books",
    ] {
        assert_eq!(read(&Tokens::of(text)), None, "{text}");
    }
}

#[test]
fn reserved_words_are_refused_as_keywords_in_any_spelling() {
    for word in [
        "Menu",
        "MENÚ",
        "ask",
        "0",
        "Español",
        "privacy",
        "FORGET ME",
        "my data",
        "lists",
    ] {
        assert!(is_reserved(word), "{word}");
    }
    for word in ["HOURS", "ASK US", "MENUS", "", "10"] {
        assert!(!is_reserved(word), "{word}");
    }
}

#[test]
fn a8_a_courtesy_wants_no_answer() {
    let courtesies = [
        "thanks",
        "Thank you!",
        "ok ty",
        "Gracias",
        "muchas gracias!",
        "merci beaucoup",
        "👍",
        "👍🏽",
        "❤️",
        "🙏🙏",
        "ok 👍",
        "Thank you so much!! 😊",
        "Ok, thanks for your help",
        "great, thank you",
        "helpful, thanks!",
        ":)",
        "thanks :D",
        "<3",
        "no thanks",
        "D’accord, merci",
        "k",
    ];
    for text in courtesies {
        assert!(is_courtesy(text), "{text}");
    }
}

#[test]
fn a8_a_question_is_no_courtesy() {
    let texts = [
        "",
        " ",
        "thanks, and when do you open",
        "ok?",
        "thank you?",
        "?",
        "yes",
        "no",
        "1",
        "HOURS",
        "🛑",
        "🆘",
        "❓",
        "good books",
        "and is it open",
        "1 👍",
        "...",
        "+",
        "C++",
        "D",
    ];
    for text in texts {
        assert!(!is_courtesy(text), "{text}");
    }
}

#[test]
fn a19_a_bare_answer_is_told_from_a_text() {
    for text in [
        "1", " 2.", "12", "1️⃣", "yes", "No!", "sí", "SI", "oui", "non", "y",
    ] {
        assert!(is_stray_answer(text), "{text}");
    }
    for text in [
        "",
        "1 please",
        "2024",
        "yes please",
        "no more",
        "hours",
        "👍",
    ] {
        assert!(!is_stray_answer(text), "{text}");
    }
}

#[test]
fn a14_a_contradiction_begins_with_no_not_or_a_question_mark() {
    for text in [
        "No, I meant the branch",
        "not that",
        "?",
        " ?? what",
        "non",
        "¿?",
        "❓",
    ] {
        assert!(begins_with_no(text), "{text}");
    }
    for text in ["", "now", "nothing", "¿a qué hora?", "what?", "note"] {
        assert!(!begins_with_no(text), "{text}");
    }
}

#[test]
fn a10_a_question_is_seen_by_its_mark() {
    let questions = [
        "what time do you close tonight?",
        "really?!",
        "ok? 😀",
        "“when?”",
        "متى؟",
        "何時？",
        "¿a qué hora",
        "C'est ouvert ?",
    ];
    for text in questions {
        assert!(looks_like_question(text), "{text}");
    }
    for text in ["", "Maria", "is it? yes", "what time", "😀"] {
        assert!(!looks_like_question(text), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC*") {
        let _ = (read(&Tokens::of(&text)), is_reserved(&text), is_courtesy(&text));
        let _ = (is_stray_answer(&text), begins_with_no(&text), looks_like_question(&text));
    }
}
