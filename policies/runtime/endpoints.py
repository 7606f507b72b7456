"""Definitions about endpoints and deployments, of which Azure's own policies see nothing."""

from runtime.members import Own, absent, either, of, unlike_all

_W = "Microsoft.MachineLearningServices/workspaces"
_ONLINE, _BATCH, _SERVERLESS = f"{_W}/onlineEndpoints", f"{_W}/batchEndpoints", f"{_W}/serverlessEndpoints"
_DEPLOYMENT = f"{_ONLINE}/deployments"
_TOKENS = ["AADToken", "AAD"]

MEMBERS = (
    Own(rule="E01", broken=of(_ONLINE, {"field": f"{_ONLINE}/publicNetworkAccess", "notEquals": "Disabled"})),
    Own(
        rule="E02",
        broken=either(
            *(of(kind, {"field": f"{kind}/authMode", "notIn": _TOKENS}) for kind in (_ONLINE, _BATCH, _SERVERLESS))
        ),
    ),
    Own(
        rule="E03",
        broken=of(
            _ONLINE,
            either(
                {"field": "identity.type", "exists": False}, {"field": "identity.type", "notContains": "UserAssigned"}
            ),
        ),
    ),
    Own(
        rule="E05",
        broken=of(
            _DEPLOYMENT,
            either(
                absent(f"{_DEPLOYMENT}/sku.capacity"),
                {"field": f"{_DEPLOYMENT}/sku.capacity", "less": "[parameters('least')]"},
            ),
        ),
    ),
    Own(
        rule="E06",
        broken=of(
            _DEPLOYMENT,
            {"field": f"{_DEPLOYMENT}/endpointComputeType", "notEquals": "Kubernetes"},
            unlike_all(f"{_DEPLOYMENT}/instanceType", "allowed"),
        ),
    ),
)
