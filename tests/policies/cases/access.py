"""Cases of the rules about role assignments."""

from tests.policies.case import UNKNOWN_TEXT, Case, Outcome

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
_ROLES = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"


def _case(said: str, role: str, outcome: Outcome) -> Case:
    return Case(rule="R01", said=said, type=ASSIGNMENT, props={"roleDefinitionId": role}, outcome=outcome)


_ML = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/mlw"
_VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv"
_CONTRIBUTOR = f"{_ROLES}b24988ac-6180-42a0-ab88-20f7382dd24c"
_SCIENTIST = f"{_ROLES}f6c7c914-8db3-469d-8ca1-694a8f32e121"


def _on(rule: str, said: str, role: str | None, scope: str | None, outcome: Outcome) -> Case:
    props = {"roleDefinitionId": role, "scope": scope}
    return Case(rule=rule, said=said, type=ASSIGNMENT, props=props, outcome=outcome)


def _to(said: str, kind: str | None, outcome: Outcome) -> Case:
    return Case(rule="R03", said=said, type=ASSIGNMENT, props={"principalType": kind}, outcome=outcome)


def _elsewhere(rule: str) -> Case:
    other = "azure-native:authorization:RoleDefinition"
    return Case(rule=rule, said="a role's definition", type=other, props={}, outcome="not applicable")


CASES = (
    _case("a reader", f"{_ROLES}acdd72a7-3385-48ef-bd42-f606fba81ae7", "pass"),
    _case("an owner", f"{_ROLES}8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "fail"),
    _case("an owner, in another case", f"{_ROLES}8E3AF657-A8FF-443C-A75C-2FE8C4BCB635", "fail"),
    _case("an access administrator", f"{_ROLES}18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "fail"),
    _case("a role administrator", f"{_ROLES}f58310d9-a9f6-439a-9e8d-f62e7b41a168", "fail"),
    Case(rule="R01", said="unset", type=ASSIGNMENT, props={}, outcome="fail"),
    _case("unknown", UNKNOWN_TEXT, "cannot tell"),
    Case(
        rule="R01",
        said="a role's definition",
        type="azure-native:authorization:RoleDefinition",
        props={},
        outcome="not applicable",
    ),
    _on("R02", "what fits", _SCIENTIST, _ML, "pass"),
    _on("R02", "everything, on the workspace", _CONTRIBUTOR, _ML, "fail"),
    _on("R02", "everything, on what it stands in", _CONTRIBUTOR, "/subscriptions/s/resourceGroups/g", "fail"),
    _on("R02", "everything, on something else", _CONTRIBUTOR, _VAULT, "not applicable"),
    _on("R02", "unset role", None, _ML, "pass"),
    _on("R02", "unset scope", _CONTRIBUTOR, None, "fail"),
    _on("R02", "unknown scope", _CONTRIBUTOR, UNKNOWN_TEXT, "cannot tell"),
    _on("R02", "unknown role", UNKNOWN_TEXT, _ML, "cannot tell"),
    _elsewhere("R02"),
    _to("a group", "Group", "pass"),
    _to("a program", "ServicePrincipal", "pass"),
    _to("a person", "User", "fail"),
    _to("unset, which is Azure's user", None, "fail"),
    _to("unknown", UNKNOWN_TEXT, "cannot tell"),
    _elsewhere("R03"),
    _on("R04", "on the workspace", _SCIENTIST, _ML, "pass"),
    _on("R04", "on what it stands in", _SCIENTIST, "/subscriptions/s/resourceGroups/g", "fail"),
    _on("R04", "unset scope", _SCIENTIST, None, "fail"),
    _on("R04", "unknown scope", _SCIENTIST, UNKNOWN_TEXT, "cannot tell"),
    _on("R04", "unknown role", UNKNOWN_TEXT, _ML, "cannot tell"),
    _on("R04", "another role", _CONTRIBUTOR, "/subscriptions/s", "not applicable"),
    _elsewhere("R04"),
)
