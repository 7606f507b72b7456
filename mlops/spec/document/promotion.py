"""The keys of `spec.promotion`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Duration, Name, Said, written_duration


class Via(Part):
    """What the environments share."""

    registry: Said | None = Field(
        default=None, description="Azure ML registry; none: the platform's `registryName`, when it is the same for all"
    )


class Asked(Part):
    """People who say yes before a version leaves, to exactly its record: `mlops records approve`."""

    approvers: tuple[Name, ...] = Field(default=(), description="names under `groups`; empty: anybody")
    count: Count | None = Field(
        default=None, description="people needed; none: by the risk's tier, 2 at high and else 1"
    )
    not_author: bool = Field(default=True, description="who asked for the version may not approve it")
    expires: Duration = Field(default=timedelta(hours=72), description="a word is good for so long")


class Requires(Part):
    """What a version needs to leave, beside having been promoted where it is."""

    approval: Asked | None = Field(default=Asked(), description="people; `null`: nobody is asked")


class Promotion(Part):
    """The way of a version from the environment that trains it to all others."""

    order: Annotated[tuple[Said, ...], Field(min_length=2)] = Field(
        description="environments (`environment` of the platform's outputs), the training one first; none is left out"
    )
    via: Via = Field(default=Via(), description="what they share")
    evaluate: Path = Field(
        description="Azure ML pipeline file that scores what comes on the rows of its environment: inputs `data`, "
        "`candidate`, `champion`; output `evaluation`"
    )
    check_every: Duration = Field(
        default=timedelta(minutes=15), description="how often the registry is asked what is offered here"
    )
    requires: Requires = Field(default=Requires(), description="what a version needs to leave")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        twice = sorted({name for name in self.order if self.order.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice in the order: a version comes to each environment once")
        asked = self.requires.approval
        if asked is not None and asked.expires <= self.check_every:
            raise ValueError(
                f"a word is good for {written_duration(asked.expires)}, and the registry is asked every "
                f"{written_duration(self.check_every)}: it would be over before anybody reads it; make expires longer"
            )
        return self
