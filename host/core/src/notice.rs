//! What leaves the house: what is kept of a patron, how long, and who receives what, said from the
//! running configuration (b3). Staff read it as a page, patrons by the link that their library
//! gives them, an operator on the command line: the same words.

use crate::directory::{Library, Number};
use crate::grants::Capability;
use crate::retention::CONSENT_DAYS;

/// A gateway, as far as patrons are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// In the config.
    pub name: String,
    /// Who runs it, such as `Twilio`; none: it is this machine.
    pub company: Option<String>,
    /// Its own copies are emptied once a message has arrived (b2).
    pub emptied: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub library: String,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub heading: &'static str,
    pub sentences: Vec<String>,
}

pub fn of(library: &Library, numbers: &[&Number], carriers: &[Carrier]) -> Notice {
    Notice {
        library: library.name.clone(),
        parts: vec![
            kept(library),
            how_long(library),
            received(library, numbers, carriers),
            seen(library),
            choices(library, numbers),
        ],
    }
}

fn kept(library: &Library) -> Part {
    let mut sentences = vec![
        "Your phone number, sealed with a key. Staff see two words in its place, the same ones \
         each time."
            .to_owned(),
        "The texts that you send to the library, its answers, and when they came.".to_owned(),
        "Whether you want texts: each STOP and START, with its words.".to_owned(),
    ];
    let told = words_with(library, Capability::Profile);
    if !told.is_empty() {
        sentences.push(format!("What you told {told} about yourself."));
    }
    let remembered = words_with(library, Capability::Storage);
    if !remembered.is_empty() {
        sentences.push(format!(
            "What {remembered} remembers, such as how far you have come."
        ));
    }
    if !library.lists.is_empty() {
        let names: Vec<&str> = library
            .lists
            .iter()
            .map(|list| list.name.as_str())
            .collect();
        sentences.push(format!("Which lists you are on: {}.", names.join(", ")));
    }
    sentences.push("An answer that a question asks for in secret is not kept.".to_owned());
    Part {
        heading: "What is kept",
        sentences,
    }
}

fn how_long(library: &Library) -> Part {
    let terms = &library.terms;
    let mut sentences = vec![format!(
        "The words of texts and answers are deleted after {} days, and those of a question that \
             a person answered {} days after it was closed. What is counted stays, and is nobody's.",
        terms.texts_days, terms.questions_days
    )];
    if !terms.term_ends.is_empty() {
        let ends = terms.term_ends.iter().map(|end| {
            let month = MONTHS.get(usize::from(end.month.unsigned_abs()).saturating_sub(1));
            format!("{} {}", month.copied().unwrap_or_default(), end.day)
        });
        let ends: Vec<String> = ends.collect();
        sentences.push(format!(
            "At the end of each term all of them are deleted: {}.",
            ends.join(", ")
        ));
    }
    sentences.push(format!(
        "What you said to starting and stopping texts is kept for {CONSENT_DAYS} days as proof, tied \
         to a keyed hash of the number."
    ));
    Part {
        heading: "How long",
        sentences: [
            sentences,
            vec![
            "What a question of several texts has gathered is deleted when it ends, after 30 days \
             at most."
                .to_owned(),
            "The number by which your carrier names a text is kept for 400 days as a hash, so that \
             a text that comes twice is answered once."
                .to_owned(),
        ],
        ]
        .concat(),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn received(library: &Library, numbers: &[&Number], carriers: &[Carrier]) -> Part {
    let mut sentences = Vec::new();
    for number in numbers {
        let carrier = carriers
            .iter()
            .find(|carrier| carrier.name == number.gateway);
        let Some(company) = carrier.and_then(|carrier| carrier.company.as_ref()) else {
            sentences.push(format!(
                "Texts to {} stay on the library's own machine.",
                number.number
            ));
            continue;
        };
        let emptied = match carrier.is_some_and(|carrier| carrier.emptied) {
            true => " Its copy of the words is emptied once a message has arrived.",
            false => "",
        };
        sentences.push(format!(
            "{company} carries the texts to {}: it receives your number and what is texted.{emptied}",
            number.number
        ));
    }
    sentences
        .push("Your own phone company carries your texts as it carries all others.".to_owned());
    let cards = words_with(library, Capability::ContactCard);
    if !cards.is_empty() {
        sentences.push(format!(
            "{cards} sends you the library's contact card; it holds nothing of yours."
        ));
    }
    if let Some(notices) = &library.notices {
        let ways = match (&notices.webhook, notices.email.is_empty()) {
            (Some(_), true) => "by a message to a service of the library's own",
            (Some(_), false) => "by e-mail and by a message to a service of the library's own",
            (None, _) => "by e-mail",
        };
        let words = match notices.with_text {
            true => "with your words in it",
            false => "without your words in it",
        };
        sentences.push(format!(
            "Staff are told {ways} that a question waits, {words}; never your number."
        ));
    }
    sentences.push(
        "No keyword of this library sends what you type to anybody else, and none sees your number."
            .to_owned(),
    );
    Part {
        heading: "Who receives what",
        sentences,
    }
}

fn seen(library: &Library) -> Part {
    Part {
        heading: "Who sees it",
        sentences: vec![
            format!("The staff of {} who answer texts.", library.name),
            "Who may see your number is few, and each time it is shown is written down.".to_owned(),
            "No other library that shares the number sees your texts to this one.".to_owned(),
        ],
    }
}

fn choices(library: &Library, numbers: &[&Number]) -> Part {
    let contact = numbers.first().map(|number| number.help_contact.as_str());
    let mut sentences = vec![
        "Text STOP at any time: no more texts come, and what is waiting is cancelled. START brings \
         them back."
            .to_owned(),
        "Text MYDATA: a link comes that shows once what is held about you.".to_owned(),
        "Text FORGET ME: with the code that comes back all of it is deleted, and no more texts come."
            .to_owned(),
    ];
    if let Some(contact) = contact.filter(|contact| !contact.is_empty()) {
        sentences.push(format!("Text HELP, or see {contact}."));
    }
    if let Some(email) = &library.email {
        sentences.push(format!("Questions about this page: {email}."));
    }
    Part {
        heading: "What you can do",
        sentences,
    }
}

/// The words of the keywords that may do this, as a patron knows them.
fn words_with(library: &Library, capability: Capability) -> String {
    let able = library
        .keywords
        .iter()
        .filter(|keyword| keyword.enabled && keyword.grants.allows(capability));
    let words: Vec<&str> = able.map(|keyword| keyword.word.as_str()).collect();
    words.join(", ")
}
