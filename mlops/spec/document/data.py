"""Where rows come from, and how a candidate is served."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from mlops.domain import project as domain
from mlops.spec.document.part import Part
from mlops.spec.fields import Count, Duration


class Data(Part):
    """Where rows and labels come from, and which column means what."""

    history: str = Field(
        pattern=r"^azureml:[^:]+:[^:]+$", description="azureml:NAME:VERSION of a CSV file: labelled rows, oldest first"
    )
    labels: str = Field(
        pattern=r"^azureml://datastores/[^/]+/paths/.+$",
        description="azureml://datastores/NAME/paths/FOLDER of CSV files with the key and the label",
    )
    key: str = Field(description="column that identifies a row; what arrives twice counts once")
    time: str = Field(description="column with the event time (ISO 8601, UTC)")
    features: tuple[str, ...] = Field(min_length=1, description="columns the model sees")
    label: str = Field(description="column of the truth")
    prediction: str = Field(description="column of the collected outputs")
    delay: Duration = Field(default=timedelta(), description="labels are known this long after the event")
    grace: Duration = Field(default=timedelta(), description="a window is measured this long after its end")
    rows_per_day: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="how many rows come in a day, when that is known: `validate` checks counts against it"
    )


class Files(Part):
    """Where `mlops monitor run` finds rows; the loop has its own, from the endpoint."""

    current: tuple[str, ...] = Field(default=(), description="the rows looked at: files, folders, patterns")
    reference: tuple[str, ...] = Field(default=(), description="what they are compared with; or one saved profile")
    labels: tuple[str, ...] = Field(default=(), description="files with the key and the label, when rows have none")


class Deployment(Part):
    """How a model is served."""

    kind: domain.Kind = Field(
        default=domain.Kind.ONLINE,
        description="`online`: candidates get shares of the traffic; `batch`: jobs score files, one deployment is the "
        "default, and candidates are compared with it on the same input",
    )
    endpoint: str = Field(description="key of the platform's `onlineEndpoints`, or `batchEndpoints`")
    code: Path = Field(description="folder of the scoring script")
    runtime: Path = Field(description="conda file of the scoring environment")
    scoring_script: str = Field(default="score.py", description="file in `code` with `init` and `run`")
    image: str = Field(
        default="mcr.microsoft.com/azureml/minimal-py312-inference:latest",
        description="base image of the runtime; where policies want a fixed one, name it by digest (`…@sha256:…`)",
    )
    instance_type: str = Field(default="Standard_DS3_v2", description="Azure VM size")
    instances: Count = Field(default=1, description="number of instances")
    rolling_rate: domain.RollingRate = Field(
        default=domain.RollingRate.HOUR,
        description="time in one blob of collected data; in the blob of a step's begin rows count by their own time",
    )
    check_every: Duration = Field(
        default=timedelta(minutes=5), description="how often the endpoint is compared with what it should be"
    )
    compute: str | None = Field(
        default=None, description="batch: key of the platform's `computeClusters`; none: the pipeline's"
    )
    mini_batch_size: Count = Field(default=10, description="batch: files that `run` is given at once")
    error_threshold: Annotated[int, Field(ge=-1)] = Field(
        default=-1, description="batch: files that may fail before a job does; -1: any number"
    )
    columns: tuple[str, ...] = Field(
        default=(),
        description="batch: columns of the rows that `run` gives, where these are not JSON; empty: key and prediction",
    )
