"""What may be deployed comes from records that verify: `policies approved` prints it for the rule that asks (E14)."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli import main

from tests.policies.cases.releases import SUBJECT, approval, release
from tests.policies.states import resource, state
from tests.policies.states import saved as kept
from tests.policies.test_checks import check, refused, rows
from tests.policies.test_records import saved
from waivers import today

PLACE = "azureml://registries/mlr-amlkit-prod"
MODEL = f"{PLACE}/models/rain/versions/7"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
RULE = "prod-deploy-requires-approved-model"
_PATH = {**SUBJECT, "model": {**SUBJECT["model"], "name": "rain/versions/7/x"}}


def printed(
    capsys: pytest.CaptureFixture[str], folder: Path, *more: str, place: str = PLACE
) -> tuple[dict[str, Any], list[str]]:
    assert main(["approved", str(folder), "--in", place, *more]) == 0
    said = capsys.readouterr()
    return json.loads(said.out), said.err.splitlines()


def day(after: int) -> str:
    return (today() + timedelta(days=after)).isoformat()


def word(who: str, days: int = 90, of: Mapping[str, Any] = SUBJECT, **changed: object) -> dict[str, Any]:
    return approval(of, who, **{"at": f"{day(-1)}T09:00:00Z", "expires": day(days), **changed})


def good() -> dict[str, Any]:
    return release(word("grace"), word("alan"))


def test_a_release_that_nobody_refuses_is_printed_until_its_quorum_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = {"grace": 30, "alan": 90, "edsger": 60, "barbara": 10, SUBJECT["author"]: 120}
    noon = word("alan", expires=f"{day(90)}T12:00:00Z")
    record = release(*(word(who, days) for who, days in ends.items()), word("alan", 1), noon)

    found, left_out = printed(capsys, saved(tmp_path, record))

    # Two are needed; after that day only one of those who count is left.
    assert found == {RULE: {"approved": [{"model": MODEL, "expires": day(60)}]}}
    assert left_out == []


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (release(word("grace")), "M04: 1 more must approve exactly this"),
        (release(word("grace"), word("grace")), "M04: 1 more must approve exactly this"),
        (release(word("grace"), word("ada@example.com")), "M04: 1 more must approve exactly this"),  # the author
        (release(word("grace"), word("alan", -1)), "M04: 1 more must approve exactly this"),
        (release(word("grace"), word("alan"), licence="another"), "M04: 2 more must approve exactly this"),
        (release(word("grace"), word("alan"), word("edsger", decision="rejected")), "M04: Somebody rejected exactly"),
        (release(card={"status": "draft"}), "M02: "),
        (release(stage={"from": "dev", "to": "staging"}), "it is not bound for prod"),
        (release(word("grace", of=_PATH), word("alan", of=_PATH), **_PATH), "its name or version is none that"),
    ],
    ids=["one", "one twice", "the author", "an approval that is over", "changed afterwards", "rejected",
         "a card that is none", "another stage", "a name that is a path"],
)  # fmt: skip
def test_what_does_not_verify_is_left_out_and_said(
    record: dict[str, Any], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, left_out = printed(capsys, saved(tmp_path, record), "--profile", "prod")

    assert found == {RULE: {"approved": []}}
    assert [why in one for one in left_out] == [True]


def test_what_is_printed_lets_exactly_that_model_be_deployed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "records").mkdir()
    base = tmp_path / "base.json"
    base.write_text(json.dumps({RULE: "mandatory", "required-tags": {"tags": ["owner"]}}))
    found, _ = printed(capsys, saved(tmp_path / "records", good()), "--config", str(base))
    assert found["required-tags"] == {"tags": ["owner"]}
    assert found[RULE]["enforcementLevel"] == "mandatory"
    config = kept(tmp_path, found, "config.json")
    deployed = state(
        *(resource(DEPLOYMENT, name, {"properties": {"model": model}})
          for name, model in (("ours", MODEL.upper()), ("next", f"{PLACE}/models/rain/versions/8"),
                              ("theirs", "azureml://registries/mlr-else/models/rain/versions/7")))
    )  # fmt: skip

    _, report = check(capsys, "--state", str(kept(tmp_path, deployed)), "--config", str(config))

    assert rows(report, "E14") == [("ours", "pass", False), ("next", "fail", True), ("theirs", "fail", True)]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("workspace", "azureml:rain:7"),
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/",
         "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/rain/versions/7"),
    ],
)  # fmt: skip
def test_models_are_named_as_deployments_name_them(
    place: str, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = printed(capsys, saved(tmp_path, good()), place=place)

    assert [one["model"] for one in found[RULE]["approved"]] == [expected]


def test_a_place_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "approved", str(saved(tmp_path, good())), "--in", "mlr-amlkit-prod")

    assert told.startswith("policies: --in 'mlr-amlkit-prod' is no place of models: azureml://registries/NAME")


def test_an_approval_is_not_for_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = printed(capsys, saved(tmp_path, release(word("grace", 30), word("alan", 30))))

    assert [one["expires"] for one in found[RULE]["approved"]] == [day(30)]
