"""Stacks for the tests of preflight: the least there is, changed."""

import json
from pathlib import Path
from typing import Any

from infra.preflight.check import Check
from infra.preflight.findings import Finding, Outcome
from infra.preflight.plan import Stack
from infra.preflight.stack import Document, read
from tests.fakes.preflight import FakeAzure

SUBSCRIPTION = FakeAzure().subscription_id
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
LEAST = {"aml-kit:location": "eastus", "aml-kit:owner": "team", "aml-kit:costCenter": "c1"}
LEAST |= {"aml-kit:network": '{"virtualNetwork": "none"}'}  # closed, as all is by default, and somebody else leads in


def document(stack: str = "dev", **changed: object) -> Document:
    said = {f"aml-kit:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()}
    path = Path(f"environments/Pulumi.{stack}.yaml")
    return Document(stack=stack, path=path, config=LEAST | said, encrypted=())


def stack(name: str = "dev", **changed: object) -> Stack:
    found = document(name, **changed)
    return Stack(document=found, settings=read(found), subscription=SUBSCRIPTION)


def cluster(size: str = "Standard_DS3_v2", nodes: int = 2, **more: object) -> dict[str, object]:
    return {"vmSize": size, "maxNodes": nodes, **more}


STACK = stack()


def not_passed(check: Check[Any], azure: FakeAzure, of: Stack = STACK) -> list[Finding]:
    """What a check has against a stack."""
    found = check.run(azure, of)
    assert found, "a check that says nothing has not looked"
    return [finding for finding in found if finding.outcome is not Outcome.PASS]
