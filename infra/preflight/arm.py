"""The port over Azure Resource Manager's REST interface; the only user of Azure's SDK in `infra`."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RequestIdPolicy,
    RetryPolicy,
    UserAgentPolicy,
)
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import DefaultAzureCredential

from infra.preflight import answers
from infra.preflight.findings import CannotTellError
from infra.preflight.port import Deleted, Permission, Policy, Servers, Size, Sku, Taken, Usage

_HOST = "https://management.azure.com"
_SCOPE = f"{_HOST}/.default"
_PATIENCE_SECONDS = 60
"""How long one question may take, all its repetitions and Azure's own waiting times included."""
_ML = "Microsoft.MachineLearningServices"
_ML_VERSION, _COMPUTE_VERSION, _POLICY_VERSION = "2024-10-01", "2021-07-01", "2023-04-01"
_POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
_NAMES = {
    "Microsoft.Storage/storageAccounts": "2024-01-01",
    "Microsoft.KeyVault/vaults": "2023-07-01",
    "Microsoft.ContainerRegistry/registries": "2023-07-01",
    _POSTGRES: "2024-08-01",
}

_Value = TypeVar("_Value")


class ResourceManager:
    """Azure, asked as whoever is signed in.  Each question is asked once."""

    def __init__(self, subscription: str | None = None) -> None:
        self._subscription = subscription or os.environ.get("ARM_SUBSCRIPTION_ID")
        self._subscription = self._subscription or os.environ.get("AZURE_SUBSCRIPTION_ID")
        policies = [
            RequestIdPolicy(),
            HeadersPolicy(),
            UserAgentPolicy("aml-kit-preflight"),
            RetryPolicy(retry_total=3, retry_backoff_factor=0.4, timeout=_PATIENCE_SECONDS),
            BearerTokenCredentialPolicy(DefaultAzureCredential(exclude_interactive_browser_credential=True), _SCOPE),
        ]
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(_HOST, policies=policies)
        self._known: dict[str, Any] = {}

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def subscription(self) -> str:
        """The one that was named; else the only one there is."""
        if self._subscription:
            self._get(f"/subscriptions/{self._subscription}", "2022-12-01")
            return self._subscription
        found = [each["subscriptionId"] for each in self._list("/subscriptions", "2022-12-01")]
        if len(found) != 1:
            raise CannotTellError(f"there are {len(found)} subscriptions, and none is named")
        self._subscription = str(found[0])
        return self._subscription

    def providers(self) -> Mapping[str, str]:
        """Registration state by lower-cased namespace."""
        found = self._list(f"{self._root()}/providers", "2021-04-01")
        return self._read(lambda: {each["namespace"].lower(): each["registrationState"] for each in found})

    def regions(self, kind: str) -> frozenset[str]:
        """Where a resource type can be had."""
        namespace, _, rest = kind.partition("/")
        found = self._get(f"{self._root()}/providers/{namespace}", "2021-04-01")
        return self._read(
            lambda: frozenset(
                answers.plain_region(region)
                for each in found["resourceTypes"]
                if each["resourceType"].lower() == rest.lower()
                for region in each["locations"]
            )
        )

    def sizes(self, region: str) -> Mapping[str, Size]:
        """Machine sizes of Azure ML by lower-cased name."""
        found = self._list(f"{self._root()}/providers/{_ML}/locations/{region}/vmSizes", _ML_VERSION)
        return self._read(lambda: {each["name"].lower(): answers.size(each) for each in found})

    def skus(self, region: str) -> Mapping[str, Sku]:
        """Machine sizes of the subscription by lower-cased name."""
        path = f"{self._root()}/providers/Microsoft.Compute/skus?$filter=location eq '{region}'"
        found = self._list(path, _COMPUTE_VERSION)
        read = self._read(lambda: [answers.sku(each, region) for each in found])
        return {each.name.lower(): each for each in read if each is not None}

    def ml_usages(self, region: str) -> tuple[Usage, ...]:
        """Azure ML's own quota."""
        return self._usages(f"{_ML}/locations/{region}/usages", _ML_VERSION)

    def vm_usages(self, region: str) -> tuple[Usage, ...]:
        """The quota of virtual machines."""
        return self._usages(f"Microsoft.Compute/locations/{region}/usages", "2024-07-01")

    def servers(self, region: str) -> Servers:
        """What PostgreSQL's flexible servers may be."""
        path = f"{self._root()}/providers/{_POSTGRES.partition('/')[0]}/locations/{region}/capabilities"
        found = self._list(path, _NAMES[_POSTGRES])
        return self._read(lambda: answers.servers(found))

    def taken(self, kind: str, name: str) -> Taken:
        """Whether a name that is unique in the world can be had."""
        path = f"{self._root()}/providers/{kind.partition('/')[0]}/checkNameAvailability"
        found = self._ask("POST", path, _NAMES[kind], {"name": name, "type": kind})
        return self._read(lambda: Taken(free=bool(found["nameAvailable"]), why=str(found.get("message") or "")))

    def find(self, resource_id: str, version: str) -> Mapping[str, Any] | None:
        """One resource as it is now, or None."""
        found: Mapping[str, Any] | None = self._ask("GET", resource_id, version, missing=True)
        return found

    def deleted(self) -> tuple[Deleted, ...]:
        """Deleted vaults and Log Analytics workspaces."""
        vaults = self._list(f"{self._root()}/providers/Microsoft.KeyVault/deletedVaults", "2023-07-01")
        logs = self._list(f"{self._root()}/providers/Microsoft.OperationalInsights/deletedWorkspaces", "2023-09-01")
        return self._read(lambda: (*map(answers.deleted_vault, vaults), *map(answers.deleted_logs, logs)))

    def permissions(self, scope: str) -> tuple[Permission, ...]:
        """What the caller may do at a scope."""
        found = self._list(f"{scope}/providers/Microsoft.Authorization/permissions", "2022-04-01")
        return self._read(lambda: tuple(map(answers.permission, found)))

    def policies(self, scope: str) -> tuple[Policy, ...]:
        """Policies in force at a scope, initiatives taken apart."""
        path = f"{scope}/providers/Microsoft.Authorization/policyAssignments?$filter=atScope()"
        found = self._list(path, _POLICY_VERSION)
        return self._read(
            lambda: tuple(one for each in found if answers.applies(each, scope) for one in self._in_force(each))
        )

    def _in_force(self, assignment: Mapping[str, Any]) -> Iterable[Policy]:
        target = str(assignment["properties"]["policyDefinitionId"])
        given = answers.given(assignment["properties"].get("parameters") or {})
        if "/policysetdefinitions/" not in target.lower():
            return (answers.policy(assignment, self._get(target, _POLICY_VERSION), given),)
        initiative = self._get(target, _POLICY_VERSION)
        return tuple(
            answers.policy(assignment, self._get(member, _POLICY_VERSION), inner)
            for member, inner in answers.members(initiative, given)
        )

    # ------------------------------------------------------------ asking

    def _root(self) -> str:
        return f"/subscriptions/{self.subscription()}"

    def _usages(self, path: str, version: str) -> tuple[Usage, ...]:
        found = self._list(f"{self._root()}/providers/{path}", version)
        return self._read(lambda: tuple(map(answers.usage, found)))

    def _list(self, path: str, version: str) -> list[Any]:
        """All pages of a list."""
        page = self._get(path, version)
        found = list(page.get("value") or ())
        while page.get("nextLink"):
            page = self._ask("GET", str(page["nextLink"]), "")
            found += page.get("value") or ()
        return found

    def _get(self, path: str, version: str) -> Any:  # noqa: ANN401  JSON
        return self._ask("GET", path, version)

    def _ask(
        self, method: str, path: str, version: str, body: Mapping[str, Any] | None = None, *, missing: bool = False
    ) -> Any:  # noqa: ANN401  JSON
        key = f"{method} {path} {body}"
        if key not in self._known:
            self._known[key] = self._asked(method, path, version, body, missing=missing)
        return self._known[key]

    def _asked(self, method: str, path: str, version: str, body: Mapping[str, Any] | None, *, missing: bool) -> Any:  # noqa: ANN401  JSON
        address = path if path.startswith("https:") else f"{_HOST}{path}"
        asked = HttpRequest(method, address, params={"api-version": version} if version else {}, json=body)
        what = f"{method} {address.removeprefix(_HOST).partition('?')[0]}"
        try:
            reply = self._client.send_request(asked)
        except ClientAuthenticationError as error:
            raise CannotTellError(f"nobody is signed in: {_first_line(error)}") from error
        except AzureError as error:
            raise CannotTellError(f"Azure cannot be reached ({what}): {_first_line(error)}") from error
        if missing and reply.status_code == 404:  # noqa: PLR2004
            return None
        return self._read(lambda: _content(reply, what))

    def _read(self, read: Callable[[], _Value]) -> _Value:
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CannotTellError(f"Azure's answer cannot be read ({type(error).__name__}: {error})") from error


def _content(reply: HttpResponse, what: str) -> Any:  # noqa: ANN401  JSON
    status = reply.status_code
    if 200 <= status < 300:  # noqa: PLR2004
        return reply.json()
    told = _told(reply)
    match status:
        case 401 | 403:
            raise CannotTellError(f"you may not ask it ({what}): {told}")
        case 404:
            raise CannotTellError(f"there is no such thing ({what}): {told}")
        case 429:
            raise CannotTellError(f"Azure is throttling ({what}); try again in some minutes")
    raise CannotTellError(f"Azure answered {status} ({what}): {told}")


def _told(reply: HttpResponse) -> str:
    try:
        error = reply.json()["error"]
        return f"{error['code']}: {str(error['message']).splitlines()[0]}"
    except (KeyError, TypeError, ValueError, IndexError):
        return reply.reason or "no reason given"


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
