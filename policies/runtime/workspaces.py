"""Definitions about workspaces: what Azure's own policies do not ask, or ask of what cannot answer."""

from runtime.members import Own, either, of

_TYPE = "Microsoft.MachineLearningServices/workspaces"

MEMBERS = (
    Own(
        rule="W01",
        beside=True,
        broken=of(_TYPE, {"field": f"{_TYPE}/allowPublicAccessWhenBehindVnet", "equals": True}),
    ),
    Own(
        rule="W03",  # Azure's 6ddb1705 would refuse projects, which live in their hub's network
        broken=of(
            _TYPE,
            {"field": "kind", "notEquals": "Project"},
            {"field": f"{_TYPE}/managedNetwork.isolationMode", "notEquals": "AllowOnlyApprovedOutbound"},
        ),
    ),
    Own(
        rule="W10",
        beside=True,
        broken=of(
            _TYPE,
            either(
                {"field": "identity.type", "exists": False}, {"field": "identity.type", "notContains": "UserAssigned"}
            ),
        ),
    ),
    Own(rule="W13", broken=of(_TYPE, {"field": f"{_TYPE}/v1LegacyMode", "equals": True})),
)
