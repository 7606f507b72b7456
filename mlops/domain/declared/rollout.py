"""What a project declares of its rollout."""

import enum
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mlops.domain.measurement import Bound, Limit


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One number of what a deployment really served since the step began, and its limits."""

    metric: str  # error_rate, p95_ms, prediction_disagreement (against the champion, rows both answered)
    success: Bound
    failure: Bound | None = None
    min_samples: int = 1
    failure_limit: int = 0  # failures tolerated
    error_limit: int = 4  # errors in a row tolerated, then the rollout pauses
    inconclusive_limit: int | None = None  # tolerated once the step is due, then it pauses; None: it waits
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


Step = Smoke | Shadow | SetWeight


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
    automatic_rollback: bool = True
    on_external_change: OnExternalChange = OnExternalChange.REPAIR
