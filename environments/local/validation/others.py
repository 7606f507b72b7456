"""What `pulumi_azure_native` knows about a body of any other namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from environments.local.provider import checking, wire_names
from environments.local.provider.resources import by_arm_type, served
from environments.local.validation import deviations
from environments.local.validation.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


def problems(arm_type: str, api_version: str, body: Mapping[str, Any]) -> tuple[Problem, ...] | None:
    """All that is wrong with a body; None for a type, or a version of it, that the SDK does not know."""
    if checking.api_version(arm_type) != api_version:
        return None
    found = [Problem(path=each.path, what=each.text) for each in checking.validate(arm_type, body) or ()]
    if not body.get("location") and _has_location(arm_type):
        found.append(Problem(path="location", what="is required"))
    return tuple(found)


def _has_location(arm_type: str) -> bool:
    kind = served(f"azure-native:{by_arm_type()[arm_type.lower()]}")
    return "location" in kind.type.inputs and arm_type.lower() not in deviations.LOCATION_OPTIONAL


def meant(arm_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without nulls and without what only Azure says: both are the same as not being there."""
    kept: dict[str, Any] = _without_nulls(body)
    key = by_arm_type().get(arm_type.lower())
    under = kept.get("properties")
    if key is None or not isinstance(under, dict):
        return kept
    kind = served(f"azure-native:{key}")
    # A role's own type travels by the name that the resource's type has.
    given = {wire_names.wire_name(kind.key, name) for name in kind.type.inputs}
    read_only = {wire_names.wire_name(kind.key, name) for name in kind.type.output_only} - given
    return {**kept, "properties": {name: each for name, each in under.items() if name not in read_only}}


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - anything that JSON holds
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
