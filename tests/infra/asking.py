"""What a single component asks Azure for."""

from collections.abc import Callable
from typing import Any

import pulumi

from tests.infra.recorder import Asked, record

TAGS = {"owner": "team"}
HERE: dict[str, Any] = {"resource_group_name": "rg", "location": "eastus", "tags": TAGS}
PLACED = {"resourceGroupName": "rg", "location": "eastus", "tags": TAGS}


def asked(make: Callable[[], pulumi.ComponentResource]) -> list[Asked]:
    """All resources, in order."""

    def program() -> dict[str, Any]:
        make()
        return {}

    return record(program).resources


def inputs(make: Callable[[], pulumi.ComponentResource]) -> dict[str, dict[str, Any]]:
    """The whole inputs of each resource, by type."""
    return {one.token: one.inputs for one in asked(make)}
