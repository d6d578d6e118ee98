//! Puts in place what building and testing need and a fresh machine lacks.
//!
//! Only ready-made things, by rustup and by Debian's apt; nothing is built from source. Where it
//! may not install, it says in one line what a person has to.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::house::{self, House, WASM_TARGET};

/// A program that tests start, and the Debian package that it comes with.
type Packaged = (&'static str, &'static str);

const BROWSER: [Packaged; 2] = [
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/chromedriver", "chromium-driver"),
];

const KANNEL: [Packaged; 2] = [
    ("/usr/sbin/bearerbox", "kannel"),
    ("/usr/lib/kannel/test/fakesmsc", "kannel-extras"),
];

/// Plugins are compiled for this target; its library comes with rustup or a distribution.
pub(crate) fn wasm_target(house: &House) -> Result<()> {
    if target_library_is_there(house) {
        return Ok(());
    }
    let mut add = house.command("rustup");
    add.args(["target", "add", WASM_TARGET]);
    if !house::answers(house.command("rustup").arg("--version")) {
        bail!(
            "Rust's library for {WASM_TARGET} is missing, and so is rustup, which would fetch it: \
             install rustup (https://rustup.rs) and start this again, \
             or install that library by your system's packages"
        );
    }
    eprintln!("Adding the target {WASM_TARGET}, for the plugins.");
    house::run(&mut add)
}

/// rustfmt and clippy: rustup's smallest profile comes without them.
pub(crate) fn rust_tools(house: &House) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if house::answers(house.cargo(subcommand).arg("--version")) {
            continue;
        }
        if !house::answers(house.command("rustup").arg("--version")) {
            bail!("`cargo {subcommand}` is missing: install {component} for this Rust");
        }
        eprintln!("Adding {component}.");
        house::run(
            house
                .command("rustup")
                .args(["component", "add", component]),
        )?;
    }
    Ok(())
}

/// Chromium and its driver, for the browser tests.
pub(crate) fn browser(house: &House) -> Result<()> {
    packages(house, "the browser tests", &BROWSER)
}

/// A carrier's gateway, for the tests with a real one. They do without where it is missing.
pub(crate) fn kannel(house: &House) {
    if let Err(error) = packages(house, "the tests with Kannel", &KANNEL) {
        eprintln!("note: {error:#}");
    }
}

fn packages(house: &House, who: &str, programs: &[Packaged]) -> Result<()> {
    let missing = missing_packages(programs, |path| Path::new(path).exists());
    if missing.is_empty() {
        return Ok(());
    }
    let by_hand = format!(
        "{who} need {}; on Debian, as root: apt-get install -y {}",
        paths_of(programs, &missing).join(" and "),
        missing.join(" ")
    );
    if !(Path::new("/etc/debian_version").exists() && is_root(house)) {
        bail!("{by_hand}");
    }
    eprintln!("Installing {} by apt, for {who}.", missing.join(" and "));
    house::run(&mut apt(house, &["update"]))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    house::run(&mut apt(house, &install))?;
    match missing_packages(programs, |path| Path::new(path).exists()) {
        still if still.is_empty() => Ok(()),
        still => bail!("apt installed {}, but {by_hand}", still.join(" and ")),
    }
}

fn missing_packages(programs: &[Packaged], exists: impl Fn(&str) -> bool) -> Vec<&'static str> {
    programs
        .iter()
        .filter(|(path, _)| !exists(path))
        .map(|(_, package)| *package)
        .collect()
}

fn paths_of(programs: &[Packaged], packages: &[&str]) -> Vec<&'static str> {
    programs
        .iter()
        .filter(|(_, package)| packages.contains(package))
        .map(|(path, _)| *path)
        .collect()
}

fn target_library_is_there(house: &House) -> bool {
    let printed = house
        .command("rustc")
        .args(["--print", "target-libdir", "--target", WASM_TARGET])
        .stderr(Stdio::null())
        .output();
    printed.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout);
        output.status.success() && Path::new(folder.trim_end()).is_dir()
    })
}

fn is_root(house: &House) -> bool {
    let id = house.command("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// apt must never wait for an answer: in CI nobody is there.
fn apt(house: &House, args: &[&str]) -> Command {
    let mut apt = house.command("apt-get");
    apt.args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    apt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_without_its_browser_is_not_enough() {
        let missing = |exists: fn(&str) -> bool| missing_packages(&BROWSER, exists);
        assert_eq!(missing(|path| path.ends_with("chromedriver")), ["chromium"]);
        assert_eq!(missing(|_| false), ["chromium", "chromium-driver"]);
        assert!(missing(|_| true).is_empty());
        assert_eq!(
            paths_of(&BROWSER, &["chromium-driver"]),
            ["/usr/bin/chromedriver"]
        );
    }
}
