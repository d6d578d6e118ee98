//! One connection, from its bind to its end. One loop does it all; what takes time, saving a text,
//! is done beside it, for each sender in order.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rusmpp_core::pdus::owned::{DeliverSmResp, Pdu};
use rusmpp_core::{CommandId, CommandStatus};
use tokio::sync::{mpsc, watch};
use tokio::time::interval;

use super::bind;
use super::dial::Pipe;
use super::inbox::Inbox;
use super::lanes::{Done, Job, Lanes, What};
use super::link::{Fate, Link, Order, Unanswered};
use super::receipt::{Kind, Receipt, kind};
use super::wire::{Frame, Frames, write};
use super::{Smpp, lock};
use crate::port::Door;

/// The loop's clock. All times below are counted in it.
const TICK: Duration = Duration::from_secs(1);
/// Silence after which the other side is asked whether it is there.
const ENQUIRE_AFTER: u32 = 15;
const ENQUIRE_ANSWER_WITHIN: u32 = 10;
/// A receipt may overtake the answer to its message.
const RECEIPT_WAITS: u32 = 3;
/// What is under way at the end is waited for.
const FINISH_WITHIN: u32 = 22;
const UNBIND_WITHIN: u32 = 2;

/// PDUs that wait to be written: more, and the other side does not read.
const WRITES_MAX: usize = 1_024;
const RECEIPTS_MAX: usize = 1_000;
/// Messages whose answer never came, for which it may come yet.
const UNANSWERED_MAX: usize = 1_000;

/// Why a connection is no more.
pub(super) enum End {
    Stopped,
    Refused(CommandStatus),
    Lost(&'static str),
}

struct Late {
    sequence: u32,
    receipt: Receipt,
    ticks: u32,
}

enum Phase {
    Open,
    /// Nothing new goes out; what is under way is finished.
    Finishing {
        ticks: u32,
    },
    Unbinding {
        ticks: u32,
    },
}

struct Session {
    gateway: Arc<Smpp>,
    inbox: Arc<Inbox>,
    out: mpsc::Sender<Bytes>,
    lanes: Lanes,
    sequence: u32,
    sends: bool,
    unanswered: HashMap<u32, Unanswered>,
    late: Vec<Late>,
    /// Acknowledged, with the first request that was or will be made after that.
    in_doubt: Vec<(u32, String)>,
    silent: u32,
    since_enquiry: u32,
    enquiring: bool,
    phase: Phase,
}

/// Ends of a loop's turn: `Some` ends the connection.
type Turn = Option<End>;

pub(super) async fn run(
    gateway: Arc<Smpp>,
    inbox: Arc<Inbox>,
    door: Arc<dyn Door>,
    pipe: Box<dyn Pipe>,
    mut stop: watch::Receiver<bool>,
) -> End {
    let (from, to) = tokio::io::split(pipe);
    let (out, writes) = mpsc::channel(WRITES_MAX);
    let writer = tokio::spawn(bind::write_all(to, writes));
    let mut frames = Frames::new(from);
    if let Err(end) = bind::bind(&gateway, &mut frames, &out).await {
        writer.abort();
        return end;
    }
    let connection = inbox.bound();
    let (lanes, mut dones) = Lanes::new(&inbox, connection);
    let (link, mut orders) = Link::new(gateway.options.window, door);
    let link = Arc::new(link);
    *lock(&gateway.link) = Some(Arc::clone(&link));
    let mut session = Session {
        gateway: Arc::clone(&gateway),
        inbox,
        out,
        lanes,
        sequence: 1,
        sends: true,
        unanswered: HashMap::new(),
        late: Vec::new(),
        in_doubt: Vec::new(),
        silent: 0,
        since_enquiry: 0,
        enquiring: false,
        phase: Phase::Open,
    };
    let mut ticks = interval(TICK);
    let end = loop {
        let open = matches!(session.phase, Phase::Open);
        let turn = tokio::select! {
            frame = frames.next() => session.heard(frame),
            Some(done) = dones.recv() => session.done(done),
            order = orders.recv(), if session.sends => match order {
                Some(order) => session.submit(order),
                None => session.nothing_more_to_send(),
            },
            _ = ticks.tick() => session.tick(),
            _ = stop.wait_for(|stop| *stop), if open => {
                *lock(&gateway.link) = None;
                orders.close();
                session.phase = Phase::Finishing { ticks: 0 };
                None
            }
        };
        if let Some(end) = turn {
            break end;
        }
    };
    *lock(&gateway.link) = None;
    link.close();
    end
}

impl Session {
    fn write(&self, status: CommandStatus, sequence: u32, pdu: impl Into<Pdu>) -> Turn {
        let written = self.out.try_send(write(status, sequence, pdu));
        written
            .err()
            .map(|_| End::Lost("nothing can be written to it"))
    }

    fn request(&mut self, pdu: impl Into<Pdu>) -> Turn {
        self.sequence += 1;
        if self.sequence >= 0x7FFF_FFFF {
            return Some(End::Lost("its numbers are used up"));
        }
        self.write(CommandStatus::EsmeRok, self.sequence, pdu)
    }

    fn submit(&mut self, order: Order) -> Turn {
        let (pdu, unanswered) = Unanswered::of(order);
        let turn = self.request(pdu);
        self.unanswered.insert(self.sequence, unanswered);
        turn
    }

    fn heard(&mut self, frame: std::io::Result<Option<Frame>>) -> Turn {
        let frame = match frame {
            Ok(Some(frame)) => frame,
            Ok(None) => return Some(End::Lost("it closed")),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Some(End::Lost("it sent what is no SMPP"));
            }
            Err(_) => return Some(End::Lost("it broke")),
        };
        self.silent = 0;
        match frame.id {
            CommandId::SubmitSmResp | CommandId::GenericNack => self.answered(&frame),
            CommandId::DeliverSm => self.deliver(&frame),
            CommandId::EnquireLink => self.reply(&frame, Pdu::EnquireLinkResp),
            CommandId::EnquireLinkResp => {
                self.enquiring = false;
                self.confirm(frame.sequence);
                self.settle_doubt()
            }
            CommandId::Unbind => {
                let _ = self.reply(&frame, Pdu::UnbindResp);
                Some(End::Lost("it ended the session"))
            }
            CommandId::UnbindResp => {
                self.confirm(u32::MAX);
                Some(End::Stopped)
            }
            CommandId::AlertNotification | CommandId::Outbind => None,
            other if u32::from(other) < 0x8000_0000 => self.write(
                CommandStatus::EsmeRinvcmdid,
                frame.sequence,
                Pdu::GenericNack,
            ),
            _ => None,
        }
    }

    fn reply(&self, frame: &Frame, pdu: Pdu) -> Turn {
        self.write(CommandStatus::EsmeRok, frame.sequence, pdu)
    }

    fn answered(&mut self, frame: &Frame) -> Turn {
        let mut unanswered = self.unanswered.remove(&frame.sequence)?;
        self.confirm(frame.sequence);
        unanswered.tell(match frame.status {
            CommandStatus::EsmeRok if frame.id == CommandId::SubmitSmResp => {
                let id = frame.message_id();
                let id = lock(&self.gateway.ids).taken(&unanswered.attempt, &id);
                Fate::Taken { id }
            }
            status => Fate::Refused(status),
        });
        let known: Vec<Late> = {
            let ids = lock(&self.gateway.ids);
            self.late
                .extract_if(.., |late| ids.knows(&late.receipt))
                .collect()
        };
        let turn = known.into_iter().find_map(|late| self.take_receipt(late));
        turn.or_else(|| self.unbind_when_finished())
    }

    fn deliver(&mut self, frame: &Frame) -> Turn {
        let sequence = frame.sequence;
        if matches!(self.phase, Phase::Unbinding { .. }) {
            return self.acknowledge(sequence, CommandStatus::EsmeRxTAppn);
        }
        let Ok(deliver) = frame.deliver() else {
            let gateway = self.gateway.options.name.as_str();
            tracing::warn!(gateway, "a deliver_sm was refused: it cannot be read");
            return self.acknowledge(sequence, CommandStatus::EsmeRxPAppn);
        };
        match kind(&deliver, self.gateway.options.alphabet) {
            Kind::Text => {
                let sender = deliver.source.text.clone();
                self.take(
                    &sender,
                    Job {
                        sequence,
                        what: What::Text(deliver),
                    },
                )
            }
            Kind::Receipt(receipt) => {
                let late = Late {
                    sequence,
                    receipt,
                    ticks: 0,
                };
                let early = !self.unanswered.is_empty()
                    && self.late.len() < RECEIPTS_MAX
                    && !lock(&self.gateway.ids).knows(&late.receipt);
                if early {
                    self.late.push(late);
                    return None;
                }
                self.take_receipt(late)
            }
            Kind::Nameless => {
                let gateway = self.gateway.options.name.as_str();
                tracing::warn!(gateway, "a delivery receipt names no message");
                self.acknowledge(sequence, CommandStatus::EsmeRok)
            }
            Kind::Other => self.acknowledge(sequence, CommandStatus::EsmeRok),
        }
    }

    fn take_receipt(&mut self, late: Late) -> Turn {
        let phone = late.receipt.phone.clone();
        let job = Job {
            sequence: late.sequence,
            what: What::Receipt(late.receipt),
        };
        self.take(&phone, job)
    }

    fn take(&mut self, sender: &str, job: Job) -> Turn {
        let sequence = job.sequence;
        match self.lanes.take(sender, job) {
            true => None,
            false => self.acknowledge(sequence, CommandStatus::EsmeRxTAppn),
        }
    }

    fn acknowledge(&self, sequence: u32, status: CommandStatus) -> Turn {
        self.write(status, sequence, DeliverSmResp::default())
    }

    fn done(&mut self, done: Done) -> Turn {
        self.lanes.left();
        let turn = self.acknowledge(done.sequence, done.status);
        if let Some(key) = done.key {
            self.in_doubt.push((self.sequence + 1, key));
        }
        turn.or_else(|| self.settle_doubt())
            .or_else(|| self.unbind_when_finished())
    }

    /// An acknowledgement is in doubt for one round trip, so that after a broken connection few
    /// texts are. One enquiry is under way at a time.
    fn settle_doubt(&mut self) -> Turn {
        match self.in_doubt.is_empty() {
            true => None,
            false => self.enquire(),
        }
    }

    fn enquire(&mut self) -> Turn {
        if self.enquiring || matches!(self.phase, Phase::Unbinding { .. }) {
            return None;
        }
        self.enquiring = true;
        self.since_enquiry = 0;
        self.request(Pdu::EnquireLink)
    }

    /// The other side has read this request, and so all that was written before it.
    fn confirm(&mut self, sequence: u32) {
        let arrived = |(after, _): &mut (u32, String)| *after <= sequence;
        let keys: Vec<String> = self
            .in_doubt
            .extract_if(.., arrived)
            .map(|(_, key)| key)
            .collect();
        if !keys.is_empty() {
            let inbox = Arc::clone(&self.inbox);
            tokio::spawn(async move { inbox.confirm(keys).await });
        }
    }

    fn tick(&mut self) -> Turn {
        self.silent += 1;
        self.since_enquiry += 1;
        if self.enquiring && self.since_enquiry > ENQUIRE_ANSWER_WITHIN {
            return Some(End::Lost("it does not answer any more"));
        }
        self.unanswered
            .values_mut()
            .for_each(Unanswered::free_place);
        if self.unanswered.len() > UNANSWERED_MAX {
            return Some(End::Lost("it answers no message"));
        }
        for late in &mut self.late {
            late.ticks += 1;
        }
        let given_up: Vec<Late> = self
            .late
            .extract_if(.., |late| late.ticks > RECEIPT_WAITS)
            .collect();
        let turn = given_up
            .into_iter()
            .find_map(|late| self.take_receipt(late));
        if self.silent >= ENQUIRE_AFTER {
            return turn.or_else(|| self.enquire());
        }
        match &mut self.phase {
            Phase::Open => {}
            Phase::Finishing { ticks } | Phase::Unbinding { ticks } => *ticks += 1,
        }
        turn.or_else(|| match self.phase {
            Phase::Finishing { ticks } if ticks > FINISH_WITHIN => self.unbind(),
            Phase::Unbinding { ticks } if ticks > UNBIND_WITHIN => Some(End::Stopped),
            _ => self.unbind_when_finished(),
        })
    }

    fn nothing_more_to_send(&mut self) -> Turn {
        self.sends = false;
        self.unbind_when_finished()
    }

    fn unbind_when_finished(&mut self) -> Turn {
        let finishing = matches!(self.phase, Phase::Finishing { .. });
        let waited_for = self.unanswered.values().any(Unanswered::is_waited_for);
        match finishing && !self.sends && self.lanes.are_empty() && !waited_for {
            true => self.unbind(),
            false => None,
        }
    }

    fn unbind(&mut self) -> Turn {
        self.phase = Phase::Unbinding { ticks: 0 };
        self.request(Pdu::Unbind)
    }
}
