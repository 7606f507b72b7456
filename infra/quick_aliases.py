"""Leave out what Pulumi's SDK works out for engines that are older than any that runs this program.

Each resource of azure-native knows some twenty older names of its type.  The SDK makes a URN of each, for children to
inherit; an engine that takes alias specifications does that itself, from those that it is sent in any case.  It was
half of the time that a preview took.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pulumi
from pulumi import resource


@contextlib.contextmanager
def left_to_the_engine() -> Iterator[None]:
    """For resources of azure-native declared inside, let the engine alone work out what else they were called."""
    work_out = resource.collapse_alias_to_urn  # type: ignore[attr-defined]  # here and below: its module exports it

    def of_others(alias: Any, name: str, kind: str, parent: pulumi.Resource | None) -> Any:  # noqa: ANN401
        return "" if kind.startswith("azure-native:") else work_out(alias, name, kind, parent)

    resource.collapse_alias_to_urn = of_others  # type: ignore[attr-defined, assignment]
    try:
        yield
    finally:
        resource.collapse_alias_to_urn = work_out  # type: ignore[attr-defined]
