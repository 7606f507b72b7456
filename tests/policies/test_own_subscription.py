"""Private endpoints may lead to the subscription that is deployed to, and to no other that nobody listed."""

import json
from pathlib import Path

import pytest

from rules.rule import PROFILES
from tests.policies.states import WORKSPACE, resource, saved, state
from tests.policies.test_checks import check, rows

PROFILES_FOLDER = Path(__file__).resolve().parents[2] / "policies" / "profiles"
RULE = "outbound-pe-target-scope"
LOCAL = "a3f5c1d0-0000-4000-8000-10ca1a2c0001"


def workspace(name: str, subscription: str) -> dict[str, object]:
    target = f"/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
    rule = {"type": "PrivateEndpoint", "destination": {"serviceResourceId": target, "subresourceTarget": "blob"}}
    return resource(WORKSPACE, name, {"managedNetwork": {"outboundRules": {"one": rule}}})


@pytest.mark.parametrize(
    ("variable", "passing"), [("ARM_SUBSCRIPTION_ID", "pass"), ("AZURE_SUBSCRIPTION_ID", "pass"), ("OTHER", "fail")]
)
def test_the_subscription_that_is_deployed_to_is_known_by_the_environment(
    variable: str, passing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "Ours")

    _, report = check(capsys, "--state", str(saved(tmp_path, state(workspace("a", "ours"), workspace("b", LOCAL)))))

    assert rows(report, "W06") == [("a", passing, passing == "fail"), ("b", "fail", True)]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_local_environments_subscription_is_known_to_its_own_profile_only(profile: str) -> None:
    text = (PROFILES_FOLDER / f"{profile}.json").read_text()

    assert json.loads(text)[RULE]["subscriptions"] == (["own", LOCAL] if profile == "local" else ["own"])
    assert (LOCAL in text) is (profile == "local")
