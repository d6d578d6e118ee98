//! A person reminds a patron: their own words at a moment that is to come, outside quiet hours. What
//! becomes of it then is decided as for every reminder.

use callslip_core::at::At;
use callslip_core::desk::{Actor, Refused, Right};
use callslip_core::due::{HORIZON, USEFUL, WORDS_CHARACTERS_MAX};
use callslip_core::ids::{LibraryId, TicketId};
use callslip_store::due::{ChangeReminder, Reminder, SetReminder};

use super::reply::check_send;
use super::{Desk, DeskError};

/// As many as people look through.
const SHOWN: usize = 20;
const CAUSE_CHARACTERS_MAX: usize = 300;

#[derive(Clone, Debug)]
pub struct RemindAsk {
    pub ticket: TicketId,
    /// Made by the page once for each.
    pub send: String,
    pub words: String,
    pub at: At,
    /// When what it is about begins: later it is of no use. None: a day after its moment.
    pub event: Option<At>,
}

#[derive(Clone, Debug)]
pub struct ChangeAsk {
    pub ticket: TicketId,
    pub id: i64,
    /// None: it is cancelled.
    pub to: Option<At>,
    pub cause: String,
}

impl Desk {
    pub async fn remind(&self, actor: &Actor, ask: RemindAsk) -> Result<(), DeskError> {
        check_send(&ask.send)?;
        let words = ask.words.trim().to_owned();
        let characters = words.chars().count();
        if characters == 0 || characters > WORDS_CHARACTERS_MAX {
            let what = format!("a reminder has 1 to {WORDS_CHARACTERS_MAX} characters");
            return Err(Refused::Invalid(what).into());
        }
        let now = self.engine.now();
        let set = SetReminder {
            actor: actor.clone(),
            ticket: ask.ticket,
            send: ask.send,
            at: ask.at,
            useful_until: useful_until(ask.at, ask.event, now)?,
            words,
            now,
        };
        self.ask(|done| self.engine.shared.store.due().set_reminder(set, done))
            .await
    }

    /// Moves or cancels one that waits; a flow's can only be cancelled.
    pub async fn change_reminder(&self, actor: &Actor, ask: ChangeAsk) -> Result<(), DeskError> {
        let cause = ask.cause.trim().to_owned();
        if cause.is_empty() || cause.chars().count() > CAUSE_CHARACTERS_MAX {
            let what = "say why, in a few words";
            return Err(Refused::Invalid(what.to_owned()).into());
        }
        let now = self.engine.now();
        let to = match ask.to {
            None => None,
            Some(at) => Some((at, useful_until(at, None, now)?)),
        };
        let change = ChangeReminder {
            actor: actor.clone(),
            ticket: ask.ticket,
            id: ask.id,
            to,
            cause,
            now,
        };
        self.ask(|done| {
            self.engine.shared.store.due().change_reminder(change, done);
        })
        .await
    }

    /// Those of the ticket's patron that wait, then the latest of the others.
    pub async fn reminders(
        &self,
        actor: &Actor,
        ticket: TicketId,
    ) -> Result<Vec<Reminder>, DeskError> {
        let head = self.seen(actor, ticket).await?;
        // A guest sees what was said, and not what else the library has in hand.
        if actor.check(&head.library, Right::See).is_err() {
            return Ok(Vec::new());
        }
        self.read(move |reader| reader.due().reminders_of(ticket, SHOWN))
            .await
    }

    /// Of a whole library.
    pub async fn reminders_of_library(
        &self,
        actor: &Actor,
        library: &LibraryId,
        max: usize,
    ) -> Result<Vec<Reminder>, DeskError> {
        actor.check(library, Right::See)?;
        let library = library.clone();
        self.read(move |reader| reader.due().reminders(&library, max))
            .await
    }
}

fn useful_until(at: At, event: Option<At>, now: At) -> Result<At, Refused> {
    let invalid = |what: &str| Err(Refused::Invalid(what.to_owned()));
    if at <= now {
        return invalid("choose a moment that is to come");
    }
    if at.since(now) > HORIZON {
        return invalid("choose a moment within the next two years");
    }
    match event {
        Some(event) if event <= at => invalid("the reminder would come after what it is about"),
        Some(event) => Ok(event),
        None => Ok(at + USEFUL),
    }
}
