"""The keys of `spec.triggerPolicy`."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from mlops.domain.declared.policy import OnBusy, OnExhausted, ResetBy, Skip
from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Currency, Duration, Said


class Concurrency(Part):
    """One attempt at a time, always."""

    on_busy: OnBusy = Field(
        default=OnBusy.COALESCE,
        description="what is asked for during an attempt: `coalesce` (becomes one request, the newest), `queue` (one "
        "place a trigger), `drop` (recorded and forgotten; a person's waits)",
    )


class Cost(Part):
    """Money."""

    limit: Annotated[float, Field(gt=0)] = Field(description="the most that is spent on training in a period")
    currency: Currency = Field(description="as in `pipeline.price`")


class Budget(Part):
    """What training may use in any stretch of time as long as `per`."""

    per: Duration = Field(default=timedelta(days=7), description="the period: the last so many days, at any moment")
    runs: Count | None = Field(default=None, description="attempts that may begin in it")
    gpu_hours: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="GPU hours: hours of the job x `pipeline.price.nodes` x `gpus`"
    )
    cost: Cost | None = Field(default=None, description="money: hours of the job x `pipeline.price`")
    on_exhausted: OnExhausted = Field(
        default=OnExhausted.ALERT,
        description="a request waits for the next that fits: `hold` (the log says so) or `hold-and-alert`",
    )
    break_glass: tuple[Said, ...] = Field(
        default=(), description="who may go past it (`mlops trigger --break-glass`); empty: whoever may order"
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.runs is None and self.gpu_hours is None and self.cost is None:
            raise ValueError("limits nothing: give it runs, gpuHours or cost")
        return self


class CircuitBreaker(Part):
    """Stops a loop that only fails."""

    failures: Count = Field(default=3, description="failed attempts in a row open it")
    hold_for: Duration | None = Field(
        default=None, description="then nothing starts for so long; default: three times `cooldown`, `P3D` at least"
    )
    reset_by: tuple[ResetBy, ...] = Field(
        default=(ResetBy.MANUAL, ResetBy.CODE),
        description="what closes it before: `manual` (a person's request), `codeChanged` (another training code)",
    )


class Manual(Part):
    """What people ask for."""

    skip: tuple[Skip, ...] = Field(
        default=(Skip.COOLDOWN, Skip.DEBOUNCE), description="what it need not wait for: `cooldown`, `debounce`"
    )


class Overrides(Part):
    """What need not wait."""

    manual: Manual = Field(default=Manual(), description="what people ask for")


class TriggerPolicy(Part):
    """When a request is let through; what is held waits, and the newest is kept."""

    debounce: Duration = Field(default=timedelta(), description="quiet since the newest request")
    max_wait: Duration | None = Field(
        default=None, description="but no longer than this since the first; default: eight times `debounce`"
    )
    cooldown: Duration = Field(default=timedelta(), description="since the end of the last attempt, however it ended")
    concurrency: Concurrency = Field(default=Concurrency(), description="what is asked for during an attempt")
    budget: Budget | None = Field(default=None, description="what training may use; none: as much as it likes")
    circuit_breaker: CircuitBreaker = Field(default=CircuitBreaker(), description="stops a loop that only fails")
    overrides: Overrides = Field(default=Overrides(), description="what need not wait")
