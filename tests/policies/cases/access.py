"""Cases of the rules about role assignments."""

from tests.policies.case import UNKNOWN_TEXT, Case, Outcome

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
_ROLES = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"


def _case(said: str, role: str, outcome: Outcome) -> Case:
    return Case(rule="R01", said=said, type=ASSIGNMENT, props={"roleDefinitionId": role}, outcome=outcome)


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
)
