"""What a project declares of its training."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mlops.domain.world import Window

HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Price:
    """What training costs, as the project states it; by the hour that the job takes."""

    per_hour: float  # of one node
    currency: str
    nodes: int = 1  # that the job uses at once
    gpus: int = 0  # of one node

    def cost(self, took: timedelta) -> float:
        """Of a job that took so long."""
        return took / HOUR * self.nodes * self.per_hour

    def gpu_hours(self, took: timedelta) -> float:
        """Of a job that took so long."""
        return took / HOUR * self.nodes * self.gpus


@dataclass(frozen=True, kw_only=True)
class Excluded:
    """Event time that is neither trained nor judged on, for a reason that stays."""

    window: Window
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """How a candidate is trained: an Azure ML pipeline file, and which rows it gets."""

    job: Path  # the YAML file, absolute
    compute: str  # a key of the platform's `computeClusters`
    window: timedelta | None  # event time that training sees; None: all since `since`
    holdout: timedelta  # the newest labelled event time, kept from training: the gate's rows
    timeout: timedelta = timedelta(hours=6)
    min_rows: int = 1  # fewer rows to train on: the attempt waits
    price: Price | None = None
    since: datetime | None = None  # nothing before this is trained on
    exclude: tuple[Excluded, ...] = ()
    warm_start: bool = False  # training begins with the champion's model
