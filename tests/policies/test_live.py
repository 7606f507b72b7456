"""`policies check --live` judges what is deployed, whoever made it, and says what it was not shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)

from audit.arm import subjects
from audit.azure import Azure
from audit.kinds import KINDS, NOT_ASKED
from audit.live import read_live
from audit.subjects import UnreadableError
from environments.local import environment
from environments.local.arm.faults import Fault
from rules.catalogue import catalogue
from rules.rule import ANY
from tests.environments.local.services.platform import make_group, make_workspace
from tests.policies.sky import Signed, Sky

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.environments.running import LocalAzure

COMMAND = Path(sys.executable).parent / "policies"
ROOT = "/subscriptions/s"
VAULT = f"{ROOT}/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
_ML = "Microsoft.MachineLearningServices"


def refusal(status: int, code: str) -> tuple[int, object]:
    return status, {"error": {"code": code, "message": "with a secret"}}


def read(said: Mapping[str, Any], *groups: str, trouble: Exception | None = None) -> Any:  # noqa: ANN401
    return read_live("s", groups, Azure(Signed(trouble), Sky(said)))


LISTED = {"value": [{"id": VAULT, "name": "v", "type": "Microsoft.KeyVault/vaults", "location": "eastus"}]}
WHOLE = {"id": VAULT, "name": "v", "properties": {"enableRbacAuthorization": True}}


def test_all_pages_are_read_and_what_no_rule_knows_is_told_by_its_place() -> None:
    other = f"{ROOT}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/old"
    second = {
        "value": [{"id": other, "name": "old", "type": "Microsoft.Compute/virtualMachines", "location": "brazil"}]
    }
    first = LISTED | {"nextLink": f"https://management.azure.com{ROOT}/resources?api-version=1&page=2"}

    found = read({f"{ROOT}/resources": first, f"{ROOT}/resources#2": second, VAULT: WHOLE})

    assert [(one.type, one.name, dict(one.inputs)) for one in found.subjects] == [
        ("azure-native:compute:virtualMachines", "old",
         {"resourceGroupName": "g", "id": other, "name": "old", "location": "brazil"}),
        ("azure-native:keyvault:Vault", "v",
         {"vaultName": "v", "resourceGroupName": "g", "id": VAULT, "name": "v",
          "properties": {"enableRbacAuthorization": True}}),
    ]  # fmt: skip
    assert found.unread == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (refusal(403, "AuthorizationFailed"),
         f"{VAULT}: Azure answered 403 AuthorizationFailed; reading it takes the role Reader there"),
        (refusal(404, "ResourceNotFound"), ""),  # deleted since the list was made
        (refusal(404, "InvalidResourceType"), f"{VAULT}: Azure answered 404 InvalidResourceType"),
        (refusal(429, "TooManyRequests"), f"{VAULT}: Azure answered 429 TooManyRequests"),
        ((502, "<html>a proxy</html>"), f"{VAULT}: Azure answered 502"),
        ((200, "<html>a proxy</html>"), f"{VAULT}: the answer is no object of JSON"),
        (ServiceResponseTimeoutError("too long"), f"{VAULT}: no answer within 30 s, asked several times"),
        (ServiceRequestError("refused"),
         f"{VAULT}: Azure cannot be reached (ServiceRequestError); is there a network, or a proxy to set?"),
    ],
)  # fmt: skip
def test_what_azure_does_not_show_is_told_and_the_rest_is_judged(said: object, expected: str) -> None:
    groups = {"value": [{"id": f"{ROOT}/resourceGroups/g"}]}

    found = read({f"{ROOT}/resources": LISTED, f"{ROOT}/resourceGroups": groups, VAULT: said})

    assert found.unread == ((expected,) if expected else ())
    assert [one.type for one in found.subjects] == ["azure-native:resources:ResourceGroup"]


_LIST = f"{ROOT}/resources"
_PAGE = f"https://management.azure.com{_LIST}?api-version=2021-04-01"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            refusal(403, "AuthorizationFailed"),
            "Azure answered 403 AuthorizationFailed; reading it takes the role Reader there",
        ),
        (
            refusal(404, "SubscriptionNotFound"),
            "Azure answered 404 SubscriptionNotFound; there is none, or whoever is signed in may not see it",
        ),
        (ServiceResponseTimeoutError("too long"), "no answer within 30 s, asked several times"),
        ({"value": [3]}, "the answer is no list of resources"),
        (LISTED | {"nextLink": "https://evil.example.com/more"}, "the next page is somewhere else"),
        (LISTED | {"nextLink": _PAGE}, "Azure's pages lead back to a page that was read"),
    ],
)
def test_without_the_list_there_is_one_clear_error(said: object, expected: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read({f"{ROOT}/resources": said})

    assert str(refused.value) == f"Azure cannot be read: {_LIST}: {expected}"


def test_a_sign_in_of_another_tenant_is_told() -> None:
    with pytest.raises(UnreadableError, match=r"401 InvalidAuthenticationTokenTenant: .* az login --tenant TENANT"):
        read({_LIST: refusal(401, "InvalidAuthenticationTokenTenant")})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Attempted credentials:\n\tEnvironmentCredential: AADSTS7000215: Invalid client secret provided. Trace 1",
         "Azure refuses the sign-in: AADSTS7000215: Invalid client secret provided"),
        ("nothing worked", "nobody is signed in at Azure: az login, or set AZURE_CLIENT_ID and its kin"),
    ],
)  # fmt: skip
def test_no_sign_in_is_not_the_same_as_one_that_is_refused(message: str, expected: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read({}, trouble=ClientAuthenticationError(message))

    assert str(refused.value) == expected


def test_what_is_assigned_above_counts_and_the_set_behind_it_is_read() -> None:
    above = "/providers/Microsoft.Management/managementGroups/all/providers/Microsoft.Authorization"
    says = {"policyDefinitionId": f"{above}/policySetDefinitions/set", "scope": "/above"}
    assignment = {"id": f"{above}/policyAssignments/guard", "name": "guard", "properties": says}
    members = [{"policyDefinitionId": "/d"}]

    found = read(
        {
            f"{ROOT}/providers/Microsoft.Authorization/policyAssignments": {"value": [assignment]},
            f"{above}/policySetDefinitions/set": {
                "id": f"{above}/policySetDefinitions/set",
                "properties": {"policyDefinitions": members},
            },
        }
    )

    seen = {one.type: one.inputs for one in found.subjects}
    assert seen["azure-native:authorization:PolicyAssignment"]["scope"] == ROOT
    assert seen["azure-native:authorization:PolicySetDefinition"]["policyDefinitions"] == members


def test_who_works_as_whom_is_seen_by_the_ids_of_identities() -> None:
    group = f"{ROOT}/resourceGroups/g/providers"
    identity = f"{group}/Microsoft.ManagedIdentity/userAssignedIdentities/worker"
    trust = f"{identity}/federatedIdentityCredentials/ci"
    topic = f"{group}/Microsoft.EventGrid/systemTopics/events"
    worn = {"userAssignedIdentities": {identity.upper(): {"principalId": "p1"}}, "principalId": "p2"}
    grants = [
        {"id": f"{ROOT}/providers/Microsoft.Authorization/roleAssignments/{number}", "properties": {"principalId": one}}
        for number, one in enumerate(("p1", "p2", "p3"))
    ]

    found = subjects([{"id": identity, "properties": {"principalId": "p1"}}, {"id": trust}, *grants,
                      {"id": topic, "identity": worn}])  # fmt: skip

    assert [one.wired for one in found] == [
        {},
        {"resourceName": (identity,)},
        {"principalId": (identity,)},
        {"principalId": (topic,)},
        {},
        {"identity": (identity,)},
    ]


def test_a_version_is_told_with_what_it_is_a_version_of() -> None:
    workspace = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
    found = subjects([{"id": f"{workspace}/environments/rain/versions/3"}, {"id": f"{workspace}/environments/rain"}])

    assert [one.name for one in found] == ["rain:3", "rain"]


def test_every_type_that_rules_look_at_is_read_or_it_is_said_why_not() -> None:
    rules = Path(str(sys.modules["rules.rule"].__file__)).parent
    words = {word for file in rules.glob("*.py") for word in re.findall(r'"azure-native:(\w+:\w+)"', file.read_text())}
    words |= {name.removeprefix("azure-native:") for rule in catalogue() for name in rule.applies_to
              if name.startswith("azure-native:") and name != ANY}  # fmt: skip

    assert words - {kind.type for kind in KINDS.values()} == NOT_ASKED.keys()


# Against the local environment.


@pytest.fixture(scope="module", name="clicked")
def _clicked(local_azure: LocalAzure) -> str:
    """A group in which nothing was made by Pulumi: a workspace as the portal makes it, and what is in it."""
    workspace = make_workspace(local_azure, "clicked", "byhand")
    endpoint = {"location": "eastus", "properties": {"authMode": "Key"}, "identity": {"type": "SystemAssigned"}}
    local_azure.put(f"{workspace}/onlineEndpoints/open", "2024-10-01", endpoint)
    lock = f"{workspace}/providers/Microsoft.Authorization/locks/kept"
    local_azure.put(lock, "2020-05-01", {"properties": {"level": "CanNotDelete"}})
    budget = f"{make_group(local_azure, 'clicked')}/providers/Microsoft.Consumption/budgets/month"
    told = {"enabled": True, "operator": "GreaterThan", "threshold": 80, "contactEmails": ["a@example.com"]}
    says = {"amount": 100, "timeGrain": "Monthly", "category": "Cost", "notifications": {"1": told, "2": told}}
    local_azure.put(budget, "2023-11-01", {"properties": says})
    return workspace


@pytest.fixture(autouse=True)
def _without_faults(local_azure: LocalAzure) -> Iterator[None]:
    yield
    local_azure.context.faults.clear()


def check(azure: LocalAzure, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command as `local-azure run` runs it."""
    own = {**environment.inherited(), **azure.environment(), **more, "PATH": os.environ["PATH"]}
    command = [str(COMMAND), "check", "--live", "--output", "json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=own)


def test_what_was_clicked_together_is_judged_like_what_a_program_made(local_azure: LocalAzure, clicked: str) -> None:
    done = check(local_azure, "--resource-group", "clicked")

    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert done.returncode == 5, report["summary"]
    assert report["kind"] == "live"
    assert report["unread"] == []
    types = Counter(thing["type"].rpartition("azure-native:")[2] for thing in report["things"].values())
    assert {"machinelearningservices:Workspace", "machinelearningservices:OnlineEndpoint", "storage:StorageAccount",
            "keyvault:Vault", "applicationinsights:Component", "authorization:ManagementLockByScope",
            "consumption:Budget", "resources:ResourceGroup"} <= types.keys()  # fmt: skip
    outcomes = {(row["rule"], row["resource"].lower()): row["outcome"] for row in report["rows"]}
    assert outcomes["W01", clicked.lower()] == "fail"
    assert outcomes["E02", f"{clicked}/onlineEndpoints/open".lower()] == "fail"


def test_what_refuses_to_be_read_is_in_the_report_and_costs_the_exit_code(
    local_azure: LocalAzure, clicked: str
) -> None:
    endpoints = f"{clicked}/onlineEndpoints"
    local_azure.context.faults.order(Fault(kind="error", pattern=f"GET {re.escape(endpoints)}$", times=99))

    done = check(local_azure, "--resource-group", "clicked")

    report = json.loads(done.stdout)
    assert report["unread"] == [f"{endpoints}: Azure answered 503 ServiceUnavailable"]
    assert done.returncode == 5


@pytest.mark.parametrize(
    ("arguments", "more", "expected"),
    [
        (("--resource-group", "nowhere"), {}, "resourceGroups/nowhere: Azure answered 404 ResourceGroupNotFound"),
        ((), {"AZURE_CLIENT_SECRET": "wrong"}, "Azure refuses the sign-in: AADSTS7000215: Invalid client secret"),
        (
            (),
            {"AZURE_SUBSCRIPTION_ID": ""},
            "no subscription is named; give --subscription",
        ),
    ],
)
def test_what_keeps_everything_from_being_read_is_one_line(
    local_azure: LocalAzure, arguments: tuple[str, ...], more: Mapping[str, str], expected: str
) -> None:
    done = check(local_azure, *arguments, **more)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert expected in done.stderr
