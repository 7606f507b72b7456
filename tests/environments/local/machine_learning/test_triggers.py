"""When schedules are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local.machine_learning.triggers import TriggerError, check, next_due

_MADE = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "after", "due"),
    [
        ({"triggerType": "Cron", "expression": "0 6 * * 1"}, "2026-01-01T00:00", "2026-01-05T06:00"),
        (
            {"triggerType": "Cron", "expression": "0 6 * * *", "timeZone": "Pacific Standard Time"},
            "2026-01-01T00:00",
            "2026-01-01T14:00",
        ),
        ({"triggerType": "Recurrence", "frequency": "day", "interval": 7}, "2026-01-01T08:30", "2026-01-08T08:30"),
        (
            {"triggerType": "Recurrence", "frequency": "Month", "interval": 1, "startTime": "2026-01-31T00:00:00"},
            "2026-02-01T00:00",
            "2026-02-28T00:00",
        ),
        (
            {
                "triggerType": "Recurrence",
                "frequency": "week",
                "interval": 1,
                "schedule": {"hours": [10], "minutes": [15], "weekDays": ["Friday"]},
            },
            "2026-01-01T00:00",
            "2026-01-02T10:15",
        ),
        (
            {
                "triggerType": "Recurrence",
                "frequency": "month",
                "interval": 1,
                "schedule": {"hours": [0], "minutes": [0], "monthDays": [15]},
            },
            "2026-01-16T00:00",
            "2026-02-15T00:00",
        ),
    ],
    ids=["cron", "cron in a Windows zone", "every seven days", "the end of a short month", "Fridays", "the fifteenth"],
)
def test_the_next_due_moment(trigger: dict[str, Any], after: str, due: str) -> None:
    found = next_due(trigger, datetime.fromisoformat(after).replace(tzinfo=UTC), first=_MADE)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_trigger_ends_and_begins_when_it_says() -> None:
    daily = {"triggerType": "Cron", "expression": "0 0 * * *", "endTime": "2026-01-03T00:00:00"}
    assert next_due(daily, datetime(2026, 1, 3, tzinfo=UTC), first=_MADE) is None
    later = {"triggerType": "Recurrence", "frequency": "day", "interval": 1, "startTime": "2027-01-01T00:00:00"}
    assert next_due(later, datetime(2026, 1, 3, tzinfo=UTC), first=_MADE) == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trigger", "says"),
    [
        ({"triggerType": "Cron", "expression": "0 6 * *"}, "no cron expression of five fields"),
        ({"triggerType": "Recurrence", "frequency": "fortnight", "interval": 1}, "no frequency fortnight"),
        ({"triggerType": "Recurrence", "frequency": "day", "interval": 0}, "must be 1 or more"),
        ({"triggerType": "Moon"}, "no trigger moon"),
        ({"triggerType": "Cron", "expression": "0 6 * * *", "timeZone": "Mars"}, "no time zone Mars"),
    ],
)
def test_a_trigger_that_cannot_be_followed_is_refused(trigger: dict[str, Any], says: str) -> None:
    with pytest.raises(TriggerError, match=says):
        check(trigger)


@given(
    st.sampled_from(["minute", "hour", "day", "week", "month"]),
    st.integers(1, 40),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
)
def test_a_recurrence_never_stands_still(frequency: str, interval: int, after: datetime) -> None:
    trigger = {"triggerType": "Recurrence", "frequency": frequency, "interval": interval}
    due = next_due(trigger, after, first=_MADE)
    assert due is not None
    assert due > after or due == _MADE
    again = next_due(trigger, due, first=_MADE)
    assert again is not None
    assert again > due
    assert next_due(trigger, due - timedelta(seconds=1), first=_MADE) == due
