"""Stacks for the tests of preflight: the least there is, changed."""

import json
from pathlib import Path

from infra.preflight.plan import Stack
from infra.preflight.stack import Document, read
from tests.fakes.preflight import FakeAzure

LEAST = {"aml-kit:location": "eastus", "aml-kit:owner": "team", "aml-kit:costCenter": "c1"}
LEAST |= {"aml-kit:network": '{"virtualNetwork": "none"}'}  # closed, as all is by default, and somebody else leads in


def document(stack: str = "dev", **changed: object) -> Document:
    said = {f"aml-kit:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in changed.items()}
    path = Path(f"environments/Pulumi.{stack}.yaml")
    return Document(stack=stack, path=path, config=LEAST | said, encrypted=())


def stack(name: str = "dev", **changed: object) -> Stack:
    found = document(name, **changed)
    return Stack(document=found, settings=read(found), subscription=FakeAzure().subscription_id)


def cluster(size: str = "Standard_DS3_v2", nodes: int = 2, **more: object) -> dict[str, object]:
    return {"vmSize": size, "maxNodes": nodes, **more}
