//! Who may move a broadcast where, and what it comes to before it goes.

use proptest::prelude::*;

use super::*;

const NOW: At = At(1_900_000_000_000);

fn facts(state: State, author: &StaffId, people: u64) -> Facts<'_> {
    Facts {
        state,
        author,
        people,
        due: NOW,
        second_person_above: Some(500),
    }
}

fn wording(language: &str, text: &str) -> Wording {
    Wording {
        language: language.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn more_people_than_the_library_says_need_a_second_person() {
    let (maria, jo) = (StaffId::from("maria"), StaffId::from("jo"));
    let submit = Act::Submit { due: NOW };
    let of = |people| next(&facts(State::Draft, &maria, people), submit, &maria, NOW);
    assert_eq!(of(0), Err(Refused::Nobody));
    assert_eq!(of(500), Ok(State::Scheduled));
    assert_eq!(of(501), Ok(State::Approval));
    let approve = |by, at| next(&facts(State::Approval, &maria, 501), Act::Approve, by, at);
    assert_eq!(approve(&maria, NOW), Err(Refused::SamePerson));
    assert_eq!(approve(&jo, NOW), Ok(State::Scheduled));
    assert_eq!(approve(&jo, NOW + USEFUL), Err(Refused::TooLate));
}

#[test]
fn what_is_over_stays_over() {
    let maria = StaffId::from("maria");
    for state in [State::Done, State::Cancelled] {
        for act in [
            Act::Submit { due: NOW },
            Act::Approve,
            Act::Pause,
            Act::Resume,
            Act::Cancel,
        ] {
            let refused = next(&facts(state, &maria, 1), act, &maria, NOW);
            assert_eq!(refused, Err(Refused::Elsewhere), "{state:?} {act:?}");
        }
    }
    let draft = facts(State::Draft, &maria, 1);
    assert_eq!(
        next(&draft, Act::Pause, &maria, NOW),
        Err(Refused::Elsewhere)
    );
}

#[test]
fn the_estimate_counts_who_has_no_language_with_the_librarys_own() {
    let wordings = [
        wording("en", &"a".repeat(161)),
        wording("es", "¿Viene el sábado? Habrá té y café con Ángel"),
    ];
    let people = [
        (None, 10),
        (Some("en".into()), 5),
        (Some("es".into()), 3),
        (Some("vi".into()), 1),
    ];
    let estimate = estimate(&wordings, &people, Some(8_300));
    let counted: Vec<(u64, u64)> = estimate
        .parts
        .iter()
        .map(|p| (p.people, p.segments))
        .collect();
    assert_eq!(counted, [(16, 32), (3, 3)]);
    assert_eq!((estimate.people, estimate.segments), (19, 35));
    assert_eq!(estimate.cost, Some(290_500));
    assert_eq!(estimate.parts[1].encoding, Encoding::Ucs2);
    assert!(estimate.parts[1].forced_by.contains(&'á'));
}

proptest! {
    /// Whatever the languages, each person is counted once.
    #[test]
    fn nobody_is_counted_twice_or_not_at_all(
        people in prop::collection::vec((prop::option::of("[a-d]"), 0u64..1_000), 0..6),
        languages in prop::collection::btree_set("[a-d]", 1..4),
    ) {
        let wordings: Vec<Wording> = languages.iter().map(|of| wording(of, "Hello")).collect();
        let all: u64 = people.iter().map(|(_, count)| count).sum();
        prop_assert_eq!(estimate(&wordings, &people, None).people, all);
    }
}
