//! Capability `reminders`: what a run leaves of them, and its bounds.

use callslip_core::at::At;
use callslip_core::due::{ReminderId, WAITING_MAX, Waiting, Write};

use crate::world::{Library, clerk};

const NOW: i64 = 1_900_000_000_000;

fn waiting(id: u64) -> Waiting {
    Waiting {
        id: ReminderId(id),
        at: At(NOW + 60_000),
        useful_until: At(NOW + 120_000),
    }
}

#[test]
fn a_reminder_is_of_use_for_a_day_and_has_the_turns_own_id() {
    let (lines, ran) = clerk(&mut Library::default(), "remind 5000 say hello");
    assert_eq!(lines, ["700"]);
    let set = Write::Set {
        id: ReminderId(700),
        at: At(NOW + 5_000),
        useful_until: At(NOW + 5_000 + 24 * 60 * 60 * 1_000),
        payload: "say hello".to_owned(),
    };
    assert_eq!(ran.effects.reminders, [set]);
}

#[test]
fn what_was_set_in_a_run_is_known_in_it() {
    let orders = "remind 5000 x\nmove 700 9000\ncancel 700\ncancel 700\nremind 5000 y";
    let (lines, ran) = clerk(&mut Library::default(), orders);
    assert_eq!(lines, ["700", "true", "true", "false", "701"]);
    assert_eq!(ran.effects.reminders.len(), 4);
}

#[test]
fn another_ones_reminder_is_not_there() {
    let mut library = Library {
        reminders: vec![waiting(9)],
        ..Library::default()
    };
    let (lines, _) = clerk(&mut library, "cancel 8\ncancel 9");
    assert_eq!(lines, ["false", "true"]);
}

#[test]
fn too_many_too_late_and_too_long_are_refused_in_words() {
    let mut library = Library {
        reminders: (0..WAITING_MAX as u64).map(waiting).collect(),
        ..Library::default()
    };
    let (lines, ran) = clerk(&mut library, "remind 5000 x");
    assert!(lines[0].starts_with("refused: Refusal::Limit"), "{lines:?}");
    assert_eq!(ran.effects.reminders, []);

    let long = "x".repeat(1_025);
    let orders = format!("remind 0 x\nremind 63158400001 x\nremind 5000 {long}");
    let (lines, _) = clerk(&mut Library::default(), &orders);
    assert!(
        lines[0].starts_with("refused: Refusal::Invalid"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("refused: Refusal::Limit"), "{lines:?}");
    assert!(lines[2].starts_with("refused: Refusal::Limit"), "{lines:?}");
}
