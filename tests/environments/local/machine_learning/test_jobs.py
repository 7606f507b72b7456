"""Command jobs: submitted, streamed, downloaded and cancelled by the SDK; run as processes."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

import psutil
import pytest
from azure.ai.ml import Input, Output
from azure.ai.ml.entities import Data, Environment
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError

from environments.local import supervisor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.environments.local.machine_learning.workspace import Workspace

_CODE = """
import os, pathlib, sys
text = pathlib.Path(sys.argv[1]).read_text()
print("run", os.environ["AZUREML_RUN_ID"], "got", text, flush=True)
pathlib.Path(sys.argv[2], "answer.txt").write_text(text.upper())
pathlib.Path("outputs").mkdir()
pathlib.Path("outputs", "extra.txt").write_text("kept")
"""


def test_a_command_runs_with_its_code_and_data_and_its_outputs_come_back(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.py").write_text(_CODE)
    (tmp_path / "words.txt").write_text("hello")
    asset = workspace.client.data.create_or_update(
        Data(name=workspace.new_name("words"), path=str(tmp_path / "words.txt"), type="uri_file")
    )
    made = workspace.new_name("made")
    job = workspace.command(
        "python main.py ${{inputs.words}} ${{outputs.answer}}",
        code=str(tmp_path / "code"),
        inputs={"words": Input(type="uri_file", path=asset.id)},
        outputs={"answer": Output(type="uri_folder", name=made)},
    )
    assert workspace.wait(job.name) == "Completed"
    workspace.client.jobs.download(job.name, download_path=tmp_path / "all", all=True)
    files = {
        str(path.relative_to(tmp_path / "all")): path.read_text()
        for path in (tmp_path / "all").rglob("*")
        if path.is_file() and path.name != "runtime.txt"
    }
    assert files == {
        "artifacts/outputs/extra.txt": "kept",
        "artifacts/user_logs/std_log.txt": f"run {job.name} got hello\n",
        "named-outputs/answer/answer.txt": "HELLO",
    }
    registered = workspace.client.data.get(made, label="latest")
    assert (registered.version, registered.path.rsplit("/paths/")[1]) == ("1", f"azureml/{job.name}/answer/")


def test_streaming_prints_the_log_and_raises_what_went_wrong(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    job = workspace.command("echo before; sleep 2.5; echo the sky is falling >&2; exit 3")
    with pytest.raises(JobException, match="exited with status code 3"):
        workspace.client.jobs.stream(job.name)
    assert "before\n" in capsys.readouterr().out
    assert workspace.wait(job.name) == "Failed"
    assert workspace.error_of(job.name).endswith("Error: the sky is falling")


def test_cancelling_ends_the_process_and_a_second_time_is_refused(workspace: Workspace) -> None:
    job = workspace.command("trap '' TERM; sleep 300 & sleep 300")
    group = _group(workspace, job.name)
    workspace.client.jobs.begin_cancel(job.name).result()
    assert workspace.wait(job.name) == "Canceled"
    assert _alive(group) == []
    with pytest.raises(HttpResponseError, match="has ended and cannot be canceled"):
        workspace.client.jobs.begin_cancel(job.name).result()


def _group(workspace: Workspace, job: str) -> int:
    """The process group of a running job."""
    workspace.wait_for(job, ("Running",))
    deadline = time.monotonic() + 10
    while (found := supervisor.find(workspace.azure.home, f"job-{job}")) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found.pid


def _alive(group: int) -> list[int]:
    """The group's processes, without those that only wait to be collected."""
    found = []
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError):
            if process.info["status"] != psutil.STATUS_ZOMBIE and os.getpgid(process.pid) == group:
                found.append(process.pid)
    return found


def test_a_job_whose_processes_are_killed_fails_and_says_so(workspace: Workspace) -> None:
    job = workspace.command("sleep 300")
    os.killpg(_group(workspace, job.name), signal.SIGKILL)
    assert workspace.wait(job.name) == "Failed"
    assert workspace.error_of(job.name) == "the process was killed: it left no exit code."


def test_a_cluster_runs_no_more_jobs_at_once_than_it_has_nodes(workspace: Workspace) -> None:
    first = workspace.command("sleep 300", compute="single")
    workspace.wait_for(first.name, ("Running",))
    second = workspace.command("true", compute="single")
    workspace.wait_for(second.name, ("Queued",))
    time.sleep(0.5)
    assert workspace.status(second.name) == "Queued"
    workspace.client.jobs.begin_cancel(first.name).result()
    assert workspace.wait(second.name) == "Completed"


def test_more_nodes_than_the_cluster_has_and_a_time_limit_are_failures_that_say_so(workspace: Workspace) -> None:
    wide = workspace.command("true", instance_count=5)
    slow = workspace.command("sleep 300", timeout=1)
    assert (workspace.wait(wide.name), workspace.wait(slow.name)) == ("Failed", "Failed")
    assert workspace.error_of(wide.name) == "5 instances were asked for; compute cpu has at most 2."
    assert workspace.error_of(slow.name) == "the job ran longer than its limit of 1 s and was ended."


def test_what_does_not_exist_is_refused_before_anything_runs(workspace: Workspace) -> None:
    with pytest.raises(HttpResponseError, match="nowhere"):
        workspace.command("true", environment="azureml:nowhere:1")
    with pytest.raises(HttpResponseError, match="data/nothing"):
        workspace.command(
            "cat ${{inputs.a}}", inputs={"a": Input(type="uri_file", path=f"{workspace.id}/data/nothing/versions/1")}
        )


@pytest.mark.parametrize(
    ("image", "dependencies", "says"),
    [
        ("python:3.11", ["cudatoolkit", "numpy"], "only conda has cudatoolkit"),
        ("python:3.11", ["surely-no-such-package-xq"], "pip cannot have surely-no-such-package-xq"),
        ("example.com/own/image:1", None, "image example.com/own/image:1 is not among the images"),
    ],
    ids=["a conda-only package", "a package that does not exist", "an unknown image"],
)
def test_an_environment_that_cannot_be_built_fails_the_job_by_name(
    workspace: Workspace, image: str, dependencies: list[str] | None, says: str
) -> None:
    conda = {"dependencies": dependencies} if dependencies else None
    made = workspace.client.environments.create_or_update(
        Environment(name=workspace.new_name("env"), version="1", image=image, conda_file=conda)
    )
    job = workspace.command("true", environment=f"azureml:{made.name}:1")
    assert workspace.wait(job.name) == "Failed"
    assert says in workspace.error_of(job.name)


def test_a_command_that_refers_to_nothing_fails_and_says_to_what(workspace: Workspace) -> None:
    body = {
        "properties": {
            "jobType": "Command",
            "command": "echo ${{inputs.missing}}",
            "environmentId": f"{workspace.id}/environments/plain/versions/1",
            "computeId": f"{workspace.id}/computes/cpu",
        }
    }
    name = workspace.new_name("job")
    reply = workspace.azure.arm("PUT", f"{workspace.id}/jobs/{name}", "2024-01-01-preview", body)
    assert reply.status_code == 201, reply.text
    assert workspace.wait(name) == "Failed"
    assert workspace.error_of(name) == "`${{inputs.missing}}` refers to nothing; there is nothing."


def test_describing_a_job_anew_does_not_run_it_again(workspace: Workspace) -> None:
    job = workspace.command("echo once")
    workspace.wait(job.name)
    changed = workspace.client.jobs.update(job.name, display_name="renamed", tags={"a": "b"})
    assert (changed.display_name, changed.tags, workspace.status(job.name)) == ("renamed", {"a": "b"}, "Completed")
    workspace.client.jobs.archive(job.name)
    assert job.name not in [each.name for each in workspace.client.jobs.list()]
    workspace.client.jobs.restore(job.name)
    assert job.name in [each.name for each in workspace.client.jobs.list()]
