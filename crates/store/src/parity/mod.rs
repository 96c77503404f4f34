//! What every backend must do, as functions over a factory: the tests of a backend call them all through
//! [`parity_tests!`](crate::parity_tests). The factory opens the same store each time; the first call finds it empty.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "this module is tests")]
#![allow(missing_docs, reason = "the names are sentences")]

use crate::Store;

pub mod fixture;
pub mod keys;
pub mod lists;
pub mod log;
pub mod mechanics;
pub mod rows;
pub mod snapshots;
pub mod system;
pub mod tokens;

/// Opens the store under test.
pub type Open<'o> = &'o dyn Fn() -> Box<dyn Store>;

/// Makes a test of each check. `$with` is a function that takes a check and calls it with a factory of a new store.
#[macro_export]
macro_rules! parity_tests {
    ($with:ident) => {
        $crate::parity_tests!(@ $with, rows:
            a_row_is_read_back_by_number_id_and_code
            a_new_version_keeps_the_one_before
            every_column_of_a_new_version_is_stored_and_listed
            a_put_on_another_version_is_refused_and_told_which_is_stored
            a_new_record_on_a_taken_number_is_refused
            the_id_or_code_of_another_record_is_refused_by_its_holder
            record_and_kind_of_a_row_never_change
            sealing_again_replaces_the_current_or_an_old_version_in_place
            erasing_leaves_clear_columns_and_no_older_version
            what_no_state_could_make_right_is_refused_at_once
            tenants_do_not_see_each_other
        );
        $crate::parity_tests!(@ $with, lists:
            pages_follow_each_other_while_rows_come_in
            every_filter_agrees_with_a_filter_in_memory
            an_empty_list_matches_nothing
            a_row_comes_with_the_key_version_it_is_sealed_with
            scans_give_everything_once_and_in_order
        );
        $crate::parity_tests!(@ $with, keys:
            a_key_is_taken_only_under_the_generation_of_its_bucket
            a_key_is_not_replaced_by_a_put
            wrapping_again_moves_a_key_to_the_new_generation_once
            the_keys_of_a_bucket_are_found_in_all_its_runs
            deleting_the_keys_of_a_domain_leaves_the_others
        );
        $crate::parity_tests!(@ $with, tokens:
            a_token_finds_all_records_that_share_it
            a_deleted_token_finds_nothing
            a_unique_value_is_refused_with_the_record_that_holds_it
            of_many_writers_one_gets_the_unique_value
            a_value_can_change_hands_within_a_set
            slots_keep_merged_records_beside_the_live_one
            only_the_holder_gives_a_unique_value_back
            an_index_key_version_can_be_dropped_in_parts
            many_tokens_are_all_found_and_scanned_in_order
        );
        $crate::parity_tests!(@ $with, log:
            entries_stand_in_the_order_in_which_they_were_committed
            sixty_four_writers_leave_no_gap
            refused_sets_among_others_leave_neither_trace_nor_gap
            the_root_is_that_of_all_leaves_and_proofs_verify
            checkpoints_only_grow_and_never_pass_the_log
            a_leaf_of_more_than_32_kib_is_refused
            access_entries_are_read_back_and_have_a_log_of_their_own
        );
        $crate::parity_tests!(@ $with, mechanics:
            exactly_the_limit_of_a_quota_succeeds_among_many
            a_quota_is_free_again_when_its_window_has_moved_on
            a_used_idempotency_key_answers_what_it_did
            a_cursor_moves_only_from_where_it_is_expected
            a_lease_is_refused_while_held_and_fenced_when_it_changes_hands
            sessions_end_one_by_one_by_subject_and_by_age
            sign_ins_are_marked_listed_and_ended
            a_use_of_a_quota_can_be_given_back
            uses_by_a_clock_that_was_ahead_count_no_more
            uses_of_quotas_are_cleared_away_whoever_they_are_of
            jobs_are_compared_on_put_and_listed_when_due
            jobs_of_a_kind_are_listed_newest_first
            parts_of_a_job_are_listed_by_class_and_number
            work_in_bulk_is_done_like_any_other
            blocks_of_a_sequence_never_overlap
        );
        $crate::parity_tests!(@ $with, system:
            system_records_keep_all_their_versions
            a_system_record_that_is_dropped_leaves_its_versions
            a_set_decided_under_an_old_policy_is_refused
            the_policy_epoch_only_moves_forward
        );
        $crate::parity_tests!(@ $with, snapshots:
            a_snapshot_does_not_see_what_comes_later
            a_store_that_is_opened_again_has_everything
            after_a_failed_flush_nothing_is_served
            what_a_failed_flush_held_is_gone_after_a_restart
        );
    };
    (@ $with:ident, $group:ident: $($name:ident)+) => {
        mod $group {
            $(#[test] fn $name() { super::$with($crate::parity::$group::$name); })+
        }
    };
}
