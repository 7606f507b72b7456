"""The controller in a whole environment: inside the network, let in by roles, and nothing in it lets anybody in."""

import json
from typing import Any

import pytest

from infra.sections.control_plane import _IMAGE, ControlPlane
from infra.sections.values import IN_WORDS
from infra.settings import SettingsError, read
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, graph

NETWORK = {
    "addressSpace": "10.40.0.0/20",
    "egress": "nat",
    "subnets": {"endpoints": "10.40.0.0/24", "controller": "10.40.1.0/24", "database": "10.40.2.0/24"},
}
PLANE: dict[str, Any] = {"image": "mlops:1.4.0", "database": {}}


def _graph(**changed: object) -> Graph:
    return graph("local", network=NETWORK, controlPlane=PLANE | changed)


def test_the_controller_runs_as_its_identity_from_the_environments_own_registry() -> None:
    asked = _graph().one("app:Job").inputs

    assert asked["identity"] == {"type": "UserAssigned", "userAssignedIdentities": ["/id/controller-identity"]}
    assert asked["configuration"]["registries"] == [
        {"server": "images.azurecr.io", "identity": "/id/controller-identity"}
    ]
    (container,) = asked["template"]["containers"]
    assert container["image"] == "images.azurecr.io/mlops:1.4.0"
    assert container["resources"] == {"cpu": 0.5, "memory": "1Gi"}


def test_no_secret_is_anywhere_in_what_is_asked_for() -> None:
    made = _graph()
    asked = json.dumps([one.inputs for one in made.resources if one.token.startswith(("app:", "dbforpostgresql:"))])

    words = ("secret", "administratorLogin", 'Password"', "sharedKey", "connectionString", "customerId")
    assert [word for word in words if word.lower() in asked.lower()] == []
    assert made.one("dbforpostgresql:Server").inputs["authConfig"]["passwordAuth"] == "Disabled"


def test_what_the_controller_is_told_lets_nobody_in() -> None:
    (container,) = _graph().one("app:Job").inputs["template"]["containers"]

    assert {each["name"] for each in container["env"]} == {
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_SUBSCRIPTION_ID",
        "PGHOST",
        "PGDATABASE",
        "PGUSER",
        "PGSSLMODE",
        "PGSSLROOTCERT",
    }
    assert {each["name"]: each["value"] for each in container["env"]}["PGSSLMODE"] == "verify-full"


def test_all_of_it_stands_inside_the_network() -> None:
    made = _graph()

    assert made.one("app:ManagedEnvironment").inputs["vnetConfiguration"] == {
        "internal": True,
        "infrastructureSubnetId": "/id/network-controller",
    }
    network = made.one("dbforpostgresql:Server").inputs["network"]
    zone = made.one("dbforpostgresql:Server").inputs["serverName"] + ".private.postgres.database.azure.com"
    assert network == {
        "delegatedSubnetResourceId": "/id/network-database",
        "privateDnsZoneArmResourceId": f"/id/database-zone-{zone}",
        "publicNetworkAccess": "Disabled",
    }


def test_the_controller_waits_for_all_that_it_was_granted() -> None:
    made = _graph()
    waits = {urn.rsplit("::", 1)[1] for urn in made.one("app:Job").depends_on if "RoleAssignment" in urn}

    granted = {one.name for one in made.resources if one.token == "authorization:RoleAssignment"}
    assert waits == {name for name in granted if name.startswith("controller-")}
    assert "controller-acr-pull-on-images" in waits


def test_the_databases_administrator_is_the_controller_or_a_group() -> None:
    group = {"objectId": "11111111-2222-4333-8444-555555555555", "name": "dba"}

    def administrator(**database: object) -> tuple[str, str]:
        asked = _graph(database=database).one("dbforpostgresql:AdministratorsMicrosoftEntra").inputs
        return asked["objectId"], asked["principalType"]

    assert administrator() == ("principalId of controller-identity", "ServicePrincipal")
    assert administrator(administrators=group) == (group["objectId"], "Group")


def test_what_holds_memory_is_protected_and_its_logs_are_kept() -> None:
    made = graph("local", network=NETWORK, controlPlane=PLANE, deleteProtection=True)
    logged = [one.inputs["resourceUri"] for one in made.resources if one.token == "monitor:DiagnosticSetting"]

    assert {one.name for one in made.resources if one.protect} >= {"controller-database", "controller-database-data"}
    assert {"/id/controller-database", "/id/controller-environment"} <= set(logged)


def test_an_app_runs_all_the_time_and_nothing_can_call_it() -> None:
    asked = _graph(runs="app").one("app:ContainerApp").inputs

    assert "ingress" not in asked["configuration"]
    assert asked["template"]["scale"] == {"minReplicas": 1, "maxReplicas": 1}


def test_events_are_delivered_only_once_the_topic_may() -> None:
    made = graph("local", events={})
    waits = {
        urn.rsplit("::", 1)[1]
        for urn in made.one("eventgrid:SystemTopicEventSubscription").depends_on
        if "RoleAssignment" in urn
    }
    granted = {
        one.name: (one.inputs["principalId"], one.inputs["scope"])
        for one in made.resources
        if one.token == "authorization:RoleAssignment" and one.name.startswith("events-")
    }

    assert waits == set(granted)
    assert granted == {
        "events-queue-data-sender-on-event-queue": ("principalId of events-topic", "/id/events-queue"),
        "events-blob-data-contributor-on-undelivered-events": ("principalId of events-topic", "/id/events-undelivered"),
    }


def _refused(**changed: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read("dev", LEAST | {f"aml-kit:{key}": json.dumps(value) for key, value in changed.items()})
    return [line.removeprefix("  - aml-kit") for line in str(caught.value).splitlines()[1:]]


_WRONG_ZONE = "dnsZone 'example.com' does not end in '.postgres.database.azure.com', which Azure asks for"
_NO_STANDBY = "standby 'ZoneRedundant' needs another tier than 'Burstable': choose one, or set it to 'Disabled'"
_ELSEWHERE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/example.com"


def test_a_controller_without_a_network_is_refused() -> None:
    assert _refused(controlPlane=PLANE) == [
        ": controlPlane runs in a network: add network.subnets.controller, or take controlPlane away",
        ": controlPlane.database stands in a network: add network.subnets.database, or take the database away",
    ]


def test_a_controller_that_could_reach_nothing_is_refused() -> None:
    assert _refused(network=NETWORK | {"egress": "none"}, controlPlane=PLANE) == [
        ": controlPlane has to reach Azure: set network.egress to 'nat', or name network.hub"
    ]


def test_what_is_said_of_a_job_is_refused_of_an_app_unless_it_is_the_usual() -> None:
    said = {"schedule": "0 * * * *", "timeoutMinutes": 7}
    usual = {"timeoutMinutes": ControlPlane.model_fields["timeout_minutes"].default}

    def whole(**plane: object) -> dict[str, str]:
        return LEAST | {"aml-kit:network": json.dumps(NETWORK), "aml-kit:controlPlane": json.dumps(PLANE | plane)}

    assert _refused(network=NETWORK, controlPlane=PLANE | {"runs": "app"} | said) == [
        f": controlPlane.{key} means nothing to an app: take it away, or set controlPlane.runs to 'job'" for key in said
    ]
    assert read("dev", whole(runs="job", **said)).control_plane is not None
    assert read("dev", whole(runs="app", **usual)).control_plane is not None


def test_an_image_that_is_not_pinned_a_zone_of_another_name_and_a_standby_that_cannot_be_are_refused() -> None:
    database = {"dnsZone": _ELSEWHERE, "tier": "Burstable"}

    assert _refused(network=NETWORK, controlPlane={"image": "mlops:latest", "database": database}) == [
        f":controlPlane.image: 'mlops:latest' is not {IN_WORDS[_IMAGE]}",
        f":controlPlane.database: {_WRONG_ZONE}",
        f":controlPlane.database: {_NO_STANDBY}",
    ]
