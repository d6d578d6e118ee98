//! What is outside the house while a transcript is played: what it says is there, and nothing else.

use std::collections::BTreeMap;

use callslip::Library;
use callslip::test::Recording;
use callslip::test::recording::{Outside, find};
use callslip::test::transcript::Transcript;
use callslip_core::dialling;
use callslip_core::grants::{Capability, Grants, Place};
use callslip_core::outside::{self, Answer, Ask, Failure, Occurrence};
use callslip_core::phone::PhoneNumber;

use crate::Allowed;
use crate::library::at;

/// Of one subject; the host bounds a phone and a library too.
const TRIES_MAX: u32 = 5;

#[derive(Clone)]
pub(crate) struct World {
    recorded: Outside,
    library: Library,
    number: PhoneNumber,
    tries: BTreeMap<String, u32>,
    /// What tries came to in this turn: one that runs again counts none again.
    counted: Vec<(Ask, Answer)>,
}

/// All that the flow needs, at the places that the transcript names.
pub(crate) fn grants(needs: &[Capability], allowed: &Allowed, transcript: &Transcript) -> Grants {
    let mut grants = Grants::of(needs.iter().copied());
    grants.profile_fields = allowed.fields.clone();
    for (asked, _) in &transcript.outside {
        let (kind, rest) = asked.split_once(' ').unwrap_or((asked, ""));
        let first = rest.split(' ').next().unwrap_or_default();
        let (capability, address) = match kind {
            "SIP2" => (Capability::Sip2, Ok(first.to_lowercase())),
            "CALENDAR" => (Capability::Calendar, outside::place_of(first)),
            _ => (Capability::Fetch, outside::place_of(first)),
        };
        if let Ok(address) = address {
            grants.allow(capability, Place::open(&address));
        }
    }
    grants
}

impl World {
    pub(crate) fn of(transcript: &Transcript, library: &Library) -> World {
        World {
            recorded: transcript.outside.clone(),
            library: library.clone(),
            number: PhoneNumber::new(transcript.number.as_deref().unwrap_or_default()),
            tries: BTreeMap::new(),
            counted: Vec::new(),
        }
    }

    pub(crate) fn is_own_number(&self, written: &str) -> bool {
        !self.number.dial().is_empty() && dialling::is_same(&self.number, written)
    }

    pub(crate) fn turn_ends(&mut self) {
        self.counted.clear();
    }

    pub(crate) fn answer(&mut self, ask: &Ask, before: usize) -> Answer {
        match ask {
            Ask::Try { subject } | Ask::TryBack { subject } => {
                let same = self.counted.iter().filter(|(known, _)| known == ask);
                if let Some((_, answer)) = same.clone().nth(before) {
                    return answer.clone();
                }
                let tries = self.tries.entry(subject.clone()).or_default();
                let room = match ask {
                    Ask::Try { .. } => *tries < TRIES_MAX,
                    _ => true,
                };
                *tries = match ask {
                    Ask::Try { .. } => *tries + u32::from(room),
                    _ => tries.saturating_sub(1),
                };
                let answer = Answer::Room(room);
                self.counted.push((ask.clone(), answer.clone()));
                answer
            }
            _ => self.recorded(ask),
        }
    }

    fn recorded(&self, ask: &Ask) -> Answer {
        let line = line(ask);
        match find(&self.recorded, &line) {
            None => Answer::Failed(Failure::Unreachable(format!(
                "the transcript has no answer to \"{line}\""
            ))),
            Some(Recording::Response(response)) => Answer::Response {
                status: response.status,
                headers: vec![("content-type".to_owned(), response.content_type.clone())],
                body: response.body.clone(),
            },
            Some(Recording::Text(text)) => Answer::Message(text.clone()),
            Some(Recording::Events(events)) => {
                let (after, before) = match ask {
                    Ask::Calendar { after, before, .. } => (*after, *before),
                    _ => return mixed_up(),
                };
                let all = events.iter().map(|event| event.at(&self.library));
                let all = all.map(|one| Occurrence {
                    id: one.id,
                    title: one.title,
                    starts: at(one.starts),
                    ends: at(one.ends),
                    all_day: one.all_day,
                    place: one.place,
                    description: one.description,
                    topics: one.topics,
                    url: one.url,
                    cancelled: one.cancelled,
                });
                let mut within: Vec<Occurrence> = all
                    .filter(|one| one.ends > after && one.starts < before)
                    .collect();
                within.sort_by(|a, b| (a.starts, &a.title).cmp(&(b.starts, &b.title)));
                Answer::Events(within)
            }
            Some(Recording::Failed(failure)) => Answer::Failed(failed(failure)),
        }
    }
}

/// As a transcript writes it.
fn line(ask: &Ask) -> String {
    match ask {
        Ask::Fetch {
            method, url, body, ..
        } => format!("{} {url} {body}", method.name())
            .trim_end()
            .to_owned(),
        Ask::Calendar { url, .. } => format!("CALENDAR {url}"),
        Ask::Sip2 { server, message } => format!("SIP2 {server} {message}"),
        Ask::Try { subject } | Ask::TryBack { subject } => subject.clone(),
    }
}

fn mixed_up() -> Answer {
    Answer::Failed(Failure::Unreadable(
        "what is recorded is of another kind".to_owned(),
    ))
}

fn failed(failure: &callslip::Failure) -> Failure {
    use callslip::{Failure as Theirs, Refusal};
    match failure {
        Theirs::Refused(Refusal::NotGranted(why)) => Failure::NotGranted(why.clone()),
        Theirs::Refused(Refusal::Limit(why)) => Failure::Limit(why.clone()),
        Theirs::Refused(Refusal::Unknown(why) | Refusal::Invalid(why)) => {
            Failure::Invalid(why.clone())
        }
        Theirs::Unreachable(why) => Failure::Unreachable(why.clone()),
        Theirs::TooLong => Failure::TooLong,
        Theirs::Unreadable(why) => Failure::Unreadable(why.clone()),
        Theirs::Unclear => Failure::Unclear,
    }
}
