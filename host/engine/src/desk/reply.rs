//! Sending: composed on the phone's snapshot, refused or queued by the store, composed again when
//! the phone has moved on meanwhile.

use callslip_core::at::At;
use callslip_core::consent::ANSWERS_FOR;
use callslip_core::desk::reply::{self, Around, TAKE_BACK_FOR};
use callslip_core::desk::{Actor, CloseReason, Fence, Refused, Right};
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, TicketId};
use callslip_core::inbound::Namespace;
use callslip_core::outbox::Purpose;
use callslip_core::snapshot::Conversation;
use callslip_store::StoreError;
use callslip_store::desk::{Replied, Reply, ReplyOutcome, Standing, TakeBack, TicketHead};

use super::{Desk, DeskError};

/// A phone whose turns overtake each try is in a loop; the person tries again.
const TRIES_MAX: usize = 8;
/// The page makes it of random letters and digits.
const SEND_BYTES_MAX: usize = 64;

#[derive(Clone, Debug)]
pub struct ReplyAsk {
    pub ticket: TicketId,
    pub fence: Fence,
    /// Made by the page once for each reply.
    pub send: String,
    pub body: String,
    pub attach: Attach,
    /// The patron's last text on the page. None: the person was told that the patron wrote
    /// meanwhile, and sends all the same.
    pub seen: Option<InboundId>,
    /// Send and close in one.
    pub close: Option<CloseReason>,
    /// Not now: at this moment.
    pub later: Option<At>,
}

/// What goes with the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attach {
    Nothing,
    /// The library's contact card.
    Card,
}

pub(super) fn check_send(send: &str) -> Result<(), Refused> {
    if send.is_empty() || send.len() > SEND_BYTES_MAX {
        let what = format!("a send has between 1 and {SEND_BYTES_MAX} bytes");
        return Err(Refused::Invalid(what));
    }
    Ok(())
}

/// A text asks for its answers for 30 days (b6).
fn check_later(later: Option<At>, now: At) -> Result<(), Refused> {
    let fits = |at: At| at > now + TAKE_BACK_FOR && at.since(now) <= ANSWERS_FOR;
    if later.is_none_or(fits) {
        return Ok(());
    }
    let what = "choose a moment from now on, within the next 30 days";
    Err(Refused::Invalid(what.to_owned()))
}

impl Desk {
    /// Into the outbox, due in five seconds; until then [`Desk::take_back`] holds it.
    pub async fn reply(&self, actor: &Actor, ask: ReplyAsk) -> Result<Replied, DeskError> {
        check_send(&ask.send)?;
        check_later(ask.later, self.engine.now())?;
        for _ in 0..TRIES_MAX {
            let head = self.seen(actor, ask.ticket).await?;
            actor.check_at(&head.library, head.guest.as_ref(), Right::Answer)?;
            let reply = self.compose(actor, &ask, head).await?;
            let outcome = self.ask(|done| self.store().reply(reply, done)).await?;
            match outcome {
                ReplyOutcome::Queued(replied) => {
                    self.engine.shared.outbox.notify_one();
                    return Ok(replied);
                }
                ReplyOutcome::Already(replied) => return Ok(replied),
                ReplyOutcome::Conflict => {}
            }
        }
        Err(StoreError::Full.into())
    }

    /// The words are the draft again.
    pub async fn take_back(
        &self,
        actor: &Actor,
        ticket: TicketId,
        send: String,
    ) -> Result<Standing, DeskError> {
        let back = TakeBack {
            actor: actor.clone(),
            ticket,
            send,
            now: self.engine.now(),
        };
        self.ask(|done| self.store().take_back(back, done)).await
    }

    async fn compose(
        &self,
        actor: &Actor,
        ask: &ReplyAsk,
        head: TicketHead,
    ) -> Result<Reply, DeskError> {
        let running = self.engine.running();
        let directory = &running.directory;
        let (Some(number), Some(library)) = (
            directory.number(&head.number),
            directory.library(&head.library),
        ) else {
            let what = "this number or library is not configured any more: nothing can be sent";
            return Err(Refused::Invalid(what.to_owned()).into());
        };
        let now = self.engine.now();
        let (phone, at) = (head.phone, head.number.clone());
        let snapshot = self
            .read(move |reader| reader.snapshot(phone, &at, now))
            .await?;
        let media: Vec<Attachment> = match ask.attach {
            Attach::Nothing => Vec::new(),
            Attach::Card => vec![running.card(library, None)],
        };
        let before = snapshot.conversation;
        let mut at_its_moment = before.clone();
        if ask.later.is_some() {
            // Nobody knows whose message will have been the last by then.
            at_its_moment.named = None;
        }
        let around = Around {
            number,
            library,
            language: head.language.as_deref(),
            conversation: &at_its_moment,
        };
        let mut composed = reply::compose(&around, &ask.body, media)?;
        if ask.later.is_some() {
            composed.conversation = Conversation {
                signed: composed.conversation.signed,
                ..before
            };
        }
        let due = ask.later.unwrap_or(now + TAKE_BACK_FOR);
        Ok(Reply {
            actor: actor.clone(),
            ticket: ask.ticket,
            fence: ask.fence,
            send: ask.send.clone(),
            seen: ask.seen,
            draft: ask.body.clone(),
            gateway: match head.namespace {
                Namespace::Real => number.gateway.clone(),
                Namespace::Simulator => head.gateway,
            },
            phone_version: snapshot.phone_version,
            conversation: composed.conversation,
            messages: composed.messages,
            close: ask.close,
            now,
            due,
            scheduled: ask.later.is_some(),
            useful_until: self
                .engine
                .shared
                .delivery
                .useful
                .until(Purpose::Person, false, due),
        })
    }
}
