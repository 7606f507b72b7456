"""A scenario: how data drifts, what fails, what things cost.  Frozen values; everything has a default."""

import enum
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from mlops.spec.document import part
from mlops.spec.fields import Count, Currency, Duration

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Day = Annotated[int, Field(ge=0, strict=True)]


class Part(part.Part):
    """As all parts of files; programs may use Python's spelling."""

    model_config = ConfigDict(validate_by_name=True)


class Kind(enum.StrEnum):
    """How drift goes."""

    SUDDEN = "sudden"
    GRADUAL = "gradual"
    SEASONAL = "seasonal"


class Moves(enum.StrEnum):
    """What a drift moves."""

    INPUTS = "inputs"  # drift monitors see it; a model loses a part of what both would cost it
    RULE = "rule"  # what ties label to row: only labels show it
    BOTH = "both"


class Drift(Part):
    """One movement of the data; several add up."""

    kind: Kind = Field(description="`sudden` (a step), `gradual` (a ramp) or `seasonal` (a wave)")
    size: float = Field(description="how far, in standard deviations of a column; seasonal: amplitude")
    day: Day = Field(default=0, description="the day of the simulation on which it begins")
    lasts: Duration | None = Field(
        default=None,
        description="gradual: until it is there (`P90D`); seasonal: one wave (`P365D`); sudden: until over (never)",
    )
    moves: Moves = Field(default=Moves.BOTH, description="`inputs`, the `rule` that ties label to row, or `both`")

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.lasts is not None and not self.lasts:
            raise ValueError("lasts no time: leave it out, or give it some")
        return self


class Spells(Part):
    """Stretches of time: on named days, drawn from the seed, or both."""

    days: tuple[Day, ...] = Field(default=(), description="days of the simulation on which one begins")
    per_year: Amount = Field(default=1.0, description="as many more in a year, at times drawn from the seed")
    lasts: Duration = Field(default=timedelta(days=1), description="how long each is")


class Moments(Part):
    """Something that happens: on named days, at times drawn from the seed, or both."""

    days: tuple[Day, ...] = Field(default=(), description="days of the simulation on which it happens")
    per_year: Amount = Field(default=1.0, description="as often more in a year, at times drawn from the seed")


class BadData(Spells):
    """Faulty rows: a broken sensor, a wrong unit."""

    days: tuple[Day, ...] = Field(default=(60, 260), description="days of the simulation on which one begins")
    per_year: Amount = Field(default=0.0, description="as many more in a year, at times drawn from the seed")
    lasts: Duration = Field(default=timedelta(days=10), description="how long each is")
    share: Share = Field(default=0.4, description="of the rows that are faulty meanwhile")
    harm: Amount = Field(default=2.0, description="to a model that never saw such rows, as a drift of this size")


class Model(Part):
    """How good models are, as the share of right answers; metrics follow from it."""

    best: Annotated[float, Field(gt=0.5, lt=1)] = Field(default=0.85, description="where data is as in training")
    worst: Annotated[float, Field(ge=0, lt=1)] = Field(default=0.5, description="far away from it")
    reach: Annotated[float, Field(gt=0)] = Field(default=1.5, description="drift at which four tenths of that are lost")
    luck: Amount = Field(default=0.005, description="standard deviation between trainings on the same rows")
    error: Annotated[float, Field(gt=0)] = Field(
        default=1.0, description="regression: standard deviation of the best model's error, in the label's unit"
    )
    degraded_below: Share = Field(
        default=0.05, description="service is degraded while the share of right answers is further below `best`"
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.worst >= self.best:
            raise ValueError("worst is not below best")
        return self


class Labels(Part):
    """When the truth comes."""

    late: Duration = Field(default=timedelta(), description="beyond `data.delay` of the project")


class Training(Part):
    """Jobs."""

    takes: Duration | None = Field(default=None, description="from submission to end; default: half of the timeout")
    fails: Share = Field(default=0.05, description="of jobs")
    broken: Share = Field(default=0.04, description="of models that are good on held-out rows and fail requests")
    errors: Share = Field(default=0.3, description="of requests that such a model fails")


class Serving(Part):
    """Deployments."""

    takes: Duration = Field(default=timedelta(minutes=10), description="until one is ready")
    fails: Share = Field(default=0.03, description="of deployments that never are")
    errors: Share = Field(default=0.001, description="of requests that a sound one fails")
    latency: Amount = Field(default=60.0, description="95th percentile of a sound one, in milliseconds")
    memory: Amount = Field(default=500.0, description="what one takes, in MB: for load gates")


class Outages(Part):
    """What is gone at times."""

    metrics: Spells = Field(default=Spells(), description="collected data cannot be read")
    quota: Spells = Field(default=Spells(), description="no deployment can be made")
    controller: Spells = Field(default=Spells(), description="nobody runs the loop")


class People(Part):
    """What people do."""

    approve_after: Duration = Field(default=timedelta(hours=8), description="an approval that is asked for is given")
    decide_after: Duration = Field(
        default=timedelta(days=1), description="a step that waits for a person is aborted so long after it began"
    )


class Prices(Part):
    """What things cost.  What the project says of training (`pipeline.price`) goes before this."""

    currency: Currency = Field(default="EUR", description="of all of them")
    node_hour: Amount = Field(default=1.0, description="one training node")
    nodes: Count = Field(default=1, description="that a job uses at once")
    gpus: Annotated[int, Field(ge=0)] = Field(default=0, description="of one node")
    run: Amount = Field(default=0.0, description="each training besides, whatever becomes of it: people's time")
    instance_hour: Amount = Field(default=0.3, description="one instance of a deployment, with traffic or without")
    degraded_day: Amount = Field(default=0.0, description="a day of degraded service, if you want to weigh it")


class Reading(Part):
    """A monitor's value, where what the metric would say of this world does not fit yours."""

    calm: float = Field(description="without drift")
    slope: float = Field(description="added for each standard deviation of drift")
    noise: Amount = Field(default=0.0, description="standard deviation between windows")


class World(Part):
    """The world that the loop is put into."""

    begins: date = Field(default=date(2026, 1, 1), description="the first day")
    rows_per_day: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="default: `data.rowsPerDay` of the project, else what its counts need twice over"
    )
    requests_per_day: Annotated[float, Field(gt=0)] | None = Field(default=None, description="default: as many as rows")
    gate_rows: Count = Field(default=1000, description="gates see at most so many held-out rows, or what they ask for")
    model: Model = Field(default=Model(), description="how good models are")
    drift: tuple[Drift, ...] = Field(
        default=(
            Drift(kind=Kind.SEASONAL, size=0.2),
            Drift(kind=Kind.SUDDEN, size=1.0, day=100),
            Drift(kind=Kind.GRADUAL, size=1.2, day=200),
        ),
        description="how data moves; default: a small wave, a step on day 100, a ramp from day 200 on",
    )
    labels: Labels = Field(default=Labels(), description="when the truth comes")
    bad_data: BadData = Field(default=BadData(), description="faulty rows")
    training: Training = Field(default=Training(), description="jobs")
    serving: Serving = Field(default=Serving(), description="deployments")
    outages: Outages = Field(default=Outages(), description="what is gone at times")
    edits: Moments = Field(default=Moments(), description="somebody else sets the traffic")
    upstream: Moments = Field(default=Moments(), description="a new version of every asset that a trigger watches")
    people: People = Field(default=People(), description="what people do")
    prices: Prices = Field(default=Prices(), description="what things cost")
    readings: dict[str, Reading] = Field(default={}, description="values of monitors, by name")


class ScenarioFile(Part):
    """A scenario file."""

    api_version: Literal["aml-kit/v1alpha1"] = Field(description="the format")
    kind: Literal["Scenario"] = Field(description="what is declared")
    spec: World = Field(description="the world")
