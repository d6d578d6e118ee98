//! What is outside the house, for tests: answers that were recorded, by what was asked.
//!
//! A request is one line: `GET https://…`, `POST https://… BODY`, `CALENDAR https://…`,
//! `SIP2 SERVER MESSAGE`. Its answer is one, too:
//!
//! ```text
//! outside
//!   GET https://catalog.example.org/dune
//!   = 200 application/json {"copies": 2}
//!   CALENDAR https://events.example.org/all.ics
//!   = 2031-05-10 14:00 for 60 minutes | Story time | Main branch | kids, stories
//!   = 2031-05-12 all day | Friends' book sale
//!   SIP2 ils 98
//!   = 98YYYYYN...
//!   GET https://down.example.org/
//!   = unreachable
//! ```
//!
//! `+` goes on with the line before. An event may end in `| cancelled`. What is asked and not
//! listed is unreachable.

use std::time::Duration;

use crate::calendar::Occurrence;
use crate::fetch::Response;
use crate::library::Library;
use crate::outside::Failure;
use crate::time::{LocalTime, days};

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// For `fetch`.
    Response(Response),
    /// For `sip2`.
    Text(String),
    /// For `calendar`: all that the feed has, at any time.
    Events(Vec<Event>),
    /// Nothing.
    Failed(Failure),
}

/// An event as a transcript writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    starts: LocalTime,
    /// None: all day.
    lasts: Option<Duration>,
    title: String,
    place: Option<String>,
    topics: Vec<String>,
    cancelled: bool,
}

/// Request and answer.
pub type Outside = Vec<(String, Recording)>;

impl Event {
    /// On this library's clock.
    pub fn at(&self, library: &Library) -> Occurrence {
        let starts = library.moment(self.starts);
        let slug = |text: &str| text.to_lowercase().replace(' ', "-");
        Occurrence {
            id: format!("{}@{}", slug(&self.title), starts.0),
            title: self.title.clone(),
            starts,
            ends: starts.after(self.lasts.unwrap_or(days(1))),
            all_day: self.lasts.is_none(),
            place: self.place.clone(),
            description: None,
            topics: self.topics.clone(),
            url: None,
            cancelled: self.cancelled,
        }
    }

    /// As the line of a transcript has it, without `=`.
    pub fn parse(line: &str) -> Option<Event> {
        let mut parts = line.split('|').map(str::trim);
        let when = parts.next()?;
        let (starts, lasts) = match when.split_once(" for ") {
            Some((starts, minutes)) => {
                let minutes: u64 = minutes.strip_suffix(" minutes")?.parse().ok()?;
                (
                    starts.to_owned(),
                    Some(Duration::from_secs(minutes.checked_mul(60)?)),
                )
            }
            None => (format!("{} 00:00", when.strip_suffix(" all day")?), None),
        };
        let mut event = Event {
            starts: LocalTime::parse(&starts)?,
            lasts,
            title: parts.next().filter(|title| !title.is_empty())?.to_owned(),
            place: None,
            topics: Vec::new(),
            cancelled: false,
        };
        let mut rest: Vec<&str> = parts.collect();
        if rest.last() == Some(&"cancelled") {
            event.cancelled = true;
            rest.pop();
        }
        let mut rest = rest.into_iter();
        event.place = rest.next().filter(|it| !it.is_empty()).map(str::to_owned);
        let topics = rest.next().unwrap_or_default().split(',').map(str::trim);
        event.topics = topics
            .filter(|topic| !topic.is_empty())
            .map(str::to_owned)
            .collect();
        rest.next().is_none().then_some(event)
    }
}

/// One line of an `outside` block, which may go on with what stands before it.
pub(super) fn read(outside: &mut Outside, line: &str) -> Result<(), String> {
    if let Some(more) = line.strip_prefix('+') {
        let more = more.strip_prefix(' ').unwrap_or(more);
        let body = match outside.last_mut().map(|(_, answer)| answer) {
            Some(Recording::Response(response)) => &mut response.body,
            Some(Recording::Text(text)) => text,
            _ => return Err("`+` goes on with an answer before it".to_owned()),
        };
        if !body.is_empty() {
            body.push('\n');
        }
        body.push_str(more);
        return Ok(());
    }
    let Some(answer) = line.strip_prefix('=') else {
        let nothing = Recording::Failed(Failure::Unreachable("it has no answer here".to_owned()));
        outside.push((line.trim_end().to_owned(), nothing));
        return Ok(());
    };
    let (asked, stands) = outside
        .last_mut()
        .ok_or("`=` is the answer to a line before it")?;
    let answer = answered(asked, answer.trim())
        .ok_or_else(|| format!("{:?} is no answer to {asked:?}", answer.trim()))?;
    match (stands, answer) {
        (Recording::Events(events), Recording::Events(more)) => events.extend(more),
        (stands, answer) => *stands = answer,
    }
    Ok(())
}

fn answered(asked: &str, answer: &str) -> Option<Recording> {
    let why = || "as recorded".to_owned();
    let failure = match answer {
        "unreachable" => Some(Failure::Unreachable(why())),
        "unreadable" => Some(Failure::Unreadable(why())),
        "too long" => Some(Failure::TooLong),
        "unclear" => Some(Failure::Unclear),
        _ => None,
    };
    if let Some(failure) = failure {
        return Some(Recording::Failed(failure));
    }
    Some(match asked.split_once(' ')?.0 {
        "CALENDAR" if answer == "nothing" => Recording::Events(Vec::new()),
        "CALENDAR" => Recording::Events(vec![Event::parse(answer)?]),
        "SIP2" => Recording::Text(answer.to_owned()),
        _ => {
            let (status, rest) = answer.split_once(' ').unwrap_or((answer, ""));
            let (content_type, body) = rest.split_once(' ').unwrap_or((rest, ""));
            Recording::Response(Response {
                status: status.parse().ok()?,
                content_type: content_type.to_owned(),
                body: body.to_owned(),
            })
        }
    })
}

/// The answer to what was asked.
pub fn find<'o>(outside: &'o Outside, asked: &str) -> Option<&'o Recording> {
    let same = |(known, _): &&(String, Recording)| known == asked.trim_end();
    outside.iter().find(same).map(|(_, answer)| answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Result<Outside, String> {
        let mut outside = Outside::new();
        for line in text.lines() {
            read(&mut outside, line)?;
        }
        Ok(outside)
    }

    #[test]
    fn answers_are_found_by_what_was_asked() {
        let outside = block(
            "GET https://a.example/x\n= 200 application/json {\n+ \"a\": 1}\nSIP2 ils 98\n= 98Y\n\
             CALENDAR https://c.example/f\n= 2031-05-10 14:00 for 60 minutes | Story time | | kids\n\
             = 2031-05-12 all day | Sale | cancelled\nPOST https://a.example/x {}\n= unclear",
        )
        .unwrap();
        let Some(Recording::Response(response)) = find(&outside, "GET https://a.example/x") else {
            panic!()
        };
        assert_eq!(response.body, "{\n\"a\": 1}");
        assert_eq!(
            find(&outside, "SIP2 ils 98"),
            Some(&Recording::Text("98Y".to_owned()))
        );
        let Some(Recording::Events(events)) = find(&outside, "CALENDAR https://c.example/f") else {
            panic!()
        };
        let [story, sale] = events.as_slice() else {
            panic!()
        };
        assert_eq!(
            (story.topics.len(), &story.place, sale.cancelled),
            (1, &None, true)
        );
        assert_eq!(
            find(&outside, "POST https://a.example/x {}"),
            Some(&Recording::Failed(Failure::Unclear))
        );
        assert_eq!(find(&outside, "GET https://a.example/y"), None);
    }

    #[test]
    fn what_is_no_answer_is_named() {
        for (text, expect) in [
            ("= 200", "`=` is the answer to a line before it"),
            (
                "GET https://a.example\n= soon",
                "\"soon\" is no answer to \"GET https://a.example\"",
            ),
            (
                "CALENDAR https://a.example\n= tomorrow | Sale",
                "\"tomorrow | Sale\" is no answer to \"CALENDAR https://a.example\"",
            ),
            ("+ x", "`+` goes on with an answer before it"),
        ] {
            assert_eq!(block(text).unwrap_err(), expect);
        }
    }
}
