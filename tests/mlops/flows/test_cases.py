"""The 24 failure cases of the control loop: what is promised in each, and the tests that hold it to the promise.

A test whose name begins with `test_case_N_` belongs to case N by itself; the table points at those that are named for
their own subject.  What is pointed at must be there, and no case may be without a test.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MLOPS = HERE.parent

PROMISES = {
    1: "a process that dies between two steps is followed by one that looks again: no effect twice, no step lost",
    2: "an event that is delivered again is one event: one request, and its copies are counted",
    3: "events in any order, late or never: what is stale is dropped, and looking finds what no event told",
    4: "a storm of events during a run leaves one request, the newest, and it gets its run",
    5: "a lost answer and a lost question end alike: nothing is repeated blindly, nothing is made twice",
    6: "a write that is seen late is waited for; nothing is measured before, and there is a deadline",
    7: "success is not believed: who serves which model decides",
    8: "a clock that jumps forward moves no weight: it takes looks and samples",
    9: "a clock that jumps back strands nothing and takes nothing away",
    10: "of two controllers one saves; what the other does late is put right at the next look",
    11: "a deployment that stays half up is given up, kept for a while, and deleted",
    12: "without room nothing moves; it is asked for later and later, then given up with the reason",
    13: "a model that does not load gets no traffic, says why in its log, and is not tried again",
    14: "without numbers, or with too few, weights stay: no promotion and no failure",
    15: "a champion that is ill is not gone back to",
    16: "a rollback that does not come through is told, tried for ever, and nothing else begins",
    17: "traffic that a person set is noticed: put back, or left until a person decides, as the project says",
    18: "a rollout keeps the generation it began with; approvals of an older one are void",
    19: "an abort and a promotion at once: one of them wins, and an abort is heard until the promotion is saved",
    20: "who does not answer in time is not waited for, and what fails meanwhile goes back",
    21: "a candidate that is deleted by somebody is made again while it comes up, and lost after",
    22: "without the store nothing is done; a backup that is put back looks again",
    23: "older states are read, unknown ones are left alone by name",
    24: "a loop that feeds itself stays within its cool-down and its budget",
}
FLOWS, STORE, DOMAIN = "tests.mlops.flows", "tests.mlops.backends.store", "tests.mlops.domain"
ELSEWHERE = {
    1: (
        f"{FLOWS}.test_kill::test_dying_at_any_moment_of_a_promotion_changes_nothing",
        f"{FLOWS}.test_kill::test_dying_at_any_moment_of_a_rollback_changes_nothing",
        f"{FLOWS}.test_kill_minus_9::test_a_controller_on_a_file_is_killed_again_and_again",
        f"{STORE}.test_database::test_kill_minus_9_while_saving_leaves_state_and_decisions_together",
    ),
    2: (
        f"{STORE}.test_inbox::test_an_event_is_there_once_and_its_copies_are_counted",
        f"{FLOWS}.test_inbox::test_a_message_whose_deletion_was_lost_comes_again_and_counts_once",
    ),
    3: (f"{FLOWS}.test_inbox::test_events_doubled_late_and_out_of_order_lead_where_no_event_at_all_leads",),
    4: (f"{FLOWS}.test_requests::test_single_flight_requests_during_an_attempt_become_one_and_the_newest_wins",),
    7: (f"{FLOWS}.test_rollouts::test_a_silent_rollback_of_the_platform_is_seen",),
    9: (f"{STORE}.test_claims::test_a_clock_that_is_set_back_strands_no_project",),
    10: (
        f"{STORE}.test_claims::test_a_lease_that_ends_frees_the_project_and_the_late_owner_saves_nothing",
        f"{FLOWS}.test_controller::test_a_worker_that_slept_past_its_lease_does_nothing_outside",
        f"{FLOWS}.test_controller::test_two_controllers_on_a_server_never_work_on_one_project_at_once",
    ),
    14: (
        f"{FLOWS}.test_rollouts::test_lost_metrics_hold_the_weights_and_neither_promote_nor_roll_back",
        f"{FLOWS}.test_rollouts::test_minimum_sample_count_too_few_requests_pause_a_step_and_never_fail_it",
    ),
    15: (f"{FLOWS}.test_rollouts::test_rollback_does_not_go_onto_a_champion_that_is_not_ready",),
    17: (
        f"{FLOWS}.test_interference::test_where_the_project_says_so_the_attempt_pauses_until_a_person_decides",
        f"{FLOWS}.test_endpoint::test_traffic_that_somebody_changed_is_set_back",
    ),
    18: (f"{FLOWS}.test_rollouts::test_a_rollout_keeps_the_generation_that_it_began_with",),
    20: (
        f"{FLOWS}.test_forward::test_nobody_in_time_rolls_back_and_the_model_may_be_tried_again",
        f"{FLOWS}.test_forward::test_a_failure_rolls_back_while_people_are_asked",
        f"{FLOWS}.test_approval::test_an_approval_that_can_never_come_is_refused",
    ),
    21: (f"{FLOWS}.test_rollouts::test_a_candidate_that_is_deleted_by_somebody_is_rolled_back",),
    22: (
        f"{STORE}.test_faults::test_without_a_store_nothing_is_done_outside",
        f"{STORE}.test_faults::test_a_disk_that_is_full_is_said_reads_serve_and_work_goes_on_when_there_is_space",
        f"{STORE}.test_faults::test_a_file_that_another_holds_is_said_reads_serve_and_work_goes_on_after",
    ),
    23: (
        f"{STORE}.test_upgrade::test_an_older_file_is_brought_up_to_date_and_loses_nothing",
        f"{STORE}.test_upgrade::test_the_recorded_loop_is_read_by_todays_types",
    ),
    24: (f"{FLOWS}.test_policy::test_drift_that_each_attempt_brings_about_anew_stays_within_the_budget",),
}
_NAMED = re.compile(r"^def test_case_(\d+)_", re.MULTILINE)


def _directed() -> Iterator[int]:
    """The number of each test that is named by it, in any file here."""
    for path in MLOPS.rglob("test_*.py"):
        yield from map(int, _NAMED.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("number", sorted(ELSEWHERE))
def test_what_is_pointed_at_is_there(number: int) -> None:
    for place in ELSEWHERE[number]:
        module, name = place.split("::")
        assert callable(getattr(import_module(module), name)), place


def test_there_are_24_and_each_has_a_test() -> None:
    assert sorted(PROMISES) == list(range(1, 25))
    assert sorted({*ELSEWHERE, *_directed()}) == sorted(PROMISES)
