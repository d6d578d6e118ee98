//! `callslip text`: one text, or many as JSON lines with a clock that the lines turn.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

use callslip_core::at::At;
use callslip_core::ids::LibraryId;
use callslip_core::snapshot::{Consent, Outcome};
use callslip_engine::{Engine, Received};
use callslip_gateways::{Simulator, Typed};
use serde::{Deserialize, Serialize};

use super::ConfigFile;
use crate::clock::{self, Turned};
use crate::house::{House, StoreAt};
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Text {
    #[command(flatten)]
    pub(crate) config: ConfigFile,
    /// Another store than the configured one; `:memory:` is forgotten at the end
    #[arg(long, value_name = "FILE")]
    pub(crate) store: Option<String>,
    /// The simulated phone
    #[arg(long, value_name = "NUMBER", required_unless_present = "jsonl")]
    from: Option<String>,
    /// The library's number
    #[arg(long, value_name = "NUMBER", required_unless_present = "jsonl")]
    to: Option<String>,
    /// What the patron texts
    #[arg(required_unless_present = "jsonl")]
    text: Option<String>,
    /// Read {"from","to","text","id"?,"at"?} lines from standard input, write one line each
    #[arg(long, conflicts_with_all = ["from", "to", "text"])]
    jsonl: bool,
    /// Write the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// One line in. `at` is RFC 3339 and turns the clock; it never goes back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    from: String,
    to: String,
    text: String,
    id: Option<String>,
    at: Option<String>,
}

/// One line out.
#[derive(Debug, Serialize)]
pub(crate) struct Played {
    pub(crate) id: String,
    pub(crate) outcome: Outcome,
    pub(crate) library: Option<String>,
    pub(crate) keyword: Option<String>,
    pub(crate) flow: Option<String>,
    pub(crate) replies: Vec<String>,
    pub(crate) ticket: Option<i64>,
    pub(crate) consent: Consent,
    pub(crate) reason: String,
    /// Why its flow failed, for who writes it.
    #[serde(skip)]
    pub(crate) cause: Option<String>,
}

impl Text {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let clock = Turned::starting(clock::now());
            let store = StoreAt::from_argument(self.store.as_deref());
            let house = House::open(&self.config.config, store, clock.clock(), |_| None)?;
            let player = Player::new(house.engine.clone(), clock);
            if self.jsonl {
                return player.lines().await;
            }
            let (Some(from), Some(to), Some(text)) = (self.from, self.to, self.text) else {
                return Err(Stopped::usage(
                    "callslip text needs --from, --to and a text",
                ));
            };
            let played = player.play(&from, &to, &text, None).await?;
            let mut out = std::io::stdout().lock();
            if self.json {
                writeln!(out, "{}", to_json(&played)?)?;
            } else {
                write!(out, "{}", plain(&played))?;
            }
            Ok(())
        })
    }
}

/// Plays texts one after another through the real engine, from simulated phones.
pub(crate) struct Player {
    engine: Engine,
    clock: Turned,
    simulator: Simulator,
}

/// Nothing here waits for a gateway; a turn that takes longer than this is stuck.
const PATIENCE: Duration = Duration::from_secs(60);

impl Player {
    pub(crate) fn new(engine: Engine, clock: Turned) -> Self {
        // What a simulated phone receives is printed from the turn itself.
        let simulator = Simulator::new(crate::carriers::SIMULATOR, |_| {});
        Player {
            engine,
            clock,
            simulator,
        }
    }

    pub(crate) async fn play(
        &self,
        from: &str,
        to: &str,
        text: &str,
        id: Option<String>,
    ) -> Result<Played, Stopped> {
        if self.engine.running().directory.number(to).is_none() {
            return Err(Stopped::usage(format!(
                "no [[number]] is \"{to}\"; see callslip.toml"
            )));
        }
        let id = id.unwrap_or_else(crate::house::fresh_id);
        let typed = Typed {
            id: id.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
            text: text.to_owned(),
            media: Vec::new(),
        };
        let inbound = self
            .simulator
            .text(typed, self.clock.now())
            .map_err(|rejection| {
                Stopped::usage(format!("the text cannot be played: {rejection}"))
            })?;
        let received = self
            .engine
            .receive(inbound, PATIENCE)
            .await
            .map_err(anyhow::Error::from)?;
        let Received::Answered(answer) = received else {
            return Err(anyhow::anyhow!("the text was taken but not answered; see the log").into());
        };
        let reader = self.engine.store().reader().map_err(anyhow::Error::from)?;
        let snapshot = reader
            .snapshot(answer.phone, to, self.clock.now())
            .map_err(anyhow::Error::from)?;
        let verdict = answer.verdict;
        let cause = match (&*verdict.reason, &verdict.library) {
            ("fault", Some(library)) => self.cause(library)?,
            _ => None,
        };
        Ok(Played {
            id,
            outcome: verdict.outcome,
            library: verdict.library.map(|library| library.to_string()),
            keyword: verdict.keyword.map(|keyword| keyword.to_string()),
            flow: verdict.flow,
            replies: answer
                .messages
                .into_iter()
                .map(|message| message.body)
                .collect(),
            ticket: verdict.ticket.map(|ticket| ticket.0),
            consent: snapshot.conversation.consent,
            reason: verdict.reason,
            cause,
        })
    }

    fn cause(&self, library: &LibraryId) -> anyhow::Result<Option<String>> {
        let reader = self.engine.store().staff().staff_reader()?;
        let last = reader.last_faults(std::slice::from_ref(library), 1)?.pop();
        Ok(last.map(|fault| fault.cause))
    }

    async fn lines(&self) -> Result<(), Stopped> {
        let mut out = std::io::stdout().lock();
        for (index, line) in std::io::stdin().lock().lines().enumerate() {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let number = index + 1;
            let line: Line = serde_json::from_str(&line)
                .map_err(|error| Stopped::usage(format!("line {number}: {error}")))?;
            if let Some(at) = &line.at {
                self.turn_clock(at, number)?;
            }
            let played = self.play(&line.from, &line.to, &line.text, line.id).await?;
            writeln!(out, "{}", to_json(&played)?)?;
        }
        Ok(())
    }

    fn turn_clock(&self, at: &str, number: usize) -> Result<(), Stopped> {
        let moment: jiff::Timestamp = at.parse().map_err(|error| {
            Stopped::usage(format!("line {number}: \"at\" is not RFC 3339: {error}"))
        })?;
        let moment = At(moment.as_millisecond());
        if number > 1 && moment < self.clock.now() {
            return Err(Stopped::usage(format!(
                "line {number}: \"at\" goes back in time"
            )));
        }
        self.clock.set(moment);
        Ok(())
    }
}

fn to_json(played: &Played) -> Result<String, Stopped> {
    Ok(serde_json::to_string(played).map_err(anyhow::Error::from)?)
}

/// As a phone shows it, with a line on what else happened.
pub(crate) fn plain(played: &Played) -> String {
    let mut text = String::new();
    for reply in &played.replies {
        text.push_str(reply);
        text.push('\n');
    }
    if let Some(ticket) = played.ticket {
        text.push_str(&format!(
            "(ticket {ticket} waits for a person: {})\n",
            played.reason
        ));
    } else if played.replies.is_empty() {
        text.push_str(&format!("(silent: {})\n", played.reason));
    }
    if let Some(cause) = &played.cause {
        text.push_str(&format!("({cause})\n"));
    }
    text
}

/// For `--store`.
impl StoreAt {
    pub(crate) fn from_argument(store: Option<&str>) -> Self {
        match store {
            None => StoreAt::Configured,
            Some(":memory:") => StoreAt::Memory,
            Some(path) => StoreAt::File(PathBuf::from(path)),
        }
    }
}
