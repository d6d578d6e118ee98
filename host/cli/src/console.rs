//! Puts the console together with what it tells of the machine.

use std::sync::{Arc, Weak};

use callslip_console::{About, Around, Console, GatewayAbout, Parts, Wrong};
use callslip_core::config::{Gateway, GatewayKind, Machine, Made, SignatureCheck};
use callslip_core::directory::Directory;
use callslip_core::ids::{KeywordId, LibraryId};
use callslip_engine::Engine;
use callslip_gateways::{inbound_url, webhook_url_to_paste};
use callslip_store::StaffStore;

use crate::house::{Draft, House};
use crate::stopped::Stopped;

/// Without `[console]` nobody reaches its pages; what it tells patrons is told all the same.
pub(crate) fn open(
    machine: &Machine,
    draft: &Draft,
    engine: &Engine,
    staff: &Arc<dyn StaffStore>,
    is_training: bool,
) -> anyhow::Result<Console> {
    let pages = machine.console.as_ref();
    Ok(Console::new(Parts {
        engine: engine.clone(),
        staff: Arc::clone(staff),
        public_url: pages.and_then(|pages| pages.public_url.clone()),
        about: about(machine, draft, is_training),
    })?)
}

pub(crate) fn about(machine: &Machine, draft: &Draft, is_training: bool) -> About {
    let files = draft.reading.files.iter();
    About {
        gateways: machine
            .gateways
            .iter()
            .map(|gateway| gateway_about(machine, gateway))
            .collect(),
        files: files
            .map(|(library, file)| (library.clone(), file.display().to_string()))
            .collect(),
        plugins: draft.installed.plugins(),
        is_training,
    }
}

/// The keywords that were made in the console.
pub(crate) fn made(staff: &dyn StaffStore) -> anyhow::Result<Vec<Made>> {
    let made = staff.staff_reader()?.made_keywords()?;
    let made = made.into_iter().filter_map(|keyword| {
        Some(Made {
            library: keyword.library,
            toml: keyword.toml?,
        })
    });
    Ok(made.collect())
}

/// What the console asks of the house that it is in.
pub(crate) struct InHouse(Weak<House>);

impl InHouse {
    pub(crate) fn of(house: &Arc<House>) -> Arc<InHouse> {
        Arc::new(InHouse(Arc::downgrade(house)))
    }
}

impl Around for InHouse {
    fn try_made(&self, made: &[Made]) -> (Vec<Wrong>, Directory) {
        let Some(house) = self.0.upgrade() else {
            return (Vec::new(), Directory::default());
        };
        match house.draft(made) {
            Ok(draft) => (
                Wrong::of(&draft.reading.problems, made),
                draft.reading.directory,
            ),
            Err(stopped) => (wrong(stopped), Directory::default()),
        }
    }

    fn try_instead(&self, made: &[Made], keyword: &KeywordId) -> Vec<Wrong> {
        let (Some(house), Some(last)) = (self.0.upgrade(), made.last()) else {
            return Vec::new();
        };
        match house.draft_without(&last.library, keyword, made) {
            Ok(draft) => Wrong::of(&draft.reading.problems, made),
            Err(stopped) => wrong(stopped),
        }
    }

    fn export(&self, library: &LibraryId) -> Option<String> {
        self.0.upgrade()?.export(library)
    }

    fn take_made(&self) -> Result<(), Vec<String>> {
        let Some(house) = self.0.upgrade() else {
            return Ok(());
        };
        house.take_made().map_err(lines)
    }

    fn read_files(&self) -> Result<Vec<String>, Vec<String>> {
        let Some(house) = self.0.upgrade() else {
            return Ok(Vec::new());
        };
        let taken = house.reload();
        match &taken {
            Ok(_) => tracing::info!("the changed configuration is in force"),
            Err(_) => {
                tracing::error!("the changed configuration was not taken; the old one goes on")
            }
        }
        taken.map_err(lines)
    }
}

fn wrong(stopped: Stopped) -> Vec<Wrong> {
    let lines = lines(stopped).into_iter();
    lines.map(|told| Wrong { place: None, told }).collect()
}

fn lines(stopped: Stopped) -> Vec<String> {
    match stopped {
        Stopped::Usage(lines) => lines,
        Stopped::Failed(error) => vec![format!("{error:#}")],
    }
}

fn gateway_about(machine: &Machine, gateway: &Gateway) -> GatewayAbout {
    GatewayAbout {
        name: gateway.name.clone(),
        kind: kind(gateway).to_owned(),
        company: company(gateway).map(str::to_owned),
        emptied: machine.delivery.redact && empties(gateway),
        paste: to_paste(machine, gateway),
        enforces: to_paste(machine, gateway)
            .is_some()
            .then_some(gateway.signature == SignatureCheck::Enforce),
    }
}

pub(crate) fn kind(gateway: &Gateway) -> &'static str {
    match gateway.kind {
        GatewayKind::Twilio(_) => "Twilio",
        GatewayKind::Telnyx(_) => "Telnyx",
        GatewayKind::Vonage(_) => "Vonage",
        GatewayKind::Kannel(_) => "Kannel",
        GatewayKind::Http(_) => "HTTP",
        GatewayKind::Smpp(_) => "SMPP",
        GatewayKind::Simulator => "the simulator",
    }
}

/// Who carries the texts, as patrons are told; None: it is this machine.
fn company(gateway: &Gateway) -> Option<&'static str> {
    match gateway.kind {
        GatewayKind::Twilio(_) => Some("Twilio"),
        GatewayKind::Telnyx(_) => Some("Telnyx"),
        GatewayKind::Vonage(_) => Some("Vonage"),
        GatewayKind::Kannel(_) | GatewayKind::Http(_) | GatewayKind::Smpp(_) => {
            Some("A phone company with a line to the library")
        }
        GatewayKind::Simulator => None,
    }
}

/// Those whose copies can be emptied from here (b2).
fn empties(gateway: &Gateway) -> bool {
    matches!(
        gateway.kind,
        GatewayKind::Twilio(_) | GatewayKind::Vonage(_)
    )
}

/// The address that a gateway's own pages want for texts; None: nothing comes by webhook.
pub(crate) fn to_paste(machine: &Machine, gateway: &Gateway) -> Option<String> {
    let (public_url, name) = (&machine.public_url, &gateway.name);
    match gateway.kind {
        GatewayKind::Twilio(_) => Some(webhook_url_to_paste(public_url, name)),
        GatewayKind::Telnyx(_)
        | GatewayKind::Vonage(_)
        | GatewayKind::Kannel(_)
        | GatewayKind::Http(_) => Some(inbound_url(public_url, name)),
        GatewayKind::Smpp(_) | GatewayKind::Simulator => None,
    }
}
