"""The keys of `spec.triggers`."""

from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from mlops.spec.document.part import Part
from mlops.spec.fields import BoundText, Count, Duration, Name, by_key


class Windows(Part):
    """N of M windows."""

    at_least: Count = Field(description="windows past `enter` …")
    of: Count = Field(description="… among the last so many")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.at_least > self.of:
            raise ValueError(f"atLeast {self.at_least} cannot be met by {self.of} windows")
        return self


WindowsInARow = Annotated[
    Annotated[Count, Tag("<count>")] | Annotated[Windows, Tag("<windows>")],
    Discriminator(lambda value: "<windows>" if isinstance(value, (dict, Windows)) else "<count>"),
]


class MonitorCondition(Part):
    """True from `enter` until `exit`."""

    monitor: Name = Field(description="a monitor of this project")
    enter: BoundText = Field(description="true from when this holds …")
    exit: BoundText = Field(description="… until this holds, on the quiet side of `enter`")
    for_: WindowsInARow = Field(default=1, alias="for", description="windows in a row, or atLeast … of …")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.enter.upward == self.exit.upward:
            raise ValueError(f"exit ({self.exit}) must look the other way than enter ({self.enter})")
        if self.enter.factor == self.exit.factor:
            low, high = (self.exit, self.enter) if self.enter.upward else (self.enter, self.exit)
            if low.offset > high.offset:
                raise ValueError(f"exit ({self.exit}) overlaps enter ({self.enter}): put it on the quiet side")
        return self


class EveryCondition(Part):
    """True when this long passed since the last attempt."""

    every: Duration = Field(description="since the last attempt began")


class CronCondition(Part):
    """True once a tick has passed."""

    cron: str = Field(description="five fields; missed ticks count as one")
    timezone: str = Field(default="UTC", description="IANA name")


class RowsCondition(Part):
    """True when enough new labelled rows came."""

    labelled_rows: Count = Field(description="that no attempt has used")


class AllOf(Part):
    """True when all are."""

    all: tuple["Condition", ...] = Field(min_length=1, description="conditions")


class AnyOf(Part):
    """True when one is."""

    any: tuple["Condition", ...] = Field(min_length=1, description="conditions")


class NotOf(Part):
    """True when it is not."""

    not_: "Condition" = Field(alias="not", description="a condition")


Condition = Annotated[
    Annotated[MonitorCondition, Tag("<monitor>")]
    | Annotated[EveryCondition, Tag("<every>")]
    | Annotated[CronCondition, Tag("<cron>")]
    | Annotated[RowsCondition, Tag("<labelledRows>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NotOf, Tag("<not>")],
    by_key("monitor", "every", "cron", "labelledRows", "all", "any", "not"),
]


class Trigger(Part):
    """A reason to train again."""

    name: Name = Field(description="the trigger's name")
    when: Condition = Field(description="fires when this turns true")
    repeat: Duration | None = Field(default=None, description="fires again after this long of staying true")
