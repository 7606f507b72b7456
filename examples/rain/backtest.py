"""The first model left alone: its answers to every record that was sent, from an Azure ML job."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from examples.rain.stage import DemoError
from examples.rain.weather import Day, write_labelled

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import PipelineJob

_PIPELINE = Path(__file__).parent / "backtest.yml"
_FINISHED = frozenset({"Completed", "Failed", "Canceled"})


def write_data(days: tuple[Day, ...], folder: Path) -> None:
    """The folder that `prepare` wants, all days held out and none to train on."""
    folder.mkdir(parents=True, exist_ok=True)
    write_labelled(days, folder / "holdout.csv")
    with (folder / "holdout.csv").open(encoding="utf-8") as file:
        (folder / "train.csv").write_text(file.readline(), encoding="utf-8")


def score(client: "MLClient", model: str, data: Path, into: Path, name: str) -> Path:
    """Run the pipeline and fetch predictions.csv, whose column `candidate` holds the model's probabilities.

    A job of that name is waited for, not started again.
    """
    from azure.ai.ml import Input, load_job  # noqa: PLC0415 -- seconds to import
    from azure.core.exceptions import ResourceNotFoundError  # noqa: PLC0415

    try:
        client.jobs.get(name)
    except ResourceNotFoundError:
        job = cast("PipelineJob", load_job(_PIPELINE))
        job.name = name
        given = {"data": Input(type="uri_folder", path=str(data)), "model": Input(type="custom_model", path=model)}
        for each, value in given.items():
            setattr(job.inputs, each, value)  # by attribute; as an item the SDK would not take it
        client.jobs.create_or_update(job)
    status = _ended(client, name)
    if status != "Completed":
        raise DemoError(f"job {name} ended {status}; `local-azure logs` and the job's logs say why")
    client.jobs.download(name, download_path=into, output_name="evaluation")
    return next(into.rglob("predictions.csv"))


def _ended(client: "MLClient", name: str) -> str:
    while True:
        status = client.jobs.get(name).status
        text = str(getattr(status, "value", status))  # pipelines carry an enum
        if text in _FINISHED:
            return text
        time.sleep(0.5)
