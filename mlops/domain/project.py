"""A project: everything one model's loop was told, as frozen values."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from mlops.domain.declared.facts import Facts
from mlops.domain.declared.gate import Gate
from mlops.domain.declared.monitor import Monitor
from mlops.domain.declared.notification import Notification
from mlops.domain.declared.pipeline import Pipeline
from mlops.domain.declared.policy import TriggerPolicy
from mlops.domain.declared.promotion import Promotion
from mlops.domain.declared.rollout import Rollout
from mlops.domain.declared.source import Source
from mlops.domain.declared.trigger import Trigger

DAY = timedelta(days=1)


class Task(enum.StrEnum):
    """What the model does: the meaning of its prediction."""

    CLASSIFICATION = "classification"  # the prediction is the probability of label 1
    REGRESSION = "regression"


@dataclass(frozen=True, kw_only=True)
class Data:
    """Where rows and labels come from, and which column means what."""

    history: str  # azureml:NAME:VERSION of labelled rows from before the first deployment (a CSV file)
    labels: str  # azureml:NAME, or azureml://datastores/…/paths/FOLDER with CSV files that have `key` and `label`
    key: str  # the column that identifies a row; a row that arrives twice counts once
    time: str  # the column with the event time: ISO 8601 date or moment, UTC
    features: tuple[str, ...]
    label: str
    prediction: str  # the column of the collected outputs
    delay: timedelta = timedelta()  # labels are known this long after the event
    grace: timedelta = timedelta()  # a window is looked at this long after its end, so that late rows are in it


@dataclass(frozen=True, kw_only=True)
class Files:
    """Where `mlops monitor run` finds rows, for models without an endpoint or for a look by hand."""

    current: tuple[str, ...] = ()  # files, folders or patterns, from the project's folder on
    reference: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # files with the key and the label


class RollingRate(enum.StrEnum):
    """Azure's words for the time that one blob of collected data holds (its `rollingRate`, a year left out)."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Kind(enum.StrEnum):
    """What sort of endpoint a model is served by."""

    ONLINE = "online"  # answers each request; candidates get shares of the traffic
    BATCH = "batch"  # scores files in jobs; one deployment is the default


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """How a candidate is served."""

    endpoint: str  # a key of the platform's `onlineEndpoints`, or `batchEndpoints`
    code: Path  # the folder of score.py, absolute
    runtime: Path  # the conda file, absolute
    scoring_script: str = "score.py"
    image: str = "mcr.microsoft.com/azureml/minimal-py312-inference:latest"
    instance_type: str = "Standard_DS3_v2"
    instances: int = 1
    rolling_rate: RollingRate = RollingRate.HOUR
    check_every: timedelta = timedelta(minutes=5)  # how often the endpoint is compared with what it should be
    kind: Kind = Kind.ONLINE
    compute: str = ""  # batch: a key of the platform's `computeClusters`
    mini_batch_size: int = 10  # batch: files that the script is given at once
    error_threshold: int = -1  # batch: files that may fail before a job does; -1: any number
    columns: tuple[str, ...] = ()  # batch: of the rows that the script gives, where they are not JSON


@dataclass(frozen=True, kw_only=True)
class Project:
    """One model's loop."""

    name: str
    model: str
    task: Task
    data: Data
    pipeline: Pipeline
    deployment: Deployment
    monitors: tuple[Monitor, ...]
    triggers: tuple[Trigger, ...]
    gates: tuple[Gate, ...]
    rollout: Rollout
    policy: TriggerPolicy = field(default_factory=TriggerPolicy)
    files: Files = field(default_factory=Files)
    folder: Path = Path()  # of the project file
    facts: Facts = field(default_factory=Facts)
    sources: tuple[Source, ...] = ()
    notifications: tuple[Notification, ...] = ()
    promotion: Promotion | None = None

    def comes_from(self, environment: str) -> str | None:
        """Say which environment models come from to this one; None: they are trained in it."""
        return self.promotion.before(environment) if self.promotion else None

    def monitor(self, name: str) -> Monitor:
        """The monitor of that name; raises KeyError."""
        return {monitor.name: monitor for monitor in self.monitors}[name]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What `infra` built, as its stack outputs say."""

    environment: str
    subscription_id: str
    tenant_id: str
    location: str
    resource_group: str
    workspace: str
    registry: str
    storage_account: str
    compute: Mapping[str, str]  # key -> cluster name
    endpoints: Mapping[str, str]  # key -> endpoint name
    containers: Mapping[str, str]
    endpoint_uris: Mapping[str, str] = field(default_factory=dict)
    queues: Mapping[str, str] = field(default_factory=dict)  # key -> a queue of the storage account
    batch_endpoints: Mapping[str, str] = field(default_factory=dict)  # key -> endpoint name

    def endpoints_for(self, deployment: Deployment) -> Mapping[str, str]:
        """The endpoints among which a deployment's is: key -> name."""
        return self.batch_endpoints if deployment.kind is Kind.BATCH else self.endpoints
