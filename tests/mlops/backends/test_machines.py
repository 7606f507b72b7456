"""`--engine azureml`: machines of Azure ML count what this one does, to the last count; and as a schedule."""

from __future__ import annotations

import json
import time
import zipfile
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from azure.ai.ml import load_component
from azure.ai.ml.entities import Data
from azure.ai.ml.entities._load_functions import load_schedule

from environments.local.arm.ids import parse
from environments.local.machine_learning.schedules import TYPE as SCHEDULES
from mlops.__main__ import main
from mlops.backends.azure_ml.counting import AzureMachines
from mlops.backends.azure_ml.package import archive
from mlops.backends.blobs.files import BlobFiles
from mlops.backends.blobs.node import counted
from mlops.backends.tables import task
from mlops.backends.tables.count import profile as counted_files
from mlops.backends.tables.pieces import Order, Share
from mlops.backends.tables.sources import Source
from mlops.domain.data.data_error import DataError
from mlops.measuring.seen import Files, Seen
from mlops.monitors import profile
from mlops.monitors.profile import Bounds, Profile, Schema
from mlops.spec.azure_monitor import read
from mlops.spec.read import read_project
from tests.fakes.blobs import FakeBlobs
from tests.mlops.backends.azure import as_deployer
from tests.mlops.backends.machines import STORE, Machines, machines
from tests.mlops.monitor_project import rows, run, write_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))
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


def test_monitors_run_by_a_schedule_as_they_run_here(
    there: Machines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The SDK makes the schedule, its job keeps profiles in blob storage, and a run here goes on with them.

    Rows that come late are counted alone; they came twice, so the second job fails.
    """
    write_project(tmp_path)
    # Hours away from where windows end, which is a day ago (`grace`): an hour may end during the test.
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=27)
    there.put({"seen/old.parquet": _rows(tmp_path, 56, end - timedelta(days=14)), **_reference(tmp_path)})
    places = ("--current", f"{STORE}seen", "--reference", f"{STORE}reference.parquet", "--states", f"{STORE}states")
    asked = (*places, "--platform", str(there.platform))
    folder = tmp_path / "azure"
    assert main(["monitor", "schedule", f"{tmp_path}/project.yaml", *asked, "-o", str(folder), "--create"]) == 0
    name = "rain-monitors-every-p7d"
    assert capsys.readouterr().out == f"{folder}/{name}.yaml: made\n"

    ended, first = _look(there, name, tmp_path)
    kept = _etags(there, "states/")
    there.put({"seen/late.parquet": _rows(tmp_path, 8, end - timedelta(days=3), day=["late"] * 8)})
    ended_then, second = _look(there, name, tmp_path)

    after = _etags(there, "states/")
    assert len([one for one in kept if not one.endswith(".day")]) == 56 + 1
    assert len([one for one in after.keys() - kept.keys() if one.endswith(".profile")]) == 8
    assert {one: etag for one, etag in kept.items() if after.get(one, etag) != etag} == {}
    until = second["monitors"][0]["window"]["end"]
    run(tmp_path, *asked, "--until", until, "--look", "1", "--output", "json")
    assert second == {**json.loads(capsys.readouterr().out), "at": ""}
    counts = [[one["value"] for one in look["monitors"] if one["monitor"] == "rows"] for look in (first, second)]
    assert counts == [[27.0], [35.0]]
    assert [(ended, _verdicts(first)), (ended_then, _verdicts(second))] == [
        ("Completed", {"columns": "pass", "twice": "pass", "together": "inconclusive"}),
        ("Failed", {"columns": "pass", "twice": "fail", "together": "inconclusive"}),
    ]


def _rows(folder: Path, size: int, first: datetime, **more: Any) -> bytes:  # noqa: ANN401 - columns
    moments = np.datetime64(first.replace(tzinfo=None), "s") + np.arange(size) * np.timedelta64(6 * 3600, "s")
    pq.write_table(pa.table({**rows(size), "at": moments, **more}), folder / "one.parquet")
    return (folder / "one.parquet").read_bytes()


def _reference(folder: Path) -> dict[str, bytes]:
    return {"reference.parquet": (folder / "reference.parquet").read_bytes()}


def _verdicts(look: dict[str, Any]) -> dict[str, str]:
    wanted = ("columns", "twice", "together")
    return {one["monitor"]: one["verdict"] for one in look["monitors"] if one["monitor"] in wanted}


def _look(there: Machines, schedule: str, folder: Path) -> tuple[str, dict[str, Any]]:
    """Have the schedule fire, and give how its job ended and what it found."""
    job = there.client.schedules.trigger(schedule).job_name
    deadline = time.monotonic() + 120
    while (status := there.client.jobs.get(job).status) not in {"Completed", "Failed"}:
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
    there.client.jobs.download(job, download_path=folder / job, output_name="found")
    (file,) = (folder / job).rglob("found.json")
    return status.value, {**json.loads(file.read_text()), "at": ""}


def _etags(there: Machines, root: str) -> dict[str, str]:
    return {one.name: one.etag for one in there.container.list_blobs(name_starts_with=root)}


def test_what_a_scheduled_job_needs_of_this_machine_goes_along_or_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A saved profile of the reference goes along, and models of attributions; rows of this machine do not."""
    write_project(tmp_path)
    model = "    - {name: model, signal: feature_attribution_drift, metric: attribution_share_change, window: P7D,\n"
    model += "       every: P7D, minSamples: 100, model: models/one.json}\n"
    file = tmp_path / "project.yaml"
    file.write_text(file.read_text().replace("  monitors:\n", f"  monitors:\n{model}"))
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))
    assert main(["monitor", "profile", f"{tmp_path}/reference.parquet", "-o", f"{tmp_path}/saved.profile"]) == 0
    capsys.readouterr()
    asked = ["monitor", "schedule", f"{tmp_path}/project.yaml", "--platform", f"{tmp_path}/outputs.json"]
    out = ["-o", f"{tmp_path}/azure", "--output", "json"]
    there = [*asked, "--current", f"{STORE}in", *out]
    assert main(there) == 2
    assert "models/one.json: a scheduled job takes a model along that lies beside the pro" in capsys.readouterr().err
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.json").write_text("{}")

    for more, said in (
        (
            [*asked, "--current", "in.parquet", *out],
            f"current in.parquet, reference {tmp_path}/reference.parq",
        ),
        (
            [*there, "--reference", "saved.profile", "--states", "st"],
            "--states st: of this machine, where no job keeps",
        ),
        (
            [*there, "--reference", "saved.profile", "--compute", "gpu"],
            "the platform has no compute cluster 'gpu'; it has cpu",
        ),
    ):
        with chdir(tmp_path):
            assert main(more) == 2
        assert said in capsys.readouterr().err
        assert not (tmp_path / "azure").exists()
    with chdir(tmp_path):
        assert main([*there, "--reference", "saved.profile"]) == 0
    name = "rain-monitors-every-p7d"
    assert json.loads(capsys.readouterr().out) == {"schedules": {name: f"{tmp_path}/azure/{name}.yaml"}, "made": False}
    project = tmp_path / "azure" / "project"
    carried = {str(one.relative_to(project)): one.read_bytes() for one in project.rglob("*") if one.is_file()}
    assert carried == {
        "project.yaml": (tmp_path / "project.yaml").read_bytes(),
        "outputs.json": (tmp_path / "outputs.json").read_bytes(),
        "reference.profile": (tmp_path / "saved.profile").read_bytes(),
        "models/one.json": b"{}",
    }
    component: Any = load_component(tmp_path / "azure" / f"{name}.component.yaml")
    assert "--reference '${{inputs.project}}/reference.profile' " in component.command
    assert component.command.endswith("/found.json || [ $? = 4 ]")


def test_the_code_of_a_job_is_the_same_bytes_for_the_same_code(tmp_path: Path) -> None:
    """Azure ML keeps one snapshot for equal bytes; when the archive was written is not in it."""
    archive(tmp_path)
    with zipfile.ZipFile(tmp_path / "mlops.zip") as found:
        names = found.namelist()
        assert {one.date_time for one in found.infolist()} == {(2020, 1, 1, 0, 0, 0)}
    assert (names == sorted(names), "mlops/backends/blobs/node.py" in names) == (True, True)


def test_azures_own_schedules_are_taken_by_the_workspace_and_read_back(
    there: Machines, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`mlops monitor azure` writes, the SDK sends, and what the workspace then has reads as the same monitors."""
    write_project(tmp_path)
    asked = ["--endpoint", "rain", "--deployment", "m-2", "--training", "azureml:rain-training:2"]
    assert main(["monitor", "azure", f"{tmp_path}/project.yaml", *asked, "-o", f"{tmp_path}/azure"]) == 0
    (file,) = (tmp_path / "azure").glob("*.yaml")

    _deployed(there, "rain", "m-2")
    there.client.schedules.begin_create_or_update(load_schedule(file)).result()
    found = there.client.schedules.get(file.stem)

    assert "together: not written" in capsys.readouterr().err
    found.dump(tmp_path / "back.yaml")
    sent, back = read(file).monitors, read(tmp_path / "back.yaml").monitors
    *drift, accuracy = sent
    assert {(one.metric, one.success) for one in drift} == {("population_stability_index", "<= 0.2")}
    assert {one for one in back if one.signal == "data_drift"} == {*drift}
    # The SDK sends 0.9 for every threshold of performance, and the real one in a property.
    assert accuracy.success == ">= 0.8"
    (kept,) = (one for one in there.azure.context.store.of_type(SCHEDULES) if one.id.name == file.stem)
    signals = kept.properties["action"]["monitorDefinition"]["signals"]
    (real,) = signals["accuracy"]["properties"].values()
    assert json.loads(real)[0]["threshold"] == {"value": 0.8}


def _deployed(there: Machines, endpoint: str, deployment: str) -> None:
    """Have a deployment on record, with the data assets that Azure registers of what it collects; none runs."""
    place, collections = f"{STORE}collected", {}
    for kind in ("model_inputs", "model_outputs"):
        asset = Data(name=f"{endpoint}-{deployment}-{kind}", version="1", type="uri_folder", path=place)
        made = there.client.data.create_or_update(asset)
        collections[kind] = {"dataId": made.id, "dataCollectionMode": "Enabled"}
    there.client.data.create_or_update(Data(name="rain-training", version="2", type="uri_folder", path=place))
    scale = {"scaleType": "Default"}
    properties = {
        "endpointComputeType": "Managed",
        "scaleSettings": scale,
        "dataCollector": {"collections": collections},
    }
    workspace = there.client.workspaces.get(there.client.workspace_name).id
    where = parse(workspace).child("onlineEndpoints", endpoint).child("deployments", deployment)
    sku = {"name": "Default", "capacity": 1}
    there.azure.context.store.put(where, {"location": "eastus", "sku": sku, "properties": properties})


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


class _Far:
    """Counts three rows of each share, wherever they lie."""

    far = True

    def count(self, shares: Sequence[Share], order: Order) -> Iterator[tuple[Share, dict[int | None, Profile]]]:
        values = {name: [1.0, 2.0, 3.0] for name, _ in order.schema.centres}
        for share in shares:
            yield share, {None: profile.profile(values, schema=order.schema)}


def test_what_is_counted_where_it_lies_is_not_brought_here(tmp_path: Path) -> None:
    write_project(tmp_path)
    project = read_project(tmp_path / "project.yaml")
    source = Source(path=tmp_path / "not-here.parquet", form="parquet", place="there", version="1", address="https://a")
    saved = counted_files([tmp_path / "reference.parquet"])
    brought: list[object] = []
    given: dict[str, Any] = {"project": project, "engine": _Far(), "now": datetime.now(UTC), "fetch": brought.extend}

    seen = Seen(files=Files(current=[source], saved=saved), **given)

    assert (seen.profile(None).rows, seen.read, brought) == (3, {"there"}, [])
    with pytest.raises(DataError, match="counted where they lie are counted as a reference was: name its files"):
        Seen(files=Files(current=[source]), **given).profile(None)


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


OUTPUTS = {
    "environment": "local",
    "subscriptionId": "s",
    "tenantId": "t",
    "location": "l",
    "workspaceName": "w",
    "resourceGroupName": "g",
    "storageAccountName": "a",
    "computeClusters": {"cpu": {"name": "cpu-2"}},
    "onlineEndpoints": {},
    "containers": {},
}
_ROOT = len(f"{FakeBlobs.address}/")
