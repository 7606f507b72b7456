"""What a project declares of its policy: what holds a request to train again, and for how long."""

import enum
from dataclasses import dataclass
from datetime import timedelta


class OnBusy(enum.StrEnum):
    """What becomes of a request while an attempt is under way."""

    COALESCE = "coalesce"  # all that ask meanwhile become one request, the newest
    QUEUE = "queue"  # each trigger keeps a place of its own; its newest request has it
    DROP = "drop"  # it is recorded and forgotten; a person's waits all the same


class OnExhausted(enum.StrEnum):
    """Who hears that the budget is spent."""

    HOLD = "hold"  # the log
    ALERT = "hold-and-alert"  # and whoever is notified


class ResetBy(enum.StrEnum):
    """What closes an open breaker before its time."""

    MANUAL = "manual"  # a person's request goes through
    CODE = "codeChanged"  # the training code is another than when it opened


class Skip(enum.StrEnum):
    """What need not be waited for."""

    COOLDOWN = "cooldown"
    DEBOUNCE = "debounce"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What all attempts that began within `per` may use together; None: as much as they like."""

    per: timedelta
    runs: int | None = None
    gpu_hours: float | None = None
    cost: float | None = None
    currency: str = ""
    on_exhausted: OnExhausted = OnExhausted.ALERT
    break_glass: tuple[str, ...] = ()  # who may go past it, with a reason; empty: whoever may order


@dataclass(frozen=True, kw_only=True)
class TriggerPolicy:
    """When a request to train is let through.  A request that is held waits; it is never lost."""

    debounce: timedelta = timedelta()  # of quiet since the newest request
    max_wait: timedelta | None = None  # but no longer than this since the first; None: eight times `debounce`
    cooldown: timedelta = timedelta()  # since the end of the last attempt, however it ended
    on_busy: OnBusy = OnBusy.COALESCE
    budget: Budget | None = None
    breaker_failures: int = 3  # failed attempts in a row open the breaker …
    breaker_hold: timedelta = timedelta(days=3)  # … for this long
    breaker_reset_by: tuple[ResetBy, ...] = (ResetBy.MANUAL, ResetBy.CODE)
    manual_skips: tuple[Skip, ...] = (Skip.COOLDOWN, Skip.DEBOUNCE)  # what a person's request need not wait for
