//! What goes wrong around the service, one thing a test: a disk that is full, power that fails in the
//! middle of a write, connections that ask nothing. It says what is wrong, and goes on by itself.

use std::time::{Duration, Instant};

use crate::harness::kannel::wait_for;
use crate::harness::server::{Server, Site};
use crate::harness::{run, stderr, stdout};

#[expect(
    clippy::print_stdout,
    reason = "what a soak found is for people to read"
)]
fn tell(line: &str) {
    println!("{line}");
}

/// A disk that is full: the host says so where one looks, refuses texts so that gateways keep them,
/// and goes on by itself once there is room. On a small file system of its own, where one may mount.
#[test]
fn soak_a_full_disk_is_told_and_outlived() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let site = Site::new("full-disk");
    let disk = site.folder.join("disk");
    std::fs::create_dir_all(&disk).expect("a folder");
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"])
        .arg(&disk)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        tell("skipped: a small file system cannot be mounted here (needs root)");
        return;
    }
    let _disk = Mounted(disk.clone());
    let machine = site.read("callslip.toml");
    site.write(
        "callslip.toml",
        &machine.replace("sqlite = \"callslip.db\"", "sqlite = \"disk/callslip.db\""),
    );
    let server = site.start();
    let from = |index: usize| format!("+1212{:07}", 2_000_000 + index);
    assert_eq!(
        server
            .text(&from(0), "SM0", "WIFI")
            .expect("an answer")
            .status,
        200
    );
    assert_eq!(ready(&server), (200, "well".to_owned()));
    // Something else fills it.
    let ballast = disk.join("ballast");
    let chunk = vec![1; 64 * 1024];
    let mut file = std::fs::File::create(&ballast).expect("a file");
    while std::io::Write::write_all(&mut file, &chunk).is_ok() {}
    let mut refused = 0;
    let mut taken = 1;
    for index in 1..2_000 {
        let answer = server
            .text(&from(index), &format!("SM{index}"), "WIFI")
            .expect("an answer");
        match answer.status {
            200 => taken += 1,
            503 => refused += 1,
            other => panic!("{other}"),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3, "{taken} were taken by a full disk");
    assert_eq!(ready(&server), (503, "disk-full".to_owned()));
    // What it writes to its log is read here by a thread of its own.
    wait_for("the log says so", Duration::from_secs(10), || {
        site.log().contains("the disk is full")
    });
    // Room again: what the gateway kept is taken, without anybody's help.
    drop(file);
    std::fs::remove_file(&ballast).expect("room");
    wait_for("texts are taken again", Duration::from_secs(60), || {
        let again = server
            .text(&from(9_000), "SM9000", "WIFI")
            .expect("an answer");
        again.status == 200
    });
    assert_eq!(ready(&server), (200, "well".to_owned()));
    tell(&format!(
        "{taken} taken, {refused} refused with 503, and taken again once there was room"
    ));
    assert!(server.terminate());
}

struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(&self.0)
            .status();
    }
}

fn ready(server: &Server) -> (u16, String) {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build();
    let agent: ureq::Agent = config.into();
    let mut response = agent
        .get(format!("{}/readyz", server.web))
        .call()
        .expect("an answer");
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().expect("text");
    let told: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    (
        status,
        told["store"].as_str().unwrap_or_default().to_owned(),
    )
}

/// Connections that say nothing, or never end their sentence, as many as this process may have: texts
/// are answered beside them, and the service needs no more files than it is configured for.
#[test]
fn soak_idle_connections_leave_gateways_their_place() {
    if std::env::var_os("CALLSLIP_SOAK").is_none() {
        return;
    }
    let site = Site::new("idle-connections");
    let server = site.start_quietly();
    let address = server.web.trim_start_matches("http://").to_owned();
    let mut held = Vec::new();
    let mut longest = Duration::ZERO;
    for index in 0..10_000 {
        let Ok(mut stream) = std::net::TcpStream::connect(&address) else {
            break;
        };
        if index % 2 == 0 {
            let _ = std::io::Write::write_all(
                &mut stream,
                b"POST /gateways/main/inbound HTTP/1.1\r\nHost:",
            );
        }
        held.push(stream);
        if index % 100 == 99 {
            let from = format!("+1212{:07}", 2_000_000 + index);
            let begun = Instant::now();
            let answer = server.text(&from, &format!("SM{index}"), "WIFI");
            longest = longest.max(begun.elapsed());
            assert_eq!(
                answer.expect("an answer").status,
                200,
                "beside {index} idle connections"
            );
        }
    }
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.pid()))
        .expect("a process")
        .count();
    tell(&format!(
        "beside {} connections that ask nothing: longest answer {longest:?}, {files} files open",
        held.len()
    ));
    assert!(held.len() > 500, "only {} connections", held.len());
    assert!(files < 1_024 + 200, "{files} files are open");
    assert!(longest < Duration::from_secs(5), "{longest:?}");
    assert!(server.terminate());
}

/// A machine that lost power in the middle of a write: the log of the store ends anywhere. What was
/// on disk before is there, and the service starts by itself.
#[test]
fn a_torn_log_of_the_store_costs_nothing_that_was_before() {
    let site = Site::new("torn");
    let mut server = site.start();
    let from = |index: usize| format!("+1212{:07}", 2_000_000 + index);
    for index in 0..20 {
        server
            .text(&from(index), &format!("SM{index}"), "WIFI")
            .expect("an answer");
    }
    server.kill();
    let wal = site.folder.join("callslip.db-wal");
    let length = std::fs::metadata(&wal).expect("a log of the store").len();
    assert!(length > 0);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&wal)
        .expect("the log");
    file.set_len(length - length / 5 - 7).expect("shorter");
    let server = site.start();
    assert_eq!(ready(&server), (200, "well".to_owned()));
    let answer = server.text(&from(0), "SM0", "WIFI").expect("an answer");
    assert_eq!(answer.status, 200);
    let after = server.text(&from(100), "SM100", "WIFI").expect("an answer");
    assert!(after.body.contains("<Message"), "{}", after.body);
    assert!(server.terminate());
}

/// A copy made beside a service under load is a store: put back, it knows what was answered before.
#[test]
fn a_backup_under_load_is_whole_and_can_be_put_back() {
    let site = Site::new("backup");
    let server = site.start_quietly();
    let from = |index: usize| format!("+1212{:07}", 2_000_000 + index);
    let first = server.text(&from(0), "SM0", "WIFI").expect("an answer");
    let file = |site: &Site, name: &str| site.folder.join(name).display().to_string();
    let to = file(&site, "copy.db");
    let config = file(&site, "callslip.toml");
    std::thread::scope(|scope| {
        let texting = scope.spawn(|| {
            (1..60)
                .map(|index| server.text(&from(index), &format!("SM{index}"), "WIFI"))
                .all(|answer| answer.is_ok_and(|answer| answer.status == 200))
        });
        let made = run(&["backup", "--config", &config, "--to", &to], "");
        assert!(made.status.success(), "{}", stderr(&made));
        assert!(
            stdout(&made).contains("The key is not in it"),
            "{}",
            stdout(&made)
        );
        assert!(
            texting.join().expect("no panic"),
            "texts are answered meanwhile"
        );
    });
    let looked = run(&["doctor", "--config", &config, "--store", &to], "");
    assert!(
        looked.status.success(),
        "{} {}",
        stdout(&looked),
        stderr(&looked)
    );
    let looked = run(&["doctor", "--config", &config], "");
    assert!(
        looked.status.success(),
        "{} {}",
        stdout(&looked),
        stderr(&looked)
    );
    assert!(server.terminate());

    let other = Site::new("put-back");
    std::fs::copy(&to, other.folder.join("callslip.db")).expect("a copy");
    other.write("callslip.key", &site.read("callslip.key"));
    let server = other.start_quietly();
    assert_eq!(ready(&server), (200, "well".to_owned()));
    // A patron of before is known: the first answer was signed, a second one is not.
    let again = server.text(&from(0), "SM1000", "WIFI").expect("an answer");
    assert_eq!(again.messages().len(), 1);
    assert_ne!(again.messages(), first.messages());
    assert!(server.terminate());
}
