"""Jobs of batch endpoints: a deployment is asked by name to score an input, and what it answered is read."""

from __future__ import annotations

import csv
import functools
import json
import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from azure.ai.ml import Input

from mlops.backends.azure_ml import jobs
from mlops.backends.azure_ml.batch import OUTPUT
from mlops.backends.blobs import rows
from mlops.backends.blobs.formats import number
from mlops.backends.errors import said
from mlops.domain.data.measurement import Measurement
from mlops.domain.rollouts import comparison
from mlops.domain.world import JobPhase, JobState, RunPlan
from mlops.ports import OutsideError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from azure.ai.ml import MLClient

    from mlops.backends.blobs.cache import Cache
    from mlops.backends.blobs.reader import Find, Reader
    from mlops.domain.project import Project
    from mlops.ports import RunQuestion, ServedQuestion

_SCORES = "score"
"""The output of a batch job, by Azure ML's name for it."""
_LONGEST = 80
"""Characters of a row that cannot be read, which stand for its key."""


class AzureRuns:
    """The port `Runs` on the batch jobs of Azure ML."""

    def __init__(self, client: MLClient, find: Find, project: Project, cache: Cache, reader: Reader) -> None:
        self._client = client
        self._find_place = find
        self._task = project.task
        self._key, self._prediction = project.data.key, project.data.prediction
        self._columns = project.deployment.columns
        self._cache = cache
        self._reader = reader
        self._ended: dict[str, tuple[JobPhase, datetime]] = {}
        self._read = functools.lru_cache(maxsize=4)(self._scored)

    def start(self, plan: RunPlan) -> None:
        """See Runs.start.  The SDK takes a job's name, so that a lost answer makes no second job."""
        if jobs.find(self._client, plan.name) is not None:
            return
        kind = "uri_file" if PurePosixPath(plan.input.rsplit("/", 1)[-1]).suffix else "uri_folder"
        with said(f"letting {plan.deployment} of {plan.endpoint} score {plan.input}"):
            if plan.input.startswith("azureml:") and not plan.input.startswith("azureml://"):
                name, _, version = plan.input.removeprefix("azureml:").partition(":")
                kind = str(self._client.data.get(name, version=version).type)
            self._client.batch_endpoints.invoke(
                endpoint_name=plan.endpoint,
                deployment_name=plan.deployment,
                input=Input(type=kind, path=plan.input),
                job_name=plan.name,
            )

    def state(self, name: str) -> JobState:
        """See Runs.state."""
        found = jobs.find(self._client, name)
        if found is None:
            return JobState(phase=JobPhase.MISSING)
        phase = jobs.phase(found)
        return JobState(phase=phase, reason=jobs.why_failed(self._client, name) if phase is JobPhase.FAILED else "")

    def stop(self, name: str) -> None:
        """See Runs.stop."""
        jobs.cancel(self._client, name)

    def measure(self, question: RunQuestion) -> Measurement:
        """See Runs.measure."""
        ours = self._read(question.run)
        theirs = self._read(question.against) if question.against else None
        labels = {} if question.metric in comparison.UNLABELLED else self._labels(tuple(ours.rows))
        try:
            return comparison.measure(question.metric, ours, theirs, labels, self._task)
        except KeyError as error:
            raise RefusedError(f"a comparison has no metric {question.metric!r}") from error

    def served(self, question: ServedQuestion) -> Measurement:
        """See Runs.served."""
        ended = [phase for phase in self._since(question) if phase is not JobPhase.RUNNING]
        if not ended:
            why = f"no job of {question.deployment} ended since {question.since:%Y-%m-%d %H:%M}"
            return Measurement(monitor=question.metric, value=None, samples=0, why=why)
        failed = sum(phase is JobPhase.FAILED for phase in ended)
        value = float(len(ended)) if question.metric == "requests" else failed / len(ended)
        return Measurement(monitor=question.metric, value=value, samples=len(ended))

    def _since(self, question: ServedQuestion) -> Iterator[JobPhase]:
        """Where the jobs stand that were begun since then; ended ones are asked for once."""
        with said(f"listing the jobs of {question.deployment}"):
            named = self._client.batch_deployments.list_jobs(question.endpoint, name=question.deployment)
            names = [str(one.name) for one in named]
        for name in names:
            if name not in self._ended:
                found = jobs.find(self._client, name)
                if found is None:
                    continue
                phase, began = jobs.phase(found), found.creation_context.created_at
                if phase is JobPhase.RUNNING:
                    if began >= question.since:
                        yield phase
                    continue
                self._ended[name] = (phase, began)
            phase, began = self._ended[name]
            if began >= question.since:
                yield phase

    def _labels(self, keys: tuple[str, ...]) -> dict[str, float]:
        self._reader.look()  # the history is read with what was collected
        self._reader.look_at_labels()
        return rows.labels(self._cache, keys)

    def _scored(self, run: str) -> comparison.Scored:
        """Read what a finished run answered, a row a line: JSON, or the columns that the project names."""
        with said(f"looking at the steps of {run}"):
            steps = [str(step.name) for step in self._client.jobs.list(parent_job_name=run)]
        with tempfile.TemporaryDirectory() as folder:
            for step in steps:
                jobs.download_output(self._client, self._find_place, step, _SCORES, Path(folder) / step)
            files = sorted(Path(folder).rglob(OUTPUT))
            if not files:
                raise OutsideError(f"the batch job {run} wrote no {OUTPUT}: does its script return its rows?")
            lines = [line for file in files for line in file.read_text(errors="replace").splitlines()]
        return comparison.Scored(rows=answers(lines, self._key, self._prediction, self._columns))


def answers(lines: list[str], key: str, prediction: str, columns: tuple[str, ...]) -> dict[str, float | None]:
    """Give the prediction by key; a row that cannot be read counts, and has none."""
    found: dict[str, float | None] = {}
    for line in lines:
        if not line.strip():
            continue
        row = _row(line, columns)
        if row.get(key) == key:  # the line of headings
            continue
        found[str(row.get(key, line[:_LONGEST]))] = number(row.get(prediction))
    return found


def _row(line: str, columns: tuple[str, ...]) -> dict[str, Any]:
    if line.lstrip().startswith("{"):
        try:
            found = json.loads(line)
        except ValueError:
            return {}
        return dict(found)
    values = next(csv.reader([line], delimiter=next((mark for mark in ",;\t" if mark in line), " ")))
    return dict(zip(columns, values, strict=True)) if len(values) == len(columns) else {}
