//! What a text consents to: each kind by example, and what holds for all of them.

use proptest::prelude::*;

use super::*;

const NOW: At = At(1_900_000_000_000);
const KINDS: [Kind; 6] = [
    Kind::Answer,
    Kind::TicketReply,
    Kind::Survey,
    Kind::FollowUp,
    Kind::Reminder,
    Kind::List,
];

fn days_ago(days: u64) -> Option<At> {
    Some(NOW - Duration::from_secs(days * 24 * 60 * 60))
}

/// Texted yesterday, and nothing else.
fn texted() -> Facts {
    Facts {
        number: Consent::Unknown,
        library_stopped: false,
        list_stopped: false,
        last_text: days_ago(1),
        yes: None,
        last_survey: None,
        questioned: false,
    }
}

#[track_caller]
fn check(kind: Kind, facts: Facts, expected: Result<(), Why>) {
    assert_eq!(may_send(kind, &facts, NOW), expected, "{kind:?} {facts:?}");
}

#[test]
fn b6_a_text_in_consents_to_its_answers_for_thirty_days_and_to_no_list() {
    for kind in [
        Kind::Answer,
        Kind::TicketReply,
        Kind::FollowUp,
        Kind::Survey,
        Kind::Reminder,
    ] {
        check(kind, texted(), Ok(()));
        let last = |last_text| Facts {
            last_text,
            ..texted()
        };
        check(kind, last(days_ago(30)), Ok(()));
        check(kind, last(days_ago(31)), Err(Why::TooLongAgo));
        check(kind, last(None), Err(Why::NeverTexted));
    }
    check(Kind::List, texted(), Err(Why::NoYes));
}

#[test]
fn b6_a_list_and_a_late_reminder_need_a_yes_of_their_own() {
    let yes = Facts {
        yes: days_ago(300),
        last_text: days_ago(300),
        ..texted()
    };
    check(Kind::List, yes, Ok(()));
    check(Kind::Reminder, yes, Ok(()));
    check(Kind::FollowUp, yes, Err(Why::TooLongAgo));
    check(
        Kind::List,
        Facts {
            list_stopped: true,
            ..yes
        },
        Err(Why::ListStopped),
    );
    // The list is stopped, its library is not.
    check(
        Kind::Reminder,
        Facts {
            list_stopped: true,
            ..yes
        },
        Ok(()),
    );
    check(
        Kind::List,
        Facts {
            library_stopped: true,
            ..yes
        },
        Err(Why::LibraryStopped),
    );
}

#[test]
fn who_said_yes_to_being_texted_first_is_for_a_year_and_until_a_stop() {
    let agreed = |yes| Facts {
        yes: days_ago(yes),
        last_text: days_ago(yes),
        ..texted()
    };
    check(Kind::TicketReply, agreed(300), Ok(()));
    check(Kind::TicketReply, agreed(366), Err(Why::TooLongAgo));
    let stopped = Facts {
        number: Consent::Out,
        ..agreed(300)
    };
    check(Kind::TicketReply, stopped, Err(Why::NumberStopped));
}

#[test]
fn b6_one_survey_for_each_text_that_was_answered() {
    let surveyed = |last_survey| Facts {
        last_survey,
        ..texted()
    };
    check(Kind::Survey, surveyed(days_ago(2)), Ok(()));
    check(
        Kind::Survey,
        surveyed(days_ago(1)),
        Err(Why::SurveyedAlready),
    );
    check(
        Kind::Survey,
        surveyed(days_ago(0)),
        Err(Why::SurveyedAlready),
    );
}

#[test]
fn b5_staff_who_question_an_opt_out_may_answer_the_open_question_and_no_more() {
    let questioned = Facts {
        number: Consent::Out,
        questioned: true,
        yes: days_ago(3),
        ..texted()
    };
    check(Kind::TicketReply, questioned, Ok(()));
    for kind in KINDS.into_iter().filter(|kind| *kind != Kind::TicketReply) {
        check(kind, questioned, Err(Why::NumberStopped));
    }
    let old = Facts {
        last_text: days_ago(31),
        ..questioned
    };
    check(Kind::TicketReply, old, Err(Why::TooLongAgo));
}

#[test]
fn the_reasons_are_for_people() {
    let said = Why::TooLongAgo.to_string();
    assert!(
        said.starts_with("the patron's last text is more than 30 days old"),
        "{said}"
    );
}

fn facts() -> impl Strategy<Value = Facts> {
    let at = || prop::option::of((0u64..120).prop_map(|days| days_ago(days).unwrap_or(NOW)));
    let number = prop::sample::select(vec![Consent::In, Consent::Out, Consent::Unknown]);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    (number, flags, at(), at(), at()).prop_map(
        |(number, (library_stopped, list_stopped, questioned), last_text, yes, last_survey)| {
            Facts {
                number,
                library_stopped,
                list_stopped,
                last_text,
                yes,
                last_survey,
                questioned,
            }
        },
    )
}

proptest! {
    /// Invariant 5: a STOP at the number lets nothing through that staff have not reopened.
    #[test]
    fn invariant_5_after_a_stop_nothing_unasked_goes_out(
        facts in facts(), kind in prop::sample::select(KINDS.to_vec()),
    ) {
        let facts = Facts { number: Consent::Out, ..facts };
        let sent = may_send(kind, &facts, NOW).is_ok();
        prop_assert!(!sent || (facts.questioned && kind == Kind::TicketReply));
    }

    #[test]
    fn a7_stopping_more_never_allows_more(
        facts in facts(), kind in prop::sample::select(KINDS.to_vec()),
    ) {
        let stricter = [
            Facts { number: Consent::Out, ..facts },
            Facts { library_stopped: true, ..facts },
            Facts { list_stopped: true, ..facts },
            Facts { yes: None, ..facts },
            Facts { questioned: false, ..facts },
        ];
        for stricter in stricter {
            prop_assert!(may_send(kind, &facts, NOW).is_ok() || may_send(kind, &stricter, NOW).is_err());
        }
    }

    /// Whatever else is known: no text and no yes, no message.
    #[test]
    fn b6_silence_consents_to_nothing(
        facts in facts(), kind in prop::sample::select(KINDS.to_vec()),
    ) {
        let silent = Facts { last_text: None, yes: None, ..facts };
        prop_assert!(may_send(kind, &silent, NOW).is_err());
    }
}
