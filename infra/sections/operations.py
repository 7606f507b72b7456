"""Who hears of what happens in an environment, as a stack file asks for it: events, alerts and a budget."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.values import IN_WORDS, Values

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_FIRST = r"^20[0-9]{2}-(0[1-9]|1[0-2])-01$"
IN_WORDS |= {
    _EMAIL: "a mail address",
    _FIRST: "the first day of a month, such as `2026-01-01`",
}
_MOST_NOTIFICATIONS = 5  # "Budgets - Create Or Update": a budget has up to five

Email = Annotated[str, StringConstraints(pattern=_EMAIL)]
FirstOfMonth = Annotated[str, StringConstraints(pattern=_FIRST)]
Percent = Annotated[int, Field(ge=1, le=1000)]
EventType = Literal["ModelRegistered", "ModelDeployed", "RunCompleted", "RunStatusChanged", "DatasetDriftDetected"]


class Events(Values):
    """The workspace's events in a storage queue, from which the controller wakes."""

    types: tuple[EventType, ...] = Field(
        default=("ModelRegistered", "ModelDeployed", "RunCompleted", "RunStatusChanged"),
        description="Which events count. Azure sends `RunStatusChanged` for runs that failed.",
    )
    subject_begins_with: str = Field(
        default="", max_length=256, description="Only of subjects that begin so, such as `models/rain` ."
    )
    subject_ends_with: str = Field(default="", max_length=256, description="Only of subjects that end so.")
    deliver_for_minutes: int = Field(
        default=1440, ge=1, le=1440, description="How long delivery is tried; then the event is put aside."
    )
    keep_days: int = Field(default=7, ge=1, le=365, description="How long an event waits in the queue for a reader.")

    def contradictions(self) -> Iterator[str]:
        """No event, and an event that is named twice."""
        if not self.types:
            yield "types is empty, so that no event ever comes: name one, or take events away"
        if len(set(self.types)) < len(self.types):
            yield "types names an event twice"


class Alerts(Values):
    """Mail when a figure passes its limit; `null` for a limit leaves its alert out."""

    emails: tuple[Email, ...] = Field(description="Who is told.")
    endpoint_errors_per_minute: int | None = Field(
        default=1, ge=0, le=100_000, description="Answers with a 5xx status that an endpoint gives in a minute."
    )
    endpoint_latency_ms: int | None = Field(
        default=1000, ge=1, le=600_000, description="Milliseconds within which 95 of 100 requests are answered."
    )
    failed_runs: int | None = Field(default=0, ge=0, le=10_000, description="Jobs that fail within the window.")
    quota_percent: int | None = Field(
        default=90, ge=1, le=100, description="How much of a cluster's core quota is in use."
    )
    window: Literal["PT5M", "PT15M", "PT30M", "PT1H"] = Field(
        default="PT15M", description="Over how long a figure is taken."
    )

    def contradictions(self) -> Iterator[str]:
        """Alerts that tell nothing, or somebody twice."""
        if not self.emails:
            yield "emails is empty, so that nobody is told: name one, or take alerts away"
        limits = (self.endpoint_errors_per_minute, self.endpoint_latency_ms, self.failed_runs, self.quota_percent)
        if all(limit is None for limit in limits):
            yield "all limits are null, so that nothing is ever told: set one, or take alerts away"
        if len(set(self.emails)) < len(self.emails):
            yield "emails names an address twice"


class Budget(Values):
    """What the environment's resource group may cost a month. Azure tells; it stops nothing."""

    amount: int = Field(ge=1, le=1_000_000_000, description="A month, in the subscription's currency.")
    start: FirstOfMonth = Field(description="From when on it counts; fixed, so that a later run changes nothing.")
    end: FirstOfMonth | None = Field(default=None, description="Until when; ten years after `start` when not said.")
    spent_percent: tuple[Percent, ...] = Field(
        default=(50, 80, 100), description="Percent of it at which, once spent, somebody is told."
    )
    forecast_percent: tuple[Percent, ...] = Field(
        default=(100,), description="Percent of it at which somebody is told when the month is going to end there."
    )
    emails: tuple[Email, ...] = Field(default=(), description="Who is told, beside those of `alerts`.")

    def contradictions(self) -> Iterator[str]:
        """Notifications that are too few, too many or the same, and an end before the start."""
        count = len(self.spent_percent) + len(self.forecast_percent)
        if not 2 <= count <= _MOST_NOTIFICATIONS:  # noqa: PLR2004  one warning alone comes too late
            yield f"spentPercent and forecastPercent hold {count} values together: name 2 to {_MOST_NOTIFICATIONS}"
        for key, values in (("spentPercent", self.spent_percent), ("forecastPercent", self.forecast_percent)):
            if len(set(values)) < len(values):
                yield f"{key} names a percentage twice"
        if self.end is not None and self.end <= self.start:
            yield f"end {self.end} is not after start {self.start}"
