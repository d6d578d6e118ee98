//! Each transcript through the real binary, engine and components, with the example
//! configuration. A decision of the design has a transcript of its name.

use std::fs;

use crate::harness::{self, transcript};

#[test]
fn each_transcript_goes_as_it_is_written() {
    let folder = harness::workspace().join("tests/transcripts");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the transcripts are there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(
        paths.len() > 20,
        "only {} transcripts were found",
        paths.len()
    );
    for path in paths {
        transcript::play(&path, "config/callslip.toml");
    }
}
