"""The rule about what Azure itself refuses, to whoever asks: these rules see only what Pulumi makes."""

from pulumi_policy import Severity

from rules.joins import WORKSPACE, lies_in
from rules.lists import matches, names, same
from rules.profiles import where_people_rely_on_it
from rules.props import Absent, Unknown
from rules.rule import (
    ADVISORY,
    PASS,
    CannotTell,
    Fail,
    Finding,
    InStack,
    NotApplicable,
    Resource,
    Rule,
    Settings,
    Stack,
)

_ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
_DEFINITION = "policyDefinitionId"

# Of Azure's own: what W01, C01, W10 and W03 refuse.
_GUARDRAILS = (
    "438c38d2-3772-465a-a9cc-7a6666a275ce",
    "e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
    "5f0c7d88-c7de-45b8-ac49-db49e72eaa78",
    "6ddb1705-c8cf-450e-aa4b-19ad6703c440",
)


def _is_guarded_by_azure_too(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    if workspace.props.enum("kind") == "project":
        return NotApplicable("a project is guarded with its hub")
    if settings["external"]:
        return PASS
    answers = [_assigned(one, workspace) for one in stack.of(_ASSIGNMENT)]
    there = [one for one in answers if isinstance(one, str)]
    if any(matches(one, settings["initiatives"]) for one in there):
        return PASS
    missing = [one for one in settings["definitions"] if one.lower() not in there]
    if not missing:
        return PASS
    unknown = next((one for one in answers if isinstance(one, CannotTell)), None)
    return unknown or Fail(
        "Assign these policies of Azure to this workspace's group, enforced: aml-kit:guardrails of the stack file or "
        f"authorization:PolicyAssignment. Somebody else's are said by this rule's external. {', '.join(missing)}."
    )


def _assigned(assignment: Resource, workspace: Resource) -> str | CannotTell | None:
    """Tell which definition an assignment puts in force around the workspace, by the last part of its id."""
    around, mode = lies_in(workspace, assignment, "scope"), assignment.props.enum("enforcementMode")
    if around is False or mode not in ("default", Absent(), Unknown()):
        return None
    definition = assignment.props.enum(_DEFINITION)
    for path, found in (("scope", around), ("enforcementMode", mode), (_DEFINITION, definition)):
        if isinstance(found, Unknown):
            return CannotTell(path)
    return definition.rsplit("/", 1)[-1] if isinstance(definition, str) else None


RULES = (
    Rule(
        id="R10",
        name="runtime-guardrail-parity",
        applies_to=(WORKSPACE,),
        levels=where_people_rely_on_it(ADVISORY),
        severity=Severity.MEDIUM,
        why="What somebody clicks together in the portal passes none of these rules.",
        check=InStack(_is_guarded_by_azure_too),
        settings={
            "definitions": names("Azure's policies that are in force around a workspace", _GUARDRAILS),
            "initiatives": names("initiatives of which one will do instead; `*` stands for anything"),
            "external": same(
                "whether somebody else assigns them, such as the subscription's owner", {"type": "boolean"}, value=False
            ),
        },
        maps={
            "azpolicy": ("438c38d2", "5f0c7d88", "6ddb1705", "e96a9a5f"),
            "ai-landing-zones": ("G-R1", "G-R7"),
        },
    ),
)
