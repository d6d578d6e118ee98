//! A component that was built against the first world runs for ever, and the world grows only in
//! ways that let it (`sdk/wit/README.md`). `tests/worlds/` keeps what was built then.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use callslip_rehearsal::{play, scripts};
use callslip_runtime::{Options, Runtime};

use crate::harness::workspace;

fn worlds() -> PathBuf {
    workspace().join("tests/worlds")
}

/// Each folder is a world: a component built for it, its conversations, and the world's own text.
fn kept() -> Vec<(String, PathBuf)> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(worlds()).expect("what was built once") {
        let entry = entry.expect("a readable folder");
        kept.push((
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        ));
    }
    assert!(!kept.is_empty());
    kept
}

#[test]
fn what_was_built_for_an_earlier_world_still_says_the_same() {
    let runtime = Runtime::new(Options::default()).expect("a runtime");
    for (world, folder) in kept() {
        let component = fs::read(folder.join("signup.wasm")).expect("a component");
        let flow = runtime.load(&component).expect("it loads for ever");
        let played = play(&flow, &scripts(&folder).expect("its conversations"));
        assert!(played.len() >= 5, "{world}");
        for transcript in played {
            assert!(
                transcript.wrong.is_empty(),
                "{world}, {}: {}",
                transcript.name,
                transcript.wrong.join("\n")
            );
        }
    }
}

/// Lines that say something, by file.
fn lines(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a world") {
        let path = entry.expect("a readable folder").path();
        let text = fs::read_to_string(&path).expect("a text");
        let lines = text.lines().map(str::trim).map(str::to_owned);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        files.insert(name, lines.collect());
    }
    files
}

/// What a later text of a world may not do to an earlier one.
fn broken(
    before: &BTreeMap<String, Vec<String>>,
    now: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut broken = Vec::new();
    for (file, was) in before {
        let Some(is) = now.get(file) else {
            broken.push(format!("{file} is gone"));
            continue;
        };
        broken.extend(
            was.iter()
                .filter(|line| !is.contains(line))
                .map(|line| format!("{file}: gone: {line}")),
        );
        // A function more is not called by who does not know it, and so is an import; a field or a
        // case more is another type.
        let may_be_new = |line: &str| match file.as_str() {
            "flow.wit" => line.starts_with("import "),
            "types.wit" => false,
            _ => line.contains(": func("),
        };
        let new = is
            .iter()
            .filter(|line| !was.contains(line) && !may_be_new(line));
        broken.extend(new.map(|line| format!("{file}: new: {line}")));
    }
    broken
}

#[test]
fn a_world_grows_and_never_changes() {
    for (world, folder) in kept() {
        let before = lines(&folder.join("wit"));
        let now = lines(&workspace().join("sdk/wit").join(&world));
        assert_eq!(broken(&before, &now), [""; 0], "world {world}");

        let changed = |file: &str, from: &str, to: &str| {
            let mut files = now.clone();
            let lines = files.get_mut(file).expect("it is there");
            assert!(lines.iter().any(|line| line.contains(from)), "no {from}");
            for line in lines.iter_mut() {
                *line = line.replace(from, to);
            }
            broken(&before, &files)
        };
        assert!(
            !changed(
                "lists.wit",
                "join: func(name: string)",
                "join: func(list: u64)"
            )
            .is_empty()
        );
        assert!(!changed("types.wit", "finish,", "finish, wait,").is_empty());
        assert!(!changed("flow.wit", "import lists;", "").is_empty());
        let mut more = now.clone();
        let wit = more.get_mut("lists.wit").expect("it is there");
        wit.push("all: func() -> list<string>;".to_owned());
        assert_eq!(broken(&before, &more), [""; 0], "a function more");
    }
}
