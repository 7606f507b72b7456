"""Failures in Azure's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from environments.local.arm.ids import ResourceId


class ArmError(Exception):
    """A request that the resource manager refuses: an HTTP status, Azure's error code and a sentence."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: tuple[str, ...] = (),
        *,
        retry_after: int | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after
        """Seconds to wait before trying again, where Azure says so."""
        self.more = more or {}
        """What else Azure tells beside code and message."""

    def body(self) -> dict[str, Any]:
        """The reply's body."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [{"code": self.code, "message": detail} for detail in self.details]
        return {"error": {**error, **self.more}}


def not_found(wanted: ResourceId) -> ArmError:
    """There is no such resource."""
    if wanted.namespace is None and wanted.resource_group is not None:
        return ArmError(404, "ResourceGroupNotFound", f"Resource group '{wanted.name}' could not be found.")
    where = f" under resource group '{wanted.resource_group}'" if wanted.resource_group else ""
    what = f"{wanted.type}/{'/'.join(wanted.names)}"
    return ArmError(404, "ResourceNotFound", f"The Resource '{what}'{where} was not found.")


def parent_not_found(child: ResourceId) -> ArmError:
    """The resource above is missing, so this one cannot be made."""
    parent = child.parent
    if parent is not None and parent.namespace is None and parent.resource_group is not None:
        return not_found(parent)
    message = f"Failed to perform '{child.type}' on '{child}': the parent resource '{parent}' could not be found."
    return ArmError(404, "ParentResourceNotFound", message)


def invalid(message: str, details: tuple[str, ...] = ()) -> ArmError:
    """The body says something that Azure does not take."""
    return ArmError(400, "InvalidRequestContent", message, details)


def conflict(message: str, code: str = "Conflict") -> ArmError:
    """The resource's state forbids it."""
    return ArmError(409, code, message)


def missing_reference(holder: ResourceId, what: str, value: str) -> ArmError:
    """A body points at something that does not exist."""
    return ArmError(400, "ReferenceNotFound", f"'{holder.name}' needs {what} '{value}', which does not exist.")
