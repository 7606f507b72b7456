"""`--engine azureml`: machines of Azure ML count what this one does, to the last count; and as a schedule."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops.backends.azure_ml.counting import AzureMachines
from mlops.backends.blobs.files import BlobFiles
from mlops.backends.blobs.node import counted
from mlops.backends.tables import task
from mlops.backends.tables.pieces import Order, Share
from mlops.backends.tables.sources import Source
from mlops.domain.data_error import DataError
from mlops.monitors.profile import Bounds, Schema
from tests.fakes.blobs import FakeBlobs
from tests.mlops.backends.azure import as_deployer
from tests.mlops.backends.machines import STORE, Machines, machines
from tests.mlops.monitor_project import rows, run, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.environments.running import LocalAzure


@pytest.fixture(scope="session")
def _machines(local_azure: LocalAzure, tmp_path_factory: pytest.TempPathFactory) -> Machines:
    with as_deployer(local_azure):
        return machines(local_azure, tmp_path_factory.mktemp("machines"))


@pytest.fixture
def there(_machines: Machines) -> Iterator[Machines]:
    with as_deployer(_machines.azure):
        yield _machines


def test_machines_of_azure_ml_count_what_this_one_does(
    there: Machines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hour by hour, byte by byte: a file of several row groups, small ones, JSON lines, and a name with blanks."""
    write_project(tmp_path)
    there.put(_files(tmp_path))
    asked = ("--current", f"{STORE}in", "--platform", str(there.platform), "--output", "json")
    chosen = ("--monitor", "drift", "--monitor", "sensor")

    def told(engine: str) -> object:
        code = run(tmp_path, *asked, *chosen, "--engine", engine, "--nodes", "2", "--states", f"@{engine}")
        said = capsys.readouterr()
        return code, {**json.loads(said.out), "at": ""}

    assert told("azureml") == told("local")
    kept = {engine: _profiles(tmp_path / engine) for engine in ("azureml", "local")}
    assert len(kept["local"]) == 12
    assert kept["azureml"] == kept["local"]
    there.put({"in/2.parquet": b"PAR1 and no more PAR1"})
    assert run(tmp_path, *asked, *chosen, "--engine", "azureml") == 2
    said = capsys.readouterr()
    (line,) = (line for line in said.err.splitlines() if "counts on cpu-2" not in line)
    assert (said.out, line.startswith(f"mlops: {STORE}in/2.parquet: cannot be read to its end")) == ("", True)


def _files(folder: Path) -> dict[str, bytes]:
    found = {}
    for number, size in enumerate((30_000, 300, 301)):
        seconds = np.datetime64(f"2026-01-0{number + 1}") + np.arange(size) * np.timedelta64(1, "s")
        pq.write_table(pa.table({**rows(size), "at": seconds}), folder / "one.parquet", row_group_size=10_000)
        found[f"in/{number}.parquet"] = (folder / "one.parquet").read_bytes()
    lines = [{**dict.fromkeys(("temperature", "minimum", "maximum"), 0.5), "at": "2026-01-05T03:00:00Z"}] * 5
    return {**found, "in/late ones.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines).encode()}


def _profiles(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.profile")}


def test_what_no_machine_of_azure_ml_can_count_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(tmp_path)
    outputs = {"environment": "local", "subscriptionId": "s", "tenantId": "t", "location": "l", "workspaceName": "w"}
    clusters = {"computeClusters": {"cpu": {"name": "cpu-2"}}, "onlineEndpoints": {}, "containers": {}}
    (tmp_path / "outputs.json").write_text(
        json.dumps({**outputs, **clusters, "resourceGroupName": "g", "storageAccountName": "a"})
    )
    asked = ("--current", "@same.parquet", "--engine", "azureml")
    known = ("--platform", "@outputs.json")
    drift = ("--monitor", "drift")

    for more, said in (
        ((), "--engine azureml: of which workspace? Give --platform outputs.json"),
        ((*known, "--compute", "gpu"), "the platform has no compute cluster 'gpu'; it has cpu: say another with --com"),
        ((*known, *drift), f"{tmp_path}/same.parquet: lies on this machine, where no job of Azure ML reads it; bring "),
    ):
        assert run(tmp_path, *asked, *more) == 2
        out, err = capsys.readouterr()
        assert (out, err[: len(said) + 7]) == ("", f"mlops: {said}")


def test_a_task_says_all_of_an_order_and_brings_back_all_that_was_counted(tmp_path: Path) -> None:
    blobs = FakeBlobs()
    blobs.put("a 1.csv", b"x,at\n1,2026-01-01T00:00:00Z\n2,2026-01-01T05:00:00Z\n")
    blobs.put("b.csv", b"x,at\n3,2026-01-01T00:30:00Z\n")
    sources = BlobFiles(lambda place: (blobs, place), tmp_path / "here").sources("*.csv")
    schema = Schema(centres=(("x", 1.5),), bounds=(Bounds(name="r", weights=(("x", 2.0),), low=0.0),))
    order = Order(schema=schema, time="at", start=1.0, hourly=True)
    task.write(tmp_path / "task", sources, order)

    read, files = task.read(tmp_path / "task", tmp_path)
    numbered = list(enumerate(files))
    for part in (0, 1):
        task.keep(tmp_path / str(part), counted(numbered[part::2], read, lambda at: (blobs, unquote(at)[_ROOT:])))

    found = {
        n: {h: one.rows for h, one in by_hour.items()} for part in "01" for n, by_hour in task.kept(tmp_path / part)
    }
    hour = 490896
    assert (read, [(one.place, one.version, one.form) for one in files]) == (
        order,
        [(one.place, one.version, one.form) for one in sources],
    )
    assert found == {0: {hour: 1, hour + 5: 1}, 1: {hour: 1}}
    assert not list(tmp_path.glob("*.csv"))


def test_a_blob_that_changed_since_it_was_found_is_not_counted(tmp_path: Path) -> None:
    blobs = FakeBlobs()
    blobs.put("a.csv", b"x\n1\n")
    sources = BlobFiles(lambda place: (blobs, place), tmp_path).sources("a.csv")
    blobs.append("a.csv", b"2\n")

    task.keep(tmp_path, counted([(0, sources[0])], Order(schema=Schema()), lambda at: (blobs, at[_ROOT:])))

    with pytest.raises(DataError, match=r"^a.csv: changed or went while it was being read; run again$"):
        list(task.kept(tmp_path))


def test_a_job_that_nobody_waits_for_any_more_is_cancelled(tmp_path: Path) -> None:
    """Ctrl-C while the job counts: nothing goes on at Azure that nobody sees."""
    done: list[tuple[str, str]] = []

    class Jobs:
        def create_or_update(self, job: Any) -> None:  # noqa: ANN401 - the SDK's
            done.append(("submitted", job.name))

        def get(self, _name: str) -> None:
            raise KeyboardInterrupt

        def begin_cancel(self, name: str) -> None:
            done.append(("cancelled", name))

    client: Any = SimpleNamespace(jobs=Jobs())
    engine = AzureMachines(client, _nowhere, "cpu", nodes=1, timeout=timedelta(hours=1), tell=lambda _line: None)
    source = Source(path=tmp_path / "a.csv", form="csv", place="a.csv", version="1", address="https://a/b/a.csv")

    with pytest.raises(KeyboardInterrupt):
        list(engine.count([Share(source=source)], Order(schema=Schema())))

    (first, name), last = done
    assert (first, last) == ("submitted", ("cancelled", name))


def _nowhere(reference: str) -> tuple[FakeBlobs, str]:
    return FakeBlobs(), reference


_ROOT = len(f"{FakeBlobs.address}/")
