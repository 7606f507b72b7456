"""What a project declares of its gates."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


class NoBaseline(enum.StrEnum):
    """How a comparison judges where there is no champion yet."""

    ABSOLUTE = "absolute"  # by the absolute limits alone
    INCONCLUSIVE = "inconclusive"  # not at all: the candidate is rejected


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
    on_no_baseline: NoBaseline = NoBaseline.ABSOLUTE


@dataclass(frozen=True, kw_only=True)
class ContractGate:
    """What the candidate takes and gives is what the project says, and its card says what a reader needs."""

    name: str
    signature: bool = True
    card: bool = True


@dataclass(frozen=True, kw_only=True)
class SliceMetric:
    """What one metric must show in every slice, or between the groups of a column."""

    name: str
    at_least: float | None = None
    at_most: float | None = None
    max_gap: float | None = None  # between the best slice and the worst; not for metrics that compare groups already
    min_delta: float | None = None  # against the champion in each slice; None: not compared
    ci: float = 0.95  # of all slices' comparisons together


class OnSmallSlice(enum.StrEnum):
    """What a slice with too few rows does."""

    INCONCLUSIVE = "inconclusive"  # nobody can tell, so the candidate is rejected
    LEAVE_OUT = "leaveOut"  # it is named, and not judged


@dataclass(frozen=True, kw_only=True)
class SlicesGate:
    """The held-out rows by the values of columns: nobody is to be served badly behind a good average."""

    name: str
    by: tuple[str, ...]
    metrics: tuple[SliceMetric, ...]
    cuts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # columns of numbers: slices between these
    min_per_slice: int = 300
    on_small_slice: OnSmallSlice = OnSmallSlice.INCONCLUSIVE
    block: int = 1
    resamples: int = 2000


@dataclass(frozen=True, kw_only=True)
class LoadLimit:
    """The most that one number under load may be."""

    name: str  # p95_ms, error_rate or memory_mb
    at_most: float


@dataclass(frozen=True, kw_only=True)
class LoadGate:
    """The candidate loads on the real endpoint and serves there by name, before it gets any traffic."""

    name: str
    requests: Path  # JSON lines, one request body a line; absolute
    metrics: tuple[LoadLimit, ...]
    rps: float = 5.0
    hold: timedelta = timedelta(seconds=10)  # of real time


@dataclass(frozen=True, kw_only=True)
class Approvers:
    """Who may say yes, and how many must."""

    groups: tuple[str, ...] = ()  # none: anybody
    people: tuple[str, ...] = ()  # of those groups
    count: int = 1
    not_author: bool = True


@dataclass(frozen=True, kw_only=True)
class ApprovalGate:
    """A person says yes, to exactly this candidate with exactly these results."""

    name: str
    approvers: Approvers = field(default_factory=Approvers)
    expires: timedelta = timedelta(hours=72)
    tiers: tuple[str, ...] = ()  # of risk at which it is asked; none: always


Gate = EvaluationGate | ContractGate | SlicesGate | LoadGate | ApprovalGate
