"""What neither Azure's SDK nor its schemas say about a resource type: its path, what replaces it, what is secret.

Written by hand, from Azure's REST reference.  Properties are named as programs write them (`publicNetworkAccess`), with
dots into objects.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from environments.local.azure_types import UnknownTypeError, azure_type
from environments.local.immutable import is_fixed
from environments.local.provider import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.azure_types import AzureType

_HOLE = re.compile(r"{(\w+)}")
_SCOPES = frozenset({"scope", "resourceUri"})

FIXED_NAMES: Mapping[str, str] = {
    "storage:BlobContainerImmutabilityPolicy": "default",
    "storage:BlobInventoryPolicy": "default",
    "storage:BlobServiceProperties": "default",
    "storage:FileServiceProperties": "default",
    "storage:ManagementPolicy": "default",
    "storage:QueueServiceProperties": "default",
    "storage:TableServiceProperties": "default",
}
"""The only name that Azure takes."""

GUID_NAMES = frozenset({
    "applicationinsights:Workbook",
    "authorization:RoleAssignment",
    "authorization:RoleDefinition",
})  # fmt: skip
"""Named by a GUID."""

BORN_WITH_PARENT = frozenset(
    {
        "dbforpostgresql:Configuration",
        "storage:BlobServiceProperties",
        "storage:FileServiceProperties",
        "storage:QueueServiceProperties",
        "storage:TableServiceProperties",
        "resources:TagAtScope",
    }
)
"""There as soon as their parent is: creating them is writing them, and only their parent's deletion removes them."""

SECRET: Mapping[str, tuple[str, ...]] = {
    "app:ContainerApp": ("configuration.secrets",),
    "app:Job": ("configuration.secrets",),
    "app:ManagedEnvironmentsStorage": ("properties.azureFile.accountKey",),
    "applicationinsights:Component": ("connectionString", "instrumentationKey"),
    "containerservice:ManagedCluster": ("servicePrincipalProfile.secret", "windowsProfile.adminPassword"),
    "dbforpostgresql:Server": ("administratorLoginPassword",),
    "keyvault:Secret": ("properties.value",),
    "machinelearningservices:BatchEndpoint": ("properties.keys",),
    "machinelearningservices:Compute": ("properties.properties.userAccountCredentials.adminUserPassword",
                                        "properties.properties.adminAccount.password"),
    "machinelearningservices:Datastore": ("properties.credentials.secrets",),
    "machinelearningservices:OnlineEndpoint": ("properties.keys",),
    "machinelearningservices:WorkspaceConnection": ("properties.credentials", "properties.metadata"),
    "monitor:ActionGroup": ("webhookReceivers",),
    "operationalinsights:Workspace": (),
}  # fmt: skip
"""Kept encrypted in the state, whether or not the program says so."""

QUERY: Mapping[str, tuple[str, ...]] = {
    "machinelearningservices:Datastore": ("skipValidation",),
    "network:VirtualNetworkPeering": ("syncRemoteAddressSpace",),
    "storage:FileShare": ("expand",),
}
"""Inputs that travel in the query, not in the body."""


class UnservedTypeError(LookupError):
    """The provider has no path for this type."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A type that the provider serves."""

    key: str
    """`module:Name`, as in the tables above."""
    type: AzureType
    path: str
    """The resource's id with `{input}` for each part of it."""

    @property
    def path_inputs(self) -> tuple[str, ...]:
        """The inputs that make the id, in order; `subscriptionId` is the provider's own."""
        return tuple(hole for hole in _HOLE.findall(self.path) if hole != "subscriptionId")

    @property
    def name_input(self) -> str:
        """The input that names the resource itself; empty where the name is fixed by Azure."""
        last = self.path.rsplit("/", 1)[1]
        return last[1:-1] if last.startswith("{") else ""

    @property
    def arm_type(self) -> str:
        """As Azure writes it, such as `Microsoft.Storage/storageAccounts`."""
        return arm_type(self.path)

    def id(self, inputs: Mapping[str, object], subscription: str) -> str:
        """The id of the resource that these inputs describe."""
        found = _HOLE.sub(lambda hole: _part(hole[1], inputs, subscription), self.path)
        return "/" + found.lstrip("/")

    def inputs_of(self, resource_id: str) -> dict[str, str]:
        """Read the inputs back from an id.

        Raises ValueError when the id is none of this type.
        """
        pattern = "".join(
            f"(?P<{each[1:-1]}>{'.+' if each[1:-1] in _SCOPES else '[^/]+'})"
            if _HOLE.fullmatch(each)
            else re.escape(each)
            for each in re.split(r"({\w+})", self.path)
        )
        found = re.fullmatch(pattern, resource_id, re.IGNORECASE)
        if found is None:
            raise ValueError(f"{resource_id} is no id of {self.key}: it must look like {self.path}")
        return {name: value for name, value in found.groupdict().items() if name != "subscriptionId"}

    def replaces(self, property_path: str) -> bool:
        """Whether a change there needs a new resource."""
        first = re.split(r"[.\[]", property_path, maxsplit=1)[0]
        if first in {*self.path_inputs, "location"}:
            return True
        return is_fixed(self.key, property_path)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Properties that are secret in every program."""
        return SECRET.get(self.key, ())


def served(token: str) -> Served:
    """What is known of a token.  Raises UnservedTypeError, naming it."""
    try:
        kind = azure_type(token)
    except UnknownTypeError as error:
        raise UnservedTypeError(str(error)) from error
    key = kind.token.removeprefix("azure-native:")
    if key not in paths.PATHS:
        raise UnservedTypeError(
            f"{token} is not served by the local environment's azure-native provider: "
            "add its path to environments/local/provider/paths.py"
        )
    return Served(key=key, type=kind, path=paths.PATHS[key])


def arm_type(path: str) -> str:
    """The ARM type of what lies at a path."""
    parts = path.rsplit("/providers/", 1)
    if len(parts) == 1:
        return "Microsoft.Resources/resourceGroups"
    namespace, *rest = parts[1].split("/")
    return "/".join([namespace, *rest[::2]])


_VARIANTS: Mapping[str, tuple[str, ...]] = {"recordType": ("A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT")}
"""Inputs that are part of a type's name, and what they may be."""


@functools.cache
def by_arm_type() -> Mapping[str, str]:
    """Tokens' keys by lower-cased ARM type."""
    found: dict[str, str] = {}
    for key, path in paths.PATHS.items():
        name = arm_type(path)
        hole = _HOLE.search(name)
        for variant in _VARIANTS[hole[1]] if hole else ("",):
            found.setdefault(_HOLE.sub(variant, name).lower(), key)
    return found


def _part(name: str, inputs: Mapping[str, object], subscription: str) -> str:
    if name == "subscriptionId":
        return subscription
    value = str(inputs[name])
    return value.strip("/") if name in _SCOPES else value
