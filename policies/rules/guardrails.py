"""The rule about what Azure itself refuses, to whoever asks: these rules see only what Pulumi makes."""

from collections.abc import Iterator

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable
from rules.joins import WORKSPACE, lies_in, refers
from rules.lists import matches, names, same
from rules.profiles import where_people_rely_on_it
from rules.props import Absent, Unknown
from rules.rule import ADVISORY, InStack, Rule, Settings
from rules.stack import Resource, Stack

_ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
_SET = "azure-native:authorization:PolicySetDefinition"
_DEFINITION = "policyDefinitionId"
_MEMBERS = "policyDefinitions"

# Of Azure's own: what W01, C01, W10 and W03 refuse.
_GUARDRAILS = (
    "438c38d2-3772-465a-a9cc-7a6666a275ce",
    "e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
    "5f0c7d88-c7de-45b8-ac49-db49e72eaa78",
    "6ddb1705-c8cf-450e-aa4b-19ad6703c440",
)
_TWINS = {"6ddb1705-c8cf-450e-aa4b-19ad6703c440": "w03"}
"""What in `initiative.json` does for one of Azure's, by its reference: Azure's own refuses projects."""


def _is_guarded_by_azure_too(workspace: Resource, stack: Stack, settings: Settings) -> Finding:
    if workspace.props.enum("kind") == "project":
        return NotApplicable("a project is guarded with its hub")
    if settings["external"]:
        return PASS
    answers = [found for one in stack.of(_ASSIGNMENT) for found in _assigned(one, workspace, stack)]
    there = [one for one in answers if isinstance(one, str)]
    if any(matches(one, settings["initiatives"]) for one in there):
        return PASS
    missing = [one for one in settings["definitions"] if not {one.lower(), _TWINS.get(one.lower())} & {*there}]
    if not missing:
        return PASS
    unknown = next((one for one in answers if isinstance(one, CannotTell)), None)
    return unknown or Fail(
        "Assign these policies of Azure to this workspace's group, enforced: aml-kit:guardrails of the stack file or "
        f"authorization:PolicyAssignment. Somebody else's are said by this rule's external. {', '.join(missing)}."
    )


def _assigned(assignment: Resource, workspace: Resource, stack: Stack) -> Iterator[str | CannotTell]:
    """Tell what an assignment puts in force around the workspace: definitions by the last part of their id.

    Of an initiative of this stack also its members, and what they are called in it.
    """
    around, mode = lies_in(workspace, assignment, "scope"), assignment.props.enum("enforcementMode")
    if around is False or mode not in ("default", Absent(), Unknown()):
        return
    sets = [one for one in stack.of(_SET) if refers(assignment, _DEFINITION, one) is True]
    definition = assignment.props.enum(_DEFINITION)
    for path, found in (("scope", around), ("enforcementMode", mode), (_DEFINITION, definition)):
        if isinstance(found, Unknown) and not (path == _DEFINITION and sets):
            yield CannotTell(path)
            return
    if isinstance(definition, str):
        yield definition.rsplit("/", 1)[-1]
    for one in sets:
        yield from _held(one)


def _held(one: Resource) -> Iterator[str | CannotTell]:
    members = one.props.items(_MEMBERS)
    if isinstance(members, Unknown):
        yield CannotTell(_MEMBERS)
    for member in () if isinstance(members, Absent | Unknown) else members:
        if isinstance(member, Unknown):
            yield CannotTell(_MEMBERS)
            continue
        for said in (member.enum(_DEFINITION), member.enum("policyDefinitionReferenceId")):
            if isinstance(said, str):
                yield said.rsplit("/", 1)[-1]


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
