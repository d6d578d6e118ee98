//! Conversations as plain text: read, compared, and written again. Knows no flow and no host, so
//! that one file can be played natively and through the real runtime.
//!
//! ```text
//! # Someone signs up, and thinks about it for two days.
//! library bayside
//! at 2031-05-06 10:00
//! language en
//! keyword TEENS
//! settings
//!   list = "teens"
//!
//! > TEENS
//! < What name shall we put down?
//! (later 2 hours)
//! > Maria
//! < Thank you, Maria.
//! | You are on the list.
//! (on list teens)
//! ```
//!
//! `>` is the patron, `<` the library; `| ` goes on with the text of the line before. Lines in
//! parentheses say what else a turn did, in this order: `(silence)`, `(card)`, `(on list L)`,
//! `(off list L)`, `(profile F = V)`, `(handed off)` or `(handed off: TOPIC)`, `(declined)`. The
//! header also takes `first contact`, `on list L`, `profile F = V` and `number N`; its settings are TOML, each
//! line indented by two spaces, and so is `outside`: see [`recording`]. Under a `(later ...)`
//! stands what came meanwhile: what a flow says when its reminder is due, or when nobody answered in time.
//! Lines that begin with `#` say why.

use std::fmt;
use std::time::Duration;

use super::recording::{self, Outside};
use crate::time::{LocalTime, days, hours, minutes};

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// What it shows, from the first comment.
    pub why: String,
    /// A library of the fixtures.
    pub library: String,
    /// When it begins, on the library's clock.
    pub at: String,
    /// The patron's language.
    pub language: String,
    /// The keyword; none: the flow's name.
    pub keyword: Option<String>,
    /// The keyword's settings, as TOML.
    pub settings: String,
    /// Whether the phone never texted before.
    pub first_contact: bool,
    /// Lists that the patron is on already.
    pub on_lists: Vec<String>,
    /// What the patron told before.
    pub profile: Vec<(String, String)>,
    /// What is outside the house.
    pub outside: Outside,
    /// The patron's number, for flows that ask about it.
    pub number: Option<String>,
    /// What happens.
    pub steps: Vec<Step>,
    /// The header as it was written.
    head: Vec<String>,
    /// Comments and blank lines behind the last step.
    tail: Vec<String>,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Line of the file, from 1.
    pub line: usize,
    /// What it is.
    pub action: Action,
    /// What the patron sees of it, and what else it did; as written in the file.
    pub replies: Vec<Reply>,
    /// Comments and blank lines before it.
    lead: Vec<String>,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The patron texts.
    Text(String),
    /// Time passes.
    Later(Duration),
}

/// What a turn did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A text that the patron got.
    Text(String),
    /// No text.
    Silence,
    /// The contact card went along.
    Card,
    /// The patron is now on a list.
    OnList(String),
    /// The patron is no longer on a list.
    OffList(String),
    /// The profile changed.
    Profile(String, String),
    /// A person goes on, with this topic.
    HandedOff(Option<String>),
    /// It was not for this flow.
    Declined,
}

/// What the indented lines of a header belong to.
#[derive(Clone, Copy)]
enum Block {
    None,
    Settings,
    Outside,
}

/// Reads a transcript. The error names the line.
pub fn parse(text: &str) -> Result<Transcript, String> {
    let mut transcript = Transcript {
        why: String::new(),
        library: "bayside".to_owned(),
        at: "2031-05-06 10:00".to_owned(),
        language: "en".to_owned(),
        keyword: None,
        settings: String::new(),
        first_contact: false,
        on_lists: Vec::new(),
        profile: Vec::new(),
        outside: Outside::new(),
        number: None,
        steps: Vec::new(),
        head: Vec::new(),
        tail: Vec::new(),
    };
    let mut block = Block::None;
    for (at, line) in text.lines().enumerate() {
        let begun = !transcript.steps.is_empty() || line.starts_with(['>', '(']);
        let read = if begun {
            transcript.step(at + 1, line)
        } else {
            transcript.head.push(line.to_owned());
            transcript.header(line, &mut block)
        };
        read.map_err(|why| format!("line {}: {why}", at + 1))?;
    }
    match transcript.steps.is_empty() {
        true => Err("nobody texts: a line `> ...` is missing".to_owned()),
        false => Ok(transcript),
    }
}

impl Transcript {
    /// The file with other replies, one list a step; all else as it was written.
    pub fn with_replies(&self, replies: &[Vec<Reply>]) -> String {
        let mut out = Vec::new();
        out.extend(self.head.iter().cloned());
        for (step, replies) in self.steps.iter().zip(replies) {
            out.extend(step.lead.iter().cloned());
            out.push(step.action.to_string());
            out.extend(replies.iter().map(Reply::to_string));
        }
        out.extend(self.tail.iter().cloned());
        out.join("\n") + "\n"
    }

    fn header(&mut self, line: &str, block: &mut Block) -> Result<(), String> {
        let inner = line.strip_prefix("  ");
        match (*block, inner) {
            (Block::Settings, _) if inner.is_some() || line.trim().is_empty() => {
                self.settings.push_str(inner.unwrap_or(line));
                self.settings.push('\n');
                return Ok(());
            }
            (Block::Outside, Some(inner)) => return recording::read(&mut self.outside, inner),
            _ => *block = Block::None,
        }
        if let Some(why) = line.strip_prefix('#') {
            let space = if self.why.is_empty() { "" } else { " " };
            self.why.push_str(space);
            self.why.push_str(why.trim());
            return Ok(());
        }
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest) {
            ("", "") => {}
            ("settings", "") => *block = Block::Settings,
            ("outside", "") => *block = Block::Outside,
            ("number", number) => self.number = Some(number.to_owned()),
            ("library", name) => self.library = name.to_owned(),
            ("at", time) if LocalTime::parse(time).is_none() => {
                return Err(format!("{time:?} is not a time such as 2031-05-06 10:00"));
            }
            ("at", time) => self.at = time.to_owned(),
            ("language", tag) => self.language = tag.to_owned(),
            ("keyword", keyword) => self.keyword = Some(keyword.to_owned()),
            ("first", "contact") => self.first_contact = true,
            ("on", list) if list.starts_with("list ") => {
                self.on_lists.push(list.replacen("list ", "", 1));
            }
            ("profile", pair) => {
                let (field, value) = pair
                    .split_once(" = ")
                    .ok_or("write `profile FIELD = VALUE`")?;
                self.profile.push((field.to_owned(), value.to_owned()));
            }
            _ => return Err(format!("{line:?} is no line of a header")),
        }
        Ok(())
    }

    fn step(&mut self, line: usize, text: &str) -> Result<(), String> {
        if text.trim().is_empty() || text.starts_with('#') {
            self.tail.push(text.to_owned());
            return Ok(());
        }
        if let Some(more) = text.strip_prefix('|') {
            let more = more.strip_prefix(' ').unwrap_or(more);
            let step = self
                .steps
                .last_mut()
                .ok_or("`|` goes on with a text before it")?;
            let before = match (step.replies.last_mut(), &mut step.action) {
                (Some(Reply::Text(reply)), _) => reply,
                (None, Action::Text(said)) => said,
                _ => return Err("`|` goes on with a text before it".to_owned()),
            };
            before.push('\n');
            before.push_str(more);
            return Ok(());
        }
        let action = match text.strip_prefix('>') {
            Some(said) => Some(Action::Text(said.trim().to_owned())),
            None => later(text)?.map(Action::Later),
        };
        match action {
            Some(action) => {
                let lead = std::mem::take(&mut self.tail);
                self.steps.push(Step {
                    line,
                    action,
                    replies: Vec::new(),
                    lead,
                });
            }
            None => {
                let reply = Reply::parse(text).ok_or_else(|| format!("{text:?} is no step"))?;
                let step = self.steps.last_mut().ok_or("nobody texted yet")?;
                // A comment among the replies would not survive a rewrite at its place.
                if !self.tail.is_empty() {
                    return Err("comments and blank lines stand before a patron's text".to_owned());
                }
                step.replies.push(reply);
            }
        }
        Ok(())
    }
}

impl Reply {
    fn parse(line: &str) -> Option<Reply> {
        if let Some(text) = line.strip_prefix('<') {
            return Some(Reply::Text(
                text.strip_prefix(' ').unwrap_or(text).to_owned(),
            ));
        }
        let inner = line.strip_prefix('(')?.strip_suffix(')')?;
        let owned = |text: &str| text.to_owned();
        Some(match inner {
            "silence" => Reply::Silence,
            "card" => Reply::Card,
            "declined" => Reply::Declined,
            "handed off" => Reply::HandedOff(None),
            _ => {
                if let Some(topic) = inner.strip_prefix("handed off: ") {
                    Reply::HandedOff(Some(owned(topic)))
                } else if let Some(list) = inner.strip_prefix("on list ") {
                    Reply::OnList(owned(list))
                } else if let Some(list) = inner.strip_prefix("off list ") {
                    Reply::OffList(owned(list))
                } else {
                    let (field, value) = inner.strip_prefix("profile ")?.split_once(" = ")?;
                    Reply::Profile(owned(field), owned(value))
                }
            }
        })
    }
}

fn later(line: &str) -> Result<Option<Duration>, String> {
    let Some(time) = line
        .strip_prefix("(later ")
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return Ok(None);
    };
    let wrong = || format!("{line:?} is not like (later 2 days)");
    let (count, unit) = time.split_once(' ').ok_or_else(wrong)?;
    let count: u32 = count.parse().map_err(|_| wrong())?;
    match unit.trim_end_matches('s') {
        "minute" => Ok(Some(minutes(count))),
        "hour" => Ok(Some(hours(count))),
        "day" => Ok(Some(days(count))),
        _ => Err(wrong()),
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Text(text) => write!(f, "> {}", several_lines(text)),
            Action::Later(time) => {
                let minutes = time.as_secs() / 60;
                let (count, unit) = match minutes {
                    0 => (0, "minute"),
                    _ if minutes.is_multiple_of(1440) => (minutes / 1440, "day"),
                    _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
                    _ => (minutes, "minute"),
                };
                write!(
                    f,
                    "(later {count} {unit}{})",
                    if count == 1 { "" } else { "s" }
                )
            }
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Text(text) => write!(f, "< {}", several_lines(text)),
            Reply::Silence => f.write_str("(silence)"),
            Reply::Card => f.write_str("(card)"),
            Reply::OnList(list) => write!(f, "(on list {list})"),
            Reply::OffList(list) => write!(f, "(off list {list})"),
            Reply::Profile(field, value) => write!(f, "(profile {field} = {value})"),
            Reply::HandedOff(None) => f.write_str("(handed off)"),
            Reply::HandedOff(Some(topic)) => write!(f, "(handed off: {topic})"),
            Reply::Declined => f.write_str("(declined)"),
        }
    }
}

/// An empty line is a lone `|`: no space at a line's end.
fn several_lines(text: &str) -> String {
    text.replace('\n', "\n| ").replace("\n| \n", "\n|\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# Why it is there,
# in two lines.
library hilltop
first contact
on list teens
settings
  list = \"teens\"

> HILLTOP TEENS
< One
|
| three
(card)
(later 2 hours)

# She thinks.
> a
| b
(silence)
(handed off: teens)
";

    #[test]
    fn a_transcript_is_written_as_it_was_read() {
        let transcript = parse(FILE).unwrap();
        assert_eq!(transcript.why, "Why it is there, in two lines.");
        assert_eq!(transcript.library, "hilltop");
        assert!(transcript.first_contact);
        assert_eq!(transcript.settings.trim(), "list = \"teens\"");
        let replies: Vec<_> = transcript
            .steps
            .iter()
            .map(|step| step.replies.clone())
            .collect();
        assert_eq!(
            replies[0],
            [Reply::Text("One\n\nthree".to_owned()), Reply::Card]
        );
        assert_eq!(transcript.steps[2].action, Action::Text("a\nb".to_owned()));
        assert_eq!(transcript.with_replies(&replies), FILE);
    }

    #[test]
    fn a_line_that_means_nothing_is_named() {
        let check = |text: &str, expect: &str| assert_eq!(parse(text).unwrap_err(), expect);
        check(
            "hours 10-8\n> A",
            "line 1: \"hours 10-8\" is no line of a header",
        );
        check("> A\n(sings)", "line 2: \"(sings)\" is no step");
        check(
            "at noon\n> A",
            "line 1: \"noon\" is not a time such as 2031-05-06 10:00",
        );
        check(
            "> A\n(later two days)",
            "line 2: \"(later two days)\" is not like (later 2 days)",
        );
        check(
            "> A\n\n< B",
            "line 3: comments and blank lines stand before a patron's text",
        );
        check("language en", "nobody texts: a line `> ...` is missing");
    }
}
