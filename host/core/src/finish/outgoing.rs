//! The messages of a turn as they go out: named, signed, cut to what carriers take, each with its
//! id. What they say is decided by then.

use super::{MESSAGE_CHARACTERS_MAX, Turn};
use crate::flow::{Attachment, Effects, FlowMessage};
use crate::ids::MessageId;
use crate::messages::{Messages, Name, Reworded};
use crate::snapshot::OutMessage;
use crate::text::consent;

impl Turn<'_> {
    /// Names the library where the number is shared and the last message was another's (a11),
    /// signs the first answer that a phone ever gets (a16), and cuts what is too long.
    pub(super) fn outgoing(&mut self) -> Vec<OutMessage> {
        let mut messages = std::mem::take(&mut self.messages);
        if !self.plain && !messages.is_empty() {
            self.name(&mut messages);
            self.sign(&mut messages);
        }
        let mut outgoing = Vec::new();
        for (text, mut media) in messages {
            let parts = split(&text, MESSAGE_CHARACTERS_MAX);
            let last = parts.len().saturating_sub(1);
            for (index, body) in parts.into_iter().enumerate() {
                if outgoing.len() < MessageId::PER_TURN_MAX {
                    outgoing.push(OutMessage {
                        id: MessageId::of(self.world.text.id, outgoing.len()),
                        library: self.plan.library.clone(),
                        body,
                        media: if index == last {
                            std::mem::take(&mut media)
                        } else {
                            Vec::new()
                        },
                        via: self.means.via,
                        despite_stop: self.plan.consent.is_some() || self.plan.reason == "help",
                    });
                }
            }
        }
        outgoing
    }

    fn name(&mut self, messages: &mut [(String, Vec<Attachment>)]) {
        let Some(number) = self.world.directory.number(&self.world.text.number) else {
            return;
        };
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        let Some(library) = library.filter(|_| number.shared()) else {
            return;
        };
        if self.plan.conversation.named.as_ref() == Some(&library.id) {
            return;
        }
        let named = |text: &str| text.starts_with(library.short_name.as_str());
        if let Some((text, _)) = messages.first_mut().filter(|(text, _)| !named(text)) {
            let sentence =
                Messages::shipped().text(Name::FromLibrary, &self.plan.language, &library.reworded);
            *text = sentence.fill(&[("library", &library.short_name), ("text", text)]);
        }
        self.plan.conversation.named = Some(library.id.clone());
    }

    fn sign(&mut self, messages: &mut Vec<(String, Vec<Attachment>)>) {
        if std::mem::replace(&mut self.plan.conversation.signed, true) {
            return;
        }
        let Some(number) = self.world.directory.number(&self.world.text.number) else {
            return;
        };
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        let none = Reworded::new();
        let reworded = library.map_or(&none, |library| &library.reworded);
        let rates = consent::rates(number.jurisdiction, &self.plan.language).unwrap_or_default();
        let values = [("brand", number.brand.as_str()), ("rates", rates)];
        let signature = Messages::shipped()
            .text(Name::Signature, &self.plan.language, reworded)
            .fill(&values);
        if let Some((text, _)) = messages.last_mut() {
            if text.chars().count() + signature.chars().count() < MESSAGE_CHARACTERS_MAX {
                *text = format!("{text}\n{signature}");
            } else {
                messages.push((signature, Vec::new()));
            }
        }
    }
}

pub(super) fn said(
    said: Vec<FlowMessage>,
    effects: &Effects,
    card: Option<&Attachment>,
) -> Vec<(String, Vec<Attachment>)> {
    let mut messages: Vec<_> = said
        .into_iter()
        .map(|message| (message.text, message.media))
        .collect();
    if let (true, Some(card)) = (effects.card, card) {
        match messages.last_mut() {
            Some((_, media)) => media.push(card.clone()),
            None => messages.push((card.description.clone(), vec![card.clone()])),
        }
    }
    messages
}

/// Cuts at white space where there is some in the second half of a part.
fn split(text: &str, max: usize) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((cut, _)) = rest.char_indices().nth(max) {
        let head = &rest[..cut];
        let at = head
            .rfind(char::is_whitespace)
            .filter(|at| *at > cut / 2)
            .unwrap_or(cut);
        parts.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    parts.push(rest.to_owned());
    parts
}
