"""The project file as it is written: every key, its type, its default and its meaning; a file a subject."""

from typing import Literal

from pydantic import Field

from mlops.domain import project as domain
from mlops.spec.document.about import Metadata, Model
from mlops.spec.document.data import Data, Deployment, Files
from mlops.spec.document.gate import Gate, People
from mlops.spec.document.monitor import Monitor
from mlops.spec.document.notification import Notification
from mlops.spec.document.part import Part
from mlops.spec.document.pipeline import Pipeline
from mlops.spec.document.policy import TriggerPolicy
from mlops.spec.document.promotion import Promotion
from mlops.spec.document.rollout import Rollout
from mlops.spec.document.source import Source
from mlops.spec.document.trigger import Trigger
from mlops.spec.fields import Name


class Spec(Part):
    """The project."""

    task: domain.Task = Field(default=domain.Task.CLASSIFICATION, description="what the prediction means")
    model: Model = Field(description="the registered model")
    data: Data = Field(description="where rows and labels come from")
    files: Files = Field(default=Files(), description="where `mlops monitor run` finds rows")
    pipeline: Pipeline = Field(description="how a candidate is trained")
    deployment: Deployment = Field(description="how a model is served")
    monitors: tuple[Monitor, ...] = Field(default=(), description="what is measured")
    sources: tuple[Source, ...] = Field(default=(), description="where events come from: hints to look sooner")
    triggers: tuple[Trigger, ...] = Field(default=(), description="reasons to train again")
    trigger_policy: TriggerPolicy = Field(default=TriggerPolicy(), description="when a request is let through")
    groups: dict[Name, People] = Field(default={}, description="people who approve, by what they answer for")
    gates: tuple[Gate, ...] = Field(min_length=1, description="what a candidate must pass, in this order")
    rollout: Rollout = Field(description="how a candidate takes over")
    promotion: Promotion | None = Field(
        default=None, description="how versions come to other environments; none: there is one environment"
    )
    notifications: tuple[Notification, ...] = Field(default=(), description="who is told of which decisions, and how")


class Document(Part):
    """A project file."""

    api_version: Literal["aml-kit/v1alpha1"] = Field(description="the format")
    kind: Literal["Project"] = Field(description="what is declared")
    metadata: Metadata = Field(description="who this is")
    spec: Spec = Field(description="the project")
