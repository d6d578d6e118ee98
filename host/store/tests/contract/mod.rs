//! What every store must do, written against the trait alone: `store_contract!(Fixture)` runs it
//! for one kind of store. A test that covers an invariant or a walkthrough says so in its name.

pub(crate) mod bench; // the suite's own tools
pub(crate) mod counter; // the desk's

pub(crate) mod agreements;
pub(crate) mod alerts;
pub(crate) mod broadcasts;
pub(crate) mod claims;
pub(crate) mod consent;
pub(crate) mod delivery;
pub(crate) mod due;
pub(crate) mod flows;
pub(crate) mod gateways;
pub(crate) mod guard;
pub(crate) mod joining;
pub(crate) mod later;
pub(crate) mod lists;
pub(crate) mod once;
pub(crate) mod outbox;
pub(crate) mod outside;
pub(crate) mod people;
pub(crate) mod pictures;
pub(crate) mod races;
pub(crate) mod random;
pub(crate) mod searching;
pub(crate) mod sending;
pub(crate) mod shelf;
pub(crate) mod staff;
pub(crate) mod tallies;

use std::sync::Arc;

use callslip_store::{StaffStore, Store};

/// One kind of store, as the suite needs it.
pub(crate) trait Fixture: Sized {
    /// Orders of events that the desk's races try: each waits for the disk some forty times.
    const ORDERS: u64;

    fn new() -> Self;
    fn store(&self) -> Arc<dyn Store>;
    fn staff(&self) -> Arc<dyn StaffStore>;
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
            g7_a_repeat_is_known_for_four_hundred_days,
            invariant_2_a_gateways_notes_outlive_the_process
        );
        $crate::store_contract!(@ $fixture, outside:
            e2_a_call_is_on_record_before_and_after_it_is_made,
            e2_a_call_is_forgotten_with_its_turn,
            g3_tries_are_counted_once_and_bounded,
            a_number_is_its_phones_however_it_is_written
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
            a10_a_session_is_due_once_at_its_time,
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
            a_lease_that_ran_out_is_unclear_and_its_holder_is_not_heard,
            an_inline_answer_nobody_confirmed_is_unclear,
            g8_a_handed_answer_without_word_is_unclear
        );
        $crate::store_contract!(@ $fixture, outbox:
            answers_overtake_what_nobody_asked_for,
            a_number_sends_no_more_than_it_is_allowed,
            the_gateway_of_the_moment_carries_a_message_and_speaks_for_it,
            f1_what_came_too_late_becomes_one_apology_and_a_ticket,
            invariant_5_a_gateways_own_block_is_a_stop,
            a9_a_phone_that_nobody_can_reach_is_left_alone_by_lists,
            a_test_text_goes_out_like_any_other_but_not_to_who_said_stop,
            a_failed_message_is_sent_again_as_a_new_one,
            a_report_that_never_came_is_asked_for,
            b2_copies_at_gateways_are_remembered_until_they_are_empty
        );
        $crate::store_contract!(@ $fixture, consent:
            a7_a_stopped_library_or_list_is_cancelled_and_not_sent,
            a7_what_is_stopped_is_read_back_in_order_and_brought_back,
            a7_a_turn_on_an_old_snapshot_stops_nothing,
            a_gateways_own_block_is_an_opt_out_until_start,
            the_ledger_says_what_was_shown_and_answered_in_order,
            a8_an_urgent_ticket_stands_first
        );
        $crate::store_contract!(@ $fixture, broadcasts:
            each_member_gets_it_once_and_nobody_who_stopped_or_left,
            a_broadcast_waits_for_its_moment_and_for_a_second_person,
            a_pause_takes_back_what_has_not_gone_and_a_cancel_ends_it,
            invariant_1_each_person_exactly_once_whoever_dies,
            g4_a_spent_budget_stops_a_broadcast_with_its_reason
        );
        $crate::store_contract!(@ $fixture, due:
            e5_what_is_due_begins_one_text_and_ends_with_its_turn,
            e5_what_waits_again_begins_again,
            a10_what_is_due_waits_for_an_open_question,
            a10_a_question_that_was_begun_anew_is_not_told_of,
            invariant_5_a_stop_cancels_reminders_for_good,
            a9_a_reminder_never_reaches_the_next_holder,
            b6_an_invitation_is_one_until_the_next_text,
            what_staff_set_they_move_and_cancel_with_its_cause
        );
        $crate::store_contract!(@ $fixture, lists: members_growth_and_leaving_are_counted_by_list);
        $crate::store_contract!(@ $fixture, people:
            f5_a_simulated_phone_is_another_phone,
            a_patron_has_two_words_of_its_own_in_each_library,
            tickets_open_are_joined_and_wake,
            a_ticket_that_is_gone_is_a_conflict,
            a_thread_shows_texts_and_answers_in_order,
            counts_say_what_waits
        );
        $crate::store_contract!(@ $fixture, pictures:
            d4_a_picture_is_fetched_once_and_seen_by_its_library_alone,
            d4_a_picture_that_was_being_fetched_is_fetched_again_after_a_crash,
            e4_a_picture_of_a_secret_answer_is_not_fetched
        );
        $crate::store_contract!(@ $fixture, staff:
            the_first_account_is_made_by_its_link_and_once,
            d5_a_link_works_once_and_not_for_ever,
            a_session_lasts_until_it_expires_or_is_ended,
            a_new_password_signs_out_everywhere_else,
            a_second_step_s_code_is_taken_once,
            roles_are_given_and_taken_and_one_owner_stays,
            who_is_disabled_is_out_at_once,
            the_log_is_read_by_library_from_its_end,
            c1_a_switch_stays_until_it_is_put_back,
            what_is_refused_leaves_nothing,
            what_admins_look_at_is_counted_and_kept_apart,
            plugins_come_are_installed_and_withdrawn,
            a14_an_answer_soon_followed_by_a_wish_for_a_person_did_not_help,
            c6_a_removed_keyword_leaves_its_words_and_what_they_say,
            a_keyword_of_the_console_keeps_its_versions
        );
        $crate::store_contract!(@ $fixture, tallies:
            a_report_counts_each_turn_once_and_outlives_its_process,
            f5_simulated_phones_and_the_desk_s_own_lines_are_in_no_report,
            a20_a_poster_s_text_counts_for_it_until_the_day_ends,
            messages_and_lists_are_counted_without_anybody_s_number,
            the_desk_s_history_is_counted_once_whoever_dies
        );
        $crate::store_contract!(@ $fixture, agreements:
            staff_write_first_only_to_who_said_yes_to_that,
            invariant_5_a_stop_ends_what_was_agreed
        );
        $crate::store_contract!(@ $fixture, alerts:
            what_happened_is_looked_through_once,
            a_notice_outlives_the_process_at_every_step,
            a_notice_is_told_once_tried_again_and_given_up,
            who_waits_is_told_of_once_for_each_wait,
            a_notice_looks_its_words_up_when_it_goes_out
        );
        $crate::store_contract!(@ $fixture, claims:
            invariant_9_of_fifty_who_claim_at_once_one_wins,
            d5_a_claim_ends_after_fifteen_minutes_without_a_key,
            a_claim_is_handed_over_and_let_go,
            d2_each_act_is_checked_against_its_tickets_library,
            who_looks_and_who_types_is_read_and_passes,
            a_ticket_is_put_aside_and_comes_back,
            a_ticket_is_closed_with_a_reason_and_reopened
        );
        $crate::store_contract!(@ $fixture, races: invariant_9_holds_in_a_thousand_orders);
        $crate::store_contract!(@ $fixture, searching:
            a_search_finds_what_was_said_in_ones_own_libraries,
            a_search_takes_words_as_words,
            a_turn_that_comes_late_and_a_reply_that_is_taken_back,
            past_answers_to_similar_questions_are_suggested
        );
        $crate::store_contract!(@ $fixture, joining:
            d3_the_snapshot_says_whose_message_the_patron_got_last,
            d3_for_a_day_after_the_close_it_goes_on_with_the_same_person,
            d3_staff_split_a_text_into_a_ticket_of_its_own,
            d3_a_text_moves_only_between_one_patrons_tickets,
            d3_two_questions_about_nothing_in_particular_are_two_when_staff_say_so,
            a8_urgent_ones_stand_first_and_are_told_whenever_they_are,
            what_comes_back_into_the_queue_is_told
        );
        $crate::store_contract!(@ $fixture, shelf:
            d4_a_patron_is_muted_with_a_reason_and_a_term,
            another_channel_is_kept_and_shown,
            a_number_is_revealed_to_who_may_and_that_is_logged,
            saved_answers_are_a_librarys_own,
            topics_route_to_the_people_who_know_them,
            a_flows_answer_is_marked_as_wrong_by_one_click,
            a_keyword_is_started_for_the_patron_once,
            notes_are_for_colleagues_and_stand_where_they_were_written,
            open_pages_hear_what_changed_in_their_libraries
        );
        $crate::store_contract!(@ $fixture, sending:
            a_reply_goes_out_through_the_outbox_and_waits_for_the_patron,
            invariant_9_only_the_holder_of_the_latest_claim_sends,
            a_double_click_two_tabs_and_the_back_button_send_one_message,
            a_reply_that_the_patron_overtook_is_refused_until_confirmed,
            d1_sending_can_be_taken_back_for_five_seconds,
            d1_a_reply_that_closed_is_taken_back_with_the_close,
            a7_a_stop_of_the_library_closes_its_reply_box_and_no_other,
            b6_after_a_stop_and_after_thirty_days_nothing_is_sent,
            d5_a_draft_is_kept_for_each_ticket_and_person,
            a_reply_composed_on_an_older_conversation_is_composed_again,
            a_reply_that_was_not_delivered_comes_back_to_the_queue,
            a_conversation_is_one_librarys_in_order_with_its_delivery
        );
        $crate::store_contract!(@ $fixture, later:
            a_reply_goes_out_at_its_moment_and_holds_nothing_back,
            a_reply_for_later_is_any_colleagues_to_stop,
            b5_a_likely_opt_out_is_questioned_for_one_ticket,
            b5_a_plain_stop_is_nobodys_to_question,
            staff_opt_a_patron_out_of_their_own_library
        );
        $crate::store_contract!(@ $fixture, gateways: g6_observing_began_when_it_was_first_seen);
        $crate::store_contract!(@ $fixture, guard:
            a9_a_new_holder_begins_with_nothing,
            a9_staff_can_look_up_what_was,
            a9_a_stop_stays_with_the_number,
            a9_a_new_holder_on_an_old_snapshot_leaves_nothing,
            a9_a_failed_number_is_left_alone_by_lists_until_it_texts,
            g4_what_is_spent_is_counted_with_the_turn,
            g4_a_phone_has_its_country_and_its_meter,
            g7_the_same_text_under_two_ids_is_one,
            g7_a_consent_word_is_never_a_repeat
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
