"""Settings: what a stack file may say, and what is told when it says something else."""

import json
import re
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra import reference
from infra.settings import NAMESPACE, Settings, SettingsError, read
from infra.vm_sizes import VM_SIZES
from tests.infra.stacks import LEAST, ROOT, STACKS, config, document

KEYS = tuple(field.alias or name for name, field in Settings.model_fields.items())

_CLOSED_BASIC = (
    "aml-kit: containerRegistrySku 'Basic' cannot be closed to the internet: "
    "set it to 'Premium', or publicNetworkAccess to true"
)
_HOSTS_UNUSED = (
    "aml-kit: outboundHosts means nothing with isolationMode 'AllowInternetOutbound': "
    "take them away, or set it to 'AllowOnlyApprovedOutbound'"
)
_FIREWALL_UNUSED = (
    "aml-kit: firewallSku means nothing with isolationMode 'Disabled': "
    "take it away, or set isolationMode to 'AllowOnlyApprovedOutbound'"
)

_COOLS_TOO_LATE = (
    "aml-kit:dataLife: coolAfterDays 30 is not before deleteAfterDays 30: set it lower, or take one of them away"
)
_RESTORES_TOO_FAR = (
    "aml-kit: dataLife.restoreDays 7 needs more softDeleteDays than 7: raise softDeleteDays, or lower restoreDays"
)
_REFUSES_PROJECTS = (
    "aml-kit: 'approved-outbound' of guardrails.builtIns would refuse the projects of hub: take it away "
    "(guardrails.initiative 'policies/initiative.json' asks the same of all but projects)"
)


def _refused(changed: dict[str, str], stack: str = "dev") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read(stack, LEAST | changed)
    head, *problems = str(caught.value).splitlines()
    assert head == f"environments/Pulumi.{stack}.yaml cannot be used:"
    return problems


def _cluster(**changed: object) -> dict[str, str]:
    return {"aml-kit:computeClusters": json.dumps({"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2} | changed})}


def test_what_is_not_said_is_closed() -> None:
    told = read("dev", LEAST).model_dump(exclude_none=True)  # a section that is off is none; see test_sections

    assert told == {
        "location": "eastus",
        "owner": "team",
        "cost_center": "42",
        "workload": "amlkit",
        "generation": 1,
        "data_classification": "internal",
        "public_network_access": False,
        "isolation_mode": "AllowOnlyApprovedOutbound",
        "outbound_hosts": (),
        "firewall_sku": "Standard",
        "storage_sku": "Standard_ZRS",
        "soft_delete_days": 30,
        "container_registry_sku": "Premium",
        "log_retention_days": 183,
        "delete_protection": True,
        "purge_protection": True,
        "compute_clusters": {},
        "compute_instances": {},
        "online_endpoints": {},
        "batch_endpoints": {},
        "fixed_models": {},
        "autoscale": {},
        "workbook": False,
        "registry_locations": (),
        "preflight_bypass": {},
        "diagnostics": "workspace",
        "delete_locks": False,
    }


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"aml-kit:isolationMod": "Disabled"}, "aml-kit:isolationMod: no such key; did you mean 'isolationMode'?"),
        ({"amlkit:owner": "me"}, "amlkit:owner: no such namespace; did you mean 'aml-kit'?"),
        (
            {"aml-kit:firewallSku": "Premium"},
            "aml-kit:firewallSku: should be 'Basic' or 'Standard', not 'Premium'",
        ),
        ({"aml-kit:deleteProtection": "yes"}, "aml-kit:deleteProtection: should be a valid boolean, not 'yes'"),
        (
            {"aml-kit:logRetentionDays": "7"},
            "aml-kit:logRetentionDays: should be greater than or equal to 30, not 7",
        ),
        (
            {"aml-kit:location": "East US"},
            "aml-kit:location: 'East US' is not a region's short name, such as `eastus` or `westeurope`",
        ),
        ({"aml-kit:owner": ""}, "aml-kit:owner: has no value (null, or empty): write one"),
        ({"aml-kit:owner": "null"}, "aml-kit:owner: has no value (null, or empty): write one"),
        ({"aml-kit:workload": ""}, "aml-kit:workload: has no value (null, or empty): write one, or take it away"),
        (
            {"aml-kit:computeClusters": "null"},
            "aml-kit:computeClusters: has no value (null, or empty): write one, or take it away",
        ),
        ({"aml-kit:budget": "null"}, "aml-kit:budget: has no value (null, or empty): write one, or take it away"),
        (
            {"aml-kit:encryption": ""},
            "aml-kit:encryption: has no value (null, or empty): write {} to have it with its defaults, or take it away",
        ),
        ({"aml-kit:ownr": ""}, "aml-kit:ownr: no such key; did you mean 'owner'?"),
        (
            {"aml-kit:preflightBypass": '{"names": null}'},
            "aml-kit:preflightBypass.names: should be a valid string, not null: write one, or take it away",
        ),
        (
            {"aml-kit:computeClusters": '{"cpu": null}'},
            "aml-kit:computeClusters.cpu: should be an object, not null: write one, or take it away",
        ),
        (
            _cluster(minNodes=None),
            "aml-kit:computeClusters.cpu.minNodes: should be a valid integer, not null: write one, or take it away",
        ),
        (
            _cluster(vmSize="Standard_DS3"),
            "aml-kit:computeClusters.cpu: vmSize 'Standard_DS3' is not known; did you mean 'Standard_DS3_v2'?",
        ),
        (_cluster(maxnodes=3), "aml-kit:computeClusters.cpu.maxnodes: no such key; did you mean 'maxNodes'?"),
        (_cluster(minNodes=3), "aml-kit:computeClusters.cpu: minNodes 3 is more than maxNodes 2"),
        (
            _cluster(idleTime="15m"),
            "aml-kit:computeClusters.cpu.idleTime: '15m' is not an ISO 8601 duration of one unit, such as `PT15M`",
        ),
        (
            {"aml-kit:computeClusters": "cpu"},
            "aml-kit:computeClusters: should be an object, not 'cpu'",
        ),
        (
            {"aml-kit:containerRegistrySku": "Basic"},
            _CLOSED_BASIC,
        ),
        (
            _cluster() | {"aml-kit:imageBuildCluster": "cpus"},
            "aml-kit: imageBuildCluster 'cpus' is none of computeClusters; did you mean 'cpu'?",
        ),
        (
            {"aml-kit:outboundHosts": '["*"]'},
            "aml-kit:outboundHosts.0: '*' is not a host name, such as `packages.example.com` or `*.example.com`",
        ),
        (
            {"aml-kit:outboundHosts": '["packages.example.com", "packages.example.com"]'},
            "aml-kit: outboundHosts names a host twice",
        ),
        (
            {"aml-kit:outboundHosts": '["packages.example.com"]', "aml-kit:isolationMode": "AllowInternetOutbound"},
            _HOSTS_UNUSED,
        ),
        (
            {"aml-kit:firewallSku": "Basic", "aml-kit:isolationMode": "Disabled"},
            _FIREWALL_UNUSED,
        ),
        (
            {"aml-kit:dataLife": '{"coolAfterDay": 3}'},
            "aml-kit:dataLife.coolAfterDay: no such key; did you mean 'coolAfterDays'?",
        ),
        (
            {"aml-kit:dataLife": '{"coolAfterDays": 30, "deleteAfterDays": 30}'},
            _COOLS_TOO_LATE,
        ),
        (
            {"aml-kit:dataLife": '{"restoreDays": 7}', "aml-kit:softDeleteDays": "7"},
            _RESTORES_TOO_FAR,
        ),
        (
            {"aml-kit:guardrails": '{"effect": "Deny"}', "aml-kit:hub": '{"projects": {"rain": {}}}'},
            _REFUSES_PROJECTS,
        ),
        (
            {"aml-kit:registryLocations": '["eastus"]'},
            "aml-kit: registryLocations names a region twice; 'location' is in it already",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_once_with_what_is_allowed(changed: dict[str, str], told: str) -> None:
    assert _refused(changed) == [f"  - {told}"]


@pytest.mark.parametrize(
    ("mode", "sku"),
    [("Disabled", "Standard"), ("AllowOnlyApprovedOutbound", "Basic"), ("AllowInternetOutbound", "Basic")],
)
def test_a_firewall_may_be_named_where_there_is_one_and_the_usual_one_everywhere(mode: str, sku: str) -> None:
    assert read("dev", LEAST | {"aml-kit:firewallSku": sku, "aml-kit:isolationMode": mode}).firewall_sku == sku


def test_all_mistakes_are_told_at_once() -> None:
    assert _refused({"aml-kit:ownr": "x", "aml-kit:generation": "0"}) == [
        "  - aml-kit:generation: should be greater than or equal to 1, not 0",
        "  - aml-kit:ownr: no such key; did you mean 'owner'?",
    ]


def test_what_contradicts_is_told_beside_what_is_wrong_by_itself() -> None:
    assert _refused({"aml-kit:generation": "0", "aml-kit:containerRegistrySku": "Basic"}) == [
        "  - aml-kit:generation: should be greater than or equal to 1, not 0",
        f"  - {_CLOSED_BASIC}",
    ]


def test_nothing_is_said_to_contradict_a_key_that_is_wrong_itself() -> None:
    changed = {"aml-kit:publicNetworkAccess": "yes", "aml-kit:containerRegistrySku": "Basic"}

    assert _refused(changed) == ["  - aml-kit:publicNetworkAccess: should be a valid boolean, not 'yes'"]


def test_nothing_is_said_to_contradict_a_key_that_says_nothing() -> None:
    changed = {"aml-kit:network": "", "aml-kit:controlPlane": '{"image": "mlops:1.0.0"}'}

    (told,) = _refused(changed)

    assert told.startswith("  - aml-kit:network: has no value")


def test_null_below_a_key_is_what_is_off_by_default() -> None:
    said = LEAST | {"aml-kit:network": '{"virtualNetwork": "none", "hub": null, "addressSpace": null}'}

    assert read("dev", said) == read("dev", LEAST | {"aml-kit:network": '{"virtualNetwork": "none"}'})


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SettingsError, match="aml-kit:owner: is required, and missing"):
        read("dev", {key: value for key, value in LEAST.items() if key != "aml-kit:owner"})


def test_a_stack_name_that_cannot_be_part_of_a_name_is_refused() -> None:
    assert _refused({}, stack="My_Stack") == [
        "  - the stack's name: 'My_Stack' is not lower-case letters and digits, first a letter, single dashes between"
    ]


def test_the_providers_own_keys_are_left_to_it() -> None:
    assert read("dev", LEAST | {"azure-native:subscriptionId": "s", "pulumi:tags": "{}"}) == read("dev", LEAST)


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    assert read("dev", LEAST | {"aml-kit:owner": "0123", "aml-kit:costCenter": "true"}).owner == "0123"


@hypothesis.settings(deadline=None)  # the first reading builds the schema
@given(st.sampled_from(KEYS), st.data())
def test_a_misspelt_key_is_never_taken_in_silence(key: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key) - 1))
    misspelt = key[:at] + key[at + 1 :]  # one letter lost
    if not misspelt or misspelt in KEYS:
        return

    (told,) = _refused({f"{NAMESPACE}:{misspelt}": "x"})

    assert told.startswith(f"  - {NAMESPACE}:{misspelt}: no such key")


@given(st.dictionaries(st.sampled_from([f"{NAMESPACE}:{key}" for key in KEYS]), st.text()))
def test_whatever_a_stack_file_holds_the_answer_is_settings_or_one_clear_error(found: dict[str, str]) -> None:
    try:
        settings = read("dev", found)
    except SettingsError as error:
        told = str(error).splitlines()[1:]
    else:
        told = [f"  - {settings.location}"]
    assert told
    assert all(line.startswith("  - ") for line in told)


@pytest.mark.parametrize("stack", STACKS)
def test_the_stack_files_of_this_repository_can_be_used(stack: str) -> None:
    assert read(stack, config(stack)).owner == "platform-team"


def _schema() -> Draft202012Validator:
    document = json.loads((ROOT / "environments" / "Pulumi.schema.json").read_text())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def _document(stack: str, **changed: object) -> dict[str, Any]:
    return {"config": document(stack)["config"] | {f"aml-kit:{key}": value for key, value in changed.items()}}


@pytest.mark.parametrize("stack", STACKS)
def test_editors_are_told_the_same_as_the_program_is(stack: str) -> None:
    schema = _schema()

    assert [error.message for error in schema.iter_errors(_document(stack))] == []
    assert schema.is_valid(_document(stack, deleteProtection="false", logRetentionDays="90"))  # as Pulumi writes them
    assert not schema.is_valid(_document(stack, deleteProtection="no"))
    assert not schema.is_valid(_document(stack, isolationMod="Disabled"))
    assert not schema.is_valid(_document(stack, isolationMode="Open"))
    assert not schema.is_valid(_document(stack, owner=None))
    assert not schema.is_valid(_document(stack, network=None))
    assert not schema.is_valid(_document(stack, imageBuildCluster=None))
    assert not schema.is_valid(_document(stack, computeClusters={"cpu": {"vmSize": "Standard_DS3", "maxNodes": 1}}))
    assert not schema.is_valid(_document(stack, computeClusters={"cpu": {"vmSize": "Standard_DS3_v2", "maxnodes": 1}}))


def test_what_is_written_down_is_what_the_code_says() -> None:
    stale = [str(path) for path, text in reference.files().items() if not path.exists() or path.read_text() != text]

    assert stale == [], "run: .venv/bin/python -m infra.reference"


def test_every_size_of_machine_has_a_quota_family() -> None:
    assert [name for name, size in VM_SIZES.items() if not size.family or size.vcpus < 1] == []
    assert {name for name, size in VM_SIZES.items() if size.gpus} == {
        name for name in VM_SIZES if name.startswith("Standard_N")
    }


def test_a_size_has_as_many_processors_as_its_name_says() -> None:
    """All but the sizes of the first naming, which are numbered by rank."""
    said = {name: int("".join(re.findall(r"^Standard_[A-Z]+([0-9]+)", name))) for name in VM_SIZES}

    assert {name for name, vcpus in said.items() if vcpus != VM_SIZES[name].vcpus} == {
        f"Standard_DS{rank}_v2" for rank in (3, 4, 5, 11, 12, 13, 14, 15)
    }
