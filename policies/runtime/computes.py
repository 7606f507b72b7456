"""Definitions about clusters and instances: Azure's own policies ask them little."""

from runtime.members import Condition, Own, absent, either, of, unlike_all

_TYPE = "Microsoft.MachineLearningServices/workspaces/computes"


def _only(kinds: tuple[str, ...], *conditions: Condition) -> Condition:
    return of(_TYPE, {"field": f"{_TYPE}/computeType", "in": list(kinds)}, *conditions)


def _field(name: str, **operator: object) -> Condition:
    return {"field": f"{_TYPE}/{name}", **operator}


_CLUSTER, _INSTANCE, _MACHINES = ("AmlCompute",), ("ComputeInstance",), ("AmlCompute", "ComputeInstance")
_NODES = "scaleSettings"

MEMBERS = (
    Own(rule="C02", broken=_only(_CLUSTER, _field("remoteLoginPortPublicAccess", notEquals="Disabled"))),
    Own(
        rule="C03",
        broken=_only(
            _INSTANCE,
            _field("sshSettings.sshPublicAccess", exists=True),
            _field("sshSettings.sshPublicAccess", notEquals="Disabled"),
        ),
        differences=("a body of a shape that Azure does not take is left to Azure to refuse",),
    ),
    Own(rule="C04", broken=_only(_CLUSTER, _field("userAccountCredentials.adminUserPassword", exists=True))),
    Own(rule="C05", broken=_only(_MACHINES, _field("enableNodePublicIp", notEquals=False))),
    Own(rule="C07", broken=_only(_CLUSTER, _field(f"{_NODES}.minNodeCount", greater="[parameters('most')]"))),
    Own(
        rule="C08",
        broken=_only(
            _CLUSTER,
            either(
                absent(f"{_TYPE}/{_NODES}.maxNodeCount"),
                _field(f"{_NODES}.maxNodeCount", greater="[parameters('most')]"),
            ),
        ),
    ),
    Own(rule="C11", broken=_only(_MACHINES, unlike_all(f"{_TYPE}/vmSize", "allowed"))),
    Own(
        rule="C15",
        broken=_only(
            _CLUSTER,
            either(
                {"field": "identity.type", "exists": False}, {"field": "identity.type", "notContains": "UserAssigned"}
            ),
        ),
    ),
    Own(
        rule="C16",
        broken=_only(
            _INSTANCE,
            either(
                _field("computeInstanceAuthorizationType", notEquals="personal"),
                _field("applicationSharingPolicy", notEquals="Personal"),
                _field("personalComputeInstanceSettings.assignedUser.objectId", exists=False),
                _field("personalComputeInstanceSettings.assignedUser.objectId", equals=""),
            ),
        ),
    ),
    Own(
        rule="C18",
        broken=of(
            _TYPE, either(absent(f"{_TYPE}/computeType"), _field("computeType", **{"in": "[parameters('refused')]"}))
        ),
    ),
)
