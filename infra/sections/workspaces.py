"""Workspaces beside the one that trains and serves, as a stack file asks for them."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from infra.sections.values import IN_WORDS, ClusterName, Values

_SPARK = r"^3\.[0-9]$"
IN_WORDS |= {_SPARK: "a version of Spark, such as `3.4`"}


class Project(Values):
    """A workspace of one team, on the hub's storage, vault and network."""

    description: str = Field(default="", max_length=256, description="What it is for, for people.")


class Hub(Values):
    """A workspace that others share: what their projects stand on is set up once."""

    projects: dict[ClusterName, Project] = Field(default_factory=dict, description="Its projects by name.")

    def contradictions(self) -> Iterator[str]:
        """Projects that would be called as what is there already."""
        for name in sorted({"hub", "features"} & self.projects.keys()):
            yield f"projects.{name} has the name of another workspace of the environment: call it otherwise"


class FeatureStore(Values):
    """A workspace of features that several projects train and serve with; it has no store of its own yet."""

    spark_version: Annotated[str, StringConstraints(pattern=_SPARK)] = Field(
        default="3.4", description="The Spark that features are computed with."
    )
