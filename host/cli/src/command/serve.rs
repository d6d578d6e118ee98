//! `callslip serve`: the service itself.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use callslip_core::config::{GatewayKind, Machine};
use callslip_gateways::webhook_url_to_paste;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::ConfigFile;
use crate::clock;
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
        let house = House::open(
            &self.config.config,
            StoreAt::Configured,
            clock::real(),
            phone_note,
        )?;
        for line in &house.problems {
            tracing::warn!(problem = line, "configuration");
        }
        let mut signals = Signals::listen()?;
        let (stop, stopping) = watch::channel(false);
        let listening = Listening::bind(&house, stopping.clone()).await?;
        tell(&house, &listening);
        let delivering = {
            let (engine, stopping) = (house.engine.clone(), stopping.clone());
            tokio::spawn(async move { engine.deliver(stopping).await })
        };
        let serving = tokio::spawn(listening.serve());
        signals.heed(&house).await;
        tracing::info!("stopping: what was accepted is finished first");
        let _ = stop.send(true);
        let _ = serving.await;
        let _ = delivering.await;
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

    /// Runs until it is told to stop; SIGHUP takes a changed configuration.
    async fn heed(&mut self, house: &House) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hang_up.recv() => reload(house),
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
fn tell(house: &House, listening: &Listening) {
    let mut lines = vec![format!(
        "Callslip answers for {}.",
        house.numbers.join(" and ")
    )];
    if let Some(phone) = listening.phone() {
        lines.push(format!("The phone is at   http://{phone}/phone"));
    }
    lines.push(format!("Webhooks come to  http://{}", listening.web()));
    for gateway in &house.machine.gateways {
        if let GatewayKind::Twilio(_) = gateway.kind {
            let url = webhook_url_to_paste(&house.machine.public_url, &gateway.name);
            lines.push(format!(
                "Paste into Twilio, for \"{}\":  {url}",
                gateway.name
            ));
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
