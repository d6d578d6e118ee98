//! What the process takes of its machine: memory, the time until its first answer, and the
//! processor when nobody texts.

use std::fs;
use std::time::{Duration, Instant};

use super::load::{Line, phone};
use super::rows::{Bound, Row};
use super::{is_asked, is_quick, millis};
use crate::harness::server::{Server, Site};
use crate::harness::workspace;

#[test]
fn bench_memory() {
    if !is_asked() {
        return;
    }
    let site = Site::new("bench-memory");
    let server = site.start_quietly();
    let mut line = Line::to(server.web.trim_start_matches("http://"));
    line.text(&phone(), "HOURS");
    memory("memory at rest", &server, 60.0, "One text was answered.");
    let sessions = if is_quick() { 1_000 } else { 10_000 };
    for _ in 0..sessions {
        let answer = line.text(&phone(), "STORY");
        assert!(answer.contains("name"), "{answer}");
    }
    let note = format!("{sessions} patrons were asked for their names and have not answered.");
    memory("memory with sessions waiting", &server, 80.0, &note);
    assert!(server.terminate());

    let site = with_plugins("bench-plugins", 200);
    let server = site.start_quietly();
    let mut line = Line::to(server.web.trim_start_matches("http://"));
    line.text(&phone(), "HOURS");
    let note = "200 components in the plugins' folder, each with code of its own.";
    memory("memory with 200 plugins", &server, 400.0, note);
    assert!(server.terminate());
}

fn memory(row: &str, server: &Server, must: f64, note: &str) {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("a process of Linux's");
    let mib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.expect("a figure") / 1_024.0
    };
    Row {
        row,
        test: "memory",
        ours: mib("VmRSS:"),
        unit: "MiB",
        beside: None,
        ratio: None,
        must: Some(Bound::AtMost(must)),
        aim: Some(Bound::AtMost(must / 2.0)),
        note: format!(
            "{note} Resident; of it {:.0} MiB its own, the rest files that the system may drop.",
            mib("RssAnon:")
        ),
    }
    .record();
}

/// The example's plugins, and so many of one more under names of their own.
fn with_plugins(name: &str, count: usize) -> Site {
    let site = Site::new(name);
    let folder = site.folder.join("plugins");
    fs::create_dir_all(&folder).expect("a folder");
    let built = workspace().join("target/plugins");
    let mut there = 0;
    for plugin in fs::read_dir(&built).expect("build the plugins first: cargo xtask build") {
        let plugin = plugin.expect("a plugin").path();
        if plugin
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            let to = folder.join(plugin.file_name().expect("a file"));
            fs::copy(&plugin, to).expect("a copy");
            there += 1;
        }
    }
    let hours = fs::read(built.join("hours.wasm")).expect("a plugin");
    let name_at = |name: &[u8]| hours.windows(name.len()).rposition(|window| window == name);
    let at = name_at(br#""name":"hours""#).expect("a manifest");
    for index in there..count {
        let mut copy = hours.clone();
        copy[at..at + 14].copy_from_slice(format!(r#""name":"h{index:04}""#).as_bytes());
        fs::write(folder.join(format!("h{index:04}.wasm")), copy).expect("a copy");
    }
    let machine = site.read("callslip.toml");
    let from = machine.lines().find(|line| line.starts_with("folder = "));
    let from = from.expect("the plugins' folder").to_owned();
    let to = format!("folder = \"{}\"", folder.display());
    site.write("callslip.toml", &machine.replace(&from, &to));
    site
}

#[test]
fn bench_start() {
    if !is_asked() {
        return;
    }
    let site = with_plugins("bench-start", 20);
    // What is compiled is kept.
    assert!(site.start_quietly().terminate());
    let mut times: Vec<Duration> = (0..5)
        .map(|_| {
            let begun = Instant::now();
            let server = site.start_quietly();
            let answer = Line::to(server.web.trim_start_matches("http://")).text(&phone(), "HOURS");
            let took = begun.elapsed();
            assert!(answer.contains("<Message"), "{answer}");
            assert!(server.terminate());
            took
        })
        .collect();
    times.sort_unstable();
    Row {
        row: "start to the first answer",
        test: "start",
        ours: millis(times[2]),
        unit: "ms",
        beside: None,
        ratio: None,
        must: Some(Bound::AtMost(500.0)),
        aim: Some(Bound::AtMost(150.0)),
        note: format!(
            "20 plugins, compiled before; the middle of five, {:.0} to {:.0} ms.",
            millis(times[0]),
            millis(times[4])
        ),
    }
    .record();
}

#[test]
fn bench_idle() {
    if !is_asked() {
        return;
    }
    let site = Site::new("bench-idle");
    let server = site.start_quietly();
    Line::to(server.web.trim_start_matches("http://")).text(&phone(), "HOURS");
    let lasts = Duration::from_secs(if is_quick() { 10 } else { 60 });
    // The process outside has its own clock; what the text began ends first.
    std::thread::sleep(Duration::from_secs(3));
    let before = ticks(&server);
    std::thread::sleep(lasts);
    let used = ticks(&server) - before;
    assert!(server.terminate());
    // A hundred ticks a second, on every Linux that this runs on.
    let percent = used as f64 / lasts.as_secs_f64();
    Row {
        row: "an idle host's processor",
        test: "idle",
        ours: percent,
        unit: "% of a core",
        beside: None,
        ratio: None,
        must: Some(Bound::AtMost(0.2)),
        aim: None,
        note: format!("{used} ticks of 10 ms in {lasts:?}."),
    }
    .record();
}

/// Of user and system time.
fn ticks(server: &Server) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid()));
    let stat = stat.expect("a process of Linux's");
    let after = stat.rsplit(')').next().expect("fields");
    let fields: Vec<&str> = after.split_whitespace().collect();
    let field = |at: usize| fields[at].parse::<u64>().expect("a number");
    field(11) + field(12)
}
