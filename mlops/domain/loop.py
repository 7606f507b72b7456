"""Where one project's loop stands: a value that is loaded, stepped and saved as a whole."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Measurement, Verdict
from mlops.domain.messages.event import Settled
from mlops.domain.promotions.offer import Offer, Origin, Reply
from mlops.domain.records.decision import Decision
from mlops.domain.world import DatasetVersion, ModelVersion, Window

if TYPE_CHECKING:
    from mlops.domain.records.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class Request:
    """Somebody wants a new model.  There is one place to wait; a newer request takes it and keeps `first`."""

    key: str  # of what led to it: the same cause asks once
    trigger: str
    why: str
    asked: datetime
    first: datetime  # when the place was first taken
    actor: str = "controller"
    manual: bool = False  # a person asked: what the policy lets people skip does not hold it
    break_glass: bool = False  # nor does the budget
    held: str = ""  # the kind of hold that was last recorded, so that it is recorded once
    held_why: str = ""
    held_until: datetime | None = None
    origin: Origin | None = None  # what comes from another environment is not trained


class AttemptPhase(enum.StrEnum):
    """What an attempt is at."""

    PREPARING = "preparing"  # its training set is built
    TRAINING = "training"
    REGISTERING = "registering"
    EVALUATING = "evaluating"  # a candidate from another environment is scored on the rows of this one
    JUDGING = "judging"
    APPROVING = "approving"
    ROLLING_OUT = "rolling out"


class Outcome(enum.StrEnum):
    """How an attempt ended."""

    PROMOTED = "promoted"
    REJECTED = "rejected"  # by a gate, or nobody approved it
    FAILED = "failed"  # no candidate came of it
    ROLLED_BACK = "rolled back"
    ABORTED = "aborted"
    SUPERSEDED = "superseded"  # a newer one took its place before it was promoted


@dataclass(frozen=True, kw_only=True)
class MetricResult:
    """What one metric of a gate showed.  `delta` is candidate against champion, positive is better."""

    name: str
    verdict: Verdict
    samples: int
    candidate: float
    champion: float | None = None
    delta: float | None = None
    low: float | None = None  # of the interval around delta
    high: float | None = None
    min_delta: float | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """What a gate said of a candidate."""

    gate: str
    verdict: Verdict
    metrics: tuple[MetricResult, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A person's word on one candidate; `digest` says on exactly what."""

    actor: str
    at: datetime
    digest: str
    granted: bool
    reason: str = ""
    subject: str = ""  # digest of what the release's record says of it: the word counts for the record, too


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way from a request to a candidate, and to its end."""

    number: int
    request: Request
    generation: int  # of the project file; it keeps it to the end
    author: str  # who applied that generation, or who asked by hand
    started: datetime
    entered: datetime  # its present phase
    phase: AttemptPhase
    train: Window
    holdout: Window
    without: tuple[Window, ...]
    job: str
    dataset: DatasetVersion | None = None
    candidate: ModelVersion | None = None
    code_digest: str = ""
    runtime: str = ""
    gates: tuple[GateResult, ...] = ()
    approvals: tuple[Approval, ...] = ()
    outcome: Outcome | None = None
    ended: datetime | None = None
    why: str = ""

    @property
    def origin(self) -> Origin | None:
        """The environment that its candidate came from; None: it was trained here."""
        return self.request.origin


@dataclass(frozen=True, kw_only=True)
class Champion:
    """The model that serves.  An explicit pointer, moved in the same transaction as the promotion."""

    model: ModelVersion
    deployment: str
    dataset: DatasetVersion
    attempt: int
    since: datetime
    metrics: Mapping[str, float] = field(default_factory=dict)  # by metric, as its gate measured them
    came: Offer | None = None  # from another environment


class RolloutPhase(enum.StrEnum):
    """What a rollout is at.  What the endpoint should look like follows from it."""

    DEPLOYING = "deploying"
    VERIFYING = "verifying"
    SHADOWING = "shadowing"
    COMPARING = "comparing"  # batch: both score the same input
    CANARY = "canary"
    BAKING = "baking"
    ROLLING_BACK = "rolling back"


class Hold(enum.StrEnum):
    """Why a rollout stands still.  Weights stay, measuring goes on, a failure still rolls back."""

    METRICS = "metrics"  # cannot be measured; goes on by itself when it can
    INCONCLUSIVE = "inconclusive"  # a person decides
    FAILURE = "failure"  # automatic rollback is off: a person decides
    EXTERNAL = "somebody else changed the traffic"  # the project asked to be paused then: a person decides
    TARGET = "target"  # the champion is not healthy: going back would be worse; goes on by itself when it is


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How one analysis went in the present step."""

    metric: str
    failures: int = 0
    errors: int = 0  # in a row
    inconclusive: int = 0  # once the step was due


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a person ordered."""

    actor: str
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two jobs that score the same input, the candidate's and the champion's; their names follow from the number."""

    number: int  # of this rollout, from 1
    began: datetime
    input: str  # exactly this: what is newest changes
    stopped: tuple[str, ...] = ()  # runs that were asked to stop


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """A candidate on its way to be champion."""

    deployment: str
    champion: str | None  # the champion's deployment when it began
    phase: RolloutPhase
    position: int  # in the project's steps
    entered: datetime
    applied: datetime | None = None  # when the endpoint was first seen as this step wants it …
    traffic: Mapping[str, int] = field(default_factory=dict)  # … and how that was
    seen: datetime | None = None  # when it was last measured
    elapsed: timedelta = timedelta()  # since applied; a jump of the clock counts as two looks at most
    successes: int = 0  # in a row
    samples: int = 0
    tallies: tuple[Tally, ...] = ()
    hold: Hold | None = None
    why: str = ""  # it rolls back
    cleared: datetime | None = None  # when a look in this step last found nothing wrong
    skipped: Word | None = None  # a person ended the waiting of this step
    lost: timedelta = timedelta()  # in which nothing could be measured, without a break
    waits: str = ""  # what it waits for before it moves forward, as it was last recorded
    tries: int = 0  # to deploy, for which there was no room …
    again: datetime | None = None  # … and when the next one is made
    comparison: Comparison | None = None  # under way
    compared: int = 0  # comparisons that ended
    superseded_by: str = ""  # key of the newer request for which it rolls back
    blameless: bool = False  # it rolls back for what is no fault of the candidate: its bytes may be tried again


@dataclass(frozen=True, kw_only=True)
class Retired:
    """A deployment that serves no more, kept warm or to look at until then."""

    deployment: str
    until: datetime
    good: bool = False  # a champion of before, which may be gone back to


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The last attempt that ended."""

    number: int
    outcome: Outcome
    started: datetime
    ended: datetime
    used: datetime  # event time up to which it had labelled rows


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What an attempt used of the budget."""

    attempt: int
    at: datetime  # it began
    cost: float = 0.0
    gpu_hours: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a monitor said last; its next window ends one `every` after this."""

    end: datetime
    value: float | None
    samples: int
    verdict: Verdict | None
    look: int = 0  # at the data of this champion, counted from 1 …
    champion: datetime | None = None  # … which came then


@dataclass(frozen=True, kw_only=True)
class ConditionState:
    """How a monitor condition of a trigger stands."""

    flags: tuple[bool, ...] = ()  # of the last judgeable windows, newest last: past `enter`?
    inside: bool = False
    value: float | None = None
    end: datetime | None = None  # of the newest window counted


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What one part of a trigger's condition said when it was last news."""

    key: str  # the trigger's name, and the part's place in it
    holds: bool
    why: str


@dataclass(frozen=True)
class AssetSeen:
    """An asset that a trigger watches: as it is, and as it was when the last attempt began."""

    version: str
    used: str

    @property
    def changed(self) -> bool:
        """Whether no attempt has used it as it is."""
        return self.version != self.used


@dataclass(frozen=True, kw_only=True)
class TriggerState:
    """How a trigger stands."""

    true: bool = False
    fired: datetime | None = None
    since: datetime | None = None  # it was first looked at; what came before is not its business
    answers: tuple[Answered, ...] = ()
    noted: int = 0  # the attempt after whose end it was recorded that the trigger still holds


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The newest event that a source was heard with."""

    at: datetime  # the loop's time at which it was accepted
    event: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class Quarantine:
    """Event time whose data broke a rule: neither trained nor judged on until somebody releases it."""

    window: Window
    monitor: str
    value: float  # the worst
    open: bool = True  # the newest window of this monitor still failed
    released: Word | None = None


@dataclass(frozen=True, kw_only=True)
class Rollback:
    """A person wants a champion of before to serve again."""

    target: Champion
    word: Word
    entered: datetime | None = None  # when it began


@dataclass(frozen=True, kw_only=True)
class Busy:
    """Something of the platform's that every look finds under way."""

    what: str
    since: datetime
    said: bool = False  # that it takes too long


@dataclass(frozen=True, kw_only=True)
class Loop:
    """One project's loop.  `version` grows by one with each save; a save on an older version is refused."""

    project: str
    endpoint: str  # its name in Azure; one project an endpoint
    started: datetime
    generation: int
    applied: datetime  # when that generation was
    author: str
    version: int = 0
    attempts: int = 0  # begun so far
    champion: Champion | None = None
    attempt: Attempt | None = None
    rollout: Rollout | None = None
    pending: Request | None = None
    removed: Word | None = None  # nobody looks at it any more; its log stays, and it may be applied again
    queue: tuple[Request, ...] = ()  # behind it, one a trigger, when the project wants each to have its turn
    last: Ended | None = None
    failures: int = 0  # in a row
    breaker_until: datetime | None = None
    breaker_code: str = ""  # digest of the training code with which it opened
    ledger: tuple[Spent, ...] = ()  # oldest first
    paused: Word | None = None
    frozen: Word | None = None
    abort: Word | None = None
    rollback: Rollback | None = None
    readings: Mapping[str, Reading] = field(default_factory=dict)  # by monitor
    conditions: Mapping[str, ConditionState] = field(default_factory=dict)  # trigger and place in it
    triggers: Mapping[str, TriggerState] = field(default_factory=dict)
    quarantines: tuple[Quarantine, ...] = ()
    retired: tuple[Retired, ...] = ()
    labelled: int | None = None  # labelled rows that no attempt has used …
    labelled_at: datetime | None = None  # … counted then, like these:
    collected: int | None = None  # rows that came and no attempt has used, with or without labels
    arrived: Mapping[str, float] = field(default_factory=dict)  # share of the labels that are due, by how far back
    assets: Mapping[str, AssetSeen] = field(default_factory=dict)  # that triggers watch
    assets_at: datetime | None = None  # looked at then
    checked: datetime | None = None  # when the endpoint was last seen as it should be
    drifted: str = ""  # how the endpoint was found, while it is not as it should be
    busy: Busy | None = None  # what the endpoint waits for
    failed_digests: tuple[str, ...] = ()  # models that failed in a rollout
    heard: Mapping[str, Heard] = field(default_factory=dict)  # by source of events
    offers_at: datetime | None = None  # when the registry was last asked what is offered …
    replies: tuple[Reply, ...] = ()  # … and what was said to it


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A measurement with what it was of and what was made of it: a row of the history."""

    at: datetime
    monitor: str
    signal: str
    metric: str
    window: Window
    measurement: Measurement
    verdict: Verdict | None  # None: the monitor has no limit
    deployment: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A new state with the decisions that led to it; saved together or not at all."""

    loop: Loop
    decisions: tuple[Decision, ...] = ()
    measured: tuple[Measured, ...] = ()
    ended: Attempt | None = None  # the attempt that ended with it
    settled: tuple[Settled, ...] = ()  # events that led to it, or to nothing
    inputs: "Inputs | None" = None  # what the decisions were made on
