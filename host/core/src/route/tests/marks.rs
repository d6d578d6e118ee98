//! Posters' marks: read behind their own keyword, and no word of a patron's taken for one (a20).

use super::*;
use crate::flow::Event;
use crate::source::Mark;

fn with_marks(words: &[&str], marks: &[(&str, &str)]) -> Directory {
    let mut directory = directory(words, StopWords::Ours);
    for library in directory.libraries.values_mut() {
        Arc::make_mut(library).marks = marks
            .iter()
            .map(|(keyword, mark)| ((*keyword).into(), Mark::read(mark).unwrap()))
            .collect();
    }
    directory
}

/// The keyword's rest and the poster, as the plan has them.
#[track_caller]
fn check(directory: &Directory, body: &str, rest: &str, came: Option<(&str, &str)>) {
    let plan = plan(directory, &text(body), &snapshot());
    let Act::Run(run) = &plan.act else {
        panic!("{body}: {}", plan.reason);
    };
    assert_eq!(run.event, Event::Started(rest.to_owned()), "{body}");
    let found = plan.came.as_ref();
    let found = found.map(|(keyword, mark)| (&*keyword.0, mark.as_str()));
    assert_eq!(found, came, "{body}");
}

#[test]
fn a20_a_mark_behind_its_keyword_counts_and_is_not_for_the_flow() {
    let directory = with_marks(&["HOURS", "ROOMS"], &[("hours", "B2"), ("rooms", "C1")]);
    let poster = Some(("hours", "B2"));
    for body in [
        "HOURS B2",
        "hours b2",
        "Hours, B2!",
        "Text HOURS B2 to +15555550100",
        "hours b 2",
    ] {
        check(&directory, body, "", poster);
    }
    check(&directory, "HOURS B2 tomorrow?", "tomorrow?", poster);
}

#[test]
fn a20_only_marks_that_were_given_out_for_that_keyword_are_read() {
    let directory = with_marks(&["HOURS", "ROOMS"], &[("hours", "B2"), ("rooms", "C1")]);
    for (body, rest) in [
        ("HOURS", ""),
        ("HOURS C1", "C1"),
        ("HOURS B3", "B3"),
        ("HOURS main B2", "main B2"),
        ("ROOMS B2", "B2"),
    ] {
        check(&directory, body, rest, None);
    }
    let plain = with_marks(&["HOURS"], &[]);
    check(&plain, "HOURS B2", "B2", None);
}

#[test]
fn a20_a_keyword_that_must_stand_alone_is_read_with_its_mark() {
    let mut directory = with_marks(&["HOURS"], &[("hours", "B2")]);
    for library in directory.libraries.values_mut() {
        let library = Arc::make_mut(library);
        for keyword in &mut library.keywords {
            Arc::make_mut(keyword).rule = Rule::OnlyWord;
        }
    }
    check(&directory, "HOURS B2", "", Some(("hours", "B2")));
    let other = plan(&directory, &text("HOURS B3"), &snapshot());
    assert_eq!(other.came, None);
    assert_ne!(other.reason, "keyword");
}
