"""Rules about role assignments: nobody may grant, nobody has more than the work needs, and rights are of groups."""

import re

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, expect
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, MANDATORY, PROFILES, Rule, Setting, Settings, everywhere

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


_CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
_WIDE = r"(/subscriptions/[^/]+(/resourcegroups/[^/]+)?|/providers/microsoft.management/.*)?"
_ML = "microsoft.machinelearningservices"


def role_of(props: Props) -> str | Absent | Unknown:
    """Tell the GUID of the role that is granted, in lower case."""
    role = props.enum("roleDefinitionId")
    return role.rsplit("/", 1)[-1] if isinstance(role, str) else role


def _grants_what_fits(props: Props, _settings: Settings) -> Finding:
    role, scope = role_of(props), props.enum("scope")
    if isinstance(role, Absent) or (isinstance(role, str) and role != _CONTRIBUTOR):
        return PASS  # who says no role is refused by R01
    if isinstance(scope, str) and "/providers/" in scope and _ML not in scope:
        return NotApplicable("it is about nothing of Azure ML")
    if isinstance(role, Unknown) or isinstance(scope, Unknown):
        return CannotTell("roleDefinitionId" if isinstance(role, Unknown) else "scope")
    return Fail("Grant AzureML Data Scientist, Compute Operator or Registry User instead of Contributor.")


def _grants_to_a_group(props: Props, _settings: Settings) -> Finding:
    path = "principalType"
    found = props.enum(path)
    wanted = found if found in ("group", "serviceprincipal") else "group"
    return expect(found, wanted, path, f"Set {path} to 'Group' or 'ServicePrincipal'; Azure's default is a user.")


def _is_narrow(props: Props, settings: Settings) -> Finding:
    role = role_of(props)
    if isinstance(role, Unknown):
        return CannotTell("roleDefinitionId")
    if role not in [str(one).lower() for one in settings["roles"]]:
        return NotApplicable("the role is none of Azure ML's")
    match props.enum("scope"):
        case Unknown():
            return CannotTell("scope")
        case str() as scope if not re.fullmatch(_WIDE, scope.rstrip("/")):
            return PASS
    return Fail("Grant it on the workspace or the registry, not on what they stand in.")


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
    Rule(
        id="R02",
        name="no-contributor-where-aml-role-fits",
        applies_to=(ROLE_ASSIGNMENT,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A contributor may delete the workspace, open its network and read its keys.",
        fix="Grant AzureML Data Scientist, Compute Operator or Registry User instead of Contributor.",
        check=_grants_what_fits,
        maps={"waf": ("SE",)},
    ),
    Rule(
        id="R03",
        name="groups-not-users",
        applies_to=(ROLE_ASSIGNMENT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="A right of one person outlives the reason for it, because nobody reviews it.",
        check=_grants_to_a_group,
        maps={"waf": ("SE",)},
    ),
    Rule(
        id="R04",
        name="narrow-scope",
        applies_to=(ROLE_ASSIGNMENT,),
        levels=dict.fromkeys(PROFILES, ADVISORY),
        severity=Severity.MEDIUM,
        why="A right on a resource group is a right on everything that will ever be put there.",
        fix="Grant it on the workspace or the registry, not on what they stand in.",
        check=_is_narrow,
        settings={
            "roles": Setting(
                meaning="roles of Azure ML that are granted on a workspace or a registry only",
                schema={"type": "array", "items": {"type": "string"}},
                defaults=everywhere(
                    [
                        "f6c7c914-8db3-469d-8ca1-694a8f32e121",  # AzureML Data Scientist
                        "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",  # AzureML Compute Operator
                        "1823dd4f-9b8c-4ab6-ab4e-7397a3684615",  # AzureML Registry User
                        "635dd51f-9968-44d3-b7fb-6d9a6bd613ae",  # AzureML Metrics Writer
                    ]
                ),
            )
        },
        maps={"waf": ("SE",)},
    ),
)
