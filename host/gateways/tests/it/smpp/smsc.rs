//! An SMSC and a house in memory, in virtual time. The SMSC reads and writes with a codec that is
//! not the gateway's own reader.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use callslip_core::at::At;
use callslip_core::ids::MessageId;
use callslip_core::inbound::Inbound;
use callslip_core::phone::PhoneNumber;
use callslip_gateways::{
    Alphabet, BoxFuture, Dial, Door, Gateway, Handover, Incoming, Long, Matched, NotTaken, Note,
    OurNumber, Pipe, ReceiptIds, Secret, SendError, Sent, Smpp, SmppOptions, StatusReport, Tcp,
};
use rusmpp_core::command::owned::Command;
use rusmpp_core::decode::owned::DecodeWithLength;
use rusmpp_core::encode::Length;
use rusmpp_core::encode::owned::Encode;
use rusmpp_core::pdus::owned::{
    BindTransceiver, BindTransceiverResp, DeliverSm, Pdu, SubmitSm, SubmitSmResp,
};
use rusmpp_core::types::owned::{COctetString, OctetString};
use rusmpp_core::values::{DataCoding, EsmClass, Npi, Ton};
use rusmpp_core::{CommandId, CommandStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

pub(crate) const OURS: &str = "66746";
pub(crate) const PHONE: &str = "+15557654321";
pub(crate) const BEGAN: At = At(1_790_000_000_000);

/// Longer than anything that a test waits for: then what it waits for does not come.
const NEVER: Duration = Duration::from_secs(600);

pub(crate) fn string<const MAX: usize>(text: &str) -> COctetString<1, MAX> {
    COctetString::from_string(text.to_owned()).unwrap()
}

pub(crate) fn plain_options() -> SmppOptions {
    SmppOptions {
        name: "carrier".to_owned(),
        dial: Arc::new(Tcp::plain("localhost:2775")),
        system_id: "library".to_owned(),
        password: Secret::new("secret"),
        system_type: "SMS".to_owned(),
        own_type: None,
        numbers: vec![OurNumber {
            number: OURS.to_owned(),
            country: "us".parse().unwrap(),
        }],
        window: 10,
        parts_per_second: 1_000,
        alphabet: Alphabet::Gsm7,
        long: Long::Parts,
        receipt_ids: ReceiptIds::Auto,
    }
}

struct TestDial(mpsc::UnboundedSender<DuplexStream>, Arc<AtomicBool>);

impl Dial for TestDial {
    fn place(&self) -> String {
        "a test".to_owned()
    }

    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Pipe>>> {
        Box::pin(async {
            if self.1.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let (ours, theirs) = tokio::io::duplex(64 * 1024);
            self.0
                .send(theirs)
                .map_err(|_| io::ErrorKind::ConnectionRefused)?;
            Ok(Box::new(ours) as Box<dyn Pipe>)
        })
    }
}

/// What the gateway hands over, and a disk that outlives it.
pub(crate) struct House {
    began: Instant,
    pub(crate) texts: Mutex<Vec<Inbound>>,
    pub(crate) reports: Mutex<Vec<StatusReport>>,
    /// In the order in which they were kept.
    pub(crate) notes: Mutex<BTreeMap<usize, Note>>,
    kept: AtomicUsize,
    /// Takes nothing.
    pub(crate) full: AtomicBool,
    /// Notes, but no texts.
    pub(crate) notes_only: AtomicBool,
    /// Before a text is on disk.
    pub(crate) slow: Mutex<Duration>,
    /// The ids that the store would know.
    pub(crate) known: Mutex<Vec<String>>,
}

impl House {
    pub(crate) fn new() -> Arc<House> {
        Arc::new(House {
            began: Instant::now(),
            texts: Mutex::default(),
            reports: Mutex::default(),
            notes: Mutex::default(),
            kept: AtomicUsize::default(),
            full: AtomicBool::default(),
            notes_only: AtomicBool::default(),
            slow: Mutex::default(),
            known: Mutex::default(),
        })
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self.texts.lock().unwrap();
        texts.iter().map(|text| text.text.clone()).collect()
    }

    /// As the store counts: an id once.
    pub(crate) fn different(&self) -> Vec<String> {
        let texts = self.texts.lock().unwrap();
        let mut seen = std::collections::HashSet::new();
        texts
            .iter()
            .filter(|text| seen.insert(text.provider_id.clone()))
            .map(|text| text.text.clone())
            .collect()
    }

    pub(crate) fn note_count(&self) -> usize {
        self.notes.lock().unwrap().len()
    }
}

impl Door for House {
    fn now(&self) -> At {
        BEGAN + self.began.elapsed()
    }

    fn text(&self, incoming: Incoming) -> BoxFuture<'_, Result<(), NotTaken>> {
        Box::pin(async {
            let slow = *self.slow.lock().unwrap();
            tokio::time::sleep(slow).await;
            if self.full.load(Ordering::Relaxed) || self.notes_only.load(Ordering::Relaxed) {
                return Err(NotTaken);
            }
            self.texts.lock().unwrap().push(incoming.inbound);
            Ok(())
        })
    }

    fn status(&self, report: StatusReport) -> BoxFuture<'_, Result<Matched, NotTaken>> {
        Box::pin(async move {
            if self.full.load(Ordering::Relaxed) {
                return Err(NotTaken);
            }
            let known = report.message.is_some()
                || self.known.lock().unwrap().contains(&report.provider_id);
            self.reports.lock().unwrap().push(report);
            Ok(match known {
                true => Matched::Ours,
                false => Matched::Unknown,
            })
        })
    }

    fn keep(&self, note: Note) -> BoxFuture<'_, Result<(), NotTaken>> {
        Box::pin(async {
            if self.full.load(Ordering::Relaxed) {
                return Err(NotTaken);
            }
            let at = self.kept.fetch_add(1, Ordering::Relaxed);
            self.notes.lock().unwrap().insert(at, note);
            Ok(())
        })
    }

    fn kept(&self) -> BoxFuture<'_, Result<Vec<Note>, NotTaken>> {
        Box::pin(async { Ok(self.notes.lock().unwrap().values().cloned().collect()) })
    }

    fn forget(&self, keys: Vec<String>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.notes
                .lock()
                .unwrap()
                .retain(|_, note| !keys.contains(&note.key));
        })
    }
}

/// A gateway with its connection kept, and the SMSC that it dials.
pub(crate) struct Site {
    pub(crate) gateway: Arc<Smpp>,
    pub(crate) house: Arc<House>,
    pub(crate) unreachable: Arc<AtomicBool>,
    dialled: mpsc::UnboundedReceiver<DuplexStream>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) kept: JoinHandle<()>,
}

impl Site {
    pub(crate) fn new() -> Site {
        Site::with(House::new(), |_| {})
    }

    pub(crate) fn with(house: Arc<House>, change: impl FnOnce(&mut SmppOptions)) -> Site {
        let (dialled_by_gateway, dialled) = mpsc::unbounded_channel();
        let unreachable = Arc::new(AtomicBool::new(false));
        let dial = TestDial(dialled_by_gateway, Arc::clone(&unreachable));
        let mut options = SmppOptions {
            dial: Arc::new(dial),
            ..plain_options()
        };
        change(&mut options);
        let gateway = Arc::new(Smpp::new(options).unwrap());
        let (stop, stopping) = watch::channel(false);
        let door: Arc<dyn Door> = house.clone();
        let connection = Arc::clone(&gateway).connect(door, stopping).unwrap();
        Site {
            gateway,
            house,
            unreachable,
            dialled,
            stop,
            kept: tokio::spawn(connection),
        }
    }

    /// A connection that asks to be let in.
    pub(crate) async fn dialled(&mut self) -> Smsc {
        let io = timeout(NEVER, self.dialled.recv()).await.unwrap().unwrap();
        Smsc {
            io,
            buffer: BytesMut::new(),
            sequence: 5_000,
            deaf: false,
        }
    }

    pub(crate) async fn bound(&mut self) -> Smsc {
        let mut smsc = self.dialled().await;
        smsc.let_in().await;
        while !self.gateway.is_bound() {
            tokio::task::yield_now().await;
        }
        smsc
    }

    pub(crate) fn send(&self, id: i64, body: &str) -> JoinHandle<Result<Sent, SendError>> {
        let message = Handover {
            message: MessageId(id),
            from: OURS.to_owned(),
            to: PhoneNumber::new(PHONE),
            body: body.to_owned(),
            media: Vec::new(),
        };
        let gateway = Arc::clone(&self.gateway);
        tokio::spawn(async move { gateway.send(message).await })
    }

    /// The process dies: nothing is finished, nothing said. What is on disk stays.
    pub(crate) async fn kill(self) -> Arc<House> {
        self.kept.abort();
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.house
    }
}

/// The other side of one connection.
pub(crate) struct Smsc {
    io: DuplexStream,
    buffer: BytesMut,
    sequence: u32,
    /// It answers no enquiry, so that the gateway cannot know what of its words has arrived.
    pub(crate) deaf: bool,
}

impl Smsc {
    /// None: the gateway has closed.
    pub(crate) async fn try_read(&mut self) -> Option<Command> {
        loop {
            if let Some(length) = self.buffer.first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if self.buffer.len() >= length {
                    let mut pdu = self.buffer.split_to(length).split_off(4);
                    return Some(Command::decode(&mut pdu, length - 4).unwrap().0);
                }
            }
            if self.io.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// The next that is no enquiry; those are answered.
    pub(crate) async fn read(&mut self) -> Command {
        let next = async {
            loop {
                let command = self.try_read().await.expect("the gateway is there");
                match command.id() {
                    CommandId::EnquireLink => self.enquired(&command).await,
                    _ => return command,
                }
            }
        };
        timeout(NEVER, next)
            .await
            .expect("the gateway says something")
    }

    pub(crate) async fn hang_up(&mut self) {
        self.io.shutdown().await.unwrap();
    }

    pub(crate) async fn hung_up(&mut self) {
        while let Some(command) = self.try_read().await {
            assert_eq!(command.id(), CommandId::EnquireLink);
        }
    }

    pub(crate) async fn enquired(&mut self, command: &Command) {
        if self.deaf {
            return;
        }
        let sequence = command.sequence_number();
        self.write(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp)
            .await;
    }

    /// Nothing but enquiries for so long.
    pub(crate) async fn hears_nothing_for(&mut self, time: Duration) {
        let heard = timeout(time, async {
            loop {
                let command = self.try_read().await.expect("the gateway is there");
                match command.id() {
                    CommandId::EnquireLink => self.enquired(&command).await,
                    other => return other,
                }
            }
        });
        assert_eq!(heard.await.ok(), None);
    }

    pub(crate) async fn octets(&mut self, octets: &[u8]) {
        self.io.write_all(octets).await.unwrap();
    }

    pub(crate) async fn write(
        &mut self,
        status: CommandStatus,
        sequence: u32,
        pdu: impl Into<Pdu>,
    ) {
        let command = Command::new(status, sequence, pdu);
        let length = u32::try_from(4 + command.length()).unwrap();
        let mut octets = BytesMut::from(&length.to_be_bytes()[..]);
        command.encode(&mut octets);
        self.octets(&octets).await;
    }

    pub(crate) async fn asked_in(&mut self) -> (u32, BindTransceiver) {
        let command = self.read().await;
        match command.pdu() {
            Some(Pdu::BindTransceiver(bind)) => (command.sequence_number(), bind.clone()),
            other => panic!("no bind: {other:?}"),
        }
    }

    pub(crate) async fn let_in(&mut self) {
        let (sequence, _) = self.asked_in().await;
        let answer = BindTransceiverResp::builder()
            .system_id(string("smsc"))
            .build();
        self.write(CommandStatus::EsmeRok, sequence, answer).await;
    }

    pub(crate) async fn submitted(&mut self) -> (u32, SubmitSm) {
        let command = self.read().await;
        match command.pdu() {
            Some(Pdu::SubmitSm(submit)) => (command.sequence_number(), submit.clone()),
            other => panic!("no submit: {other:?}"),
        }
    }

    pub(crate) async fn accept(&mut self, sequence: u32, id: &str) {
        let answer = SubmitSmResp::builder().message_id(string(id)).build();
        self.write(CommandStatus::EsmeRok, sequence, answer).await;
    }

    /// As most do: an answer that refuses has no body.
    pub(crate) async fn refuse(&mut self, sequence: u32, status: u32) {
        let mut octets = vec![0, 0, 0, 16, 0x80, 0, 0, 4];
        octets.extend(status.to_be_bytes());
        octets.extend(sequence.to_be_bytes());
        self.octets(&octets).await;
    }

    /// Hands a PDU over and does not wait. Gives its sequence number.
    pub(crate) async fn hand(&mut self, deliver: DeliverSm) -> u32 {
        self.sequence += 1;
        self.write(CommandStatus::EsmeRok, self.sequence, deliver)
            .await;
        self.sequence
    }

    pub(crate) async fn acknowledged(&mut self) -> (u32, CommandStatus) {
        let command = self.read().await;
        assert_eq!(command.id(), CommandId::DeliverSmResp);
        (command.sequence_number(), command.status())
    }

    /// Hands a PDU over. Gives what it was answered.
    pub(crate) async fn deliver(&mut self, deliver: DeliverSm) -> CommandStatus {
        let sequence = self.hand(deliver).await;
        let (answered, status) = self.acknowledged().await;
        assert_eq!(answered, sequence);
        status
    }
}

pub(crate) fn text(words: &str) -> DeliverSm {
    octets(0, 0, words.as_bytes())
}

pub(crate) fn octets(class: u8, data_coding: u8, octets: &[u8]) -> DeliverSm {
    DeliverSm::builder()
        .source_addr_ton(Ton::International)
        .source_addr_npi(Npi::Isdn)
        .source_addr(string(PHONE.trim_start_matches('+')))
        .dest_addr_ton(Ton::NetworkSpecific)
        .destination_addr(string(OURS))
        .esm_class(EsmClass::from(class))
        .data_coding(DataCoding::from(data_coding))
        .short_message(OctetString::from_slice(octets).unwrap())
        .build()
}

pub(crate) fn part(reference: u8, total: u8, place: u8, words: &str) -> DeliverSm {
    let header = [5, 0, 3, reference, total, place];
    octets(0x40, 0, &[&header[..], words.as_bytes()].concat())
}

pub(crate) fn receipt(id: &str, stat: &str) -> DeliverSm {
    let words = format!(
        "id:{id} sub:001 dlvrd:001 submit date:2610010900 done date:2610010901 stat:{stat} \
         err:000 text:hello"
    );
    octets(0x04, 0, words.as_bytes())
}
