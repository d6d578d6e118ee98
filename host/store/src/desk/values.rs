//! What people do at the desk, with all that the store needs for it.

use callslip_core::at::At;
use callslip_core::desk::{
    Act, Actor, CannedId, Claim, CloseReason, Fence, Mute, Place, Preference,
};
use callslip_core::flow::Attachment;
use callslip_core::ids::{InboundId, LibraryId, MessageId, StaffId, TicketId};
use callslip_core::snapshot::Conversation;

#[derive(Clone, Debug)]
pub struct TicketAct {
    pub actor: Actor,
    pub ticket: TicketId,
    pub act: Act,
    pub now: At,
}

/// How a ticket stands after an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub place: Place,
    pub claim: Option<Claim>,
    pub fence: Fence,
    pub topic: Option<String>,
}

/// A reply, composed and ready for the outbox.
#[derive(Clone, Debug)]
pub struct Reply {
    pub actor: Actor,
    pub ticket: TicketId,
    pub fence: Fence,
    /// Made by the page, once for each reply: whoever sends it again has sent it once.
    pub send: String,
    /// The patron's last text on the page when the reply was written. None: the sender was shown
    /// that the patron wrote meanwhile, and sends all the same.
    pub seen: Option<InboundId>,
    /// As it was written, for the draft that it becomes when it is taken back.
    pub draft: String,
    /// Hands it over.
    pub gateway: String,
    pub phone_version: i64,
    /// As the reply leaves it.
    pub conversation: Conversation,
    pub messages: Vec<(String, Vec<Attachment>)>,
    /// Sent and closed in one.
    pub close: Option<CloseReason>,
    pub now: At,
    /// Until then it can be taken back.
    pub due: At,
    /// A moment was chosen for it: what else the phone is sent does not wait for it.
    pub scheduled: bool,
    /// Later it is not sent any more.
    pub useful_until: At,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyOutcome {
    Queued(Replied),
    /// This very `send` came before; nothing was written.
    Already(Replied),
    /// The phone has moved on since `phone_version`: compose it again.
    Conflict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Its place in the conversation.
    pub turn: InboundId,
    /// Until then it can be taken back.
    pub due: At,
}

#[derive(Clone, Debug)]
pub struct TakeBack {
    pub actor: Actor,
    pub ticket: TicketId,
    pub send: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct DraftWrite {
    pub actor: Actor,
    pub ticket: TicketId,
    /// Empty: there is no draft any more.
    pub body: String,
    pub seen: InboundId,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct NoteWrite {
    pub actor: Actor,
    pub ticket: TicketId,
    pub body: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct Looking {
    pub actor: Actor,
    pub ticket: TicketId,
    /// A key was pressed in the reply box.
    pub typing: bool,
    pub now: At,
}

impl Replied {
    /// The id of its `ordinal`th message.
    pub fn message(&self, ordinal: usize) -> MessageId {
        MessageId::of(self.turn, ordinal)
    }
}

/// Which ticket a text is in; staff may say otherwise (d3).
#[derive(Clone, Debug)]
pub struct ThreadAct {
    pub actor: Actor,
    /// Where the text is now.
    pub ticket: TicketId,
    pub text: InboundId,
    pub to: Whither,
    pub now: At,
}

#[derive(Clone, Debug)]
pub enum Whither {
    /// A ticket of its own, on another topic than the patron's other open ones.
    Own { topic: Option<String> },
    /// Another open ticket of the same patron.
    Ticket(TicketId),
}

/// What is done to the patron of a ticket, who is the library's patron beyond it.
#[derive(Clone, Debug)]
pub struct PatronAct {
    pub actor: Actor,
    pub ticket: TicketId,
    pub deed: Deed,
    pub now: At,
}

/// The one question after a ticket.
#[derive(Clone, Debug)]
pub struct Survey {
    pub ticket: TicketId,
    /// What starts the keyword.
    pub body: String,
    pub gateway: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub enum Deed {
    /// Nothing of theirs goes to a person until then (d4).
    Mute(Mute),
    Unmute {
        why: String,
    },
    /// This text of theirs is a yes to being texted first.
    Agreed {
        text: InboundId,
    },
    /// This text of theirs is a yes to another library's people answering here (b7).
    Invited {
        guest: LibraryId,
        text: InboundId,
    },
    /// The question is its own library's again.
    Parted,
    /// How they want to be answered. None: by text again.
    Prefer(Option<Preference>),
    /// They have said elsewhere that the library is to text them no more.
    OptOut {
        why: String,
    },
    /// Questions an opt-out in the patron's own words, to answer this ticket and nothing else (b5).
    Undo {
        why: String,
    },
}

/// A patron's number is shown to a person, and that it was is never forgotten.
#[derive(Clone, Debug)]
pub struct Reveal {
    pub actor: Actor,
    pub ticket: TicketId,
    pub why: String,
    pub now: At,
}

#[derive(Clone, Debug)]
pub struct CannedAct {
    pub actor: Actor,
    pub library: LibraryId,
    pub what: CannedWhat,
    pub now: At,
}

#[derive(Clone, Debug)]
pub enum CannedWhat {
    Add {
        name: String,
        body: String,
    },
    Change {
        id: CannedId,
        name: String,
        body: String,
        /// As the form showed it: one that was changed since is not written over.
        seen: At,
    },
    Remove(CannedId),
}

/// Who knows a topic, all of them.
#[derive(Clone, Debug)]
pub struct TopicPeople {
    pub actor: Actor,
    pub library: LibraryId,
    pub topic: String,
    pub people: Vec<StaffId>,
    pub now: At,
}

/// A flow's answer was wrong.
#[derive(Clone, Debug)]
pub struct WrongAnswer {
    pub actor: Actor,
    /// The text that was answered.
    pub text: InboundId,
    pub remark: Option<String>,
    pub now: At,
}

/// A turn that somebody at the desk begins for the patron: a keyword is started.
#[derive(Clone, Debug)]
pub struct Order {
    pub actor: Actor,
    pub ticket: TicketId,
    pub fence: Fence,
    /// As for a reply: whoever asks again has asked once.
    pub send: String,
    pub gateway: String,
    /// What stands for the text; `core::route` knows how to read it.
    pub body: String,
    /// For the history.
    pub keyword: String,
    pub now: At,
}
