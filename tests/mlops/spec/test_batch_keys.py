"""A batch endpoint: what it has not is refused with what to do, what it needs has a default."""

from datetime import timedelta
from pathlib import Path

import pytest

from mlops.domain.declared.rollout import Analysis, Compare, SetWeight
from mlops.domain.project import Kind, Project
from mlops.spec.errors import ProjectFileError
from mlops.spec.platform import parse_platform
from mlops.spec.read import parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import BATCH_STEPS, PROJECT, as_batch

BATCH = as_batch(PROJECT)
_ONLINE = (
    "spec.rollout.steps[0]: an online endpoint has no comparison runs: use `shadow`, or say `kind: batch` in"
    " spec.deployment"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    return tmp_path


def read(folder: Path, text: str) -> Project:
    return parse_project(text, folder / "project.yaml")


def found(folder: Path, text: str) -> list[str]:
    """What is wrong, by its key."""
    with pytest.raises(ProjectFileError) as error:
        read(folder, text)
    return [f"{finding.key}: {finding.what}" for finding in error.value.findings]


def test_without_a_word_of_it_the_scoring_cluster_is_the_pipelines_and_rows_are_key_and_prediction(
    folder: Path,
) -> None:
    project = read(folder, BATCH)
    asked = project.deployment

    assert (asked.kind, asked.compute, asked.columns) == (Kind.BATCH, "cpu", ("day", "probability"))
    assert (asked.mini_batch_size, asked.error_threshold) == (10, -1)
    compare, switch = project.rollout.steps
    assert switch == SetWeight(weight=100, min_samples=0)
    assert isinstance(compare, Compare)
    assert (compare.input, compare.runs, compare.every, compare.timeout) == ("holdout", 1, None, timedelta(hours=6))
    assert [one.metric for one in compare.analyses] == [
        "failed_runs",
        "unmatched_rows",
        "error_rate",
        "prediction_disagreement",
    ]


def test_an_online_project_is_as_it_was(folder: Path) -> None:
    asked = read(folder, PROJECT).deployment
    assert (asked.kind, asked.compute, asked.columns) == (Kind.ONLINE, "", ())


def test_limits_of_the_projects_own_stand_for_those_that_are_always_judged(folder: Path) -> None:
    text = BATCH.replace(
        "      jobs:", '        - {metric: unmatched_rows, success: "<= 0.2", minSamples: 9}\n      jobs:'
    )
    (compare, _) = read(folder, text).rollout.steps
    assert isinstance(compare, Compare)
    (own,) = (one for one in compare.analyses if one.metric == "unmatched_rows")
    assert isinstance(own, Analysis)
    assert (own.success.offset, own.min_samples) == (0.2, 9)


@pytest.mark.parametrize(
    ("step", "what"),
    [
        (
            "{setWeight: 10}",
            "no shares of traffic: use `compare`; after the last step the candidate becomes the default",
        ),
        ("{setWeight: 100}", "no shares of traffic: use `compare`"),
        (
            "{shadow: {percent: 10, for: P1D}}",
            "no traffic to mirror: use `compare`, in which both score the same input",
        ),
        ("{smoke: {requests: smoke.jsonl}}", "no smoke requests: `compare` shows whether the candidate answers"),
    ],
)
def test_steps_of_an_online_endpoint_are_refused_with_what_to_do(folder: Path, step: str, what: str) -> None:
    (line,) = found(folder, BATCH.replace("    bake:", f"      - {step}\n    bake:"))

    assert line.startswith("spec.rollout.steps[1]: a batch endpoint has ")
    assert what in line


def test_a_rollout_without_a_comparison_is_refused(folder: Path) -> None:
    text = BATCH.replace("- {compare: {input: holdout, minSamples: 50, analysis: [alike]}}", "- {approve: {}}")
    lines = found(folder, text)
    assert "spec.rollout.steps: no step `compare`: a candidate would become the default without having scored" in (
        "\n".join(lines)
    )


def test_all_that_a_batch_endpoint_has_not_is_said_at_once(folder: Path) -> None:
    load = "- {name: loads, type: load, requests: smoke.jsonl, metrics: [{name: p95_ms, atMost: 9}]}"
    text = (
        BATCH.replace("  rollout:", f"    {load}\n  rollout:")
        .replace("checkEvery: P7D", "checkEvery: P7D, instanceType: Standard_F2s_v2, columns: [day, rain]")
        .replace("metric: error_rate", "metric: p95_ms")
    )
    assert [line.partition(": ")[0] for line in found(folder, text)] == [
        "spec.rollout.bake.analysis",
        "spec.gates[1]",
        "spec.deployment.instanceType",
        "spec.deployment.columns",
    ]


def test_comparisons_and_their_keys_are_refused_where_the_endpoint_is_online(folder: Path) -> None:
    text = PROJECT[: PROJECT.index("    steps:")].replace("checkEvery: P7D", "checkEvery: P7D, miniBatchSize: 5")
    lines = found(folder, text + BATCH_STEPS)
    assert [line for line in lines if "online" in line] == [
        _ONLINE,
        "spec.deployment.miniBatchSize: miniBatchSize is for `kind: batch`, this is online: leave it out",
    ]


def test_the_platform_says_its_batch_endpoints(folder: Path) -> None:
    text = """{"environment": "local", "subscriptionId": "s", "tenantId": "t", "location": "l",
        "resourceGroupName": "g", "workspaceName": "w", "storageAccountName": "a", "containers": {},
        "computeClusters": {},
        "onlineEndpoints": {},
        "batchEndpoints": {"rain": {"name": "rain-batch", "identityClientId": "i"}}}"""
    platform = parse_platform(text, "outputs.json")
    assert platform.endpoints_for(read(folder, BATCH).deployment) == {"rain": "rain-batch"}
    assert platform.endpoints_for(read(folder, PROJECT).deployment) == {}
