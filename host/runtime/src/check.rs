//! Whether an answer is one that the host can keep: within its limits, and saying something that
//! makes sense at this point of a conversation. Knows nothing of WebAssembly.

use callslip_core::flow::{
    Attachment, Entry, Event, Fault, FlowInput, FlowMessage, FlowOutput, Next, Question,
};

use crate::limits::Limits;

/// A question lives for a month at most, and for as long as it takes to type an answer at least.
const EXPIRES_SECONDS: std::ops::RangeInclusive<u32> = 60..=30 * 24 * 60 * 60;

const CHOICES_MAX: usize = 64;
const CHOICE_CHARACTERS_MAX: usize = 160;

/// Carriers take ten attachments a message.
const MEDIA_MAX: usize = 10;
const URL_BYTES_MAX: usize = 2_048;
const CONTENT_TYPE_BYTES_MAX: usize = 127;
const DESCRIPTION_CHARACTERS_MAX: usize = 1_000;

const TOPIC_CHARACTERS_MAX: usize = 100;
const SUMMARY_CHARACTERS_MAX: usize = 2_000;

/// The answer as it is kept, or what is wrong with it.
pub(crate) fn output(
    mut output: FlowOutput,
    input: &FlowInput,
    limits: &Limits,
) -> Result<FlowOutput, Fault> {
    messages(&mut output.messages, &input.event, limits)?;
    match &mut output.next {
        Next::Finish => {}
        Next::Ask(asked) => question(asked)?,
        Next::HandOff { topic, summary } => hand_off(topic.as_mut(), summary)?,
        Next::Decline => {
            if !matches!(input.event, Event::Started(_)) {
                return malformed("it declined in the middle of a conversation");
            }
        }
    }
    if !output.append.is_empty() && !matches!(output.next, Next::Ask(_)) {
        return malformed("it wrote to its journal without asking anything");
    }
    journal(&input.journal, &output.append, limits)?;
    Ok(output)
}

fn messages(messages: &mut [FlowMessage], event: &Event, limits: &Limits) -> Result<(), Fault> {
    // A patron who said nothing just now gets one message.
    let unasked = matches!(event, Event::TimedOut | Event::Due(_));
    let most = if unasked { 1 } else { limits.messages };
    if messages.len() > most {
        return limit(format!(
            "it sent {} messages; {most} at most{}",
            messages.len(),
            if unasked {
                " when the patron sent nothing"
            } else {
                ""
            }
        ));
    }
    for (number, message) in (1..).zip(messages) {
        let characters = message.text.chars().count();
        if characters > limits.message_characters {
            return limit(format!(
                "its message {number} has {characters} characters; {} at most",
                limits.message_characters
            ));
        }
        message.text = without_controls(&message.text);
        if message.text.trim().is_empty() && message.media.is_empty() {
            return malformed(format!("its message {number} is empty"));
        }
        if message.media.len() > MEDIA_MAX {
            return limit(format!(
                "its message {number} has {} attachments; {MEDIA_MAX} at most",
                message.media.len()
            ));
        }
        for media in &mut message.media {
            attachment(media)?;
        }
    }
    Ok(())
}

fn attachment(media: &mut Attachment) -> Result<(), Fault> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
    let fetchable = media.url.starts_with("https://") || media.url.starts_with("http://");
    if !fetchable || !plain(&media.url) || media.url.len() > URL_BYTES_MAX {
        return malformed("an attachment's address is no http or https URL");
    }
    let (kind, of) = media.content_type.split_once('/').unwrap_or_default();
    let long = media.content_type.len() > CONTENT_TYPE_BYTES_MAX;
    if kind.is_empty() || of.is_empty() || long || !plain(&media.content_type) {
        return malformed("an attachment's content type is not one like image/png");
    }
    media.description = without_controls(&media.description);
    if media.description.trim().is_empty() {
        return malformed("an attachment has no description for who cannot see it");
    }
    if media.description.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        return limit(format!(
            "an attachment's description has {DESCRIPTION_CHARACTERS_MAX} characters at most"
        ));
    }
    Ok(())
}

fn question(question: &Question) -> Result<(), Fault> {
    if question.choices.len() > CHOICES_MAX {
        return limit(format!(
            "its question has {} choices; {CHOICES_MAX} at most",
            question.choices.len()
        ));
    }
    for choice in &question.choices {
        let empty = choice.trim().is_empty() || choice.chars().any(char::is_control);
        if empty || choice.chars().count() > CHOICE_CHARACTERS_MAX {
            return malformed(format!(
                "a choice of its question is not one line of 1 to {CHOICE_CHARACTERS_MAX} \
                 characters"
            ));
        }
    }
    match question.expires_after_seconds {
        Some(seconds) if !EXPIRES_SECONDS.contains(&seconds) => limit(format!(
            "its question expires after {seconds} s; {} to {} are possible",
            EXPIRES_SECONDS.start(),
            EXPIRES_SECONDS.end()
        )),
        _ => Ok(()),
    }
}

fn hand_off(topic: Option<&mut String>, summary: &mut String) -> Result<(), Fault> {
    if summary.chars().count() > SUMMARY_CHARACTERS_MAX {
        return limit(format!(
            "its summary for staff has {SUMMARY_CHARACTERS_MAX} characters at most"
        ));
    }
    *summary = without_controls(summary);
    if let Some(topic) = topic {
        if topic.chars().count() > TOPIC_CHARACTERS_MAX {
            return limit(format!(
                "its topic has {TOPIC_CHARACTERS_MAX} characters at most"
            ));
        }
        *topic = without_controls(topic);
    }
    Ok(())
}

fn journal(kept: &[Entry], append: &[Entry], limits: &Limits) -> Result<(), Fault> {
    let size = |entry: &Entry| entry.kind.len() + entry.asked.len() + entry.got.len();
    if let Some(entry) = append.iter().find(|entry| size(entry) > limits.entry_bytes) {
        return limit(format!(
            "an entry of its journal has {} bytes; {} at most: keep only the part that is needed \
             later",
            size(entry),
            limits.entry_bytes
        ));
    }
    let entries = kept.len() + append.len();
    if entries > limits.journal_entries {
        return limit(format!(
            "its journal has {entries} entries; {} at most",
            limits.journal_entries
        ));
    }
    let bytes: usize = kept.iter().chain(append).map(size).sum();
    if bytes > limits.journal_bytes {
        return limit(format!(
            "its journal has {bytes} bytes; {} at most",
            limits.journal_bytes
        ));
    }
    Ok(())
}

/// What no phone shows and some gateways refuse is dropped, and what would let an address be read
/// in another order than it is written; lines and tabs stay what they were.
fn without_controls(text: &str) -> String {
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    if !text.chars().any(|c| hidden(c) && c != '\n') {
        return text.to_owned();
    }
    (text.chars())
        .filter_map(|c| match c {
            '\n' => Some('\n'),
            '\t' => Some(' '),
            c if hidden(c) => None,
            c => Some(c),
        })
        .collect()
}

fn limit<T>(reason: String) -> Result<T, Fault> {
    Err(Fault::Limit(reason))
}

fn malformed<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Malformed(reason.into()))
}
