"""Private endpoints that the managed network is to make: whether they can lead where they should."""

from infra.preflight.check import Check
from infra.preflight.findings import Finding, good, unknown
from infra.preflight.plan import Stack
from infra.preflight.port import Azure
from infra.sections.choice import kind_of
from infra.sections.endpoint_parts import parts_of
from infra.sections.outbound import PrivateTarget


def _look(_azure: Azure, _stack: Stack) -> None:
    """Nothing: which parts a type has is our own table, and Azure says it only of what is there."""


def _judge(stack: Stack, _seen: None) -> tuple[Finding, ...]:
    asked = stack.settings.outbound.private if stack.settings.outbound else ()
    found = tuple(_of_one(f"outbound.private.{index}", each) for index, each in enumerate(asked))
    return found or (good("outbound", "the stack file names no resource to be reached by a private endpoint"),)


def _of_one(key: str, target: PrivateTarget) -> Finding:
    kind, about = kind_of(target.resource), f"{key} {target.resource.rsplit('/', 1)[1]}"
    if parts_of(target.resource):  # a part that the table does not have is refused with the settings
        return good(about, f"{target.part} is a part of a {kind}")
    return unknown(
        about,
        f"preflight does not know the parts of {kind}",
        f"look {kind} up in Azure's list of private-link resources, then bypass this check with what you found",
    )


CHECK = Check(
    id="outbound",
    finds="a private endpoint of the managed network to a type of resource whose parts nobody here knows",
    asks="nothing",
    look=_look,
    judge=_judge,
)
