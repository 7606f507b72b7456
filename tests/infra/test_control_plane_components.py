"""What runs the controller: the whole of what each component asks Azure for; no password, no key, no address."""

from typing import Any

import pytest

from infra.components.controller_database import AdministratorArgs, ControllerDatabase, ControllerDatabaseArgs
from infra.components.controller_host import ControllerHost, ControllerHostArgs
from tests.infra.asking import HERE, PLACED, asked, inputs

_SERVER = {
    **PLACED,
    "serverName": "psql",
    "createMode": "Default",
    "version": "16",
    "sku": {"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
    "storage": {"storageSizeGB": 32, "autoGrow": "Enabled"},
    "authConfig": {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "tenant"},
    "network": {
        "delegatedSubnetResourceId": "/subnet",
        "privateDnsZoneArmResourceId": "/zone",
        "publicNetworkAccess": "Disabled",
    },
    "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Disabled"},
    "highAvailability": {"mode": "ZoneRedundant", "standbyAvailabilityZone": ""},
    "availabilityZone": "",
}


@pytest.mark.parametrize(
    ("changed", "server", "kept"),
    [
        ({}, {}, {"memory", "memory-data"}),
        (
            {"geo_backup": True, "backup_days": 35, "standby": "Disabled", "protect": False},
            {
                "backup": {"backupRetentionDays": 35, "geoRedundantBackup": "Enabled"},
                "highAvailability": {"mode": "Disabled", "standbyAvailabilityZone": ""},
            },
            set(),
        ),
    ],
    ids=["defaults", "all"],
)
def test_controller_database(changed: dict[str, Any], server: dict[str, Any], kept: set[str]) -> None:
    args = ControllerDatabaseArgs(
        **HERE,
        tenant_id="tenant",
        name="psql",
        subnet_id="/subnet",
        dns_zone_id="/zone",
        administrator=AdministratorArgs(object_id="principal", name="controller", kind="ServicePrincipal"),
        **changed,
    )

    made = asked(lambda: ControllerDatabase("memory", args))

    inside = {"resourceGroupName": "rg", "serverName": "psql"}
    assert {one.token: one.inputs for one in made} == {
        "dbforpostgresql:Server": _SERVER | server,
        "dbforpostgresql:AdministratorsMicrosoftEntra": {
            **inside,
            "objectId": "principal",
            "principalName": "controller",
            "principalType": "ServicePrincipal",
            "tenantId": "tenant",
        },
        "dbforpostgresql:Configuration": {
            **inside,
            "configurationName": "require_secure_transport",
            "source": "user-override",
            "value": "on",
        },
        "dbforpostgresql:Database": {
            **inside,
            "databaseName": "mlops",
            "charset": "UTF8",
            "collation": "en_US.utf8",
        },
    }
    assert {one.name for one in made if one.protect} == kept


_ENVIRONMENT = {
    **PLACED,
    "environmentName": "cae",
    "infrastructureResourceGroup": "rg-apps",
    "publicNetworkAccess": "Disabled",
    "vnetConfiguration": {"internal": True, "infrastructureSubnetId": "/subnet"},
    "appLogsConfiguration": {"destination": "azure-monitor"},
    "peerAuthentication": {"mtls": {"enabled": True}},
    "workloadProfiles": [{"name": "Consumption", "workloadProfileType": "Consumption", "enableFips": False}],
    "zoneRedundant": True,
}
_RUNS = {**PLACED, "workloadProfileName": "Consumption"}
_IDENTITY = {"type": "UserAssigned", "userAssignedIdentities": ["/id/controller"]}
_REGISTRIES = [{"server": "cr.azurecr.io", "identity": "/id/controller"}]
_CONTAINER = {
    "name": "controller",
    "image": "cr.azurecr.io/mlops:1.4.0",
    "args": ["controller"],
    "env": [{"name": "AZURE_CLIENT_ID", "value": "client"}],
    "resources": {"cpu": 0.5, "memory": "1Gi"},
}
_JOB = {
    **_RUNS,
    "jobName": "ca",
    "environmentId": "/id/run-environment",
    "identity": _IDENTITY,
    "configuration": {
        "triggerType": "Schedule",
        "scheduleTriggerConfig": {"cronExpression": "*/5 * * * *", "parallelism": 1, "replicaCompletionCount": 1},
        "replicaTimeout": 1800,
        "replicaRetryLimit": 0,
        "registries": _REGISTRIES,
    },
    "template": {"containers": [_CONTAINER]},
}
_APP = {
    **_RUNS,
    "containerAppName": "ca",
    "managedEnvironmentId": "/id/run-environment",
    "identity": _IDENTITY,
    "configuration": {"activeRevisionsMode": "Single", "registries": _REGISTRIES},
    "template": {"containers": [_CONTAINER], "scale": {"minReplicas": 1, "maxReplicas": 1}},
}


@pytest.mark.parametrize(
    ("cron", "token", "runs"),
    [("*/5 * * * *", "app:Job", _JOB), (None, "app:ContainerApp", _APP)],
    ids=["job", "app"],
)
def test_controller_host(cron: str | None, token: str, runs: dict[str, Any]) -> None:
    args = ControllerHostArgs(
        **HERE,
        environment_name="cae",
        inner_group_name="rg-apps",
        name="ca",
        subnet_id="/subnet",
        identity_id="/id/controller",
        registry_host="cr.azurecr.io",
        image="mlops:1.4.0",
        arguments=("controller",),
        variables={"AZURE_CLIENT_ID": "client"},
        cron=cron,
    )

    assert inputs(lambda: ControllerHost("run", args)) == {"app:ManagedEnvironment": _ENVIRONMENT, token: runs}
