//! Takes what the other side hands us to the house: a text when it is on disk is acknowledged, and
//! not before (invariant 2).
//!
//! Each PDU leaves a note on disk first. Of a part it is the part itself; of a whole text it says
//! that its acknowledgement is not known to have arrived, so that after a crash a repeat is known
//! for one (see `repeat`).

use std::sync::{Arc, Mutex};

use callslip_core::at::At;
use callslip_core::inbound::{Inbound, Namespace};
use rusmpp_core::CommandStatus;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::alphabet::Coding;
use super::ids::Heard;
use super::join::{Added, GAP, Joined, Joins, Part};
use super::options::OurNumber;
use super::receipt::Receipt;
use super::repeat::{Arrivals, Identity};
use super::wire::Deliver;
use super::{Smpp, lock};
use crate::port::{Door, Incoming, Matched, NotTaken, Note, StatusReport};

/// 255 parts are less.
const TEXT_BYTES_MAX: usize = 60 * 1024;

pub(super) struct Inbox {
    gateway: Arc<Smpp>,
    door: Arc<dyn Door>,
    books: Mutex<Books>,
    /// Held from looking for a text's other parts to its being on disk.
    joining: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Books {
    arrivals: Arrivals,
    joins: Joins,
}

/// A note's body.
#[derive(Serialize, Deserialize)]
struct Kept {
    identity: Identity,
    part: Option<Part>,
}

/// Why a text is not taken.
enum Refused {
    /// The other side keeps it.
    ForNow,
    /// It is not for us, or from nobody.
    ForGood(&'static str),
}

impl From<NotTaken> for Refused {
    fn from(_: NotTaken) -> Self {
        Refused::ForNow
    }
}

impl Inbox {
    /// With what an earlier process left.
    pub(super) async fn open(gateway: Arc<Smpp>, door: Arc<dyn Door>) -> Result<Inbox, NotTaken> {
        let inbox = Inbox {
            gateway,
            door,
            books: Mutex::default(),
            joining: tokio::sync::Mutex::default(),
        };
        let now = inbox.door.now();
        let alphabet = inbox.gateway.options.alphabet;
        for note in inbox.door.kept().await? {
            let Ok(kept) = serde_json::from_slice::<Kept>(&note.body) else {
                let gateway = inbox.gateway.options.name.as_str();
                tracing::error!(gateway, "what was kept of an earlier text cannot be read");
                inbox.door.forget(vec![note.key]).await;
                continue;
            };
            let mut books = lock(&inbox.books);
            let is_part = kept.part.is_some();
            books.arrivals.load(&note.key, kept.identity, is_part);
            if let Some(part) = kept.part {
                // One that is whole goes on with the first look at what waits.
                books.joins.add(part, &note.key, now, alphabet);
            }
        }
        Ok(inbox)
    }

    pub(super) fn bound(&self) -> u64 {
        let now = self.door.now();
        lock(&self.books).arrivals.bound(now)
    }

    /// What to answer, and the key to confirm once that answer has arrived.
    pub(super) async fn take(
        &self,
        deliver: Deliver,
        connection: u64,
    ) -> (CommandStatus, Option<String>) {
        match self.try_take(&deliver, connection).await {
            Ok(key) => {
                let now = self.door.now();
                lock(&self.books).arrivals.answered(&key, now);
                (CommandStatus::EsmeRok, Some(key))
            }
            Err(Refused::ForNow) => (CommandStatus::EsmeRxTAppn, None),
            Err(Refused::ForGood(why)) => {
                let gateway = self.gateway.options.name.as_str();
                tracing::warn!(gateway, "a text was refused: {why}");
                (CommandStatus::EsmeRxPAppn, None)
            }
        }
    }

    async fn try_take(&self, deliver: &Deliver, connection: u64) -> Result<String, Refused> {
        let now = self.door.now();
        match Part::of(deliver, now) {
            Err(octets) => {
                let coding = Coding::of(deliver.data_coding, self.gateway.options.alphabet);
                let text = coding.read(octets);
                let incoming = self.incoming(&deliver.source, &deliver.destination, text, now)?;
                self.take_whole(deliver, connection, incoming, now).await
            }
            Ok(part) => {
                self.incoming(&deliver.source, &deliver.destination, String::new(), now)?;
                self.take_part(deliver, connection, part, now).await
            }
        }
    }

    async fn take_whole(
        &self,
        deliver: &Deliver,
        connection: u64,
        mut incoming: Incoming,
        now: At,
    ) -> Result<String, Refused> {
        let key = self
            .claim(deliver, None, connection, now)
            .await?
            .unwrap_or_else(|known| known);
        incoming.inbound.provider_id.clone_from(&key);
        self.door.text(incoming).await?;
        Ok(key)
    }

    async fn take_part(
        &self,
        deliver: &Deliver,
        connection: u64,
        part: Part,
        now: At,
    ) -> Result<String, Refused> {
        let _joining = self.joining.lock().await;
        let alphabet = self.gateway.options.alphabet;
        let in_the_way = lock(&self.books).joins.in_the_way(&part, alphabet);
        if let Some(joined) = in_the_way {
            self.save(&joined).await?;
        }
        let key = match self.claim(deliver, Some(&part), connection, now).await? {
            Ok(key) => key,
            Err(known) if lock(&self.books).arrivals.waits_for_others(&known) => known,
            Err(done) => return Ok(done),
        };
        let added = lock(&self.books).joins.add(part, &key, now, alphabet);
        match added {
            Added::Waits => {}
            Added::Whole(joined) => self.save(&joined).await?,
            Added::Full => {
                lock(&self.books).arrivals.refuse(&key);
                self.door.forget(vec![key]).await;
                return Err(Refused::ForNow);
            }
        }
        Ok(key)
    }

    /// The key of a PDU that is new, with its note on disk; or, as the inner error, of one that
    /// came before.
    async fn claim(
        &self,
        deliver: &Deliver,
        part: Option<&Part>,
        connection: u64,
        now: At,
    ) -> Result<Result<String, String>, NotTaken> {
        let kept = Kept {
            identity: deliver.identity,
            part: part.cloned(),
        };
        // Plain values: writing them does not fail.
        let body = serde_json::to_vec(&kept).map_err(|_| NotTaken)?;
        let claim =
            lock(&self.books)
                .arrivals
                .claim(deliver.identity, part.is_some(), connection, now);
        if claim.repeated {
            return Ok(Err(claim.key));
        }
        let key = claim.key;
        let note = Note {
            key: key.clone(),
            body,
        };
        if let Err(not_taken) = self.door.keep(note).await {
            lock(&self.books).arrivals.refuse(&key);
            return Err(not_taken);
        }
        Ok(Ok(key))
    }

    async fn save(&self, joined: &Joined) -> Result<(), Refused> {
        let address = |(ton, text): &(u8, String)| Address {
            ton: *ton,
            text: text.clone(),
        };
        let (source, destination) = (address(&joined.of.source), address(&joined.of.destination));
        let incoming = self.incoming(&source, &destination, joined.text.clone(), joined.received);
        match incoming {
            Ok(mut incoming) => {
                incoming.inbound.provider_id.clone_from(&joined.id);
                self.door.text(incoming).await?;
            }
            // The number was ours when the parts came, and is no more.
            Err(Refused::ForGood(_)) => {}
            Err(Refused::ForNow) => return Err(Refused::ForNow),
        }
        let settled: Vec<String> = {
            let mut books = lock(&self.books);
            books.joins.done(joined);
            let notes = joined.notes.iter();
            notes
                .filter(|note| books.arrivals.joined(note))
                .cloned()
                .collect()
        };
        self.forget(settled).await;
        Ok(())
    }

    /// A text without its id.
    fn incoming(
        &self,
        source: &Address,
        destination: &Address,
        text: String,
        received: At,
    ) -> Result<Incoming, Refused> {
        let our = |our: &&OurNumber| destination.is(our);
        let Some(our) = self.gateway.options.numbers.iter().find(our) else {
            return Err(Refused::ForGood(
                "no [[number]] names this gateway for the number that it is for",
            ));
        };
        let Some(from) = source.sender(our.country) else {
            return Err(Refused::ForGood("it has no sender"));
        };
        Ok(Incoming {
            inbound: Inbound {
                gateway: self.gateway.options.name.clone(),
                provider_id: String::new(),
                from,
                to: our.number.clone(),
                text: within_bounds(text.replace('\0', "")),
                media: Vec::new(),
                namespace: Namespace::Real,
                received,
                sent: None,
                gateway_consent: None,
            },
            would_refuse: None,
        })
    }

    /// Acknowledgements that have arrived for certain.
    pub(super) async fn confirm(&self, keys: Vec<String>) {
        let settled: Vec<String> = {
            let mut books = lock(&self.books);
            let keys = keys.into_iter();
            keys.filter(|key| books.arrivals.confirmed(key)).collect()
        };
        self.forget(settled).await;
    }

    /// From time to time: what waited long enough goes on, and what nobody repeats is forgotten.
    pub(super) async fn tidy(&self) {
        let now = self.door.now();
        let _joining = self.joining.lock().await;
        let overdue = lock(&self.books)
            .joins
            .overdue(now, self.gateway.options.alphabet);
        for joined in overdue {
            let _ = self.save(&joined).await; // One that is not taken waits for the next time.
        }
        let expired = lock(&self.books).arrivals.expire(now);
        self.forget(expired).await;
    }

    async fn forget(&self, keys: Vec<String>) {
        if !keys.is_empty() {
            self.door.forget(keys).await;
        }
    }

    pub(super) async fn receipt(&self, receipt: Receipt) -> CommandStatus {
        let (heard, news) = {
            let mut ids = lock(&self.gateway.ids);
            let before = ids.learned();
            let heard = ids.hear(&receipt);
            (heard, ids.learned().filter(|now| Some(*now) != before))
        };
        if let Some(way) = news {
            let gateway = self.gateway.options.name.as_str();
            tracing::info!(
                gateway,
                "receipts write ids as receipt-ids = \"{}\" says; with that in the config they \
                 are known right after a start too",
                way.name()
            );
        }
        match self.note(&receipt, heard).await {
            Ok(()) => {
                lock(&self.gateway.ids).settle(&receipt);
                CommandStatus::EsmeRok
            }
            Err(NotTaken) => CommandStatus::EsmeRxTAppn,
        }
    }

    async fn note(&self, receipt: &Receipt, heard: Heard) -> Result<(), NotTaken> {
        let report = |message, provider_id| StatusReport {
            message,
            provider_id,
            delivery: receipt.delivery.clone(),
            opted_out: false,
            would_refuse: None,
        };
        match heard {
            Heard::Nothing => {}
            Heard::Report { message, id } => {
                self.door.status(report(Some(message), id)).await?;
            }
            Heard::Unknown(forms) => {
                for id in forms {
                    if self.door.status(report(None, id)).await? == Matched::Ours {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What is longer than any text is cut, rather than never taken.
fn within_bounds(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
        text.push_str(GAP);
    }
    text
}
