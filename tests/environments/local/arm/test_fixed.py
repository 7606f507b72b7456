"""Changes that Azure refuses, and the provider answers by making anew, in real values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.errors import ArmError
from environments.local.provider import bodies
from environments.local.provider.changes import changes
from environments.local.provider.resources import served
from environments.local.services.plain import plain
from tests.environments.local.arm.manager import manager

if TYPE_CHECKING:
    from pathlib import Path

_AKS, _SQL = "containerservice:ManagedCluster", "dbforpostgresql:Server"
_ML, _ACR = "machinelearningservices:Workspace", "containerregistry:Registry"
_KEY = {"keyVaultProperties": {"identity": "c", "keyIdentifier": "https://kv/keys/k"}}
Values = dict[str, Any]
_STORE: Values = {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}}

CHANGES: list[tuple[str, Values, Values]] = [
    (_AKS, {"networkProfile": {"serviceCidr": "10.0.0.0/16"}}, {"networkProfile": {"serviceCidr": "10.1.0.0/16"}}),
    (_AKS, {"networkProfile": {"dnsServiceIP": "10.0.0.10"}}, {"networkProfile": {"dnsServiceIP": "10.0.0.11"}}),
    (_AKS, {"networkProfile": {"podCidr": "10.2.0.0/16"}}, {"networkProfile": {"podCidr": "10.3.0.0/16"}}),
    (_SQL, {"backup": {"geoRedundantBackup": "Disabled"}}, {"backup": {"geoRedundantBackup": "Enabled"}}),
    (_ML, {"enableServiceSideCMKEncryption": True}, {"enableServiceSideCMKEncryption": False}),
    (_ML, {"hbiWorkspace": True}, {"hbiWorkspace": False}),
    (_ML, {"kind": "Default", "hbiWorkspace": False}, {"kind": "Hub", "hbiWorkspace": False}),
    (_ACR, {"encryption": {"status": "enabled", **_KEY}}, {"encryption": {"status": "disabled"}}),
    (_ACR, {"zoneRedundancy": "Disabled"}, {"zoneRedundancy": "Enabled"}),
    ("storage:StorageAccount", _STORE | {"isHnsEnabled": False}, _STORE | {"isHnsEnabled": True}),
    (
        "keyvault:Vault",
        {"properties": {"softDeleteRetentionInDays": 30}},
        {"properties": {"softDeleteRetentionInDays": 90}},
    ),
]
"""By type: inputs as they stand and as they are wanted."""
_IDS = [f"{kind}-{next(iter(was))}-{number}" for number, (kind, was, _) in enumerate(CHANGES)]


@pytest.mark.parametrize(("kind", "was", "wanted"), CHANGES, ids=_IDS)
def test_the_provider_makes_it_anew(kind: str, was: Values, wanted: Values) -> None:
    found = changes(served(f"azure-native:{kind}"), was, wanted, ())

    assert [each for each in found if each.replaces]


@pytest.mark.parametrize(("kind", "was", "wanted"), CHANGES, ids=_IDS)
def test_the_resource_manager_refuses_it_and_takes_what_stays(
    tmp_path: Path, kind: str, was: Values, wanted: Values
) -> None:
    of = served(f"azure-native:{kind}")
    before, after = ({"location": "eastus", **_wire(of, each)} for each in (was, wanted))
    with manager(tmp_path, *plain(of.arm_type)) as arm:
        path = f"{of.arm_type}/it"
        assert arm.ask("PUT", path, before).status == 201
        assert arm.ask("PUT", path, before).status == 200
        with pytest.raises(ArmError) as caught:
            arm.ask("PUT", path, after)

    assert (caught.value.status, caught.value.code) == (400, "PropertyChangeNotAllowed")


def test_a_registry_may_be_given_another_version_or_identity_of_its_key() -> None:
    other = {"keyVaultProperties": {"identity": "d", "keyIdentifier": "https://kv/keys/other"}}
    was, wanted = ({"encryption": {"status": "enabled", **each}} for each in (_KEY, other))

    found = changes(served(f"azure-native:{_ACR}"), was, wanted, ())

    assert [each.replaces for each in found if each.replaces] == []
    assert found


def _wire(of: Any, inputs: Values) -> Values:  # noqa: ANN401  # a type that is served
    named = dict.fromkeys(of.path_inputs, "it")
    found: Values = bodies.to_body(of, {**named, **inputs})
    return found
