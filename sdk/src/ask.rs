//! A question: its wording, what answers it takes, and what happens when none is understood.
//!
//! Reading the answers is `answers`; waiting and replay are `journal`.

use std::future::pending;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::answers;
use crate::journal::Answer;
use crate::language::Language;
use crate::outcome::Stop;
use crate::talk::Talk;
use crate::time::Date;
use crate::world::Question;

/// How often a question is asked before a person is fetched.
const TRIES: u32 = 3;

/// A question about to be asked; made by [`Talk::ask`], sent by the method that says what kind
/// of answer it takes.
///
/// An answer that is not understood is asked for again, twice; then the flow stops with
/// [`Stop::NotUnderstood`], which passed on with `?` tells the patron kindly and fetches a person.
#[must_use = "a question is sent by saying what answer it takes, such as `.text().await?`"]
pub struct Ask {
    talk: Talk,
    text: String,
    again: Option<String>,
    expires_after: Option<Duration>,
    secret: bool,
    listed: bool,
}

impl Ask {
    pub(crate) fn new(talk: Talk, text: String) -> Ask {
        Ask {
            talk,
            text,
            again: None,
            expires_after: None,
            secret: false,
            listed: true,
        }
    }

    /// How to ask when an answer was not understood, instead of the SDK's words.
    pub fn again(mut self, text: impl Into<String>) -> Ask {
        self.again = Some(text.into());
        self
    }

    /// How long to wait: a minute at least, 30 days at most, 24 hours unless said.
    pub fn expires_after(mut self, time: Duration) -> Ask {
        self.expires_after = Some(time);
        self
    }

    /// Keeps the answer nowhere but in the sealed journal, until the conversation ends.
    pub fn secret(mut self) -> Ask {
        self.secret = true;
        self
    }

    /// Leaves out the numbered list of choices, for a question that names them itself.
    pub fn unlisted(mut self) -> Ask {
        self.listed = false;
        self
    }

    /// Takes any text that is not empty, without the space around it.
    pub async fn text(self) -> Result<String, Stop> {
        self.understood(Vec::new(), sorry, |text, _| {
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        })
        .await
    }

    /// Takes yes or no in English, Spanish or French.
    pub async fn yes_or_no(self) -> Result<bool, Stop> {
        // YES and NO in any case: a flow without the patron's language asks in English.
        let choices = match Language::of(self.talk.language()) {
            Language::English => ["YES", "NO", "Y", "N", "1", "2"].as_slice(),
            Language::Spanish => &["SI", "SÍ", "NO", "YES", "1", "2"],
            Language::French => &["OUI", "NON", "YES", "NO", "1", "2"],
        };
        let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
        self.understood(choices, yes_or_no_again, |text, _| answers::yes_or_no(text))
            .await
    }

    /// Takes a number of three digits that stands under the question, or a no. Only who holds the
    /// phone can have read it: senders can be forged (g2). For what starts recurring texts, opens
    /// an account, costs money or cannot be undone.
    pub async fn confirm(mut self) -> Result<bool, Stop> {
        let code = self.talk.random(100..=999).to_string();
        let reply = match Language::of(self.talk.language()) {
            Language::English => "\nTo confirm, reply with the number ",
            Language::Spanish => "\nPara confirmar, responda con el número ",
            Language::French => "\nPour confirmer, répondez avec le numéro ",
        };
        let tail = [reply, &code, "."].concat();
        self.text.push_str(&tail);
        if let Some(again) = &mut self.again {
            again.push_str(&tail);
        }
        let choices = vec![code.clone(), "NO".to_owned()];
        self.understood(choices, sorry, |text, _| {
            let words = answers::words(text);
            let read = words.contains(&code);
            let refused = answers::yes_or_no(text) == Some(false) && words != ["2"];
            if read {
                Some(true)
            } else {
                refused.then_some(false)
            }
        })
        .await
    }

    /// Takes one of `choices`, by its words or its number, and gives it back as written here.
    /// They are listed under the question, one a line, unless it is [`unlisted`](Ask::unlisted).
    pub async fn choice<'a>(mut self, choices: &[&'a str]) -> Result<&'a str, Stop> {
        if self.listed {
            for (at, choice) in choices.iter().enumerate() {
                self.text.push_str(&format!("\n{} {choice}", at + 1));
            }
        }
        let numbers = (1..=choices.len()).map(|number| number.to_string());
        let listed = choices
            .iter()
            .map(|&choice| choice.to_owned())
            .chain(numbers)
            .collect();
        let read = |text: &str, _: &Talk| {
            answers::choice(text, choices).and_then(|at| choices.get(at).copied())
        };
        self.understood(listed, sorry, read).await
    }

    /// Takes a whole number of this range, in digits or words.
    pub async fn number(self, range: RangeInclusive<i64>) -> Result<i64, Stop> {
        let hint = |language, question: &str| {
            let (low, high) = (range.start(), range.end());
            match language {
                Language::English => {
                    format!("Please answer with a number from {low} to {high}. {question}")
                }
                Language::Spanish => {
                    format!("Por favor, responda con un número del {low} al {high}. {question}")
                }
                Language::French => {
                    format!("Répondez par un nombre de {low} à {high}. {question}")
                }
            }
        };
        let read =
            |text: &str, _: &Talk| answers::number(text).filter(|number| range.contains(number));
        self.understood(Vec::new(), hint, read).await
    }

    /// Takes a day, such as `tomorrow`, `Saturday`, `May 6` or `2031-05-06`.
    pub async fn date(self) -> Result<Date, Stop> {
        self.understood(Vec::new(), date_again, |text, talk| {
            let language = Language::of(talk.language());
            answers::date(text, language, talk.local_now().date)
        })
        .await
    }

    async fn understood<T>(
        self,
        choices: Vec<String>,
        again: impl Fn(Language, &str) -> String,
        read: impl Fn(&str, &Talk) -> Option<T>,
    ) -> Result<T, Stop> {
        let mut wording = self.text.clone();
        for _ in 0..TRIES {
            let question = Question {
                choices: choices.clone(),
                expires_after_seconds: self.expires_after.map(seconds),
                secret: self.secret,
            };
            let answer = self.talk.turn_mut().ask(&wording, question);
            match answer {
                None => pending().await,
                Some(Answer::TimedOut) => return Err(Stop::TimedOut),
                Some(Answer::Text(text)) => {
                    if let Some(value) = read(&text, &self.talk) {
                        return Ok(value);
                    }
                }
            }
            wording = match &self.again {
                Some(again) => again.clone(),
                None => again(Language::of(self.talk.language()), &self.text),
            };
        }
        Err(Stop::NotUnderstood {
            question: self.text,
        })
    }
}

/// What the patron reads when a person is fetched.
pub(crate) fn gave_up(language: Language) -> &'static str {
    match language {
        Language::English => "I did not understand that, sorry. A person will answer you here.",
        Language::Spanish => "No le he entendido, lo siento. Una persona le va a responder.",
        Language::French => "Je n'ai pas compris, désolé. Une personne va vous répondre ici.",
    }
}

fn seconds(time: Duration) -> u32 {
    // The bounds of the contract; the host checks them too.
    time.as_secs().clamp(60, 30 * 86_400) as u32
}

fn sorry(language: Language, question: &str) -> String {
    let sorry = match language {
        Language::English => "Sorry, I did not understand that. ",
        Language::Spanish => "Lo siento, no le he entendido. ",
        Language::French => "Désolé, je n'ai pas compris. ",
    };
    [sorry, question].concat()
}

fn yes_or_no_again(language: Language, question: &str) -> String {
    let hint = match language {
        Language::English => "Please answer YES or NO. ",
        Language::Spanish => "Por favor, responda SI o NO. ",
        Language::French => "Répondez OUI ou NON. ",
    };
    [hint, question].concat()
}

fn date_again(language: Language, question: &str) -> String {
    let hint = match language {
        Language::English => "Please answer with a day, such as Saturday or May 6. ",
        Language::Spanish => "Por favor, responda con un día, como viernes o 6 de mayo. ",
        Language::French => "Répondez par un jour, comme samedi ou 6 mai. ",
    };
    [hint, question].concat()
}
