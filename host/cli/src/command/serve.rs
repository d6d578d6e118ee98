//! `callslip serve`: the service itself.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use callslip_core::config::Machine;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::ConfigFile;
use crate::clock;
use crate::connections::Connections;
use crate::console;
use crate::edge::Listening;
use crate::house::{House, StoreAt};
use crate::stopped::Stopped;

#[derive(clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    config: ConfigFile,
    /// Write the log as JSON lines
    #[arg(long)]
    log_json: bool,
    /// Practise: the same pages on a store of their own, with patrons played on the phone page
    ///
    /// Nothing leaves this machine: every gateway is the simulator. The store is made beside the
    /// configured one; phone and console listen here alone, on ports 100 above their own, so that
    /// the service itself may run at the same time.
    #[arg(long)]
    training: bool,
}

/// A turn takes milliseconds; what is not saved by then is taken up at the next start.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

impl Serve {
    pub(crate) fn run(self) -> Result<(), Stopped> {
        log(self.log_json);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Result<(), Stopped> {
        let house = Arc::new(House::open(
            &self.config.config,
            match self.training {
                true => StoreAt::Training,
                false => StoreAt::Configured,
            },
            clock::real(),
            phone_note,
        )?);
        house.console.set_around(console::InHouse::of(&house));
        for line in &house.problems {
            tracing::warn!(problem = line, "configuration");
        }
        let mut signals = Signals::listen()?;
        let (stop, stopping) = watch::channel(false);
        let listening = Listening::bind(&house, stopping.clone()).await?;
        let first = match &house.machine.console {
            Some(_) => house
                .console
                .first_link()
                .await
                .map_err(anyhow::Error::from)?,
            None => None,
        };
        tell(&house, &listening, first.as_deref());
        let delivering = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.deliver(stopping).await })
        };
        let broadcasting = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.broadcast(stopping).await })
        };
        let telling = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.tell(stopping).await })
        };
        let fetching = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.fetch_pictures(stopping).await })
        };
        let retaining = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.retain(stopping).await })
        };
        let serving = tokio::spawn(listening.serve());
        let mut connections = Connections::keep(house.engine.clone());
        signals.heed(&house, &mut connections).await;
        tracing::info!("stopping: what was accepted is finished first");
        let _ = stop.send(true);
        let _ = serving.await;
        let _ = delivering.await;
        let _ = tokio::time::timeout(FINISH_WITHIN, broadcasting).await;
        let _ = tokio::time::timeout(FINISH_WITHIN, telling).await;
        let _ = tokio::time::timeout(FINISH_WITHIN, fetching).await;
        let _ = tokio::time::timeout(FINISH_WITHIN, retaining).await;
        connections.end().await;
        house.engine.finish(FINISH_WITHIN).await;
        Ok(())
    }
}

/// What the service is told by signals. Listened for before anybody hears that it runs: an
/// unheard SIGHUP would end it.
struct Signals {
    hang_up: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Signals> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Signals {
            hang_up: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Runs until it is told to stop; SIGHUP takes a changed configuration, as the console may.
    async fn heed(&mut self, house: &House, connections: &mut Connections) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => reload(house),
                () = house.reloaded.notified() => connections.bring_in_line(),
            }
        }
    }
}

fn reload(house: &House) {
    match tokio::task::block_in_place(|| house.reload()) {
        Ok(lines) => {
            for line in &lines {
                tracing::warn!(problem = line, "configuration");
            }
            tracing::info!("the changed configuration is in force");
        }
        Err(Stopped::Usage(lines)) => {
            for line in &lines {
                tracing::error!(problem = line, "configuration");
            }
            tracing::error!("the changed configuration was not taken; the old one goes on");
        }
        Err(Stopped::Failed(error)) => {
            tracing::error!(
                "the changed configuration was not taken; the old one goes on: {error:#}"
            );
        }
    }
}

/// For who finds the store in use.
fn phone_note(machine: &Machine) -> Option<String> {
    let phone = machine.phone.as_ref()?;
    Some(format!("its phone is at http://{}/phone", phone.listen))
}

/// What a person who has just started it wants to know. Nobody need read it.
///
/// `first` is the path of the link that makes the first account. It is told here and nowhere else:
/// not to the log, which others may read later.
fn tell(house: &House, listening: &Listening, first: Option<&str>) {
    let mut lines = vec![format!(
        "Callslip answers for {}.",
        house.numbers.join(" and ")
    )];
    if let Some(phone) = listening.phone() {
        lines.push(format!("The phone is at   http://{phone}/phone"));
    }
    if let Some(console) = listening.console() {
        let pages = house.machine.console.as_ref();
        let public = pages.and_then(|pages| pages.public_url.clone());
        let base = public.unwrap_or_else(|| format!("http://{console}"));
        lines.push(format!("The console is at {base}"));
        if let Some(path) = first {
            lines.push(
                "It has no account yet. This link makes the first, once, within an hour:"
                    .to_owned(),
            );
            lines.push(format!("  {base}{path}"));
        }
    }
    if let Some(metrics) = listening.metrics() {
        lines.push(format!("Metrics are at    http://{metrics}/metrics"));
    }
    if house.is_training {
        lines.push("This is training: nothing leaves this machine.".to_owned());
    } else {
        lines.push(format!("Webhooks come to  http://{}", listening.web()));
    }
    for gateway in &house.machine.gateways {
        if let Some(url) = console::to_paste(&house.machine, gateway) {
            let (carrier, name) = (console::kind(gateway), &gateway.name);
            lines.push(format!("Paste into {carrier}, for \"{name}\":  {url}"));
        }
    }
    if !house.problems.is_empty() {
        let count = house.problems.len();
        lines.push(format!(
            "{count} problems in the configuration; `callslip check` names them."
        ));
    }
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", lines.join("\n")).and_then(|()| out.flush());
}

fn log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CALLSLIP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.with_target(false).init();
    }
}
