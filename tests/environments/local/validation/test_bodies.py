"""Every body that Azure takes is taken; every one that it refuses is refused, and the error names the one cause."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.local import validation
from environments.local.arm.errors import ArmError
from environments.local.provider import bodies
from environments.local.provider.resources import arm_type, served
from environments.local.settings import Settings
from tests.environments.local.validation import sdk_bodies, wire_bodies
from tests.environments.local.validation.mutants import mutants
from tests.environments.local.validation.valid import Valid
from tests.infra.stacks import SCENARIOS, STACKS, graph

if TYPE_CHECKING:
    from collections.abc import Iterator

_GIVEN = os.environ.get("AML_KIT_ARM_SCHEMAS")
FOLDERS = (None, Path(_GIVEN)) if _GIVEN else (None,)
by_whom = pytest.mark.parametrize("folder", FOLDERS, ids=["by the SDKs", "by Azure's schemas"][: len(FOLDERS)])


@cache
def corpus() -> tuple[Valid, ...]:
    """What the SDK's entities make, what infra makes of each stack, and other types as they travel."""
    return (*sdk_bodies.bodies(), *_infra(), *wire_bodies.BODIES)


def _form(value: object) -> object:
    """The same for bodies that differ in their values only: one of them is enough."""
    if isinstance(value, dict):
        return {key: _form(each) for key, each in sorted(value.items())}
    return [_form(each) for each in value] if isinstance(value, list) else type(value).__name__


def _infra() -> Iterator[Valid]:
    seen: set[str] = set()
    for stack in (*STACKS, *SCENARIOS):
        for asked in graph(stack).resources:
            kind = served(asked.type)
            found = Valid(arm_type(kind.path), kind.type.api_version, bodies.to_body(kind, asked.inputs))
            text = f"{found}{_form(found.body)}"
            if text not in seen:
                seen.add(text)
                yield found


@by_whom
def test_what_azure_takes_is_taken(folder: Path | None) -> None:
    refused = {
        f"{valid}: {problem}"
        for valid in corpus()
        for problem in validation.judged(folder, valid.arm_type, valid.api_version, valid.body)[1]
    }
    assert refused == set()


_LET_THROUGH = ("credentials.sas", "hash_version", "managedResourceGroupTags")
"""`deviations.py` says why."""
_FREE = re.compile(r"policy(?:Set)?Definitions@.* properties\.(policyRule|metadata|mode)\b|deployments@.* in kind$")
"""Any JSON to Azure's schemas and SDK.

What is no policy is refused by what evaluates them (`local/policy`); a deployment's `kind` is the portal's word for it.
"""
_PREVIEW_ONLY = (
    "alertNotificationSetting", "enableOSPatching", "enableRootAccess", "mode", "modelType", "productionData",
    "releaseQuotaOnStop", "sweepConcurrentTrials", "sweepTrials",
)  # fmt: skip
"""What only preview versions know is judged by their schemas, not by the SDK's models, which are newer."""


@by_whom
def test_what_azure_refuses_is_refused(folder: Path | None) -> None:
    let_through = _LET_THROUGH if folder else (*_LET_THROUGH, *_PREVIEW_ONLY)
    survivors = [
        f"{valid}: {what}"
        for valid in corpus()
        for what, body in mutants(valid)
        if not validation.judged(folder, valid.arm_type, valid.api_version, body)[1]
    ]
    strays = [each for each in survivors if not _FREE.search(each)]
    assert [each for each in strays if not any(name in each for name in let_through)] == []


@by_whom
def test_one_fault_is_one_problem_where_it_is(folder: Path | None) -> None:
    elsewhere = []
    for valid in corpus():
        for what, body in mutants(valid):
            problems = validation.judged(folder, valid.arm_type, valid.api_version, body)[1]
            place = what.removesuffix(" dropped").rsplit(" ", 1)[-1].replace("body", "")
            for problem in problems:
                path = problem.path.replace('["', ".").replace('"]', "").replace("[", ".").replace("]", "")
                if len(problems) > 1 or not f".{path}.".startswith(f".{place}.".replace("..", ".")):
                    elsewhere.append(f"{valid}: {what} -> {problem}")
    assert elsewhere == []


def test_the_error_has_azures_shape_and_says_what_is_allowed() -> None:
    body = {"properties": {"jobType": "Command", "command": "x", "environmentId": "e", "codeUri": "https://x"}}
    kind = "Microsoft.MachineLearningServices/workspaces/jobs"
    with pytest.raises(ArmError) as raised:
        validation.accepted(Settings(), kind, "2025-01-01-preview", body)
    error = raised.value.body()["error"]
    sentence = error["details"][0]["message"]
    assert (raised.value.status, error["code"], len(error["details"])) == (400, "InvalidRequestContent", 1)
    assert error["message"] == f"The request content is invalid for {kind} (2025-01-01-preview): {sentence}"
    assert sentence.startswith("'properties.codeUri' is no known property; allowed: codeId, command, componentId, ")


def test_every_fault_of_a_body_is_named() -> None:
    body = {"properties": {"jobType": "Command", "command": 7, "colour": "red", "queueSettings": {"jobTier": "Gold"}}}
    _, problems = validation.judged(
        None, "Microsoft.MachineLearningServices/workspaces/jobs", "2025-01-01-preview", body
    )
    assert [problem.path for problem in problems] == [
        "properties.command",
        "properties.colour",
        "properties.queueSettings.jobTier",
        "properties.environmentId",
    ]
    assert "Spot, Basic, Standard, Premium" in str(problems[2])


def test_enums_are_stored_as_azure_writes_them() -> None:
    body = {
        "location": "eastus",
        "properties": {"authMode": "aadToken", "publicNetworkAccess": "enabled", "description": "enabled"},
    }
    stored, problems = validation.judged(
        None, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints", "2022-02-01-preview", body
    )
    assert problems == ()
    assert stored == {
        "location": "eastus",
        "properties": {"authMode": "AADToken", "publicNetworkAccess": "Enabled", "description": "enabled"},
    }


def test_a_hash_version_sent_as_a_number_is_stored_as_text() -> None:
    body = {"properties": {"codeUri": "https://x", "properties": {"hash_version": 202208}}}
    stored, problems = validation.judged(
        None, "Microsoft.MachineLearningServices/workspaces/codes/versions", "2023-04-01", body
    )
    assert (stored["properties"]["properties"], problems) == ({"hash_version": "202208"}, ())


def test_what_azure_says_may_be_sent_back() -> None:
    body = {
        "location": "eastus",
        "noSuchProperty": None,
        "properties": {"authMode": "Key", "scoringUri": "https://x", "provisioningState": "Succeeded", "traffic": None},
    }
    for folder in FOLDERS:
        found = validation.judged(
            folder, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints", "2022-02-01-preview", body
        )
        assert found == (body, ())


def test_what_azure_answers_beyond_its_models_may_be_sent_back_unchanged_only() -> None:
    kind, version = "Microsoft.KeyVault/vaults", "2024-11-01"
    body = {
        "location": "eastus",
        "properties": {"tenantId": "t", "sku": {"family": "A", "name": "standard"}, "vaultUri": "https://v"},
    }
    other = {**body, "properties": {**body["properties"], "vaultUri": "https://other"}}  # type: ignore[dict-item]
    for folder in FOLDERS:
        assert validation.judged(folder, kind, version, body, lambda: body) == (body, ())
        for answered in (lambda: None, lambda: other):
            problems = validation.judged(folder, kind, version, body, answered)[1]
            assert [each.path for each in problems] == ["properties.vaultUri"]


def test_a_stable_version_takes_nothing_of_a_preview() -> None:
    body = {"properties": {"dataType": "uri_file", "dataUri": "x", "stage": "Production"}}
    kind = "Microsoft.MachineLearningServices/workspaces/data/versions"
    assert validation.judged(None, kind, "2023-04-01-preview", body)[1] == ()
    assert [each.path for each in validation.judged(None, kind, "2025-12-01", body)[1]] == ["properties.stage"]


def test_a_template_and_types_that_nobody_knows_pass() -> None:
    for kind in ("Microsoft.Resources/deployments", "Microsoft.Unheard/of"):
        body = {"properties": {"template": {"anything": ["goes"]}}}
        assert validation.judged(FOLDERS[-1], kind, "2020-06-01", body) == (body, ())


@given(data=st.data())
def test_judging_twice_is_judging_once(data: st.DataObject) -> None:
    valid = data.draw(st.sampled_from(corpus()))
    stored, _ = validation.judged(None, valid.arm_type, valid.api_version, valid.body)
    assert validation.judged(None, valid.arm_type, valid.api_version, stored) == (stored, ())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
def test_no_json_breaks_the_check(data: st.DataObject) -> None:
    """Any value in any place of a good body is judged, not stumbled over."""
    valid = data.draw(st.sampled_from([one for one in corpus() if one.body]))  # a queue's body is empty
    body: dict[str, Any] = json.loads(json.dumps(valid.body))
    at: Any = body
    while True:
        key = data.draw(st.sampled_from(sorted(at)) if isinstance(at, dict) else st.sampled_from(range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(_JSON)
            break
        at = at[key]
    for folder in FOLDERS:
        stored, _ = validation.judged(folder, valid.arm_type, valid.api_version, body)
        assert set(stored) == set(body)
