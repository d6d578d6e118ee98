//! `callslip plugin check` on what a developer brings: a flow with mistakes that no transcript
//! shows, and files that are no plugins at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::bench::{bundled, guest};
use crate::harness::{run, stderr, stdout, workspace};

struct Checked {
    code: Option<i32>,
    said: String,
    wrong: String,
}

fn check(arguments: &[&str]) -> Checked {
    let output = run(&[&["plugin", "check"], arguments].concat(), "");
    Checked {
        code: output.status.code(),
        said: stdout(&output),
        wrong: stderr(&output),
    }
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin-check");
    fs::create_dir_all(&folder).expect("the scratch folder takes folders");
    let path = folder.join(name);
    fs::write(&path, bytes).expect("it takes files");
    path
}

fn plain(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// The bundled flows have nothing to mend: not from any step, not with other lots, not with what
/// nobody wrote.
#[test]
fn the_bundled_flows_are_checked_whole() {
    for flow in ["auto-reply", "hours", "instructions", "signup"] {
        let component = workspace().join(format!("target/plugins/{flow}.wasm"));
        let transcripts = workspace().join("plugins").join(flow).join("tests");
        let arguments = [
            "--json",
            "--transcripts",
            plain(&transcripts),
            plain(&component),
        ];
        let checked = check(&arguments);
        assert_eq!(checked.code, Some(0), "{flow}: {}", checked.wrong);
        let told: serde_json::Value = serde_json::from_str(&checked.said).expect("JSON");
        assert_eq!(told["name"], flow);
        assert_eq!(told["world"], "0.1.0");
        assert!(told["replayed"].as_u64() >= Some(4), "{told}");
        assert!(told["walked"].as_u64() >= Some(1_000), "{told}");
    }
}

#[test]
fn a_flow_that_fails_at_what_nobody_wrote_is_shown_the_way_there() {
    let path = file("panics.wasm", &guest("reports_a_panic"));
    let checked = check(&[plain(&path)]);
    assert_eq!(checked.code, Some(1));
    let told = "answers that nobody wrote: the flow failed: it panicked at src/lib.rs:7: no chair";
    assert!(checked.wrong.contains(told), "{}", checked.wrong);
    assert_eq!(checked.wrong.lines().count(), 2, "{}", checked.wrong);
    assert!(
        checked.wrong.contains("\n      > GUEST"),
        "{}",
        checked.wrong
    );
}

/// What is no plugin, with the sentence that says so.
#[test]
fn each_bad_file_gets_its_sentence() {
    let signup = bundled("signup");
    let mut with_two_manifests = signup.clone();
    with_two_manifests.extend_from_slice(&custom_section("callslip:manifest", "{}"));
    let lies = replaced(&signup, br#"{"name":"signup""#, br#"{"name":"signin""#);
    let bad_schema = replaced(
        &signup,
        br#""settings_schema":"{"#,
        br#""settings_schema":"!"#,
    );
    let other_version = replaced(
        &signup,
        b"callslip:plugin/lists@0.1.0",
        b"callslip:plugin/lists@0.7.0",
    );
    let too_big = 200 * 1024 * 1024;
    let sockets = importing("wasi:sockets/tcp@0.2.0");
    let elsewhere = importing("acme:plugin/dial@1.0.0");
    #[rustfmt::skip]
    let files: Vec<(&str, Vec<u8>, &str)> = vec![
        ("core.wasm", callslip_hostile::core_module("polite"), "it is a core module, not a component: build it"),
        ("empty-component.wasm", component(&[]), "it is not made for the world `flow` of callslip:plugin"),
        ("elsewhere.wasm", elsewhere, "it imports \"acme:plugin/dial@1.0.0\", which is nothing that a flow can be granted"),
        ("sockets.wasm", sockets, "it imports wasi:sockets/tcp@0.2.0, and there is no WASI here"),
        ("truncated.wasm", signup[..signup.len() / 2].to_vec(), "the file ends too early: copy it again"),
        ("nothing.wasm", Vec::new(), "the file ends too early: copy it again"),
        ("text.wasm", b"hello, I am a plugin".to_vec(), "no WebAssembly component, or a damaged one"),
        ("too-big.wasm", vec![0; too_big], "it has 200 MiB; a component has 64 at most"),
        ("two-versions.wasm", other_version, "it imports two versions of callslip:plugin"),
        ("two-manifests.wasm", with_two_manifests, "its manifest cannot be used: there are two"),
        ("lies.wasm", lies, "its manifest says \"signin 0.1.0\", its code \"signup 0.1.0\""),
        ("bad-schema.wasm", bad_schema, "its manifest cannot be used: the settings' schema is no JSON"),
    ];
    for (name, bytes, sentence) in files {
        let path = file(name, &bytes);
        let checked = check(&[plain(&path)]);
        let _ = fs::remove_file(&path); // Some are large.
        assert_eq!(checked.code, Some(1), "{name}: {}", checked.wrong);
        assert!(
            checked.wrong.contains(sentence),
            "{name}: {}",
            checked.wrong
        );
        assert!(
            checked.wrong.contains(name),
            "which file: {}",
            checked.wrong
        );
        assert_eq!(
            checked.wrong.lines().count(),
            1,
            "{name}: {}",
            checked.wrong
        );
    }
    let nowhere = check(&["no/such.wasm"]);
    assert!(
        nowhere.wrong.contains("it cannot be read"),
        "{}",
        nowhere.wrong
    );
}

/// A component with nothing in it but its imports.
fn importing(name: &str) -> Vec<u8> {
    // An instance type without members, and an import of it.
    let mut import = vec![1, 0, u8::try_from(name.len()).expect("a short name")];
    import.extend_from_slice(name.as_bytes());
    import.extend_from_slice(&[5, 0]);
    let mut bytes = component(&[]);
    bytes.extend_from_slice(&section(7, &[1, 0x42, 0]));
    bytes.extend_from_slice(&section(10, &import));
    bytes
}

fn component(sections: &[u8]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0", sections].concat()
}

fn custom_section(name: &str, data: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).expect("a short name");
    section(0, &[&[length], name.as_bytes(), data.as_bytes()].concat())
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("a short section");
    assert!(length < 128, "longer ones have two bytes of length");
    [&[id, length], content].concat()
}

/// The same length, so that nothing around it changes.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = (bytes.windows(from.len()).position(|window| window == from)).expect("it is there");
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}
