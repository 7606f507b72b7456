"""Names in the world: which are taken, which are held by what was deleted; and what the deployer may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from environments.local.arm.errors import ArmError, conflict
from environments.local.arm.resource_types import Action, Reply, ResourceType
from environments.local.services.container_registry import REGISTRY
from environments.local.services.key_vault import DELETED, VAULT
from environments.local.services.postgresql import SERVER
from environments.local.services.storage import ACCOUNT
from environments.local.subscription import table

if TYPE_CHECKING:
    from environments.local.arm.resource_types import Body, Context, Request

_LOGS = "Microsoft.OperationalInsights/workspaces"
_UNIQUE = (ACCOUNT, VAULT, REGISTRY, SERVER)


def holder(context: Context, kind: str, name: str) -> str:
    """Say who has a name of a type that is unique in the world; empty: it is free."""
    names = table(context.home, "names")
    if any(name.lower() == each.lower() for each in (names["taken"].get(kind) or ())):
        return f"The name '{name}' is already in use."
    if kind == VAULT and name.lower() in _deleted_vaults(context):
        return f"A vault with the name '{name}' exists in deleted state. Recover it, purge it or use another name."
    if any(each.id.name.lower() == name.lower() for each in context.store.of_type(kind)):
        return f"The name '{name}' is already in use."
    return ""


def admit(context: Context, request: Request) -> None:
    """Refuse what the subscription may not have: a namespace not registered, a right not given, a name not free.

    Raises ArmError.
    """
    kind, namespace = request.id.type, request.id.namespace or "Microsoft.Resources"
    state = registration(context, namespace)
    if state != "Registered":
        raise ArmError(
            409,
            "MissingSubscriptionRegistration",
            f"The subscription is not registered to use namespace '{namespace}'.",
        )
    if request.principal.object_id == context.settings.object_id and not _allowed(context, f"{kind}/write"):
        raise ArmError(
            403,
            "AuthorizationFailed",
            f"The client '{request.principal.name}' with object id '{request.principal.object_id}' does not have"
            f" authorization to perform action '{kind}/write' over scope '{request.id}'.",
        )
    if kind.lower() in {each.lower() for each in _UNIQUE} and context.store.get(request.id) is None:
        canonical = next(each for each in _UNIQUE if each.lower() == kind.lower())
        names = table(context.home, "names")
        held = {each.lower() for each in (names["taken"].get(canonical) or ())}
        if canonical == VAULT:
            held |= {each.lower() for each in names["deletedVaults"]}
        if request.id.name.lower() in held:
            raise conflict(holder(context, canonical, request.id.name), "NameAlreadyTaken")


def registration(context: Context, namespace: str) -> str:
    """The state of a resource provider; what the table does not name is registered."""
    states = {name.lower(): state for name, state in table(context.home, "providers").items()}
    return str(states.get(namespace.lower(), "Registered"))


def _allowed(context: Context, action: str) -> bool:
    for each in table(context.home, "permissions")["deployer"]:
        allowed = any(_matches(pattern, action) for pattern in each.get("actions") or ())
        if allowed and not any(_matches(pattern, action) for pattern in each.get("notActions") or ()):
            return True
    return False


def _matches(pattern: str, action: str) -> bool:
    head, star, tail = pattern.lower().partition("*")
    wanted = action.lower()
    return wanted.startswith(head) and wanted.endswith(tail) if star else wanted == head


def _deleted_vaults(context: Context) -> dict[str, Body]:
    """By name: those of the table, and those that were deleted here with purge protection on."""
    rows = dict(table(context.home, "names")["deletedVaults"])
    own = {
        name: {"vaultId": row["id"], "purgeProtectionEnabled": True}
        for name, row in context.store.documents(DELETED).items()
    }
    return {name.lower(): {"purgeProtectionEnabled": False, **row} for name, row in {**rows, **own}.items()}


def _vaults(context: Context, _request: Request) -> Reply:
    where = f"/subscriptions/{context.settings.subscription}/providers/Microsoft.KeyVault/locations"
    rows = [
        {
            "id": f"{where}/{row.get('location') or context.settings.region}/deletedVaults/{name}",
            "name": name,
            "type": "Microsoft.KeyVault/deletedVaults",
            "properties": {"location": context.settings.region, **row},
        }
        for name, row in _deleted_vaults(context).items()
    ]
    return Reply(body={"value": rows, "nextLink": None})


def _logs(context: Context, _request: Request) -> Reply:
    rows = [
        {
            "id": f"/subscriptions/{context.settings.subscription}/resourceGroups/{row['resourceGroup']}"
            f"/providers/{_LOGS}/{name}",
            "name": name,
            "type": _LOGS,
            "location": context.settings.region,
            "properties": {},
        }
        for name, row in table(context.home, "names")["deletedWorkspaces"].items()
    ]
    return Reply(body={"value": rows, "nextLink": None})


def _permissions(context: Context, _request: Request) -> Reply:
    return Reply(body={"value": table(context.home, "permissions")["deployer"], "nextLink": None})


def _available(kind: str) -> Action:
    def run(context: Context, request: Request) -> Reply:
        if not request.body.get("name"):
            raise ArmError(400, "InvalidRequestContent", "checkNameAvailability needs a 'name'.")
        why = holder(context, kind, str(request.body["name"]))
        if not why:
            return Reply(body={"nameAvailable": True})
        return Reply(body={"nameAvailable": False, "reason": "AlreadyExists", "message": why})

    return Action(run=run, on_missing=True)


RESOURCE_TYPES = (
    *(
        ResourceType(type=kind.partition("/")[0], actions={"checknameavailability": _available(kind)})
        for kind in _UNIQUE
    ),
    ResourceType(type="Microsoft.KeyVault/deletedVaults", answered=_vaults),
    ResourceType(type="Microsoft.OperationalInsights/deletedWorkspaces", answered=_logs),
    ResourceType(type="Microsoft.Authorization/permissions", answered=_permissions),
)
