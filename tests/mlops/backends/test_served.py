"""What a deployment did with what it was really sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mlops.domain.data.measurement import Measurement
from tests.mlops.backends.collected import World, ask_served
from tests.mlops.backends.collector import collect


def test_a_deployment_that_was_sent_nothing_has_no_error_rate(world: World) -> None:
    assert ask_served(world, "error_rate") == Measurement(
        monitor="error_rate", value=None, samples=0, why="m-2 was sent nothing since 1975-01-05 00:00"
    )


def test_a_request_without_an_answer_is_an_error_since_the_step_began(world: World) -> None:
    collect(world.blobs, "1975-01-04", deployment="m-2", answer=None, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-05", deployment="m-2", answer=None, temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-06", deployment="m-2", temperature=1.0, wind=1)
    assert ask_served(world, "error_rate") == Measurement(monitor="error_rate", value=0.5, samples=2)
    assert ask_served(world, "requests") == Measurement(monitor="requests", value=2.0, samples=2)


def test_an_answer_that_may_be_under_way_is_no_error(world: World) -> None:
    just_now = datetime.now(UTC).isoformat()
    collect(world.blobs, "1975-01-05", deployment="m-2", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-06", deployment="m-2", answer=None, sent=just_now, temperature=1.0, wind=1)
    found = ask_served(world, "error_rate", settle=timedelta(minutes=5))
    assert found == Measurement(monitor="error_rate", value=0.0, samples=1)


def test_smoke_requests_do_not_count(world: World) -> None:
    collect(world.blobs, "1974-12-31", deployment="m-2", answer=None, temperature=1.0, wind=1)  # a row of the history
    collect(world.blobs, "1975-01-06", deployment="m-2", answer=None, request="smoke-1", temperature=1.0, wind=1)
    collect(world.blobs, "1975-01-07", deployment="m-2", temperature=1.0, wind=1)
    found = ask_served(world, "error_rate", since="1974-01-01")
    assert found == Measurement(monitor="error_rate", value=0.0, samples=1)


def test_disagreement_is_the_share_of_rows_that_both_answered_on_different_sides(world: World) -> None:
    for moment, old, new in (("1975-01-05", 0.4, 0.6), ("1975-01-06", 0.4, 0.3), ("1975-01-07", 0.9, None)):
        collect(world.blobs, moment, deployment="m-1", answer=old, temperature=1.0, wind=1)
        collect(world.blobs, moment, deployment="m-2", answer=new, temperature=1.0, wind=1)
    found = ask_served(world, "prediction_disagreement")
    assert found == Measurement(monitor="prediction_disagreement", value=0.5, samples=2)


def test_latency_is_not_made_up_from_whole_seconds(world: World) -> None:
    collect(world.blobs, "1975-01-05", deployment="m-2", temperature=1.0, wind=1)
    assert ask_served(world, "p95_ms").why == "m-2 collected no column 'latency_ms' in its outputs"
