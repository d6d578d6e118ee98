//! The messages of a turn as they go out: named, signed, cut to what carriers take, each with its
//! id. What they say is decided by then.

use super::{MESSAGE_CHARACTERS_MAX, Turn};
use crate::budget;
use crate::directory::{Library, Long, Number};
use crate::flow::{Attachment, Effects, FlowMessage};
use crate::ids::{LibraryId, MessageId};
use crate::messages::{Messages, Name, Reworded};
use crate::outbox::Purpose;
use crate::snapshot::{Consent, Conversation, OutMessage, SessionWrite};
use crate::text::{consent, parts, plain};

/// Who speaks, through which number, in which language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice<'a> {
    pub(crate) number: &'a Number,
    pub(crate) library: Option<&'a Library>,
    pub(crate) language: &'a str,
}

impl Turn<'_> {
    pub(super) fn outgoing(&mut self) -> Vec<OutMessage> {
        let mut messages = std::mem::take(&mut self.messages);
        let Some(number) = self.world.directory.number(&self.world.text.number) else {
            return Vec::new();
        };
        let library = self.plan.library.as_ref();
        let library = library.and_then(|id| self.world.directory.library(id));
        let voice = Voice {
            number,
            library: library.map(|library| &**library),
            language: &self.plan.language.clone(),
        };
        voice.simplify(&mut messages);
        if !self.plain && !messages.is_empty() {
            voice.name(&mut self.plan.conversation, &mut messages);
            messages = self.fit(messages);
            voice.sign(&mut self.plan.conversation, &mut messages);
        }
        let mut outgoing = Vec::new();
        // Before all else, and from the number: it is not the library's business that is answered.
        let urgent = self
            .plan
            .urgent
            .as_ref()
            .and_then(|urgent| urgent.tell.clone());
        if let Some(text) = urgent {
            self.put(&mut outgoing, None, Purpose::Urgent, text, Vec::new());
        }
        let library = self.plan.library.clone();
        // A flow's answer may hold a yes of the patron's and is an answer all the same.
        let purpose = match self.plan.unasked {
            Some(_) => Purpose::Unasked,
            None if self.plan.despite_stop => Purpose::Consent,
            None => Purpose::Answer,
        };
        for (body, media) in voice.parts(messages, MessageId::PER_TURN_MAX - outgoing.len()) {
            self.put(&mut outgoing, library.clone(), purpose, body, media);
        }
        outgoing
    }

    fn put(
        &self,
        outgoing: &mut Vec<OutMessage>,
        library: Option<LibraryId>,
        purpose: Purpose,
        body: String,
        media: Vec<Attachment>,
    ) {
        let mut facts = self.plan.consent.iter();
        let stopped = facts.any(|fact| fact.after == Consent::Out);
        if outgoing.len() < MessageId::PER_TURN_MAX {
            outgoing.push(OutMessage {
                id: MessageId::of(self.world.text.id, outgoing.len()),
                library,
                list: None,
                body,
                media,
                via: self.means.via,
                purpose,
                useful_until: match self.plan.unasked {
                    Some(until) => until,
                    None => self.means.useful.until(purpose, stopped, self.world.now),
                },
                despite_stop: self.plan.despite_stop,
            });
        }
    }

    /// A question that the keyword put aside: how to go back to it.
    pub(super) fn tell_of_resume(&mut self) {
        let aside = self.plan.sessions.iter().find_map(|write| match write {
            SessionWrite::Suspend { id, .. } => Some(*id),
            SessionWrite::Wait(_) | SessionWrite::End { .. } => None,
        });
        let sessions = &self.world.snapshot.sessions;
        let session = aside.and_then(|id| sessions.iter().find(|session| session.id == id));
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| self.world.directory.library(id));
        if let (Some(session), Some(library), Some((text, _))) =
            (session, library, self.messages.last_mut())
        {
            let values = [("keyword", session.pinned.keyword.as_str())];
            let sentence =
                Messages::shipped().text(Name::Interrupted, &self.plan.language, &library.reworded);
            *text = format!("{text}\n{}", sentence.fill(&values));
        }
    }

    /// Keeps an answer within its segments (g4). The signature under a first one comes on top.
    fn fit(&mut self, messages: Vec<(String, Vec<Attachment>)>) -> Vec<(String, Vec<Attachment>)> {
        let directory = self.world.directory;
        let library = self
            .plan
            .library
            .as_ref()
            .and_then(|id| directory.library(id));
        let keyword = library
            .zip(self.plan.keyword.as_ref())
            .and_then(|(library, id)| library.keyword(id));
        let max = keyword
            .and_then(|keyword| keyword.segments_max)
            .unwrap_or(directory.rules.segments_a_turn);
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        if surely_fits(&messages, max) {
            return messages;
        }
        let last = messages.last().map_or("", |(text, _)| text.as_str());
        let asks = self.plan.sessions.iter().any(|write| match write {
            SessionWrite::Wait(session) => last.starts_with(session.asked_text.as_str()),
            SessionWrite::Suspend { .. } | SessionWrite::End { .. } => false,
        });
        let none = Reworded::new();
        let reworded = library.map_or(&none, |library| &library.reworded);
        let more = Messages::shipped().text(Name::CutShort, &self.plan.language, reworded);
        let (fitted, cut) = budget::fit(messages, max, asks, &more.fill(&[]));
        self.cut = cut;
        fitted
    }
}

impl Voice<'_> {
    /// Names the library where the number is shared and the last message was another's (a11), and
    /// signs the first answer that a phone ever gets (a16).
    pub(crate) fn dress(
        &self,
        conversation: &mut Conversation,
        messages: &mut Vec<(String, Vec<Attachment>)>,
    ) {
        self.simplify(messages);
        self.name(conversation, messages);
        self.sign(conversation, messages);
    }

    /// As the number's carrier takes them, and its phones, at most `max`; attachments go with a
    /// text's last part.
    pub(crate) fn parts(
        &self,
        messages: Vec<(String, Vec<Attachment>)>,
        max: usize,
    ) -> Vec<(String, Vec<Attachment>)> {
        let mut cut: Vec<(String, Vec<Attachment>)> = Vec::new();
        for (text, media) in messages {
            let left = max - cut.len();
            if left == 0 {
                break;
            }
            let parts = match self.number.long {
                Long::Parts => parts::numbered(&text, left),
                Long::One => parts::cut(&text, MESSAGE_CHARACTERS_MAX),
            };
            cut.extend(parts.into_iter().take(left).map(|part| (part, Vec::new())));
            if let Some((_, last)) = cut.last_mut() {
                last.extend(media);
            }
        }
        cut
    }

    /// Before anything is counted: what the library lets go costs nothing.
    fn simplify(&self, messages: &mut [(String, Vec<Attachment>)]) {
        if self.library.is_some_and(|library| library.plain_characters) {
            for (text, _) in messages {
                *text = plain::plain(text);
            }
        }
    }

    fn name(&self, conversation: &mut Conversation, messages: &mut [(String, Vec<Attachment>)]) {
        let Some(library) = self.library.filter(|_| self.number.shared()) else {
            return;
        };
        if conversation.named.as_ref() == Some(&library.id) {
            return;
        }
        let named = |text: &str| text.starts_with(library.short_name.as_str());
        if let Some((text, _)) = messages.first_mut().filter(|(text, _)| !named(text)) {
            let sentence =
                Messages::shipped().text(Name::FromLibrary, self.language, &library.reworded);
            *text = sentence.fill(&[("library", &library.short_name), ("text", text)]);
        }
        conversation.named = Some(library.id.clone());
    }

    fn sign(&self, conversation: &mut Conversation, messages: &mut Vec<(String, Vec<Attachment>)>) {
        if std::mem::replace(&mut conversation.signed, true) {
            return;
        }
        let none = Reworded::new();
        let reworded = self.library.map_or(&none, |library| &library.reworded);
        let rates = consent::rates(self.number.jurisdiction, self.language).unwrap_or_default();
        let values = [("brand", self.number.brand.as_str()), ("rates", rates)];
        let signature = Messages::shipped()
            .text(Name::Signature, self.language, reworded)
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

/// Without counting: no text has more segments than this.
fn surely_fits(messages: &[(String, Vec<Attachment>)], segments_max: usize) -> bool {
    let bounds = messages.iter().map(|(text, _)| text.len() / 60 + 2);
    bounds.sum::<usize>() <= segments_max
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
