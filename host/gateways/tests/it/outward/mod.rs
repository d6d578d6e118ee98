//! The way out, against servers on this machine: what is reached, what is not, and what goes over
//! it. Names are looked up in a table.

mod mail;
mod notices;
mod pictures;
mod ways;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use callslip_core::network::Reach;
use callslip_gateways::{BoxFuture, Outward, Resolver, Roots};

/// Names and what they lead to; a name with several answers gives one after the other.
#[derive(Default)]
pub(crate) struct Table {
    names: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    pub(crate) asked: AtomicUsize,
}

impl Table {
    pub(crate) fn of(names: &[(&str, &[&str])]) -> Arc<Table> {
        let table = Table::default();
        for (name, addresses) in names {
            let addresses = addresses.iter().map(|address| address.parse().unwrap());
            let addresses: Vec<IpAddr> = addresses.collect();
            let mut names = table.names.lock().unwrap();
            names.entry((*name).to_owned()).or_default().push(addresses);
        }
        Arc::new(table)
    }
}

impl Resolver for Table {
    fn look_up<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut names = self.names.lock().unwrap();
        let found = names.get_mut(host).map(|answers| match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        });
        let found = found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound));
        Box::pin(std::future::ready(found))
    }
}

/// As the operator lists private networks.
pub(crate) fn reach(listed: &[&str]) -> Reach {
    Reach::new(listed.iter().map(|net| net.parse().unwrap()).collect())
}

/// This machine is listed.
pub(crate) fn here(names: &[(&str, &[&str])]) -> Outward {
    Outward::new(Table::of(names), reach(&["127.0.0.0/8"]), roots()).unwrap()
}

/// The authority of a certificate that no test asks, where openssl is not there to make one.
pub(crate) fn roots() -> Roots {
    match certificate("outward") {
        Some(folder) => Roots::of_pem(&std::fs::read(folder.join("cert.pem")).unwrap()).unwrap(),
        None => Roots::of_this_machine().unwrap(),
    }
}

/// A certificate for `mail.example`, made once; None where openssl is not there.
pub(crate) fn certificate(name: &str) -> Option<PathBuf> {
    static MADE: Mutex<()> = Mutex::new(());
    let _alone = MADE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    if folder.join("cert.pem").exists() {
        return Some(folder);
    }
    std::fs::create_dir_all(&folder).unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=mail.example"])
        .args(["-addext", "subjectAltName=DNS:mail.example"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .output();
    match made {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            Some(folder)
        }
        Err(_) => {
            eprintln!("skipped: no openssl on this machine");
            None
        }
    }
}
