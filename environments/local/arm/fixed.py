"""What a PUT may not change of a resource that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.arm.errors import ArmError, conflict
from environments.local.immutable import is_fixed, of
from environments.local.provider import bodies
from environments.local.provider.resources import by_arm_type, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from environments.local.arm.resource_types import Request, Resource


def refuse_changes(request: Request, before: Resource) -> None:
    """Raise ArmError for a change of what Azure never changes; what the request leaves out stays as it is."""
    _refuse_moving(request, before)
    key = by_arm_type().get(before.id.type.lower())
    if key is None or not of(key):
        return
    kind = served(f"azure-native:{key}")
    old, new = bodies.from_body(kind, before.body), bodies.from_body(kind, request.body)
    for path in _changed(old, new, ""):
        if is_fixed(key, path, azures_own=True):
            raise ArmError(
                400, "PropertyChangeNotAllowed", f"Changing property '{path}' of '{before.id.name}' is not allowed."
            )


def _refuse_moving(request: Request, before: Resource) -> None:
    old, new = (str(body.get("location") or "") for body in (before.body, request.body))
    if old and new and _region(old) != _region(new):
        raise conflict(
            f"The resource '{before.id.name}' already exists in location '{old}'. A resource with the same name cannot"
            f" be created in location '{new}'. Please select a new resource name.",
            "InvalidResourceLocation",
        )


def _region(text: str) -> str:
    return text.replace(" ", "").lower()


def _changed(old: Any, new: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    """Where both say something, and not the same."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name, value in new.items():
            yield from _changed(old.get(name), value, f"{path}.{name}" if path else name)
    elif _is_said(old) and _is_said(new) and not _same(old, new):
        yield path


def _is_said(value: Any) -> bool:  # noqa: ANN401
    """`NotSpecified` is how Azure's own SDK leaves the choice to Azure."""
    return value is not None and value != "NotSpecified"


def _same(old: Any, new: Any) -> bool:  # noqa: ANN401
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and not any(
            True for pair in zip(old, new, strict=True) for _ in _changed(*pair, "")
        )
    return str(old).lower() == str(new).lower()
