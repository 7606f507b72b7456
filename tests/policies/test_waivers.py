"""Exceptions: complete, short, owned and approved by two people, visible while they hold, and gone when they end."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

import waivers
from tests.policies.case import Case, Other, urn
from tests.policies.pack import PACK, Pack, Said, running
from waivers import Waivers, WaiversError

WORKSPACE = "azure-native:machinelearningservices:Workspace"
NAMES = {"W01": "W01", "workspace-public-access-disabled": "W01", "W14": "W14", "C01": "C01"}
DAY = date(2026, 3, 1)
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"


def entry(**changed: str | None) -> dict[str, str]:
    """One complete waiver; None leaves a field out."""
    said = {
        "rule": "W01",
        "resource": urn(WORKSPACE, "it"),
        "environment": "prod",
        "reason": "The vendor reaches it from outside until the tunnel stands.",
        "owner": "ana@example.com",
        "approver": "bo@example.com",
        "compensatingControl": "Conditional access for the vendor's group only.",
        "created": "2026-02-01",
        "expires": "2026-03-31",
    }
    return {name: value for name, value in (said | changed).items() if value is not None}


def text(*entries: object) -> str:
    return yaml.safe_dump({"waivers": list(entries)}, sort_keys=False)


def faults(written: str, day: date = DAY) -> list[str]:
    with pytest.raises(WaiversError) as caught:
        waivers.read(written, NAMES, day)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("day", "state", "excused"),
    [
        (date(2026, 2, 1), "in force", True),
        (date(2026, 3, 23), "in force", True),
        (date(2026, 3, 24), "ends soon", True),
        (date(2026, 3, 31), "ends soon", True),
        (date(2026, 4, 1), "expired", False),
    ],
    ids=["its first day", "eight days before", "seven days before", "its last day", "the day after"],
)
def test_a_waiver_holds_until_its_last_day_and_says_so_a_week_before(day: date, state: str, excused: bool) -> None:  # noqa: FBT001
    read = waivers.read(text(entry()), NAMES, day)

    assert read.all[0].state(day) == state
    assert (read.excuse("W01", urn(WORKSPACE, "it")) is not None) is excused


def test_a_waiver_excuses_one_rule_about_one_resource_and_nothing_else() -> None:
    read = waivers.read(text(entry(), entry(resource=ID)), NAMES, DAY)

    assert read.excuse("W01", urn(WORKSPACE, "it")) == read.all[0]
    assert read.excuse("W01", "", ID.upper()) == read.all[1]
    assert read.excuse("W01", urn(WORKSPACE, "it2"), "") is None
    assert read.excuse("W01", urn(WORKSPACE, "it").upper()) is None
    assert read.excuse("W14", urn(WORKSPACE, "it"), ID) is None
    assert read.of("dev") == Waivers((), DAY)


def test_a_rule_may_be_named_by_its_name() -> None:
    assert waivers.read(text(entry(rule="workspace-public-access-disabled")), NAMES, DAY).all[0].rule == "W01"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        *(
            ({name: value}, rf"missing: {name} \(")
            for name in ("rule", "resource", "environment", "reason", "owner", "approver", "created", "expires")
            for value in (None, "", "  ")
        ),
        ({"compensatingControl": None}, r"missing: compensatingControl \("),
        ({"approver": "ana@example.com"}, "the approver is the owner"),
        ({"approver": " Ana@Example.com "}, "the approver is the owner"),
        ({"expires": "2026-05-03"}, r"it lasts 91 days, and 90 are the most in prod; end it on 2026-05-02"),
        ({"environment": "regulated", "expires": "2026-03-04"}, "it lasts 31 days, and 30 are the most in regulated"),
        ({"expires": "2026-01-31"}, "it ends .* before it was created"),
        ({"created": "2026-03-02"}, "created lies in the future"),
        ({"expires": "never"}, "'never' is no day"),
        ({"expires": "2026-02-30"}, "'2026-02-30' is no day"),
        ({"expires": "20260331"}, "'20260331' is no day"),
        ({"rule": "workspace-public-acess-disabled"}, "did you mean workspace-public-access-disabled"),
        ({"rule": "w01"}, "there is no rule 'w01'; did you mean W01"),
        ({"environment": "production"}, "there is no environment 'production' .*; did you mean prod"),
        ({"resource": "urn:pulumi:prod::aml-kit::*"}, "without wildcards"),
        ({"resource": ID + "*"}, "without wildcards"),
        ({"resource": "workspace"}, "neither a URN of Pulumi nor an Azure id of one resource"),
        ({"resource": "/subscriptions/s"}, "neither a URN of Pulumi nor an Azure id of one resource"),
        ({"resource": "urn:pulumi:prod::aml-kit"}, "neither a URN of Pulumi nor an Azure id of one resource"),
        ({"aprover": "bo"}, "there is no field 'aprover'; did you mean approver"),
    ],
)
def test_what_is_no_proper_exception_is_refused(changed: dict[str, str | None], fault: str) -> None:
    found = faults(text(entry(**changed)))

    assert len(found) == 1
    assert re.match(rf"line 2: .*{fault}", found[0])


def test_every_fault_of_a_file_is_told_at_once_and_where() -> None:
    found = faults(text(entry(), entry(rule="X99", owner=None), entry(approver="ana@example.com"), entry()))

    assert [fault.split(":")[0] for fault in found] == ["line 11", "line 11", "line 19", "line 28"]
    assert "waives what line 2 waives already" in found[-1]


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("", "the file is empty; write `waivers: []`"),
        ("# nothing\n", "the file is empty; write `waivers: []`"),
        ("waivers:\n", "`waivers` is a list"),
        ("waivers: 3\n", "`waivers` is a list"),
        ("- rule: W01\n", "line 1: the file holds one key, `waivers`"),
        ("waivers: []\nmore: []\n", "line 1: the file holds one key, `waivers`"),
        ("waivers: [\n", "line 2: this is no YAML"),
        ("waivers: [W01]\n", "line 1: a waiver is a map of fields"),
        ("waivers:\n - {rule: W01, rule: C01}\n", "line 2: rule is said twice"),
        ("waivers:\n - {rule: [W01]}\n", "line 2: rule is one text"),
        ("waivers: &a [*a]\n", "the file uses `*aliases`"),
        ("waivers: !!python/object:os.system []\n", ""),
        (f"waivers: [] #{'x' * 1024 * 1024}\n", "more than 1,048,576 characters"),
    ],
)
def test_what_is_no_file_of_waivers_is_refused_in_one_line(written: str, fault: str) -> None:
    if not fault:
        assert waivers.read(written, NAMES, DAY).all == ()  # a tag makes nothing: only texts are read
    else:
        assert faults(written)[0].startswith(fault) or fault in faults(written)[0]


def test_the_editors_schema_takes_what_is_taken_and_names_every_rule() -> None:
    schema = json.loads((PACK / "waivers.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)

    assert check.is_valid({"waivers": [entry()]})
    assert check.is_valid(yaml.safe_load((PACK / "waivers.yaml").read_text()))
    refused = (
        entry(owner=None),
        entry(resource=ID + "*"),
        entry(rule="X99"),
        entry(environment="production"),
        {"a": 1},
    )
    assert [one for one in refused if check.is_valid({"waivers": [one]})] == []


# ------------------------------------------------------------------ as the engine meets them

OPEN = Case(rule="W01", said="it", type=WORKSPACE, props={"publicNetworkAccess": "Enabled"}, outcome="fail")
RULE = "workspace-public-access-disabled"


@contextmanager
def pack_with(folder: Path, written: str) -> Iterator[Pack]:
    copy = folder / "policies"
    shutil.copytree(PACK, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "waivers.yaml").write_text(written)
    with running(copy) as pack:
        pack.start("prod")
        pack.configure({})
        yield pack


def about(case: Case, ends_in: int) -> dict[str, str]:
    day = waivers.today()
    created, expires = day - timedelta(days=20), day + timedelta(days=ends_in)
    return entry(resource=urn(WORKSPACE, str(case)), created=created.isoformat(), expires=expires.isoformat())


def test_a_waived_failure_stops_nobody_and_stays_visible(tmp_path: Path) -> None:
    waiver = about(OPEN, ends_in=30)

    with pack_with(tmp_path, text(waiver)) as pack:
        assert pack.asked(RULE, OPEN) == (Said("pass"),)
        assert pack.repaired(RULE, WORKSPACE, OPEN.props, name=str(OPEN)) is None
        told = pack.asked("waiver-in-force", OPEN)

    assert [said.level for said in told] == [0]
    assert f"Waived until {waiver['expires']}" in told[0].message
    assert "ana@example.com" in told[0].message
    assert "bo@example.com" in told[0].message


def test_after_its_end_the_rule_bites_again_and_the_waiver_is_named(tmp_path: Path) -> None:
    with pack_with(tmp_path, text(about(OPEN, ends_in=-1))) as pack:
        assert [(said.outcome, said.level) for said in pack.asked(RULE, OPEN)] == [("fail", 1)]
        assert pack.repaired(RULE, WORKSPACE, OPEN.props, name=str(OPEN)) is not None
        assert "Ended on" in pack.asked("waiver-in-force", OPEN)[0].message


def test_the_week_before_its_end_is_told(tmp_path: Path) -> None:
    with pack_with(tmp_path, text(about(OPEN, ends_in=7))) as pack:
        assert "It ends soon." in pack.asked("waiver-in-force", OPEN)[0].message


def test_a_waiver_is_for_its_environment_only(tmp_path: Path) -> None:
    with pack_with(tmp_path, text(about(OPEN, ends_in=7) | {"environment": "staging"})) as pack:
        assert pack.asked(RULE, OPEN)[0].outcome == "fail"
        assert pack.asked("waiver-in-force", OPEN) == (Said("pass"),)


def test_what_is_waived_without_need_is_told(tmp_path: Path) -> None:
    closed = Case(rule="W01", said="it", type=WORKSPACE, props={"publicNetworkAccess": "Disabled"}, outcome="pass")
    gone = about(OPEN, ends_in=7) | {"resource": urn(WORKSPACE, "gone")}

    with pack_with(tmp_path, text(about(closed, ends_in=7), gone)) as pack:
        unused = pack.asked("waiver-in-force", closed)
        missing = pack.asked("waiver-in-force-in-stack", Case(**{**vars(closed), "alone": True}))

    assert "Unused" in unused[0].message
    assert "does not break the rule" in unused[0].message
    assert any("names nothing in this stack" in said.message for said in missing)


def test_a_rule_of_the_whole_stack_can_be_waived_for_one_resource(tmp_path: Path) -> None:
    beside = Other(type=WORKSPACE, name="other", props={"name": "other"})
    case = Case(rule="W14", said="it", type=WORKSPACE, props={"name": "it"}, outcome="fail", beside=(beside,))
    waiver = about(OPEN, ends_in=30) | {"rule": "W14", "resource": urn(WORKSPACE, "it")}

    with pack_with(tmp_path, text(waiver)) as pack:
        failed = pack.violations((beside, case.subject))
        told = pack.asked("waiver-in-force-in-stack", case)

    assert [name for policy, name, _ in failed if policy == "workspace-diagnostics"] == ["other"]
    assert [(said.urn, said.level) for said in told] == [(urn(WORKSPACE, "it"), 0)]


@pytest.mark.parametrize(
    "written", ["", "waivers: [", text(entry(owner=None)), text(entry(approver="ana@example.com"))]
)
def test_a_file_that_is_refused_waives_nothing_and_stops_the_first_resource(tmp_path: Path, written: str) -> None:
    stack = Case(rule="M14", said="stack", type="pulumi:pulumi:Stack", props={}, outcome="fail")
    good = about(OPEN, ends_in=30)
    both = text(good, *yaml.safe_load(written)["waivers"]) if written.startswith("waivers:\n") else written

    with pack_with(tmp_path, both) as pack:
        told = pack.asked("waiver-valid", stack)
        assert pack.asked(RULE, OPEN)[0].outcome == "fail"

    assert [said.level for said in told] == [1]
    assert "waivers.yaml is refused" in told[0].message


def test_how_long_a_waiver_may_last_is_a_setting(tmp_path: Path) -> None:
    stack = Case(rule="M14", said="stack", type="pulumi:pulumi:Stack", props={}, outcome="fail")

    with pack_with(tmp_path, text(about(OPEN, ends_in=30))) as pack:
        assert pack.asked("waiver-valid", stack) == (Said("pass"),)
        pack.configure({"waiver-valid": {"longest": 40}})
        told = pack.asked("waiver-valid", stack)
        assert pack.asked(RULE, OPEN)[0].outcome == "fail"

    assert "it lasts 50 days, and 40 are the most" in told[0].message


@pytest.mark.parametrize(
    ("stack", "preview", "level"),
    [("prod", False, 1), ("regulated", False, 1), ("prod", True, 0), ("staging", False, 0)],
)
def test_what_an_update_of_prod_cannot_tell_is_refused(stack: str, preview: bool, level: int, pack: Pack) -> None:  # noqa: FBT001
    unknown = {"managedNetwork": {"isolationMode": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}
    case = Case(rule="W03", said="unknown", type=WORKSPACE, props=unknown, outcome="cannot tell")
    pack.start(stack, preview=preview)
    pack.configure({})

    assert [said.level for said in pack.asked("workspace-approved-outbound-only", case)] == [level]
