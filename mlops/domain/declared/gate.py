"""What a project declares of its gates."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class GateMetric:
    """What one metric of the evaluation must show."""

    name: str
    min_delta: float = 0.0  # candidate better than champion by this, in the metric's better direction …
    ci: float = 0.95  # … at the near end of this interval
    at_least: float | None = None  # absolute floor (for losses: `at_most`)
    at_most: float | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationGate:
    """Candidate against champion on the same held-out rows, and absolute floors."""

    name: str
    metrics: tuple[GateMetric, ...]
    min_samples: int
    block: int = 1  # consecutive rows resampled together: for rows that depend on their neighbours
    resamples: int = 2000


@dataclass(frozen=True, kw_only=True)
class ApprovalGate:
    """A person says yes, to exactly this candidate with exactly these results."""

    name: str
    expires: timedelta = timedelta(hours=72)
    count: int = 1
    not_author: bool = True


Gate = EvaluationGate | ApprovalGate
