//! A ticket's state and what staff do to it. A claim is held by one person under a fencing token:
//! each new claim raises the fence, and whoever comes with an older one is told who has it now
//! (invariant 9).

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::actor::{Actor, Right};
use crate::at::At;
use crate::consent::Why;
use crate::ids::{InboundId, LibraryId, StaffId, TicketId};

/// A claim ends this long after its holder's last key or reply (d5).
pub const CLAIM_FOR: Duration = Duration::from_secs(15 * 60);
/// A text that nothing else takes reopens a ticket closed this lately (d3).
pub const REOPENS_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Nobody remembers what a longer one was for.
pub const SNOOZE_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// What people write beside an act.
pub const REMARK_CHARACTERS_MAX: usize = 1_000;

/// The number of a claim; a later claim has a higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub i64);

/// Where a ticket lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The patron waits for a person.
    Waiting,
    /// A person has answered: the patron's turn.
    Answered,
    /// Put aside until a moment.
    Snoozed,
    Closed,
}

/// Who has a ticket, until when if no key is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub staff: StaffId,
    pub until: At,
}

/// What decisions about a ticket need of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub library: LibraryId,
    /// Answers for it, until it closes: the library and the patron agreed to that (b7).
    pub guest: Option<LibraryId>,
    pub place: Place,
    /// What the place counts from: since when the patron waits, was answered, is closed; until
    /// when it is snoozed.
    pub since: At,
    pub topic: Option<String>,
    /// The last one, run out or not: a text after the close goes to the same person (d3).
    pub claim: Option<Claim>,
    pub fence: Fence,
    /// The patron's last text in it.
    pub last_text: InboundId,
    pub last_patron: At,
    pub last_staff: Option<At>,
}

/// What staff do to a ticket without sending anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes it, or goes on holding it.
    Claim,
    /// A key was pressed in the reply box.
    Touch {
        fence: Fence,
    },
    /// To a colleague: by its holder, or by anyone while nobody has it.
    HandOver {
        to: Box<Actor>,
    },
    Release,
    Close {
        reason: CloseReason,
        remark: Option<String>,
    },
    Reopen,
    /// Comes back to the queue at that moment, or with the patron's next text.
    Snooze {
        until: At,
        remark: Option<String>,
    },
    Topic {
        topic: Option<String>,
    },
}

/// Why there is nothing more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloseReason {
    Answered,
    /// By a call, by e-mail, at the desk: the patron's own wish.
    AnsweredElsewhere,
    NoAnswerNeeded,
    NotForUs,
    Abuse,
    Other,
}

impl CloseReason {
    /// As histories keep it.
    pub fn word(self) -> &'static str {
        match self {
            CloseReason::Answered => "answered",
            CloseReason::AnsweredElsewhere => "answered-elsewhere",
            CloseReason::NoAnswerNeeded => "no-answer-needed",
            CloseReason::NotForUs => "not-for-us",
            CloseReason::Abuse => "abuse",
            CloseReason::Other => "other",
        }
    }

    pub const ALL: [CloseReason; 6] = [
        CloseReason::Answered,
        CloseReason::AnsweredElsewhere,
        CloseReason::NoAnswerNeeded,
        CloseReason::NotForUs,
        CloseReason::Abuse,
        CloseReason::Other,
    ];
}

/// Why not. For the person who asked; where somebody else is named, it is by their id, which the
/// page knows a name for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Also when it is another library's: nobody learns that it exists.
    #[error("there is no such ticket")]
    NotFound,
    #[error("you may not {0} in this library")]
    NotAllowed(Right),
    #[error("you may not be shown a patron's number in this library")]
    MayNotReveal,
    #[error("{by} has this ticket")]
    Held { by: StaffId },
    #[error("nobody has this ticket: claim it first")]
    NotClaimed,
    #[error("your claim ran out or was taken elsewhere: claim the ticket again")]
    ClaimOver,
    #[error("the ticket is closed")]
    Closed,
    #[error("the ticket is not closed")]
    NotClosed,
    #[error("this patron has an open ticket on that topic: use that one, or another topic")]
    OpenAlready { ticket: TicketId },
    #[error("the patron wrote meanwhile: read it, then send again")]
    PatronWrote { latest: InboundId },
    #[error(transparent)]
    MayNotSend(#[from] Why),
    #[error("it has gone out already and cannot be taken back")]
    TooLate,
    #[error("the patron has stopped the library's texts already")]
    StoppedAlready,
    /// A word of the law, or the gateway's own block (b5).
    #[error("the patron said STOP in so many words: only they can take that back")]
    NotQuestionable,
    #[error("{0}")]
    Invalid(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Waiting => "waiting",
            Place::Answered => "waiting for patron",
            Place::Snoozed => "snoozed",
            Place::Closed => "closed",
        })
    }
}

impl State {
    /// Who has it at this moment.
    pub fn holder(&self, now: At) -> Option<&StaffId> {
        let claim = self.claim.as_ref().filter(|claim| claim.until > now);
        claim.map(|claim| &claim.staff)
    }

    /// Whether this person may do that much here, be it as a guest.
    pub fn check(&self, actor: &Actor, right: Right) -> Result<(), Refused> {
        actor.check_at(&self.library, self.guest.as_ref(), right)
    }

    /// Another library answers for this one from now on; anybody there may claim it.
    pub fn invite(&self, guest: &LibraryId, now: At) -> Result<State, Refused> {
        let mut next = self.clone();
        if self.place == Place::Closed {
            return Err(Refused::Closed);
        }
        if *guest == self.library || self.guest.is_some() {
            let what = "another library answers for it already";
            return Err(Refused::Invalid(what.to_owned()));
        }
        next.guest = Some(guest.clone());
        next.place = Place::Waiting;
        next.since = now;
        next.claim = None;
        Ok(next)
    }

    /// Its own library's again.
    pub fn part(&self, now: At) -> Result<State, Refused> {
        let mut next = self.clone();
        if next.guest.take().is_none() {
            let what = "no other library answers for it";
            return Err(Refused::Invalid(what.to_owned()));
        }
        if next.place != Place::Answered {
            next.place = Place::Waiting;
            next.since = now;
        }
        next.claim = None;
        Ok(next)
    }

    /// What becomes of it, or why not. The same state and act give the same answer.
    pub fn act(&self, actor: &Actor, act: &Act, now: At) -> Result<State, Refused> {
        self.check(actor, Right::Answer)?;
        let closed = self.place == Place::Closed;
        let mut next = self.clone();
        match act {
            Act::Reopen if !closed => return Err(Refused::NotClosed),
            Act::Reopen => {
                next.place = Place::Waiting;
                next.since = now;
            }
            _ if closed => return Err(Refused::Closed),
            Act::Claim => next.claim_for(&actor.staff, now)?,
            Act::Touch { fence } => {
                self.held(&actor.staff, *fence, now)?;
                next.renew(now);
            }
            Act::HandOver { to } => {
                self.not_anothers(&actor.staff, now)?;
                self.check(to, Right::Answer)
                    .map_err(|_| Refused::Invalid("they may not answer tickets here".to_owned()))?;
                next.give(&to.staff, now);
            }
            Act::Release => {
                self.not_anothers(&actor.staff, now)?;
                next.claim = None;
            }
            Act::Close { remark, .. } => {
                self.not_anothers(&actor.staff, now)?;
                short(remark.as_deref())?;
                next.close(&actor.staff, now);
            }
            Act::Snooze { until, remark } => {
                self.not_anothers(&actor.staff, now)?;
                short(remark.as_deref())?;
                if *until <= now || until.since(now) > SNOOZE_MAX {
                    let what = "snooze it until a moment within the next year";
                    return Err(Refused::Invalid(what.to_owned()));
                }
                next.place = Place::Snoozed;
                next.since = *until;
            }
            Act::Topic { topic } => {
                actor.check(&self.library, Right::Answer)?;
                self.not_anothers(&actor.staff, now)?;
                next.topic.clone_from(topic);
                // The topic's own people take it from here.
                next.claim = None;
            }
        }
        Ok(next)
    }

    /// Only the holder of the latest claim, while it lasts, may send.
    pub fn held(&self, staff: &StaffId, fence: Fence, now: At) -> Result<(), Refused> {
        match self.holder(now) {
            Some(holder) if holder == staff && fence == self.fence => Ok(()),
            Some(holder) if holder == staff => Err(Refused::ClaimOver),
            Some(holder) => Err(Refused::Held { by: holder.clone() }),
            None if self.claim.is_some() => Err(Refused::ClaimOver),
            None => Err(Refused::NotClaimed),
        }
    }

    /// A reply was handed to the outbox: the patron's turn, and the claim goes on.
    pub fn replied(&self, now: At) -> State {
        let mut next = self.clone();
        next.place = Place::Answered;
        next.since = now;
        next.last_staff = Some(now);
        next.renew(now);
        next
    }

    pub fn close(&mut self, by: &StaffId, now: At) {
        self.place = Place::Closed;
        self.since = now;
        self.guest = None;
        // Kept, and over: a text within a day finds the same person.
        self.claim = Some(Claim {
            staff: by.clone(),
            until: now,
        });
    }

    /// Whoever takes a reply back goes on with the ticket, if nobody has claimed it since.
    pub fn resume(&mut self, staff: &StaffId, now: At) {
        let theirs = self
            .claim
            .as_ref()
            .is_some_and(|claim| claim.staff == *staff);
        if theirs && self.place != Place::Closed {
            self.renew(now);
        }
    }

    fn claim_for(&mut self, staff: &StaffId, now: At) -> Result<(), Refused> {
        match self.holder(now) {
            Some(holder) if holder == staff => self.renew(now),
            Some(holder) => return Err(Refused::Held { by: holder.clone() }),
            None => self.give(staff, now),
        }
        Ok(())
    }

    fn give(&mut self, staff: &StaffId, now: At) {
        self.fence = Fence(self.fence.0 + 1);
        self.claim = Some(Claim {
            staff: staff.clone(),
            until: now + CLAIM_FOR,
        });
    }

    fn renew(&mut self, now: At) {
        if let Some(claim) = &mut self.claim {
            claim.until = claim.until.max(now + CLAIM_FOR);
        }
    }

    fn not_anothers(&self, staff: &StaffId, now: At) -> Result<(), Refused> {
        match self.holder(now) {
            Some(holder) if holder != staff => Err(Refused::Held { by: holder.clone() }),
            Some(_) | None => Ok(()),
        }
    }
}

fn short(remark: Option<&str>) -> Result<(), Refused> {
    if remark.is_some_and(|remark| remark.chars().count() > REMARK_CHARACTERS_MAX) {
        let what = format!("a remark has at most {REMARK_CHARACTERS_MAX} characters");
        return Err(Refused::Invalid(what));
    }
    Ok(())
}
