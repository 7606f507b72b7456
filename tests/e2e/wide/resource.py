"""One resource, declared without the SDK: its import is slow."""

from typing import Any

import pulumi

TENANT = "a3f5c1d0-0000-4000-8000-10ca1a2c0002"
SOMEBODY = "11111111-2222-4333-8444-555555555555"
READER = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"


def azure(token: str, name: str, inputs: dict[str, Any], **options: Any) -> Any:  # noqa: ANN401
    """Declare one resource; returns its id."""
    made = pulumi.CustomResource(f"azure-native:{token}", name, inputs, pulumi.ResourceOptions(**options))
    return made.id


def named(resource_id: Any) -> Any:  # noqa: ANN401
    """The last part of an id, which also makes what uses it wait for the resource."""
    return resource_id.apply(lambda each: each.rsplit("/", 1)[1])
