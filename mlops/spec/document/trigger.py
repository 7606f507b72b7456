"""The keys of `spec.triggers`."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from mlops.domain.declared.trigger import Catchup, Rows
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

    cron: str = Field(description="five fields: minute, hour, day of month, month, day of week")
    timezone: str = Field(default="UTC", description="IANA name")
    catchup: Catchup = Field(
        default=Catchup.LATEST,
        description="ticks at which nobody looked count as one (`latest`), or not after an hour (`none`)",
    )


class RowsCondition(Part):
    """True when enough new labelled rows came."""

    labelled_rows: Count = Field(description="that no attempt has used; short for `dataAdded` of labels")


class DataAdded(Part):
    """So many new rows."""

    asset: Rows = Field(default=Rows.LABELS, description="what is counted: `labels` (rows with one), `collected`")
    at_least: Count = Field(description="rows that no attempt has used")


class AddedCondition(Part):
    """True when enough new rows came."""

    data_added: DataAdded = Field(description="counted once a day, and when an event tells of data")


class ReadyCondition(Part):
    """True when labels have arrived past their delay."""

    data_ready: Literal["labels"] = Field(description="`labels`: those of rows older than `delay` and `grace`")
    share: Annotated[float, Field(gt=0, le=1)] = Field(default=0.9, description="of these, so many have come")
    over: Duration = Field(default=timedelta(days=7), description="event time looked at, the newest")


def _asset(text: str) -> str:
    if not re.fullmatch(r"code|data:[\w.-]+|model:[\w.-]+(@champion)?", text):
        what = "write code, data:NAME, model:NAME or model:NAME@champion"
        why = ": a version never changes" if text.count(":") > 1 else ""
        raise ValueError(f"{text!r} is nothing that changes{why}; {what}")
    return text


Asset = Annotated[str, AfterValidator(_asset)]


class ChangedCondition(Part):
    """True when something upstream is another than at the last attempt."""

    asset_changed: tuple[Asset, ...] = Field(
        min_length=1,
        description="`code` (the training code), `data:NAME` or `model:NAME` (its newest version), "
        "`model:NAME@champion` (what a project of the same state promoted)",
    )


class EventCondition(Part):
    """True when a source was heard."""

    event: Name = Field(description="a source of this project, heard since the last attempt began")


class Manual(Part):
    """A person asks."""

    require_reason: bool = Field(default=True, description="`mlops trigger` needs --reason")


class ManualCondition(Part):
    """True when a person says so."""

    manual: Manual = Field(description="by `mlops trigger`, which works without such a trigger, too")


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
    | Annotated[AddedCondition, Tag("<dataAdded>")]
    | Annotated[ReadyCondition, Tag("<dataReady>")]
    | Annotated[ChangedCondition, Tag("<assetChanged>")]
    | Annotated[EventCondition, Tag("<event>")]
    | Annotated[ManualCondition, Tag("<manual>")]
    | Annotated[AllOf, Tag("<all>")]
    | Annotated[AnyOf, Tag("<any>")]
    | Annotated[NotOf, Tag("<not>")],
    by_key(
        "monitor",
        "every",
        "cron",
        "labelledRows",
        "dataAdded",
        "dataReady",
        "assetChanged",
        "event",
        "manual",
        "all",
        "any",
        "not",
    ),
]
KINDS = (
    MonitorCondition,
    EveryCondition,
    CronCondition,
    RowsCondition,
    AddedCondition,
    ReadyCondition,
    ChangedCondition,
    EventCondition,
    ManualCondition,
    AllOf,
    AnyOf,
    NotOf,
)
"""All conditions, in the order of the reference."""


class Trigger(Part):
    """A reason to train again."""

    name: Name = Field(description="the trigger's name")
    when: Condition = Field(description="fires when this turns true")
    repeat: Duration | None = Field(default=None, description="fires again after this long of staying true")
