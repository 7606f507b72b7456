"""What the pack does as a whole: repairs, secrets, unknowns, profiles, and what is written down of it."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

import reference
from rules.catalogue import catalogue
from rules.profiles import config, profile_of
from rules.rule import PROFILES, REMEDIATE
from rules.stack import unversioned
from tests.policies.case import MARKERS, Case
from tests.policies.pack import Pack, running
from waivers import LONGEST

WORKSPACE = "azure-native:machinelearningservices:Workspace"
COMPUTE = "azure-native:machinelearningservices:Compute"
REGISTRY = "azure-native:machinelearningservices:Registry"
VAULT = "azure-native:keyvault:Vault"
STORAGE = "azure-native:storage:StorageAccount"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_LEVELS = {"advisory": 0, "mandatory": 1, "disabled": 2, "remediate": 3}


def _secret(value: object) -> dict[str, object]:
    return {_SIGNATURE: _SECRET, "value": value}


_REPAIRS: tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "workspace-public-access-disabled",
        WORKSPACE,
        {"friendlyName": "x", "publicNetworkAccess": "Enabled"},
        {"friendlyName": "x", "publicNetworkAccess": "Disabled", "allowPublicAccessWhenBehindVnet": False},
    ),
    ("workspace-identity-datastore-auth", WORKSPACE, {}, {"systemDatastoresAuthMode": "Identity"}),
    (
        "compute-local-auth-disabled",
        COMPUTE,
        {"properties": {"computeType": "AmlCompute"}},
        {"properties": {"computeType": "AmlCompute", "disableLocalAuth": True}},
    ),
    (
        "compute-no-public-ip",
        COMPUTE,
        {"properties": {"computeType": "AmlCompute"}},
        {"properties": {"computeType": "AmlCompute", "properties": {"enableNodePublicIp": False}}},
    ),
    (
        "cluster-min-nodes-zero",
        COMPUTE,
        {"properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": {"minNodeCount": 3}}}},
        {"properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": {"minNodeCount": 0}}}},
    ),
    (
        "cluster-ssh-port-closed",
        COMPUTE,
        {"properties": {"computeType": "AmlCompute", "properties": {"remoteLoginPortPublicAccess": "Enabled"}}},
        {"properties": {"computeType": "AmlCompute", "properties": {"remoteLoginPortPublicAccess": "Disabled"}}},
    ),
    (
        "instance-ssh-disabled",
        COMPUTE,
        {
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {"sshSettings": {"sshPublicAccess": "on"}},
            }
        },
        {
            "properties": {
                "computeType": "ComputeInstance",
                "properties": {"sshSettings": {"sshPublicAccess": "Disabled"}},
            }
        },
    ),
    (
        "cluster-idle-scale-down",
        COMPUTE,
        {"properties": {"computeType": "AmlCompute"}},
        {
            "properties": {
                "computeType": "AmlCompute",
                "properties": {"scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT15M"}},
            }
        },
    ),
    (
        "instance-idle-shutdown",
        COMPUTE,
        {"properties": {"computeType": "ComputeInstance", "properties": {"idleTimeBeforeShutdown": "P1D"}}},
        {"properties": {"computeType": "ComputeInstance", "properties": {"idleTimeBeforeShutdown": "PT1H"}}},
    ),
    ("storage-no-shared-key", STORAGE, {"allowSharedKeyAccess": True}, {"allowSharedKeyAccess": False}),
    ("storage-no-anonymous-blob", STORAGE, {}, {"allowBlobPublicAccess": False}),
    (
        "registry-storage-hardened",
        REGISTRY,
        {
            "regionDetails": [
                {
                    "storageAccountDetails": [{"systemCreatedStorageAccount": {"storageAccountType": "x"}}],
                    "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Basic"}}],
                }
            ]
        },
        {
            "regionDetails": [
                {
                    "storageAccountDetails": [
                        {"systemCreatedStorageAccount": {"storageAccountType": "x", "allowBlobPublicAccess": False}}
                    ],
                    "acrDetails": [{"systemCreatedAcrAccount": {"acrAccountSku": "Premium"}}],
                }
            ]
        },
    ),
    (
        "storage-https-tls12",
        STORAGE,
        {"minimumTlsVersion": "TLS1_3"},
        {"minimumTlsVersion": "TLS1_3", "enableHttpsTrafficOnly": True},
    ),
    (
        "storage-https-tls12",
        STORAGE,
        {"minimumTlsVersion": "TLS1_0", "enableHttpsTrafficOnly": True},
        {"minimumTlsVersion": "TLS1_2", "enableHttpsTrafficOnly": True},
    ),
    (
        "required-tags",
        "azure-native:resources:ResourceGroup",
        {"tags": {"Owner": "team", "cost-center": "42"}},
        {"tags": {"Owner": "team", "cost-center": "42", "environment": "prod"}},
    ),
    (
        "keyvault-purge-protected",
        VAULT,
        {"properties": {"softDeleteRetentionInDays": 7}},
        {"properties": {"softDeleteRetentionInDays": 90, "enablePurgeProtection": True, "enableSoftDelete": True}},
    ),
)


@pytest.mark.parametrize(("policy", "resource_type", "wrong", "right"), _REPAIRS)
def test_what_can_be_put_right_is_put_right_and_nothing_else_is_touched(
    policy: str, resource_type: str, wrong: dict[str, Any], right: dict[str, Any], pack: Pack
) -> None:
    pack.configure(
        {rule.name: {"enforcementLevel": _LEVELS["disabled"]} for rule in catalogue() if rule.name != policy}
    )

    assert pack.repaired(policy, resource_type, wrong) == right
    assert pack.repaired(policy, resource_type, right) is None


def test_every_rule_that_repairs_has_a_repair_that_is_tested() -> None:
    assert {rule.name for rule in catalogue() if rule.repair} == {policy for policy, *_ in _REPAIRS}


def test_every_rule_that_some_profile_repairs_knows_how() -> None:
    assert [rule.id for rule in catalogue() if REMEDIATE in rule.levels.values() and rule.repair is None] == []


def test_a_repair_keeps_secrets_secret(pack: Pack) -> None:
    props = {
        "allowSharedKeyAccess": True,
        "tags": {"pin": _secret("1234"), "environment": "prod"},
        "kind": _secret("StorageV2"),
    }

    repaired = pack.repaired("storage-no-shared-key", STORAGE, props)

    assert repaired == {**props, "allowSharedKeyAccess": False}


@pytest.mark.parametrize("marker", MARKERS)
def test_a_repair_leaves_alone_what_is_not_known_yet(marker: str, pack: Pack) -> None:
    assert pack.repaired("storage-no-shared-key", STORAGE, {"allowSharedKeyAccess": marker}) is None
    assert pack.repaired("compute-local-auth-disabled", COMPUTE, {"properties": marker}) is None


def test_a_repair_of_one_property_leaves_an_unknown_one_beside_it(pack: Pack) -> None:
    props = {"publicNetworkAccess": "Enabled", "allowPublicAccessWhenBehindVnet": MARKERS[1]}

    repaired = pack.repaired("workspace-public-access-disabled", WORKSPACE, props)

    assert repaired is not None
    assert repaired["publicNetworkAccess"] == "Disabled"
    assert repaired["allowPublicAccessWhenBehindVnet"] == MARKERS[1]


@pytest.mark.parametrize(
    "wrong", [{"properties": "text"}, {"properties": {"computeType": "AmlCompute", "properties": 3}}]
)
def test_what_has_the_wrong_shape_is_refused_and_costs_no_other_rule_its_result(
    wrong: dict[str, Any], pack: Pack
) -> None:
    case = Case(rule="C05", said="wrong shape", type=COMPUTE, props=wrong, outcome="fail")

    assert pack.repaired("compute-no-public-ip", COMPUTE, wrong) is None
    assert pack.asked("compute-no-public-ip", case)[0].outcome == "fail"
    assert pack.asked("storage-no-shared-key", case)[0].outcome == "not applicable"


def test_a_message_quotes_no_property(pack: Pack) -> None:
    case = Case(
        rule="W11",
        said="a secret",
        type=WORKSPACE,
        props={"systemDatastoresAuthMode": _secret("hunter2"), "publicNetworkAccess": _secret("hunter2")},
        outcome="fail",
    )

    said = [pack.asked(rule.name, case) for rule in catalogue()]

    assert "hunter2" not in repr(said)


def test_a_level_can_be_changed_by_a_config_file(pack: Pack) -> None:
    case = Case(rule="W03", said="off", type=WORKSPACE, props={}, outcome="fail")
    pack.configure({"workspace-approved-outbound-only": {"enforcementLevel": _LEVELS["advisory"]}})
    assert [said.level for said in pack.asked("workspace-approved-outbound-only", case)] == [0]

    pack.configure({"workspace-approved-outbound-only": {"enforcementLevel": _LEVELS["disabled"]}})
    assert [said.outcome for said in pack.asked("workspace-approved-outbound-only", case)] == ["pass"]


@pytest.mark.parametrize(("stack", "profile"), [*zip(PROFILES, PROFILES, strict=True), ("dev-alice", "dev")])
def test_the_pack_serves_the_whole_catalogue_as_strict_as_its_stack(stack: str, profile: str, pack: Pack) -> None:
    pack.start(stack)

    served = {
        policy.name: (
            policy.enforcementLevel,
            {name: json_format.MessageToDict(one)["default"] for name, one in policy.configSchema.properties.items()},
        )
        for policy in pack.info().policies
    }
    about_waivers = {
        "waiver-valid": (_LEVELS["mandatory"], {"longest": LONGEST.defaults[profile]}),
        "waiver-in-force": (_LEVELS["advisory"], {}),
        "waiver-in-force-in-stack": (_LEVELS["advisory"], {}),
    }
    rules = {rule.name: (_LEVELS[rule.levels[profile].value], rule.defaults(profile)) for rule in catalogue()}

    assert served == rules | about_waivers


def test_a_pack_that_is_told_no_stack_is_as_strict_as_prod() -> None:
    with running() as untold:
        served = {policy.name: policy.enforcementLevel for policy in untold.info().policies}

    rules = {rule.name: _LEVELS[rule.levels["prod"].value] for rule in catalogue()}

    assert served == {
        **rules,
        "waiver-valid": _LEVELS["mandatory"],
        "waiver-in-force": _LEVELS["advisory"],
        "waiver-in-force-in-stack": _LEVELS["advisory"],
    }


def test_a_config_file_of_a_profile_is_as_strict_as_the_profile(pack: Pack) -> None:
    written = json.loads((Path(reference.__file__).parent / "profiles" / "dev.json").read_text())
    case = Case(rule="W03", said="unset", type=WORKSPACE, props={}, outcome="fail")

    pack.configure(
        {name: said | {"enforcementLevel": _LEVELS[said["enforcementLevel"]]} for name, said in written.items()}
    )

    assert [said.level for said in pack.asked("workspace-approved-outbound-only", case)] == [_LEVELS["advisory"]]


@pytest.mark.parametrize(
    ("stack", "profile"),
    [
        *((profile, profile) for profile in PROFILES),
        ("dev-alice", "dev"),
        ("minimal", "dev"),
        ("typical", "staging"),
        ("private", "prod"),
        ("organization/aml-kit/staging", "staging"),
        ("production", "prod"),
        ("developer", "prod"),
        ("", "prod"),
    ],
)
def test_a_stack_name_that_says_nothing_is_held_to_prods_rules(stack: str, profile: str) -> None:
    assert profile_of(stack) == profile


def test_every_rule_has_a_level_and_a_default_in_every_profile() -> None:
    for rule in catalogue():
        assert set(rule.levels) == set(PROFILES), rule.id
        assert all(set(setting.defaults) == set(PROFILES) for setting in rule.settings.values()), rule.id
        assert re.fullmatch(r"[WCEDSRM]\d\d", rule.id)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert all(config(catalogue(), profile) for profile in PROFILES)


@pytest.mark.parametrize(
    "written",
    [
        "azure-native:storage:StorageAccount",
        "azure-native:storage/v20230101:StorageAccount",
        "azure-native:storage/v20230101preview:StorageAccount",
        "azure-native_storage_v20230101:storage:StorageAccount",
    ],
)
def test_an_api_version_is_no_way_around_a_rule(written: str) -> None:
    assert unversioned(written) == STORAGE


def test_what_is_written_down_is_what_the_code_says() -> None:
    stale = [str(path) for path, text in reference.files().items() if not path.exists() or path.read_text() != text]
    pages = (Path(reference.__file__).parent / "docs").iterdir()

    assert stale == [], "run: .venv/bin/python policies/reference.py"
    assert {page.stem for page in pages} == {"M14", *(rule.id for rule in catalogue())}


def test_the_pack_says_the_version_it_is_published_as(pack: Pack) -> None:
    written = yaml.safe_load((Path(reference.__file__).parent / "PulumiPolicy.yaml").read_text())

    assert (pack.info().name, pack.info().version) == ("aml-kit", written["version"])


def test_the_pack_stands_alone() -> None:
    folder = Path(reference.__file__).parent
    imported = {
        line.split()[1].split(".")[0]
        for file in folder.rglob("*.py")
        for line in file.read_text().splitlines()
        if re.match(r"(from|import) ", line)
    }

    own = {"audit", "cli", "reference", "reports", "rules", "runtime", "serving", "waivers", "waiving"}
    needed = {"azure", "google", "grpc", "jsonschema", "pulumi", "pulumi_policy", "rfc8785", "yaml"}
    assert imported - set(sys.stdlib_module_names) - own <= needed
    assert {path.stem for path in folder.iterdir()} >= own
    assert json.loads((folder / "profiles" / "prod.json").read_text())
