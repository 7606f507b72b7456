"""What Azure's resource manager answers, in the words of azure-native, which are the rules' words; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from audit.kinds import GROUPS, KINDS, SCOPED, Kind
from audit.subjects import Subject
from rules.subscription import in_id

_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
_TRUST = f"{_IDENTITY}/federatedIdentityCredentials"
_ABOUT_A_SCOPE = tuple(KINDS[name] for name in SCOPED)
_BY_CASE = {name.lower(): name for name in KINDS}
_TOP = frozenset({"etag", "extendedLocation", "id", "identity", "kind", "location", "managedBy", "name", "plan", "sku",
                  "tags", "zones"})  # fmt: skip


def kind_of(arm_type: str) -> str | None:
    """Find the type in the table, whatever its case; None for what no rule looks at."""
    return _BY_CASE.get(arm_type.lower())


def type_in(azure_id: str) -> str:
    """Read `Microsoft.A/b/c` from an id; of two providers the last counts, and an id without any is a group's."""
    if "/providers/" not in azure_id.lower():
        return GROUPS
    namespace, *rest = re.split(r"/providers/", azure_id, flags=re.IGNORECASE)[-1].split("/")
    return "/".join([namespace, *rest[::2]])


def subjects(bodies: Sequence[Mapping[str, Any]]) -> tuple[Subject, ...]:
    """Read everything; who works as whom, which Pulumi knows of the wiring, is seen by the ids of identities."""
    known = {str(body["id"]).lower(): str(body["id"]) for body in bodies}
    principals: dict[object, list[str]] = {}
    for body in bodies:
        if principal := _principal(body):
            principals.setdefault(principal, []).append(str(body["id"]))
    return tuple(replace(subject(body), wired=_wired(body, known, principals)) for body in bodies)


def _principal(body: Mapping[str, Any]) -> object:
    """Whom a resource works as, of its own or because it is an identity."""
    is_identity = type_in(str(body["id"])).lower() == _IDENTITY.lower()
    return _object(body.get("properties" if is_identity else "identity")).get("principalId")


def _wired(
    body: Mapping[str, Any], known: Mapping[str, str], principals: Mapping[object, list[str]]
) -> dict[str, tuple[str, ...]]:
    azure_id = str(body["id"])
    worn = _object(_object(body.get("identity")).get("userAssignedIdentities"))
    wires = {
        "identity": tuple(known[str(one).lower()] for one in worn if str(one).lower() in known),
        "principalId": tuple(principals.get(_object(body.get("properties")).get("principalId"), ())),
    }
    if type_in(azure_id).lower() == _TRUST.lower():
        above = azure_id.rsplit("/", 2)[0].lower()
        wires["resourceName"] = (known[above],) if above in known else ()
    return {name: found for name, found in wires.items() if found and found != (azure_id,)}


def subject(body: Mapping[str, Any]) -> Subject:
    """Read one resource."""
    azure_id = str(body["id"])
    arm_type = kind_of(type_in(azure_id))
    kind = KINDS[arm_type] if arm_type else _other(azure_id)
    properties = _object(body.get("properties"))
    found: dict[str, Any] = {name: value for name, value in body.items() if name in _TOP}
    if kind.under_properties:
        found["properties"] = dict(properties)
    else:
        found |= {kind.renamed.get(_camel(name), _camel(name)): _lifted(kind, one) for name, one in properties.items()}
    said = {name: value for name, value in {**_address(azure_id, kind), **found}.items() if value is not None}
    return Subject(
        type=f"azure-native:{kind.type}",
        name=_name(azure_id, body),
        id=azure_id,
        inputs=said,
        state=said,
        subscription=in_id(azure_id),
    )


def _name(azure_id: str, body: Mapping[str, Any]) -> str:
    """What people call it; a version alone says nothing, so it is told with what it is a version of."""
    *_, above, below, leaf = ["", "", *azure_id.split("/")]
    name = str(body.get("name") or leaf)
    return f"{above}:{name}" if below.lower() == "versions" else name


def _other(azure_id: str) -> Kind:
    """What is none of the rules' types still stands somewhere, which rules about everything look at."""
    namespace, _, rest = type_in(azure_id).partition("/")
    return Kind(type=f"{namespace.lower().removeprefix('microsoft.')}:{rest}", version="")


def _address(azure_id: str, kind: Kind) -> dict[str, str]:
    """What an address says: the group, the names, and the resource that a setting or a grant is about."""
    scope, _, last = azure_id.rpartition("/providers/")
    values = last.split("/")[2::2]
    said = dict(zip(kind.names, values, strict=False))
    group = re.match(r"/subscriptions/[^/]+/resourcegroups/([^/]+)", azure_id, re.IGNORECASE)
    if group:
        said["resourceGroupName"] = group[1]
    if kind.type == "monitor:DiagnosticSetting":
        said["resourceUri"] = scope
    if kind in _ABOUT_A_SCOPE:
        said["scope"] = scope
    return said


def _lifted(kind: Kind, value: Any) -> Any:  # noqa: ANN401  JSON
    """In networks, azure-native lifts what stands under `properties` of every object in a list, too."""
    if not kind.type.startswith("network:"):
        return value
    if isinstance(value, list):
        return [_lifted(kind, one) for one in value]
    if isinstance(value, dict):
        under = value.get("properties")
        whole = {**{k: v for k, v in value.items() if k != "properties"}, **under} if isinstance(under, dict) else value
        return {name: _lifted(kind, one) for name, one in whole.items()}
    return value


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _camel(name: str) -> str:
    """`Application_Type` and `WorkspaceResourceId` are `applicationType` and `workspaceResourceId`."""
    first, *rest = name.split("_")
    return (first[:1].lower() + first[1:] if first else first) + "".join(one[:1].upper() + one[1:] for one in rest)
