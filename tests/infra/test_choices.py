"""What is made, what is brought along, what is left out: in a whole environment."""

import json
from typing import Any

import pytest

from infra.parts.ways import WAYS
from infra.sections.choice import kind_of
from infra.sections.endpoint_parts import PARTS
from infra.settings import SettingsError, read
from tests.infra.recorder import Asked, Graph
from tests.infra.stacks import LEAST, built, graph

_OTHER = "/subscriptions/s/resourceGroups/other/providers"
_STORAGE = f"{_OTHER}/Microsoft.Storage/storageAccounts/store"
_REGISTRY = f"{_OTHER}/Microsoft.MachineLearningServices/registries/shared"
_KEY = f"{_OTHER}/Microsoft.KeyVault/vaults/kv/keys/k"
_IMAGES = {"key": _KEY, "keyVersion": "0" * 32, "images": True}
_ENCRYPTION = "principalId of encryption-identity"
_NOT_MADE = (
    ":encryption: images cannot be wrapped with a key that is made: its vault has a firewall, which Azure's registries "
    "do not pass while they are made; set key to the id of one in a vault without, or take images away"
)
_NO_IMAGES = (
    ": encryption.images is for a registry that is made: take it away, or set foundation.containerRegistry to 'create'"
)
_NOT_PREMIUM = (
    ": encryption.images needs more than containerRegistrySku 'Standard': set it to 'Premium', or take images away"
)
_GROUP = "10000000-0000-0000-0000-000000000001"
_GITHUB = {"repository": "example/models", "environment": "dev"}
_WHO = ("data-scientists", "ci-models", "workspace", "compute", "controller", "endpoint")
_VERSION = "0123456789abcdef0123456789abcdef"
_SQL = f"{_OTHER}/Microsoft.Sql/servers/facts"
_NETWORK = {"addressSpace": "10.0.0.0/20", "subnets": {"endpoints": "10.0.0.0/24"}}


def _config(**said: object) -> dict[str, str]:
    return LEAST | {
        f"aml-kit:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in said.items()
    }


def _graph(**said: object) -> Graph:
    return built("dev", _config(**said))


def _scopes(made: Graph, role: str) -> set[str]:
    return {one.inputs["scope"] for one in made.resources if one.name.startswith(role)}


def test_what_is_brought_along_is_worked_with_and_granted_on() -> None:
    made = _graph(foundation={"storage": _STORAGE, "registry": _REGISTRY})

    assert made.one("machinelearningservices:Workspace").inputs["storageAccount"] == _STORAGE
    assert _scopes(made, "compute-blob-data-contributor-on-storage") == {_STORAGE}
    assert _scopes(made, "controller-registry-user-on-registry") == {_REGISTRY}
    assert (made.outputs["storageAccountName"], made.outputs["registryName"]) == ("store", "shared")


def test_without_registries_nobody_is_granted_anything_on_them() -> None:
    made = _graph(foundation={"registry": "none", "containerRegistry": "none"}, publicNetworkAccess=True)

    assert [one.name for one in made.resources if one.name.endswith(("-on-registry", "-on-images"))] == []
    assert "containerRegistry" not in made.one("machinelearningservices:Workspace").inputs
    assert made.outputs["registryName"] == ""


@pytest.mark.parametrize(("registry", "rest"), [(True, False), (False, True)], ids=["open", "closed"])
def test_the_shared_registry_has_a_switch_of_its_own_and_a_way_in_when_it_is_closed(registry: bool, rest: bool) -> None:  # noqa: FBT001
    made = _graph(foundation={"registryPublicNetworkAccess": registry}, publicNetworkAccess=rest, network=_NETWORK)

    access = made.one("machinelearningservices:Registry").inputs["publicNetworkAccess"]
    ways = {one.name for one in made.resources if one.token == "network:PrivateEndpoint"}
    assert access == ("Enabled" if registry else "Disabled")
    assert ("registry-endpoint" in ways, "workspace-endpoint" in ways) == (not registry, not rest)


def test_a_workspace_waits_for_the_use_of_its_key() -> None:
    made = _graph(encryption={})

    workspace = made.one("machinelearningservices:Workspace")
    key = made.one("authorization:RoleAssignment", "workspace-key-vault-crypto-user-on-key")
    assert key.inputs["scope"] == "/id/key"
    assert key.inputs["roleDefinitionId"].endswith("e147488a-f6f5-4113-8e2d-b22465e65bf6")
    assert key.urn in workspace.depends_on
    told = workspace.inputs["encryption"]["keyVaultProperties"]
    assert told == {"keyIdentifier": told["keyIdentifier"], "keyVaultArmId": "/id/key-vault"}
    assert told["keyIdentifier"].endswith("/keys/workspaces/1")


def test_a_key_that_is_brought_along_is_used_in_the_version_that_is_said() -> None:
    made = _graph(encryption={"key": _KEY, "keyVersion": _VERSION, "serviceSide": False})

    workspace = made.one("machinelearningservices:Workspace").inputs
    assert workspace["encryption"]["keyVaultProperties"] == {
        "keyIdentifier": f"https://kv.vault.azure.net/keys/k/{_VERSION}",
        "keyVaultArmId": _KEY.removesuffix("/keys/k"),
    }
    assert workspace["enableServiceSideCMKEncryption"] is False
    assert _scopes(made, "workspace-key-vault-crypto-user-on-key") == {_KEY}


def _granted_to_encryption(made: Graph) -> list[Asked]:
    return [one for one in made.resources if one.inputs.get("principalId") == _ENCRYPTION]


def test_a_key_over_storage_is_used_by_an_identity_that_can_do_nothing_else() -> None:
    made = _graph(encryption={"storage": True})

    account, (grant,) = made.one("storage:StorageAccount", "storage"), _granted_to_encryption(made)
    assert (grant.name, grant.inputs["scope"]) == ("encryption-key-vault-crypto-user-on-key", "/id/key")
    assert grant.urn in account.depends_on
    vault = made.one("keyvault:Vault", "key-vault").inputs["vaultName"]
    assert account.inputs["encryption"] == {
        "keySource": "Microsoft.Keyvault",
        "keyVaultProperties": {"keyName": "workspaces", "keyVaultUri": f"https://{vault}.vault.azure.net"},
        "encryptionIdentity": {"encryptionUserAssignedIdentity": "/id/encryption-identity"},
        "services": {kind: {"enabled": True, "keyType": "Account"} for kind in ("blob", "file")},
    }
    assert account.inputs["identity"]["userAssignedIdentities"] == ["/id/encryption-identity"]
    assert "encryption" not in made.one("containerregistry:Registry").inputs


def test_a_key_over_images_is_one_that_is_brought_along_in_its_newest_version() -> None:
    made = _graph(encryption=_IMAGES)

    images, (grant,) = made.one("containerregistry:Registry"), _granted_to_encryption(made)
    assert (grant.inputs["scope"], grant.urn in images.depends_on) == (_KEY, True)
    assert images.inputs["encryption"] == {
        "status": "enabled",
        "keyVaultProperties": {
            "identity": "clientId of encryption-identity",
            "keyIdentifier": "https://kv.vault.azure.net/keys/k",
        },
    }
    assert images.inputs["identity"]["userAssignedIdentities"] == {"/id/encryption-identity": {}}
    assert "encryption" not in made.one("storage:StorageAccount", "storage").inputs


def test_hub_and_feature_store_stand_on_the_same_foundation_and_a_project_on_its_hub() -> None:
    made = _graph(hub={"projects": {"rain": {"description": "Rain."}}}, featureStore={}, encryption={})

    first, hub, features = (
        made.one("machinelearningservices:Workspace", name).inputs for name in ("workspace", "hub", "feature-store")
    )
    project = made.one("machinelearningservices:Workspace", "rain-project").inputs
    own = ("workspaceName", "kind", "featureStoreSettings")
    assert {key: value for key, value in hub.items() if key not in own} == _without(first, own)
    assert _without(features, own) == _without(first, own)
    assert [one["kind"] for one in (first, hub, features, project)] == ["Default", "Hub", "FeatureStore", "Project"]
    assert project["hubResourceId"] == "/id/workspaces/mlw-hub-amlkit-dev"
    assert not project.keys() & {"storageAccount", "keyVault", "encryption", "managedNetwork"}
    assert set(made.outputs["hub"]) == {"id", "name", "projects"}
    assert set(made.outputs["featureStore"]) == {"id", "name"}


def _without(inputs: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key not in keys}


def test_a_closed_hub_and_feature_store_are_reached_by_endpoints_of_their_own() -> None:
    made = _graph(hub={}, featureStore={}, network=_NETWORK)

    ways = {one.name for one in made.resources if one.token == "network:PrivateEndpoint"}
    assert {"workspace-endpoint", "hub-endpoint", "feature-store-endpoint"} <= ways


def test_a_private_target_is_connected_to_after_the_right_to_do_so() -> None:
    private = [{"resource": _STORAGE, "part": "blob"}, {"resource": _STORAGE, "part": "dfs"}]
    made = _graph(outbound={"private": private})

    (right,) = [one for one in made.resources if one.name.endswith("approver-on-outbound")]
    rules = [one for one in made.resources if one.token.endswith(":ManagedNetworkSettingsRule")]
    assert right.inputs["scope"] == _STORAGE
    assert [right.urn in rule.depends_on for rule in rules] == [True, True]


def test_each_private_target_has_a_right_of_its_own() -> None:
    private = [{"resource": _STORAGE, "part": "blob"}, {"resource": _SQL, "part": "sqlServer"}]
    made = _graph(outbound={"private": private})

    rights = [one for one in made.resources if one.name.endswith("approver-on-outbound")]
    assert {one.inputs["scope"] for one in rights} == {_STORAGE, _SQL}
    assert len({one.name for one in rights}) == len(rights)


def test_a_lock_on_storage_is_put_on_after_all_that_is_granted_there() -> None:
    people = {"people": "experiment", "dataScientists": _GROUP, "modelsCi": {"gitHub": [_GITHUB]}}
    made = _graph(deleteLocks=True, access=people)

    granted = [
        one
        for one in made.resources
        if one.token == "authorization:RoleAssignment" and str(one.inputs["scope"]).startswith("/id/storage")
    ]
    lock = made.one("authorization:ManagementLockByScope", "storage-lock")
    assert set(_WHO) == {who for one in granted for who in _WHO if one.name.startswith(who)}
    assert [one.name for one in granted if one.urn not in lock.depends_on] == []


def test_everything_that_has_logs_sends_them_where_that_is_asked_for() -> None:
    made = _graph(diagnostics="all", hub={}, featureStore={}, encryption={}, onlineEndpoints={"rain": {}})

    logged = {one.inputs["resourceUri"] for one in made.resources if one.token == "monitor:DiagnosticSetting"}
    stores = {f"/id/storage/{store}Services/default" for store in ("blob", "file", "queue", "table")}
    workspaces = {f"/id/workspaces/mlw-{name}amlkit-dev" for name in ("", "hub-", "features-")}
    endpoint = "/id/rain"
    rest = {"/id/vault", "/id/images", "/id/registry", "/id/key-vault", endpoint}
    assert logged == stores | workspaces | rest


def test_locks_hold_what_was_made_and_nothing_that_was_brought() -> None:
    made = _graph(deleteLocks=True, foundation={"storage": _STORAGE})

    assert [one.inputs["scope"] for one in made.resources if "ManagementLock" in one.token] == ["/id/vault"]


def test_a_lock_waits_for_all_that_it_would_hold_so_that_a_destroy_takes_it_off_first() -> None:
    made = graph("regulated")
    locks = {one.inputs["scope"]: set(one.depends_on) for one in made.resources if "ManagementLock" in one.token}
    account = made.one("storage:StorageAccount").inputs["accountName"]

    def below(one: Asked, scope: str) -> bool:
        places = [one.inputs.get(key, "") for key in ("scope", "resourceUri")]
        links = [link["privateLinkServiceId"] for link in one.inputs.get("privateLinkServiceConnections", ())]
        inside = scope == "/id/storage" and one.inputs.get("accountName") == account
        own_children = one.token in {"storage:StorageAccount", "storage:BlobServiceProperties"}  # they go together
        return not own_children and (inside or any(f"{place}/".startswith(f"{scope}/") for place in (*places, *links)))

    held = {
        scope: {one.urn for one in made.resources if below(one, scope) and "ManagementLock" not in one.token}
        for scope in locks
    }
    assert set(locks) == {"/id/storage", "/id/vault", "/id/key-vault"}
    assert all(held.values())
    assert {scope: held[scope] - locks[scope] for scope in locks} == {scope: set() for scope in locks}


def test_a_resource_is_of_the_kind_that_its_id_says() -> None:
    assert kind_of(_KEY) == "Microsoft.KeyVault/vaults/keys"
    assert kind_of(_STORAGE) == "Microsoft.Storage/storageAccounts"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"foundation": {"storage": _KEY}},
            (
                ":foundation: storage must be the id of a Microsoft.Storage/storageAccounts, "
                "not of a Microsoft.KeyVault/vaults/keys"
            ),
        ),
        (
            {"foundation": {"vault": "none"}},
            ":foundation.vault: 'none' is not `create` or the ARM id of one's own",
        ),
        (
            {"foundation": {"containerRegistry": "none"}},
            (
                ": foundation.containerRegistry 'none' has Azure make an open one, and publicNetworkAccess is false: "
                "set it to 'create' or an id"
            ),
        ),
        (
            {"foundation": {"storage": _STORAGE}, "dataLife": {}},
            ": dataLife is for storage that is made: take it away, or set foundation.storage to 'create'",
        ),
        (
            {"foundation": {"registry": _REGISTRY}, "registryLocations": ["westus2"]},
            ": registryLocations need a registry that is made: take them away, or set foundation.registry to 'create'",
        ),
        (
            {"foundation": {"registry": _REGISTRY, "registryPublicNetworkAccess": True}},
            (
                ":foundation: registryPublicNetworkAccess needs a registry that is made: take it away, "
                "or set registry to 'create'"
            ),
        ),
        (
            {"encryption": {}, "purgeProtection": False},
            ": encryption needs a key that cannot be purged: set purgeProtection to true, or encryption.key to an id",
        ),
        (
            {"encryption": {"images": True}},
            _NOT_MADE,
        ),
        (
            {"encryption": _IMAGES, "foundation": {"containerRegistry": "none"}, "publicNetworkAccess": True},
            _NO_IMAGES,
        ),
        (
            {"encryption": _IMAGES, "containerRegistrySku": "Standard", "publicNetworkAccess": True},
            _NOT_PREMIUM,
        ),
        (
            {"encryption": {"storage": True}, "foundation": {"storage": _STORAGE}},
            ": encryption.storage is for storage that is made: take it away, or set foundation.storage to 'create'",
        ),
        (
            {"encryption": {"key": _KEY}},
            ":encryption: keyVersion is needed with a key that is brought along: a workspace is bound to one version",
        ),
        (
            {"encryption": {"keyVersion": _VERSION}},
            ":encryption: keyVersion is for a key that is brought along: take it away, or set key to its id",
        ),
        (
            {"outbound": {"services": [{"tag": "Internet"}]}},
            ":outbound.services.0: tag 'Internet' is everything: name the services that are needed",
        ),
        (
            {"outbound": {"services": [{"tag": "AzureCloud.eastus", "ports": "0-65535"}]}},
            ":outbound.services.0: tag 'AzureCloud.eastus' is everything: name the services that are needed",
        ),
        (
            {"outbound": {"services": [{"tag": "AzureMonitor", "ports": "1-65535"}]}},
            ":outbound.services.0: ports '1-65535' are more than 1024: name those that are needed",
        ),
        (
            {"outbound": {"services": [{"tag": "AzureMonitor"}]}, "isolationMode": "AllowInternetOutbound"},
            (
                ": outbound.services mean nothing with isolationMode 'AllowInternetOutbound': "
                "take them away, or set it to 'AllowOnlyApprovedOutbound'"
            ),
        ),
        (
            {"outbound": {"private": [{"resource": _SQL, "part": "sqlServer"}]}, "isolationMode": "Disabled"},
            (
                ": outbound.private needs a managed network: take it away, or set isolationMode to "
                "'AllowOnlyApprovedOutbound' or 'AllowInternetOutbound'"
            ),
        ),
        (
            {"outbound": {"private": [{"resource": _SQL, "part": "blob"}]}},
            ":outbound.private.0: part 'blob' is none of a Microsoft.Sql/servers; known are sqlServer",
        ),
        (
            {
                "outbound": {
                    "private": [{"resource": f"{_OTHER}/microsoft.storage/storageaccounts/store", "part": "blobs"}]
                }
            },
            ":outbound.private.0: part 'blobs' is none of a microsoft.storage/storageaccounts; did you mean 'blob'?",
        ),
        (
            {"hub": {"projects": {"hub": {}}}},
            ":hub: projects.hub has the name of another workspace of the environment: call it otherwise",
        ),
        (
            {"featureStore": {"sparkVersion": "2"}},
            ":featureStore.sparkVersion: '2' is not a version of Spark, such as `3.4`",
        ),
    ],
)
def test_a_choice_that_cannot_be_is_refused(said: dict[str, object], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read("dev", _config(**said))

    assert f"  - aml-kit{told}" in str(caught.value).splitlines()


def test_a_part_is_taken_as_azure_or_a_user_writes_it_and_of_a_type_that_nobody_knows_any() -> None:
    private = [
        {"resource": f"{_OTHER}/microsoft.sql/servers/facts", "part": "sqlserver"},
        {"resource": f"{_OTHER}/Example.New/things/a", "part": "x"},
    ]

    asked = read("dev", _config(outbound={"private": private})).outbound

    assert asked is not None
    assert [each.part for each in asked.private] == ["sqlserver", "x"]


def test_our_own_endpoints_lead_to_parts_that_the_table_has() -> None:
    assert {way.group for way in WAYS} <= {part for parts in PARTS.values() for part in parts}
