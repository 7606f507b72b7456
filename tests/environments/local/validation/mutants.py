"""What Azure refuses, made from what it takes: one change each, at every place of a body.

The tables below say of names, not of types, what may be changed where; they are not taken from the code under test.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.environments.local.validation.valid import Valid

_FREE_KEYS = frozenset({
    "collections", "columns", "conf", "configurationSettings", "data", "environmentVariables", "flavors", "inputs",
    "metadata", "mirrorTraffic", "nodeLabels", "nodeSelector", "outputs", "services", "signals", "tags", "traffic",
    "userAssignedIdentities",
})  # fmt: skip
"""Maps: any key is good, their values are not."""
_OPAQUE = frozenset({
    "componentSpec", "jobs", "searchSpace", "settings", "serverlessComputeSettings", "sharedPrivateLinkResources",
    "parameters", "userAssignedIdentities",
})  # fmt: skip
"""Anything may stand in them."""
_ENUMS = frozenset({
    "Application_Type", "accessTier", "actionType", "authMode", "authType", "bypass", "category", "computeType",
    "credentialsType", "dataCollectionMode", "dataType", "datastoreType", "defaultAction", "distributionType",
    "earlyTerminationPolicyType", "endpointComputeType", "family", "frequency", "goal", "identityType", "jobInputType",
    "jobOutputType", "jobTier", "jobType", "kind", "logAnalyticsDestinationType", "loggingLevel", "minimumTlsVersion",
    "mode", "osType", "outputAction", "policyType", "principalType", "publicNetworkAccess", "rollingRate",
    "samplingAlgorithmType", "scaleType", "signalType", "taskType", "triggerType", "vmPriority",
})  # fmt: skip
"""Properties that know a few values only, wherever they occur in the corpus."""
_NOT_ENUMS = {
    "Microsoft.Insights/components": ("kind", "Application_Type"),
    "Microsoft.Insights/diagnosticSettings": ("category", "logAnalyticsDestinationType"),
    "Microsoft.Insights/workbooks": ("category",),
    "Microsoft.KeyVault/vaults": ("publicNetworkAccess",),
    "Microsoft.MachineLearningServices/registries": ("publicNetworkAccess",),
    "Microsoft.MachineLearningServices/workspaces": ("kind",),
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints": ("kind",),
    "Microsoft.MachineLearningServices/workspaces/outboundRules": ("category",),
}
_REQUIRED = {
    "Microsoft.Authorization/roleAssignments": ("properties.principalId", "properties.roleDefinitionId"),
    "Microsoft.ContainerRegistry/registries": ("location", "sku", "sku.name"),
    "Microsoft.Insights/components": ("kind", "location"),
    "Microsoft.KeyVault/vaults": ("properties.tenantId", "properties.sku", "properties.sku.name"),
    "Microsoft.MachineLearningServices/registries": ("location", "properties"),
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints": ("location", "properties.authMode"),
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments": (
        "location",
        "properties.model.referenceType",
    ),
    "Microsoft.MachineLearningServices/workspaces/computes": ("properties.computeType",),
    "Microsoft.MachineLearningServices/workspaces/connections": ("properties", "properties.authType"),
    "Microsoft.MachineLearningServices/workspaces/data/versions": ("properties.dataType", "properties.dataUri"),
    "Microsoft.MachineLearningServices/workspaces/datastores": (
        "properties.datastoreType",
        "properties.credentials",
        "properties.credentials.credentialsType",
    ),
    "Microsoft.MachineLearningServices/workspaces/environments/versions": (
        "properties.inferenceConfig.scoringRoute.path",
    ),
    "Microsoft.MachineLearningServices/workspaces/jobs": (
        "properties.jobType",
        "properties.command",
        "properties.environmentId",
        "properties.trial",
        "properties.trial.command",
        "properties.objective.goal",
        "properties.samplingAlgorithm.samplingAlgorithmType",
        "properties.distribution.distributionType",
        "properties.taskDetails.trainingData",
        "properties.inputs.d.uri",
        "properties.inputs.d.jobInputType",
    ),
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints": ("location", "properties.authMode"),
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments": (
        "location",
        "properties.endpointComputeType",
        "properties.codeConfiguration.scoringScript",
    ),
    "Microsoft.MachineLearningServices/workspaces/schedules": (
        "properties.action",
        "properties.trigger",
        "properties.trigger.triggerType",
        "properties.trigger.frequency",
        "properties.trigger.expression",
        "properties.action.actionType",
    ),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("location",),
    "Microsoft.Resources/resourceGroups": ("location",),
    "Microsoft.Storage/storageAccounts": ("location", "kind", "sku", "sku.name"),
}

_WRONG: dict[type, Any] = {bool: "no", int: "no", float: "no", str: {"no": "such"}, list: "no", dict: 7}


def mutants(valid: Valid) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was done to the body, and the body."""
    for path, value in _places(valid.body, ()):
        where = ".".join(map(str, path)) or "the body"
        name = path[-1] if path else ""
        if isinstance(value, dict) and not (_is_map(path) or name in _OPAQUE):
            yield f"unknown property in {where}", _changed(valid.body, (*path, "noSuchProperty"), "x")
        if path and value is not None and name not in _OPAQUE:
            yield f"wrong type of {where}", _changed(valid.body, path, _WRONG[type(value)])
        if name in _ENUMS and name not in _NOT_ENUMS.get(valid.arm_type, ()) and isinstance(value, str):
            yield f"bad enum in {where}", _changed(valid.body, path, "noSuchValue")
        if where in _REQUIRED.get(valid.arm_type, ()):
            yield f"{where} dropped", _changed(valid.body, path, None)


def _places(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:  # noqa: ANN401
    yield path, value
    if path and path[-1] in _OPAQUE:
        return
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _places(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _places(each, (*path, index))


def _is_map(path: tuple[str | int, ...]) -> bool:
    if not path:
        return False
    amounts = path[-1] in ("limits", "requests") and "instanceTypes" in path  # of what a machine has: cpu, memory, …
    return amounts or path[-1] in _FREE_KEYS or (path[-1] == "properties" and len(path) > 1)


def _changed(body: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A copy with one value set; None takes the property away."""
    found = copy.deepcopy(body)
    at: Any = found
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return found
