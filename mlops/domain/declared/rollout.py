"""What a project declares of its rollout."""

import enum
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path

from mlops.domain.data.measurement import Bound, Limit
from mlops.domain.declared.gate import Approvers


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One number of what a deployment really served since the step began, and its limits."""

    metric: str  # error_rate, p95_ms, prediction_disagreement (against the champion), or one of comparison runs
    success: Bound
    failure: Bound | None = None
    min_samples: int = 1
    failure_limit: int = 0  # failures tolerated
    error_limit: int = 4  # errors in a row tolerated, then the rollout pauses
    inconclusive_limit: int | None = 3  # tolerated once the step is due, then it pauses; None: it waits
    against_champion: bool = False  # what the champion fails, too, is nobody's fault: inconclusive
    dry_run: bool = False  # measured and recorded, never judged

    @property
    def limit(self) -> Limit:
        """As `judge` takes it."""
        return Limit(monitor=self.metric, success=self.success, failure=self.failure, min_samples=self.min_samples)


@dataclass(frozen=True, kw_only=True)
class Smoke:
    """Requests sent to the candidate by name, before it gets any traffic; all must be answered."""

    requests: Path  # JSON lines, one request body a line; absolute


@dataclass(frozen=True, kw_only=True)
class Shadow:
    """A copy of this share of the live traffic goes to the candidate, and nobody sees its answers."""

    percent: int
    hold: timedelta
    min_samples: int = 1
    analyses: tuple[Analysis, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetWeight:
    """This share of the live traffic is answered by the candidate."""

    weight: int
    hold: timedelta = timedelta()
    min_samples: int = 1
    analyses: tuple[Analysis, ...] = ()


HOLDOUT = "holdout"
"""The input of a comparison that is the rows held out of the attempt's own training set."""


@dataclass(frozen=True, kw_only=True)
class Compare:
    """A batch endpoint's candidate and champion score the same input; the default stays as it is."""

    input: str  # HOLDOUT, azureml:NAME[:VERSION] (none: the newest) or azureml://datastores/…
    analyses: tuple[Analysis, ...]
    runs: int = 1  # comparisons in a row that must pass
    every: timedelta | None = None  # between two of them; None: as the rollout is measured
    min_samples: int = 1  # rows that the candidate answered
    timeout: timedelta = timedelta(hours=6)  # of one comparison; what still runs then is stopped and has failed


@dataclass(frozen=True, kw_only=True)
class Approve:
    """People say yes before the next step; the weights stay, and what is looked at stays so."""

    approvers: Approvers
    expires: timedelta = timedelta(hours=72)  # then it rolls back


Step = Smoke | Shadow | SetWeight | Compare | Approve


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Hours of some days of the week in a time zone; with `end` before `start`, over midnight."""

    days: frozenset[int]  # 0 is Monday
    start: time
    end: time
    zone: str
    text: str  # as it was written


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """Days, both included, in a time zone."""

    first: date
    last: date
    zone: str


@dataclass(frozen=True, kw_only=True)
class Windows:
    """When weights may move forward.  Measuring goes on, and a rollback waits for no window."""

    allow: tuple[Hours, ...] = ()  # none: always
    freeze: tuple[Freeze, ...] = ()


class OnMetricLoss(enum.StrEnum):
    """What follows when nothing can be measured; promotion never does."""

    HOLD = "hold"  # it stands still, and goes on when there are numbers again
    ROLLBACK = "rollback"


class OnNewCandidate(enum.StrEnum):
    """What follows when a newer candidate is asked for during a rollout."""

    QUEUE_NEWEST = "queueNewest"  # the newest waits until the rollout has ended
    SUPERSEDE = "supersede"  # it ends the rollout, unless that was promoted


class OnExternalChange(enum.StrEnum):
    """What follows when somebody else changed the traffic during a rollout."""

    REPAIR = "repair"  # what was decided is set again
    PAUSE = "pause"  # it is left so until a person says resume or abort


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a candidate that passed its gates takes over."""

    steps: tuple[Step, ...]
    bake: timedelta = timedelta()
    bake_analyses: tuple[Analysis, ...] = ()
    bake_min_samples: int = 1
    keep_previous: timedelta = timedelta(hours=24)  # the old deployment stays warm this long after the promotion
    measure_every: timedelta = timedelta(minutes=5)
    consecutive_success: int = 2  # passes in a row before a step is left
    progress_deadline: timedelta = timedelta(minutes=30)  # for the deployment to come up: real time
    keep_failed: timedelta = timedelta(hours=2)
    warm_previous: int = 1  # deployments of champions of before, each for `keep_previous`
    automatic_rollback: bool = True
    verify_target: bool = True  # what traffic goes back to must answer, or what serves is held
    on_external_change: OnExternalChange = OnExternalChange.REPAIR
    on_new_candidate: OnNewCandidate = OnNewCandidate.QUEUE_NEWEST
    windows: Windows = field(default_factory=Windows)
    on_metric_loss: OnMetricLoss = OnMetricLoss.HOLD
    metric_loss_after: timedelta | None = None  # of looks that could not measure; None: errors in a row alone decide
