"""What Azure takes although the SDK's models, or Azure's schema of that version, do not know it: each with its reason.

`azure-ai-ml` carries one set of models, of 2025-12-01, and sends them under older api-versions.  What those versions
knew and 2025-12-01 no longer does stands here; where the schemas are given, they judge its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_AUTO_ML = ("fixedParameters", "searchSpace", "sweepSettings")
_PROTECTED = ("autoDeleteSetting", "intellectualProperty", "stage")

PREVIEW_FIELDS: Mapping[str, tuple[str, ...]] = {
    "AutoMLJob": ("parentJobName", "secretsConfiguration"),
    "Classification": _AUTO_ML,
    "ClassificationTrainingSettings": ("trainingMode",),
    "CommandJob": ("autologgerSettings", "parentJobName", "secretsConfiguration"),
    "ComponentVersionProperties": ("autoDeleteSetting", "stage"),
    "ComputeInstanceProperties": ("autologgerSettings", "enableOSPatching", "enableRootAccess", "releaseQuotaOnStop"),
    "DataVersionBaseProperties": _PROTECTED,
    "DeploymentResourceConfiguration": ("locations", "maxInstanceCount"),
    "EnvironmentVersionProperties": _PROTECTED,
    "FineTuningJob": ("parentJobName", "secretsConfiguration"),
    "Forecasting": _AUTO_ML,
    "ForecastingSettings": ("featuresUnknownAtForecastTime",),
    "ForecastingTrainingSettings": ("trainingMode",),
    "ImageModelSettingsObjectDetection": ("logTrainingMetrics", "logValidationLoss"),
    "JobInput": ("pathOnCompute",),
    "JobOutput": ("assetVersion", "autoDeleteSetting", "pathOnCompute"),
    "JobResourceConfiguration": ("locations", "maxInstanceCount"),
    "ModelVersionProperties": _PROTECTED,
    "MonitorDefinition": ("alertNotificationSetting",),
    "MonitoringSignalBase": ("dataSegment", "mode", "modelType", "workspaceConnection"),
    "NlpVerticalLimitSettings": ("maxNodes", "trialTimeout"),
    "PipelineJob": ("parentJobName", "secretsConfiguration"),
    "QueueSettings": ("priority",),
    "RandomSamplingAlgorithm": ("logbase",),
    "RegistryProperties": ("description", "privateLinkCount", "properties", "tags"),
    "Regression": _AUTO_ML,
    "RegressionTrainingSettings": ("trainingMode",),
    "ServerlessEndpointProperties": ("capacityReservation", "offer"),
    "SparkJob": ("parentJobName", "secretsConfiguration"),
    "SweepJob": ("componentConfiguration", "parentJobName", "resources", "secretsConfiguration"),
    "TableVerticalLimitSettings": ("maxNodes", "sweepConcurrentTrials", "sweepTrials"),
    "TextClassification": _AUTO_ML,
    "TextClassificationMultilabel": _AUTO_ML,
    "TextNer": _AUTO_ML,
    "WorkspaceProperties": (
        "allowRoleAssignmentOnRG",
        "containerRegistries",
        "enableSimplifiedCmk",
        "enableSoftwareBillOfMaterials",
        "existingWorkspaces",
        "ipAllowlist",
        "keyVaults",
        "networkAcls",
        "softDeleteRetentionInDays",
        "storageAccounts",
    ),
}
"""Properties, by model, that preview versions between 2022-10-01 and 2025-01-01 have and 2025-12-01 has not."""

PREVIEW_SUBTYPES: Mapping[str, tuple[str, ...]] = {
    "DistributionConfiguration": ("Ray",),
    "JobBaseProperties": ("Distillation", "Labeling"),
    "MonitoringInputDataBase": ("Trailing",),
    "MonitoringSignalBase": ("GenerationSafetyQuality", "GenerationTokenStatistics", "ModelPerformance"),
    "ScheduleActionBase": ("ImportData",),
}
"""Likewise, values of a model's discriminator."""

PREVIEW_VALUES: Mapping[str, tuple[str, ...]] = {
    "MonitoringNotificationType": ("AzureMonitor",),
    "ModelTaskType": ("QuestionAnswering",),
}
"""Likewise, values of an enum."""

NOT_REQUIRED = frozenset({
    # Required since 2024-01-01-preview; the SDK sends schedules as 2023-06-01-preview.
    ("FeatureAttributionDriftMonitoringSignal", "featureImportanceSettings"),
    # Required since 2025-12-01; the SDK sends serverless endpoints as 2024-01-01-preview.
    ("ServerlessEndpointProperties", "authMode"),
})  # fmt: skip

IGNORED_FIELDS: Mapping[str, tuple[str, ...]] = {
    # azure-ai-ml writes an account's key under the wrong name.
    "WorkspaceConnectionAccountKey": ("sas",),
    # azure-ai-ml sends the tags beside `managedResourceGroupSettings`, which no version has.
    "RegistryProperties": ("managedResourceGroupTags",),
    # azure-ai-ml sends what it knows of a registry's model back.
    "ModelVersionProperties": ("systemMetadata", "system_metadata"),
}
"""Properties, by model, that the SDK sends and no version knows: kept, and not looked at."""

IGNORED = frozenset({
    # Azure says how far a resource is; it comes back when the SDK sends a whole object.
    "provisioningState",
})  # fmt: skip
"""Properties of any model that are kept and not looked at."""

SCALARS_IN_STRING_MAPS = frozenset({
    # azure-ai-ml sends the version of its hash as a number; Azure stores a string.
    "hash_version",
    # azure-ai-ml sends a batch pipeline's settings as they are in its YAML.
    "continue_on_step_failure",
    "continue_run_on_step_failure",
    "force_rerun",
})  # fmt: skip
"""Keys of maps of strings under which a number or a truth value is taken, and stored as a string."""

LOCATION_OPTIONAL = frozenset({
    # Only one with an identity has a place.
    "microsoft.authorization/policyassignments",
})  # fmt: skip
"""Types whose `location` may be left out.  The SDK fills in all others' from its settings; Azure wants them sent."""

UNCHECKED = frozenset({
    # An ARM template and its parameters: the resources that it makes are checked one by one.
    "microsoft.resources/deployments",
})  # fmt: skip

SCHEMA_IS_WRONG: Mapping[str, tuple[str, ...]] = {
    # The SDK's connections to AI services are newer than the api-version that it sends them with, and work.
    "microsoft.machinelearningservices/workspaces/connections": ("properties.category",),
    # A flavor holds its strings under `data`, as the SDK's model says; the schema leaves that level out.
    "microsoft.machinelearningservices/registries/models/versions": ("properties.flavors",),
    "microsoft.machinelearningservices/workspaces/models/versions": ("properties.flavors",),
}
"""Where, by type, the schemas' word does not count; the SDK's does."""
