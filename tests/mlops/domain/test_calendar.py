"""Windows in which weights may move: hours in a time zone through both changes of the clock, and frozen days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.domain.declared.rollout import Windows
from mlops.domain.rollouts.calendar import closed, opens
from mlops.spec.moments import freeze, hours

WEEK = Windows(
    allow=(hours("Mon-Thu 08:00-16:00 Europe/Berlin"),), freeze=(freeze("2026-12-20/2027-01-04 Europe/Berlin"),)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-06-01 06:00", True),  # Monday 8 in Berlin, in summer
        ("2026-06-01 05:59", False),
        ("2026-06-01 14:00", False),
        ("2026-11-02 06:30", False),  # in winter 7:30
        ("2026-11-02 07:00", True),
        ("2026-06-05 10:00", False),  # Friday
        ("2026-12-21 10:00", False),  # a Monday, frozen
        ("2027-01-04 22:30", False),  # the last frozen day, still, in Berlin
        ("2027-01-05 08:00", True),
    ],
)
def test_hours_and_days_are_those_of_the_time_zone(moment: str, *, is_open: bool) -> None:
    assert (closed(WEEK, at(moment)) == "") is is_open


def test_what_is_closed_says_why_and_when_it_opens() -> None:
    assert closed(WEEK, at("2026-06-05 10:00")) == "outside Mon-Thu 08:00-16:00 Europe/Berlin"
    assert closed(WEEK, at("2026-12-21 10:00")) == "frozen from 2026-12-20 to 2027-01-04 Europe/Berlin"
    assert opens(WEEK, at("2026-06-05 10:00")) == at("2026-06-08 06:00")
    assert opens(WEEK, at("2026-12-18 10:00")) == at("2027-01-05 07:00")
    assert opens(WEEK, at("2026-06-01 10:00")) == at("2026-06-01 10:00")


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    night = Windows(allow=(hours("Fri 22:00-04:00 UTC"),))

    assert closed(night, at("2026-06-05 23:00")) == ""
    assert closed(night, at("2026-06-06 03:59")) == ""
    assert closed(night, at("2026-06-05 03:00")) != ""


def test_without_windows_it_is_always_open() -> None:
    assert closed(Windows(), at("2026-12-25 00:00")) == ""


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 - made aware below
def test_it_is_open_when_it_is_said_to_open_and_not_before(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    found = opens(WEEK, now)

    assert found is not None
    assert found >= now
    assert closed(WEEK, found) == ""
    if found > now:
        assert closed(WEEK, now) != ""
        assert closed(WEEK, found - timedelta(seconds=1)) != ""


@pytest.mark.parametrize(
    "text",
    [
        "Mon",
        "Moo 08:00-09:00",
        "Mon 8-9",
        "Mon 25:00-26:00",
        "Mon 08:00-08:00",
        "Mon 08:00-09:00 Berlin",
        "Mon-Tue-Wed 08:00-09:00",
    ],
)
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no |same time"):
        hours(text)


@pytest.mark.parametrize("text", ["2026-12", "2026-12-24/2026-12-20", "2026-02-30", "2026-12-24 Nowhere", 7])
def test_days_that_are_none_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"no |ends before"):
        freeze(text)


def test_days_wrap_around_the_week() -> None:
    assert hours("Fri-Mon 08:00-09:00").days == {4, 5, 6, 0}
    assert hours("sat,sun 08:00-09:00").days == {5, 6}
