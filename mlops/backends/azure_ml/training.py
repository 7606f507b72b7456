"""Pipeline jobs: the project's pipeline file, submitted under a name that says which attempt it is."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from azure.ai.ml import Input, load_job
from azure.ai.ml.entities import Environment, PipelineJob, PipelineJobSettings
from marshmallow.exceptions import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops.backends.azure_ml import jobs
from mlops.backends.azure_ml.digests import digest
from mlops.backends.errors import complaints, said
from mlops.domain.world import JobPhase, JobPlan, JobState, ModelVersion, ScoredRow
from mlops.ports import OutsideError, RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlops.backends.blobs.reader import Find
    from mlops.domain.declared.pipeline import Pipeline

_CODE = "aml-kit-code"
_RUNTIME = "aml-kit-runtime"
_TRAINS = (frozenset({"data"}), frozenset({"model", "evaluation"}))
_SCORES_ONLY = (frozenset({"data", "candidate"}), frozenset({"evaluation"}))
_SCORES = frozenset({"key", "label", "candidate", "champion", None})  # None: what a row has too much


class AzureTraining:
    """The port `Training` on Azure ML's pipeline jobs."""

    def __init__(  # noqa: PLR0917 - the place, and the files of a project
        self,
        client: MLClient,
        find: Find,
        project: str,
        pipeline: Pipeline,
        compute: str,
        scoring: Path | None = None,
    ) -> None:
        self._client = client
        self._find_place = find
        self._project = project
        self._pipeline = pipeline
        self._compute = compute
        self._scoring = scoring

    def submit(self, plan: JobPlan) -> None:
        """See Training.submit.

        Raise RefusedError when the pipeline file cannot be used: it names what is missing.
        """
        if jobs.find(self._client, plan.name) is not None:
            return
        job = self._job(plan)
        with said(f"submitting {self._file(plan).name} as {plan.name}"):
            self._client.jobs.create_or_update(job)

    def state(self, name: str) -> JobState:
        """See Training.state."""
        found = jobs.find(self._client, name)
        if found is None:
            return JobState(phase=JobPhase.MISSING)
        phase = jobs.phase(found)
        tags = found.tags or {}
        reason = jobs.why_failed(self._client, name) if phase is JobPhase.FAILED else ""
        return JobState(phase=phase, reason=reason, code_digest=tags.get(_CODE, ""), runtime=tags.get(_RUNTIME, ""))

    def cancel(self, name: str) -> None:
        """See Training.cancel."""
        jobs.cancel(self._client, name)

    def evaluation(self, name: str) -> tuple[ScoredRow, ...]:
        """See Training.evaluation.  Raise OutsideError when the job wrote no such file or not these columns."""
        with tempfile.TemporaryDirectory() as folder:
            place = jobs.download_output(self._client, self._find_place, name, "evaluation", Path(folder))
            file = place / "predictions.csv"
            if not file.exists():
                raise OutsideError(f"job {name} has no predictions.csv in its output 'evaluation'")
            with file.open(newline="") as lines:
                try:
                    return tuple(_scored(row) for row in csv.DictReader(lines))
                except (KeyError, ValueError) as error:
                    raise OutsideError(
                        f"predictions.csv of job {name} needs the columns key, label, candidate, champion with "
                        f"numbers (champion may be empty): {error}"
                    ) from error

    def code(self) -> str:
        """Digest of what the next job would run; empty when the files cannot be used, which submitting says."""
        try:
            return _lineage(_load(self._pipeline.job, _TRAINS), self._pipeline.job)[_CODE]
        except RefusedError:
            return ""

    def _file(self, plan: JobPlan) -> Path:
        """The pipeline that trains; for a candidate from elsewhere the one that scores."""
        if plan.candidate is None:
            return self._pipeline.job
        if self._scoring is None:
            raise RefusedError(
                f"{self._project} has no promotion.evaluate: nothing can score {plan.candidate.reference}"
            )
        return self._scoring

    def _job(self, plan: JobPlan) -> PipelineJob:
        file = self._file(plan)
        job = _load(file, _TRAINS if plan.candidate is None else _SCORES_ONLY)
        job.name = plan.name
        job.display_name = plan.name
        job.experiment_name = self._project
        job.settings = PipelineJobSettings(default_compute=self._compute, continue_on_step_failure=False)
        job.tags = {**plan.tags, **_lineage(job, file)}
        _fill(job, "data", Input(type="uri_folder", path=plan.dataset.reference))
        if plan.candidate is not None:
            _give(job, "candidate", plan.candidate)
        if "champion" in job.inputs:
            _set_champion(job, file, plan.champion)
        if "warm_start" in job.inputs:
            _fill(job, "warm_start", plan.warm_start)
        return job


def _load(file: Path, needed: tuple[frozenset[str], frozenset[str]]) -> PipelineJob:
    """Read a pipeline file; `needed` are its inputs and outputs."""
    _check(file)
    try:
        with said(f"reading {file}"):
            job = load_job(file)
    except OSError as error:
        raise RefusedError(f"the pipeline file {file} cannot be read: {error}") from error
    except ValidationError as error:
        raise RefusedError(f"the pipeline file {file} is wrong: {complaints(str(error))}") from error
    if not isinstance(job, PipelineJob):
        raise TypeError(f"the SDK read the pipeline {file} as {type(job).__name__}")
    inputs, outputs = needed
    missing = sorted(outputs - set(job.outputs)) + sorted(inputs - set(job.inputs))
    if missing:
        raise RefusedError(f"{file} needs {_listed(inputs, 'input')} and {_listed(outputs, 'output')}: {missing}")
    return job


def _listed(names: frozenset[str], what: str) -> str:
    return f"the {what}{'s' if len(names) > 1 else ''} " + " and ".join(
        f"`{name}`" for name in sorted(names, reverse=True)
    )


def _give(job: PipelineJob, name: str, model: ModelVersion) -> None:
    kind = str(getattr(job.inputs[name], "type", None) or "custom_model")
    _fill(job, name, Input(type=kind, path=model.reference))


def _set_champion(job: PipelineJob, file: Path, champion: ModelVersion | None) -> None:
    """Give the pipeline the champion's model; without one take the input away, and from the steps that use it.

    A pipeline job's own inputs cannot be optional in Azure ML, those of its steps can.
    """
    if champion is not None:
        _give(job, "champion", champion)
        return
    del job.inputs["champion"]
    for name, step in job.jobs.items():
        for used in [key for key, given in step.inputs.items() if _is_champion(given)]:
            declared = getattr(step.component, "inputs", {}).get(used)
            if not getattr(declared, "optional", False):
                raise RefusedError(
                    f"{file}: the first time there is no champion, and step {name} needs one: "
                    f"declare the input {used!r} of its component `optional: true`"
                )
            del step.inputs[used]


def _check(file: Path) -> None:
    """Find what is simply wrong with a pipeline file, in one sentence; the SDK takes a page for it."""
    try:
        written = YAML(typ="safe").load(file)
    except (OSError, YAMLError) as error:
        raise RefusedError(f"the pipeline file {file} cannot be read: {error}") from error
    if not isinstance(written, dict) or written.get("type") != "pipeline":
        raise RefusedError(f"{file} is no pipeline: it needs `type: pipeline`")
    for name, step in dict(written.get("jobs") or {}).items():
        component = step.get("component") if isinstance(step, dict) else None
        local = isinstance(component, str) and not component.startswith("azureml:")
        if local and not (file.parent / str(component).removeprefix("file:")).is_file():
            raise RefusedError(f"{file}: step {name} uses the component file {component}, which is not there")


def _fill(job: PipelineJob, name: str, value: object) -> None:
    """Set a pipeline's input; the SDK takes a value by attribute only."""
    setattr(job.inputs, name, value)


def _is_champion(given: object) -> bool:
    return getattr(given, "_data", None) == "${{parent.inputs.champion}}"


def _scored(row: dict[str, str]) -> ScoredRow:
    champion = row.get("champion") or ""
    return ScoredRow(
        key=row["key"],
        label=float(row["label"]),
        candidate=float(row["candidate"]),
        champion=float(champion) if champion else None,
        groups={name: value or "" for name, value in row.items() if name not in _SCORES},
    )


def _lineage(job: PipelineJob, file: Path) -> dict[str, str]:
    """Say which code and which runtimes the job will run, as they are at this moment."""
    roots, runtimes = [("pipeline", file)], set()
    for name, node in job.jobs.items():
        component = getattr(node, "component", None)
        if component is None or isinstance(component, str):
            runtimes.add(str(component or ""))
            continue
        source, code = getattr(component, "_source_path", None), getattr(component, "code", None)
        if source:
            roots.append((f"{name} component", Path(source)))
        if isinstance(code, str) and (folder := (Path(component.base_path) / code)).exists():
            roots.append((f"{name} code", folder))
        runtimes.add(_runtime(getattr(component, "environment", None)))
    return {_CODE: digest(roots), _RUNTIME: ", ".join(sorted(runtimes - {""}))}


def _runtime(environment: object) -> str:
    if not isinstance(environment, Environment):
        return str(environment or "")
    conda = json.dumps(environment.conda_file, sort_keys=True)
    pinned = hashlib.sha256(conda.encode()).hexdigest()[:12] if environment.conda_file else ""
    return " ".join(part for part in (environment.image or environment.name or "", pinned) if part)
