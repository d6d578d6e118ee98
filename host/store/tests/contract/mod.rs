//! What every store must do, written against the trait alone: `store_contract!(Fixture)` runs it
//! for one kind of store. A test that covers an invariant or a walkthrough says so in its name.

pub(crate) mod bench; // the suite's own tools

pub(crate) mod delivery;
pub(crate) mod flows;
pub(crate) mod once;
pub(crate) mod people;
pub(crate) mod random;

use std::sync::Arc;

use callslip_store::Store;

/// One kind of store, as the suite needs it.
pub(crate) trait Fixture: Sized {
    fn new() -> Self;
    fn store(&self) -> Arc<dyn Store>;
    /// What a new process finds when this one dies now. This one may go on.
    fn after_a_crash(&self) -> Self;
}

#[macro_export]
macro_rules! store_contract {
    ($fixture:ident) => {
        $crate::store_contract!(@ $fixture, once:
            invariant_1_a_text_handed_in_again_is_the_first_one,
            invariant_1_a_repeat_after_the_turn_gets_the_same_answer,
            invariant_1_repeats_in_parallel_make_one_text,
            invariant_1_a_text_has_one_turn,
            g1_the_same_id_at_another_gateway_is_another_text,
            invariant_2_what_was_accepted_outlives_the_process,
            invariant_4_what_is_left_is_taken_up_page_by_page_in_order,
            invariant_2_what_was_committed_outlives_the_process,
            invariant_3_a_turn_on_an_old_snapshot_leaves_nothing,
            invariant_13_too_large_is_an_error,
            g7_a_repeat_is_known_for_four_hundred_days
        );
        $crate::store_contract!(@ $fixture, flows:
            invariant_3_a_turn_is_read_back_whole,
            invariant_7_twenty_seats_and_three_hundred_texts,
            invariant_7_each_kind_of_read_is_checked,
            invariant_7_a_key_made_anew_is_another_key,
            invariant_7_two_storages_do_not_meet,
            invariant_13_a_namespace_is_bounded,
            invariant_13_a_profile_and_a_listing_are_bounded,
            e4_a_secret_text_is_not_kept,
            a10_a_session_ends_silently_at_its_time,
            a_session_goes_on_is_suspended_resumed_and_ends,
            components_are_kept_by_digest
        );
        $crate::store_contract!(@ $fixture, delivery:
            invariant_5_a_stop_cancels_what_waits,
            invariant_5_consent_is_read_when_a_message_is_leased,
            invariant_5_a_stop_holds_at_its_number_and_only_once_saved,
            invariant_10_a_status_never_goes_back,
            invariant_10_a_hand_overs_result_changes_only_what_it_answers,
            g1_a_gateway_speaks_for_its_own_messages_only,
            invariant_4_messages_of_one_phone_go_out_in_order,
            a_lease_that_ran_out_is_taken_again,
            an_inline_answer_nobody_confirmed_is_unclear,
            g8_a_handed_answer_without_word_is_unclear
        );
        $crate::store_contract!(@ $fixture, people:
            f5_a_simulated_phone_is_another_phone,
            a_patron_has_two_words_of_its_own_in_each_library,
            tickets_open_are_joined_and_wake,
            a_ticket_that_is_gone_is_a_conflict,
            a_thread_shows_texts_and_answers_in_order,
            counts_say_what_waits
        );
        $crate::store_contract!(@ $fixture, random: invariant_1_each_text_and_each_message_exactly_once);
    };
    (@ $fixture:ident, $room:ident: $($test:ident),* $(,)?) => {
        mod $room {
            use super::$fixture;

            $(#[test]
            fn $test() {
                $crate::contract::$room::$test::<$fixture>();
            })*
        }
    };
}
