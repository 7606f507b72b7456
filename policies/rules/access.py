"""Rules about role assignments: nobody is given the power to give power."""

from pulumi_policy import Severity

from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import MANDATORY, PASS, CannotTell, Fail, Finding, Rule, Settings

ROLE_ASSIGNMENT = "azure-native:authorization:RoleAssignment"

# Azure's built-in roles that can grant roles ("Azure built-in roles", privileged).
_OWNERS = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",  # Role Based Access Control Administrator
)


def _grants_no_ownership(props: Props, _settings: Settings) -> Finding:
    match props.enum("roleDefinitionId"):
        case Unknown():
            return CannotTell("roleDefinitionId")
        case Absent():
            return Fail("Say which role roleDefinitionId is.")
        case role:
            return PASS if role.rsplit("/", 1)[-1] not in _OWNERS else Fail("Grant a role that cannot grant roles.")


RULES = (
    Rule(
        id="R01",
        name="no-owner-grants",
        applies_to=(ROLE_ASSIGNMENT,),
        levels=refused(dev=MANDATORY),
        severity=Severity.CRITICAL,
        why="Whoever may grant roles may grant themselves everything.",
        check=_grants_no_ownership,
        maps={"mcsb": ("PA-1", "PA-7"), "ai-landing-zones": ("I-R5",)},
    ),
)
