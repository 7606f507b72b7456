"""Everything wrong with a project and with what it points at is said at once, each with its file and line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mlops.domain.declared.pipeline import Excluded
from mlops.domain.declared.rollout import OnNewCandidate
from mlops.domain.world import Window
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import applied_project, parse_project
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import PROJECT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    return tmp_path


def found(folder: Path, text: str = PROJECT) -> list[str]:
    """What is wrong, without the folder's name in front."""
    try:
        parse_project(text, folder / "project.yaml")
    except ProjectFileError as error:
        return [str(finding).replace(f"{folder}/", "") for finding in error.findings]
    return []


def test_all_is_said_at_once_whatever_is_wrong_elsewhere(folder: Path) -> None:
    """A misspelt key, a reference to nothing, a missing file and a fault inside another one: four lines."""
    (folder / "smoke.jsonl").write_text('{"data": [1]}\n{"data": [\n', encoding="utf-8")
    text = (
        PROJECT.replace("cooldown", "coldown")
        .replace("monitor: drift", "monitor: dirft")
        .replace("runtime: conda.yml", "runtime: conda.yaml")
    )
    lines = found(folder, text)

    assert [line.split(": ")[:2] for line in lines] == [
        ["project.yaml:34", "spec.triggerPolicy.coldown"],
        ["project.yaml:32", "spec.triggers[0].when"],
        ["project.yaml:17", "spec.deployment.runtime"],
        ["smoke.jsonl:2", "no JSON"],
    ]


def test_a_section_that_cannot_be_read_raises_no_false_alarm_about_others(folder: Path) -> None:
    (line,) = found(folder, PROJECT.replace("minSamples: 20}", "minSample: 20}"))

    assert "did you mean 'minSamples'?" in line


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("pipeline.yml", "train.yml", "trian.yml", "pipeline.yml:6: jobs.train.component: job 'train' names the comp"),
        ("pipeline.yml", "{data: {}}", "{date: {}}", "pipeline.yml:2: inputs: has no input 'data': the loop needs"),
        ("pipeline.yml", "{parent.inputs.data", "{parent.inputs.date", "pipeline has no input 'date': data"),
        (
            "pipeline.yml",
            'inputs: {data: "${{parent.inputs.data}}"}',
            "inputs: {}",
            "input 'data' of train.yml is miss",
        ),
        ("pipeline.yml", 'inputs: {data: "', 'inputs: {date: 1, data: "', "train.yml has no input 'date': data"),
        (
            "pipeline.yml",
            ', evaluation: "${{parent.outputs.evaluation}}"',
            "",
            "pipeline.yml:3: outputs.evaluation: no job",
        ),
        ("pipeline.yml", "parent.inputs.data}", "parent.jobs.prep.outputs.x}", "there is no job 'prep': train"),
        (
            "pipeline.yml",
            "parent.inputs.data}",
            "parent.jobs.train.outputs.x}",
            "'train' has no output 'x': model, eva",
        ),
        ("pipeline.yml", "jobs:", "steps:", "pipeline.yml:1: is no pipeline job: it needs type: pipeline and jobs"),
        (
            "train.yml",
            "${{inputs.data}}",
            "${{inputs.date}}",
            "train.yml:5: command: uses ${{inputs.date}}, but its in",
        ),
        ("train.yml", "conda_file: conda.yml", "conda_file: c.yml", "train.yml:4: environment.conda_file: "),
        ("train.yml", "command: python", "code: src\ncommand: python", "train.yml:5: code: "),
        ("train.yml", "type: command", "type: [command", "train.yml:2: no YAML"),
        ("conda.yml", "[python=3.11]", "[]", "conda.yml:2: dependencies: names no packages: list them"),
        (
            "conda.yml",
            "[python=3.11]",
            "[{pipe: [x]}]",
            "conda.yml:2: dependencies[0]: is neither a package nor `pip:`",
        ),
        (
            "score/score.py",
            "def run(data): ...",
            "def run(data: ...",
            "score/score.py:2: no Python: '(' was never closed",
        ),
        ("score/score.py", "def run(data)", "def rum(data)", "score/score.py:1: defines no run(): Azure ML calls init"),
        ("smoke.jsonl", '{"data": [1]}', "", "smoke.jsonl:1: has no request: write one JSON body a line"),
    ],
)
def test_what_is_wrong_inside_the_files_is_said_with_their_line(
    folder: Path, file: str, right: str, wrong: str, said: str
) -> None:
    path = folder / file
    before = path.read_text(encoding="utf-8")
    assert right in before
    path.write_text(before.replace(right, wrong, 1), encoding="utf-8")

    assert any(said in line for line in found(folder)), found(folder)


DECLARED = PROJECT.replace("grace: P1D", "grace: P1D\n    rowsPerDay: 1")
PSI = "metric: population_stability_index, "
PATIENT = "{metric: error_rate, success: "
ENDLESS = "{metric: error_rate, inconclusiveLimit: null, success: "
SHORT = "{metric: error_rate, inconclusiveLimit: 1, success: "


def with_trigger(when: str) -> str:
    return PROJECT.replace("  triggers:\n", f"  triggers:\n    - {{name: night, when: {when}}}\n")


def supersede(when: str) -> str:
    text = with_trigger(f"{{{when}}}").replace("cooldown: P60D", "cooldown: P9D")
    return text.replace("    keepFailed: P1D\n", "    onNewCandidate: supersede\n")


PRICE = ", price: {perHour: 1, currency: EUR}"


def budget(limits: str, price: str = PRICE) -> str:
    text = PROJECT.replace("timeout: PT6H}", f"timeout: PT6H{price}}}")
    return text.replace("cooldown: P60D", f"budget: {{{limits}}}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            DECLARED.replace("minSamples: 20}", "minSamples: 29}"),
            "spec.monitors[1].minSamples: 29 rows never come in P28D",
        ),
        (
            DECLARED.replace("minRows: 500", "minRows: 1001"),
            "spec.pipeline.minRows: 1001 rows never come in P1000D at 1",
        ),
        (
            DECLARED.replace("minSamples: 200", "minSamples: 301"),
            "ask for 300 at most, or a pipeline.holdout of P301D at",
        ),
        (DECLARED.replace(PATIENT, SHORT), "at 10 % of 1 a day about 0.4 come before inconclusiveLimit 1 pauses it"),
        (
            PROJECT.replace("cooldown: P60D", "debounce: P2D, maxWait: P1D"),
            "maxWait P1D always ends before debounce P2D",
        ),
        (PROJECT.replace("atLeast: 0.5", "atLeast: 1.5"), "accuracy lies between 0 and 1: no candidate passes"),
        (PROJECT.replace("atLeast: 0.5", "atLeast: 0.5, atMost: 0.4"), "nothing is at least 0.5 and at most 0.4"),
        (
            PROJECT.replace("bounds: [-1.2, 1.2]", "bounds: [1.2, -1.2]"),
            "no value lies in [1.2, -1.2]: write the lowest",
        ),
        (PROJECT.replace('failure: "> 0.2"', 'failure: "< 0.2"'), "looks the same way as success (<= 0.05): a number"),
        (
            PROJECT.replace("window: P28D", "reference: season, window: P28D").replace("P1000D", "P90D"),
            "a year of train",
        ),
        (
            PROJECT.replace('limit: {success: "<= 0.1"}', 'limit: {success: "<= 0.1", falseAlarms: 0.01}'),
            "monitors[0].limit: falseAlarms is for data_drift and prediction_drift measured by one of population_stab",
        ),
        (
            PROJECT.replace(PSI, PSI + 'limit: {success: ">= 0.1", falseAlarms: 0.01}, '),
            "monitors[1].limit: falseAlarms needs a success of '<' or '<=': a distance is fine when small, not >= 0.1",
        ),
        (
            PROJECT.replace(PSI, PSI + 'limit: {success: "<= 0.1", falseAlarms: 0.6}, '),
            "monitors[1].limit.falseAlarms: ",
        ),
        (with_trigger('{cron: "61 * * * *"}'), "spec.triggers[0].when: '61 * * * *' is no cron expression: minute"),
        (with_trigger("{cron: 1 * * * *, timezone: Mars/X}"), "'Mars/X' is no time zone: use a name such as UTC"),
        (with_trigger('{cron: "0 3 30 2 *"}'), "'0 3 30 2 *' names a day that no year has: it never fires"),
        (PROJECT.replace('"< champion - 0.1", exit: ">= champion - 0.05"', '"> 1", exit: "< 1"'), "it is never > 1"),
        (PROJECT.replace('enter: "> 0.25", exit: "< 0.15"', 'enter: "< 0", exit: "> 0.15"'), "is at least 0: it is ne"),
        (
            PROJECT.replace("[{name: accuracy", "[{name: roc_auc"),
            "no gate measures accuracy, so the champion has no",
        ),
        (
            with_trigger("{all: [{every: P1D}, {any: [{all: [{every: P2D}, {not: {every: P2D}}]}]}]}"),
            "spec.triggers[0].when: all of these can never hold together",
        ),
        (
            PROJECT.replace("window: P1000D, ", ""),
            "spec.pipeline: nobody says what is trained on: give window",
        ),
        (PROJECT.replace("window: P1000D", "since: soon"), "'soon' is no date: write 2024-01-31, or 2024-01-31T06:00:"),
        (PROJECT.replace("window: P1000D", "window: P1000D, exclude: [{from: 2024-02-01, to: 2024-01-01}]"), "nothing"),
        (
            PROJECT.replace("window: P1000D", "window: P1000D, warmStart: true"),
            "no input champion and no",
        ),
        (with_trigger("{assetChanged: [model:rain]}"), "model:rain is what this project makes: each promotion would a"),
        (with_trigger("{assetChanged: ['model:up:3']}"), "'model:up:3' is nothing that changes: a version never chang"),
        (with_trigger("{assetChanged: [rows]}"), "'rows' is nothing that changes; write code, data:NAME, model:NAME o"),
        (with_trigger("{event: partner}"), "there is no source 'partner': none is declared"),
        (with_trigger("{any: [{manual: {}}, {every: P9D}]}"), "a person's word is no part of a condition: make `manu"),
        (
            with_trigger("{manual: {}}").replace(
                "  triggers:\n", "  triggers:\n    - {name: we, when: {manual: {}}}\n"
            ),
            "spec.triggers[1].when: 'we' says already how people ask: leave one of them out",
        ),
        (with_trigger("{dataReady: labels, over: PT6H}"), "labels are counted by the day: over PT6H there may be non"),
        (PROJECT.replace("holdFor: P90D", "holdFor: P30D"), "holdFor P30D ends before cooldown P60D does"),
        (budget("cost: {limit: 5, currency: EUR}", price=""), "nobody says what an hour of training costs: give pip"),
        (budget("cost: {limit: 5, currency: EUR}"), "a run may take PT6H (pipeline.timeout) and cost 6 EUR, more than"),
        (budget("cost: {limit: 9, currency: USD}"), "USD cannot be compared with pipeline.price in EUR: use one of th"),
        (budget("gpuHours: 5"), "pipeline.price.gpus is 0: GPU hours would never be used"),
        (budget("gpuHours: 5", price=PRICE.replace("EUR", "EUR, gpus: 2")), "12 GPU hours, more than the whole budget"),
        (supersede("every: P12D"), "a rollout takes P13D at least, and this asks for a newer candidate sooner"),
        (supersede('cron: "0 3 * * 1"'), "spec.triggers[0].when: a rollout takes P13D at least, and this asks"),
        (
            supersede("every: P99D").replace("cooldown: P9D", "concurrency: {onBusy: drop}"),
            "spec.rollout.onNewCandidate: what triggers ask for during an attempt is forgotten",
        ),
        (budget("per: P1D"), "spec.triggerPolicy.budget: limits nothing: give it runs, gpuHours or cost"),
    ],
)
def test_a_policy_that_can_never_be_met_is_refused(folder: Path, text: str, said: str) -> None:
    assert text not in {PROJECT, DECLARED}
    assert any(said in line for line in found(folder, text)), found(folder, text)


def test_a_rollout_that_gives_way_is_fine_where_it_can_end(folder: Path) -> None:
    weekly = supersede("every: P12D")

    assert found(folder, supersede("every: P13D")) == []
    assert found(folder, weekly.replace("cooldown: P9D", "cooldown: P13D")) == []
    assert found(folder, weekly.replace("onNewCandidate: supersede", "onNewCandidate: queueNewest")) == []
    told = parse_project(supersede("every: P13D"), folder / "project.yaml").rollout
    assert told.on_new_candidate is OnNewCandidate.SUPERSEDE


def test_a_training_that_grows_leaves_out_what_it_is_told(folder: Path) -> None:
    rules = "since: 2020-01-01, exclude: [{from: 2020-03-01, to: 2020-06-01T12:00:00Z, reason: strike}]"
    found = parse_project(PROJECT.replace("window: P1000D", rules), folder / "project.yaml").pipeline

    assert (found.window, found.since) == (None, datetime(2020, 1, 1, tzinfo=UTC))
    strike = Window(start=datetime(2020, 3, 1, tzinfo=UTC), end=datetime(2020, 6, 1, 12, tzinfo=UTC))
    assert found.exclude == (Excluded(window=strike, reason="strike"),)


def test_what_is_possible_at_the_declared_rate_is_not_refused(folder: Path) -> None:
    assert found(folder, DECLARED.replace(PATIENT, ENDLESS)) == []
    assert found(folder, PROJECT.replace(PATIENT, SHORT)) == []  # nobody said how many rows come


def test_a_loop_that_runs_is_not_stopped_by_what_its_files_have_become(folder: Path) -> None:
    """What was applied was sound then; the attempt that uses a broken file fails, not the whole loop."""
    (folder / "score" / "score.py").write_text("def run(data: ...\n", encoding="utf-8")

    assert found(folder)
    assert applied_project(PROJECT, folder / "project.yaml").name == "rain"
