"""How a candidate is trained: on which rows, by which job, and what that costs."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Currency, Duration, Moment


class Price(Part):
    """What training costs; budgets are counted in it."""

    per_hour: Annotated[float, Field(ge=0)] = Field(description="of one node, for as long as the job takes")
    currency: Currency = Field(description="ISO 4217: EUR, USD, …")
    nodes: Count = Field(default=1, description="nodes that the job uses at once")
    gpus: Annotated[int, Field(ge=0)] = Field(default=0, description="GPUs of one node")


class Excluded(Part):
    """Event time that is neither trained nor judged on."""

    from_: Moment = Field(alias="from", description="the first moment left out: 2020-03-01")
    to: Moment = Field(description="the first moment after it")
    reason: str = Field(default="", description="why, for those who come later")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.to <= self.from_:
            raise ValueError(f"nothing lies from {self.from_:%Y-%m-%d} to {self.to:%Y-%m-%d}: write the earlier first")
        return self


class Pipeline(Part):
    """How a candidate is trained."""

    job: Path = Field(
        description="Azure ML pipeline file: inputs `data`, `champion` and `warm_start` (optional); outputs `model`, "
        "`evaluation`"
    )
    compute: str = Field(description="key of the platform's `computeClusters`")
    window: Duration | None = Field(
        default=None, description="event time that training sees, as it moves on; none: all from `since` on, ever more"
    )
    since: Moment | None = Field(default=None, description="nothing before this is trained on: 2024-01-31")
    exclude: tuple[Excluded, ...] = Field(default=(), description="event time left out for good, as a quarantine is")
    holdout: Duration = Field(description="newest labelled event time, kept from training: the gate's rows")
    timeout: Duration = Field(default=timedelta(hours=6), description="past it the job is cancelled: a failed attempt")
    min_rows: Count = Field(default=1, description="with fewer training rows the attempt waits")
    warm_start: bool = Field(
        default=False,
        description="training begins with the champion's model: the pipeline's input `warm_start` is true when it may",
    )
    price: Price | None = Field(default=None, description="what training costs, for budgets and reports")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.window is None and self.since is None:
            raise ValueError("nobody says what is trained on: give window (P730D), or since for all from then on")
        return self
