//! Works off what a moment begins (a10, e5): reminders, questions that nobody answered, invitations.
//! Each becomes a text of the host's own, which takes the way of all texts; whatever dies in between,
//! it is begun once and its turn is one commit.

use std::sync::Arc;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::directory::Library;
use callslip_core::due::{Due, Kind, What};
use callslip_core::quiet::{self, Release};
use callslip_core::snapshot::{SenderKind, Session, Text};
use callslip_store::due::{BeginDue, Begun, DueHead, Invite, ToInvite};
use callslip_store::{Reader, StoreError};

use crate::waiting::Token;
use crate::worker::{self, Job};
use crate::{Engine, lock};

/// Begun in one look; the next one follows in seconds.
const MAX: usize = 200;
/// Nobody minds an invitation that comes so much later.
const INVITE_EVERY: Duration = Duration::from_secs(10 * 60);
/// In one look: a list of thousands is no burst.
const INVITE_MAX: usize = 50;
/// Quiet hours and a weekend are shorter.
const INVITE_USEFUL: Duration = Duration::from_secs(3 * 24 * 60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Engine {
    /// Begins what is due now.
    pub async fn work_off_due(&self) {
        let now = self.now();
        self.invite_back(now).await;
        let due = self
            .look("looking for what is due", move |reader| {
                reader.due().due(now, MAX)
            })
            .await;
        for head in due.unwrap_or_default() {
            self.begin_or_wait(&head, now).await;
        }
    }

    async fn begin_or_wait(&self, head: &DueHead, now: At) {
        let running = self.running();
        let directory = &running.directory;
        let number = directory.number(&head.number);
        let library = directory.library(&head.library);
        let (Some(number), Some(library)) = (number, library) else {
            return self
                .drop_due(head, "its library or number is not configured any more")
                .await;
        };
        // A flow may have something to give back; what it says then is held on its way out.
        if head.kind != Kind::TimedOut {
            let seed = head.id.unsigned_abs();
            match quiet::hold(number, library, now, head.useful_until, seed) {
                Release::Now => {}
                Release::At(until) => return self.put_off(head, until).await,
                Release::Expired if now >= head.useful_until => {
                    return self.drop_due(head, "it came too late to be of use").await;
                }
                Release::Expired => {
                    return self
                        .drop_due(head, "quiet hours lasted until it was of no use")
                        .await;
                }
            }
        }
        let begin = BeginDue {
            id: head.id,
            gateway: number.gateway.clone(),
            now,
        };
        let begun = self
            .ask("beginning what is due", |done| {
                self.shared.store.due().begin_due(begin, done);
            })
            .await;
        if let Some(Begun::Text(text)) = begun {
            let job = Job::new(*text, Arc::new(Token::outbox()));
            worker::enter(&self.shared, job);
        }
    }

    async fn put_off(&self, head: &DueHead, until: At) {
        let id = head.id;
        self.ask("putting off what is due", |done| {
            self.shared.store.due().put_off_due(id, until, done);
        })
        .await;
    }

    async fn drop_due(&self, head: &DueHead, reason: &str) {
        tracing::info!(due = head.id, reason, "dropped what was due");
        let (id, reason, now) = (head.id, reason.to_owned(), self.now());
        self.ask("dropping what is due", |done| {
            self.shared.store.due().drop_due(id, reason, now, done);
        })
        .await;
        self.shared.desk_news();
    }

    /// Puts down invitations for members of lists who have been silent for long, where a library
    /// wants that (b6).
    async fn invite_back(&self, now: At) {
        {
            let mut invited = lock(&self.shared.invited);
            if invited.is_some_and(|last| now >= last && now.since(last) < INVITE_EVERY) {
                return;
            }
            *invited = Some(now);
        }
        let running = self.running();
        for library in running.directory.libraries.values() {
            self.invite_of(library, now).await;
        }
    }

    async fn invite_of(&self, library: &Library, now: At) {
        let Some(wanted) = library.reinvite.as_ref().filter(|_| !library.broken) else {
            return;
        };
        let whom = ToInvite {
            library: library.id.clone(),
            lists: library.lists.iter().map(|list| list.id.clone()).collect(),
            numbers: library.numbers.clone(),
            silent_since: now - DAY * (wanted.months * 365 / 12),
            max: INVITE_MAX,
        };
        let found = self
            .look("looking for whom to invite", move |reader| {
                reader.due().to_invite(&whom)
            })
            .await;
        let whom = found.unwrap_or_default();
        if whom.is_empty() {
            return;
        }
        let invite = Invite {
            library: library.id.clone(),
            whom,
            texts: wanted.texts.clone(),
            now,
            useful_until: now + INVITE_USEFUL,
        };
        self.ask("inviting", |done| {
            self.shared.store.due().invite(invite, done);
        })
        .await;
    }
}

/// The session whose question nobody answered: a turn's snapshot knows only those that wait.
pub(crate) fn expired(
    reader: &dyn Reader,
    text: &Text,
    now: At,
) -> Result<Option<Session>, StoreError> {
    if text.sender != SenderKind::Desk {
        return Ok(None);
    }
    let Some(What::TimedOut { session }) = Due::read(&text.body).map(|due| due.what) else {
        return Ok(None);
    };
    let session = reader.session(session)?;
    Ok(session.filter(|session| session.expires <= now))
}
