"""The project file: what is wrong is said once, with file, line, what is allowed and what was probably meant."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from mlops.domain.data.measurement import Bound, Limit
from mlops.spec.errors import PlatformFileError, ProjectFileError
from mlops.spec.fields import bound, duration, written_duration
from mlops.spec.platform import parse_platform
from mlops.spec.read import parse_project, read_project
from mlops.spec.reference import SCHEMA_FILE, schema, table
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import OUTPUTS, PLATFORM, PROJECT

README = Path(__file__).parents[3] / "mlops" / "README.md"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    path = tmp_path / "project.yaml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def test_a_sound_file_is_read(file: Path) -> None:
    project = read_project(file)

    assert project.name == "rain"
    assert [monitor.name for monitor in project.monitors] == ["sensor", "drift", "accuracy"]
    assert project.pipeline.job == file.parent / "pipeline.yml"


def test_a_limit_is_read_as_it_is_written(file: Path) -> None:
    limit = 'limit: {success: "<= 0.1", failure: "> 0.2", falseAlarms: 0.01}'
    file.write_text(PROJECT.replace("metric: population", f"{limit}, metric: population"), encoding="utf-8")

    (drift,) = (one for one in read_project(file).monitors if one.name == "drift")

    assert drift.limit == Limit(
        monitor="drift",
        success=Bound(comparison="<=", offset=0.1),
        failure=Bound(comparison=">", offset=0.2),
        min_samples=20,
        false_alarms=0.01,
    )


@pytest.mark.parametrize(
    ("right", "wrong", "where", "what"),
    [
        ("cooldown", "coldown", "spec.triggerPolicy.coldown", "unknown key; did you mean 'cooldown'? Allowed: budg"),
        ("minSamples: 200", "minSample: 200", "spec.gates[0].minSample", "unknown key; did you mean 'minSamples'?"),
        ("setWeight: 10,", "setWeigth: 10,", "spec.rollout.steps[2]", "needs one of these keys: smoke, shadow, "),
        ("{atLeast: 2, of: 3}", "{atLest: 2, of: 3}", "spec.triggers[0].when.for.atLest", "did you mean 'atLeast'?"),
        ("setWeight: 50", "setWeight: 5", "spec.rollout.steps", "weights must rise and end at 100, not [10, 5, 100]"),
        ('"> 0.25"', '"more"', "spec.triggers[0].when.enter", "'more' is no bound: write a comparison and a number"),
        ('exit: "< 0.15"', 'exit: "< 0.35"', "spec.triggers[0].when", "overlaps enter"),
        ('exit: "< 0.15"', 'exit: "> 0.15"', "spec.triggers[0].when", "must look the other way"),
        ("[serves]}}", "[server]}}", "spec.rollout.steps[1]", "there is no analysis 'server': serves"),
        ("monitor: drift", "monitor: dirft", "spec.triggers[0].when", "there is no monitor 'dirft': accuracy, drift"),
        ("kind: Project", "kind: Projekt", "kind", "should be 'Project' (it is 'Projekt')"),
        ("holdout: P300D", "holdout: P1Y", "spec.pipeline.holdout", "'P1Y' is no duration: write ISO 8601 such"),
        ("signal: data_drift, ", "", "spec.monitors[1].signal", "is missing"),
        ("metric: accuracy", "metric: luck", "spec.monitors[2].metric", "model_performance has no metric 'luck': acc"),
        ("{temperature: 1", "{temprature: 1", "spec.monitors[0]", "'temprature' is no feature: use one of temperature"),
        ("percent: 50", "percent: 60", "spec.rollout.steps[1].shadow.percent", "less than or equal to 50 (it is 60)"),
        (", atLeast: 0.5", "", "spec.gates", "the first model, which has no champion to beat, would always pass"),
        ("  gates:\n", "  gates:\n    - {name: owner, type: approval}\n", "spec.gates[1]", "move it before the appr"),
        ("job: pipeline.yml", "job: pipe.yml", "spec.pipeline.job", "does not exist: paths are relative to"),
        ("code: score,", "code: ., ", "spec.deployment.code", "has no file score.py"),
        ("name: decay", "name: drift", "spec.triggers[1].name", "the name 'drift' is taken already"),
        ("quarantine: true", "quarantine: yes please", "spec.monitors[0].quarantine", "valid boolean"),
        ("e, metric: accuracy,", "e, metric: accuracy, group: a,", "spec.monitors[2]", "group`"),
        ("model_performance, metric: accuracy,", "fairness, metric: accuracy_difference,", "spec.monitors[2]", "needs"),
        ("metric: accuracy, ", "metric: accuracy, grup: x, ", "spec.monitors[2].grup", "did you mean 'group'?"),
        ("metric: accuracy, ", "metric: accuracy, attributions: shap_, ", "spec.monitors[2]", "attributions are of"),
        ("metric: accuracy, ", "metric: accuracy, relative: true, ", "spec.monitors[2]", "relative is of data_drift"),
        (
            "metric: population_stability_index",
            "metric: pearsons_chi_squared_test, relative: true",
            "spec.monitors[1]",
            "relative is for distances (population_stability_index, jensen_shannon_distance, kolmogorov_smirn",
        ),
        ("metric: accuracy, ", "metric: accuracy, model: m.txt, ", "spec.monitors[2]", "model is of feature"),
        (
            "signal: data_drift, metric: population_stability_index",
            "signal: multivariate_drift, metric: domain_classifier_auc",
            "spec.monitors[1].minSamples",
            "multivariate_drift needs 50 rows: with 20 it could not be measured; ask for 50 at least",
        ),
        ("c: accuracy, ", "c: accuracy, segments: [{column: a}], ", "spec.monitors[2].segments[0]", "either"),
        ("c: accuracy, ", "c: accuracy, segments: [{column: a, cuts: [2,1]}], ", "spec.monitors[2].segments[0]", "ris"),
        ("c: accuracy, ", "c: accuracy, segments: [{colum: a}], ", "spec.monitors[2].segments[0].colum", "mean 'col"),
        ('      limit: {success: "<= 0.1"}\n', "", "spec.monitors[0]", "has quarantine but no limit"),
    ],
)  # fmt: skip
def test_one_mistake_gives_one_line_that_says_where_and_what(
    file: Path, right: str, wrong: str, where: str, what: str
) -> None:
    assert right in PROJECT
    text = PROJECT.replace(right, wrong, 1)
    line = next(at for at, row in enumerate(PROJECT.splitlines(), 1) if right.splitlines()[0] in row)
    with pytest.raises(ProjectFileError) as caught:
        parse_project(text, file)
    (said,) = str(caught.value).splitlines()

    assert said.startswith(f"{file}:")
    assert abs(int(said.split(":")[1]) - line) <= 10  # the key's line, or that of the part around it
    assert f" {where}: " in said
    assert what in said


def test_what_is_no_yaml_is_said_with_its_line(file: Path) -> None:
    with pytest.raises(ProjectFileError, match=r"project\.yaml:\d+: no YAML"):
        parse_project(PROJECT.replace("[temperature", "[temperature]]"), file)


def test_a_pipeline_whose_component_is_missing_is_refused_before_anything_is_asked_of_azure(file: Path) -> None:
    (file.parent / "train.yml").unlink()
    with pytest.raises(ProjectFileError, match=r"job 'train' names the component train\.yml, but .* does not exist"):
        read_project(file)


def test_a_pipeline_without_the_loops_outputs_is_refused(file: Path) -> None:
    path = file.parent / "pipeline.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("evaluation", "evalution"), encoding="utf-8")
    with pytest.raises(ProjectFileError, match="has no output 'evaluation'"):
        read_project(file)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectFileError, match="cannot be read: No such file"):
        read_project(tmp_path / "project.yaml")


def test_the_committed_json_schema_is_the_codes_and_accepts_the_file(file: Path) -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema()
    jsonschema.validate(YAML(typ="safe").load(file), json.loads(schema()))


def test_the_json_schema_refuses_an_unknown_key(file: Path) -> None:
    tree = YAML(typ="safe").load(file)
    tree["spec"]["rollouts"] = {}
    with pytest.raises(jsonschema.ValidationError, match="rollouts"):
        jsonschema.validate(tree, json.loads(schema()))


def test_the_printed_reference_is_the_codes() -> None:
    assert table() in README.read_text(encoding="utf-8")


def test_durations_read_back_as_written() -> None:
    for text in ("P14D", "PT6H", "P1DT30M", "PT5M", "P0D", "PT1H2M3S"):
        assert written_duration(duration(text)) == text
    assert duration("P2W") == duration("P14D")


def test_bounds_say_what_they_compare_with() -> None:
    assert str(bound("> 0.25")) == "> 0.25"
    assert str(bound("<champion-0.02")) == "< champion - 0.02"
    assert str(bound("<= champion * 1.2")) == "<= champion * 1.2"
    assert bound("<= champion * 1.2").threshold(10) == 12


def test_stack_outputs_are_read_and_a_renamed_output_is_an_error() -> None:
    outputs = {**OUTPUTS, "computeClusters": {"cpu": {"name": "cpu", "gpu": False}}, "more": 1}
    found = parse_platform(json.dumps(outputs), "outputs.json")
    assert (found.compute, found.endpoints) == (PLATFORM.compute, PLATFORM.endpoints)

    outputs["workspace"] = outputs.pop("workspaceName")
    with pytest.raises(PlatformFileError, match="workspaceName: field required"):
        parse_platform(json.dumps(outputs), "outputs.json")


def test_a_monitor_with_segments_is_one_of_all_rows_and_one_of_each_segment(file: Path) -> None:
    segments = "segments: [{column: station, values: [north, 7, true]}, {column: wind, cuts: [0, 1.5], minSamples: 3}]"
    text = PROJECT.replace("metric: accuracy, ", f'metric: accuracy, limit: {{success: "> 0.5"}}, {segments}, ')
    found = [one for one in parse_project(text, file).monitors if one.metric == "accuracy"]
    assert [(one.name, one.min_samples, one.family) for one in found] == [
        ("accuracy", 10, 7),
        ("accuracy[station=north]", 10, 7),
        ("accuracy[station=7]", 10, 7),
        ("accuracy[station=1]", 10, 7),
        ("accuracy[wind<0]", 3, 7),
        ("accuracy[0<=wind<1.5]", 3, 7),
        ("accuracy[1.5<=wind]", 3, 7),
    ]
    assert [(one.limit.monitor, one.limit.min_samples) for one in found if one.limit] == [
        (one.name, one.min_samples) for one in found
    ]


def test_a_segment_quarantines_nothing_and_what_is_of_all_rows_has_none(file: Path) -> None:
    text = PROJECT.replace("      bounds: [", "      segments: [{column: station, values: [north]}]\n      bounds: [")
    assert [one.quarantine for one in parse_project(text, file).monitors][:2] == [True, False]
    with pytest.raises(ProjectFileError, match="hours_since_newest is of all rows: it has no segments"):
        parse_project(text.replace("metric: out_of_bounds_rate", "metric: hours_since_newest"), file)
