"""Do the resources exist that a body points at?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError
from environments.local.arm.ids import ResourceId, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.local.arm.resource_types import Context, Request

_UNCHECKED = frozenset({"roledefinitionid", "policydefinitionid", "scope", "principalid"})
"""Properties that name what Azure itself holds (built-in roles) or what may not exist yet."""
_IMPLICIT = ("blobservices", "queueservices", "fileservices", "tableservices", "virtualnetworkgateways")
"""Parts of a path that exist in Azure without having been made."""


def check(context: Context, request: Request) -> None:
    """Look at every full resource id in the body, with or without the `azureml:` in front.

    Raises ArmError 400 for the first that does not exist.  Ids of types that are not served pass.
    """
    for where, text in _strings(request.body, ""):
        wanted = _id_in(text)
        if wanted is None or wanted.within(request.id) or not _checked(context, where, wanted):
            continue
        if context.store.get(wanted) is None:
            raise ArmError(
                400,
                "InvalidResourceReference",
                f"Resource {wanted} referenced by resource {request.id} ({where}) was not found. Please make sure that"
                " the referenced resource exists.",
            )


def made(found: ResourceId) -> ResourceId:
    """What was made of a path: past its last parts that exist in Azure of themselves, such as a blob service."""
    above = found.parent
    if above is not None and found.type.rsplit("/", 1)[-1].lower() in _IMPLICIT:
        return made(above)
    return found


def _checked(context: Context, where: str, wanted: ResourceId) -> bool:
    if where.rsplit(".", 1)[-1].lower() in _UNCHECKED:
        return False
    if any(segment.lower() in _IMPLICIT for segment in wanted.segments):
        return False
    return wanted.type.lower() in context.types


def _id_in(text: str) -> ResourceId | None:
    bare = text.removeprefix("azureml:")
    if not bare.lower().startswith("/subscriptions/"):
        return None
    found = parse(bare)
    return found if found.is_resource and found.namespace is not None else None


def _strings(value: Any, where: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _strings(each, f"{where}[{i}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _strings(each, f"{where}.{key}" if where else str(key))
