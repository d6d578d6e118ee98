//! Training: the same libraries, keywords and pages on a store of its own. Every gateway is the
//! simulator and every address this machine's own, so that nothing leaves the house.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use callslip_core::config::{ConsolePages, GatewayKind, Machine, PhonePage, SignatureCheck};
use callslip_core::directory::Directory;

/// From the ports of the service itself, which may run beside it.
const PORTS_ABOVE: u16 = 100;
const PHONE_PORT: u16 = 8067;
const CONSOLE_PORT: u16 = 8068;

/// The machine as it is for training.
pub(crate) fn machine(mut machine: Machine) -> Machine {
    machine.store.sqlite = beside(&machine.store.sqlite, "training-");
    machine.plugins.cache = Some(beside(&machine.store.sqlite, "").with_extension("compiled"));
    for gateway in &mut machine.gateways {
        gateway.kind = GatewayKind::Simulator;
        gateway.signature = SignatureCheck::Enforce;
    }
    machine.mail = None;
    machine.alarms = None;
    machine.metrics = None;
    machine.server.listen = own(0);
    machine.phone = Some(PhonePage {
        listen: above(machine.phone.map(|page| page.listen), PHONE_PORT),
        allow_remote: false,
    });
    machine.console = Some(ConsolePages {
        listen: above(machine.console.map(|pages| pages.listen), CONSOLE_PORT),
        public_url: None,
    });
    machine
}

/// Whose notices go out: in training nobody's.
pub(crate) fn told(directory: &Directory, is_training: bool) -> Directory {
    match is_training {
        true => Directory::default(),
        false => directory.clone(),
    }
}

fn beside(path: &Path, before: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{before}{name}"))
}

fn above(listen: Option<SocketAddr>, usual: u16) -> SocketAddr {
    match listen.map_or(usual, |listen| listen.port()) {
        0 => own(0),
        port => own(port.checked_add(PORTS_ABOVE).unwrap_or(0)),
    }
}

fn own(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
