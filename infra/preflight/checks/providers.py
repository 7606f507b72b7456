"""Resource providers: what a new subscription refuses first."""

from collections.abc import Mapping

from infra.preflight.check import Check
from infra.preflight.findings import Finding, bad, good
from infra.preflight.plan import Stack, types
from infra.preflight.port import Azure

_REGISTERED = "registered"


def _look(azure: Azure, _stack: Stack) -> Mapping[str, str]:
    return azure.providers()


def _judge(stack: Stack, seen: Mapping[str, str]) -> tuple[Finding, ...]:
    return tuple(_of_one(stack, namespace, seen.get(namespace.lower(), "")) for namespace in needed(stack))


def needed(stack: Stack) -> tuple[str, ...]:
    """List the namespaces of all that `up` would write."""
    return tuple(sorted({kind.partition("/")[0] for kind in types(stack)}))


def _of_one(stack: Stack, namespace: str, state: str) -> Finding:
    if state.lower() == _REGISTERED:
        return good(namespace, "registered")
    return bad(
        namespace,
        f"is {state or 'unknown to the subscription'}",
        f"az provider register --namespace {namespace} --subscription {stack.subscription} --wait",
    )


CHECK = Check(
    id="providers",
    finds="a resource provider that is not registered in the subscription",
    asks="providers of the subscription",
    look=_look,
    judge=_judge,
)
