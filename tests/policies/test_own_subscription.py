"""What is deployed to which subscription: by its id, its provider, the stack's config, then the environment."""

import json
from pathlib import Path
from typing import Any

import pytest

from rules.rule import PROFILES
from tests.policies.case import Other
from tests.policies.pack import Pack, running
from tests.policies.states import WORKSPACE, preview, resource, saved, state
from tests.policies.test_checks import check, rows

PROFILES_FOLDER = Path(__file__).resolve().parents[2] / "policies" / "profiles"
RULE = "outbound-pe-target-scope"
KEY = "azure-native:subscriptionId"


def inputs(subscription: str) -> dict[str, Any]:
    """Of a workspace with a private endpoint to an account of that subscription."""
    target = f"/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
    rule = {"type": "PrivateEndpoint", "destination": {"serviceResourceId": target, "subresourceTarget": "blob"}}
    return {"managedNetwork": {"outboundRules": {"one": rule}}}


def new(name: str, subscription: str, **more: str) -> dict[str, Any]:
    """A workspace that is to be made, so that it has no id yet."""
    return {**resource(WORKSPACE, name, inputs(subscription), **more), "id": "", "outputs": {}}


def provider(name: str, **said: object) -> dict[str, Any]:
    urn = f"urn:pulumi:prod::aml-kit::pulumi:providers:azure-native::{name}"
    return {"urn": urn, "custom": True, "type": "pulumi:providers:azure-native", "id": "1", "inputs": said}


def told(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, outcome) for name, outcome, _ in rows(report, "W06")]


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "elsewhere")
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)


def test_what_stands_in_a_state_is_at_home_where_its_id_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = state(resource(WORKSPACE, "a", inputs("S")), resource(WORKSPACE, "b", inputs("elsewhere")))

    _, report = check(capsys, "--state", str(saved(tmp_path, there)))

    assert told(report) == [("a", "pass"), ("b", "fail")]


def test_what_a_preview_makes_is_at_home_where_its_provider_says_else_where_the_stacks_config_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = provider("other", subscriptionId="Theirs")
    plan = preview(
        provider("default"),
        other,
        new("a", "ours", provider=f"{provider('default')['urn']}::1"),
        new("b", "theirs", provider=f"{other['urn']}::1"),
        new("c", "ours", provider=f"{other['urn']}::1"),
        new("d", "elsewhere"),
    ) | {"config": {KEY: "Ours"}}

    _, report = check(capsys, "--preview", str(saved(tmp_path, plan)))

    assert told(report) == [("a", "pass"), ("b", "pass"), ("c", "fail"), ("d", "fail")]


@pytest.mark.parametrize(
    ("variable", "outcome"), [("ARM_SUBSCRIPTION_ID", "pass"), ("AZURE_SUBSCRIPTION_ID", "pass"), ("OTHER", "fail")]
)
def test_where_the_stack_says_nothing_the_environment_does(
    variable: str,
    outcome: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ARM_SUBSCRIPTION_ID")
    monkeypatch.setenv(variable, "Ours")

    _, report = check(capsys, "--preview", str(saved(tmp_path, preview(new("a", "ours"), new("b", "theirs")))))

    assert told(report) == [("a", outcome), ("b", "fail")]


def test_in_an_update_the_stacks_config_comes_before_the_environment(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (Other(type=WORKSPACE, name=one, props=inputs(one)) for one in ("ours", "theirs"))

    def refused(one: Pack) -> list[str]:
        return [it.name for it in (ours, theirs) if RULE in {said.policyName for said in one.analyze(it).diagnostics}]

    pack.start("prod", config={KEY: "Ours"})
    assert refused(pack) == ["theirs"]
    pack.start("prod")
    assert refused(pack) == ["ours", "theirs"]
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "theirs")
    with running(keep=("ARM_SUBSCRIPTION_ID",)) as told_by_environment:
        told_by_environment.start("prod")
        assert refused(told_by_environment) == ["ours"]
        told_by_environment.start("prod", config={KEY: "ours"})
        assert refused(told_by_environment) == ["theirs"]


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_lists_a_subscription_of_somebodys(profile: str) -> None:
    assert json.loads((PROFILES_FOLDER / f"{profile}.json").read_text())[RULE]["subscriptions"] == ["own"]
