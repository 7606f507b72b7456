"""Rules about storage accounts: no keys, no anonymous readers."""

from pulumi_policy import Severity

from rules.profiles import repaired
from rules.props import Props
from rules.rule import Finding, Rule, Settings, expect

STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"


def _has_no_shared_key(props: Props, _settings: Settings) -> Finding:
    path = "allowSharedKeyAccess"
    return expect(props.flag(path), wanted=False, path=path, fix=f"Set {path} to false; Azure's default is true.")


def _has_no_anonymous_readers(props: Props, _settings: Settings) -> Finding:
    path = "allowBlobPublicAccess"
    return expect(props.flag(path), wanted=False, path=path, fix=f"Set {path} to false.")


RULES = (
    Rule(
        id="S01",
        name="storage-no-shared-key",
        applies_to=(STORAGE_ACCOUNT,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="Whoever has an account's key is everybody: no name in the logs, no way to take it back from one person.",
        check=_has_no_shared_key,
        repair=lambda _settings: {"allowSharedKeyAccess": False},
        maps={"azpolicy": ("8c6a50c6",), "checkov": ("CKV2_AZURE_40",), "mcsb": ("IM-1",)},
    ),
    Rule(
        id="S03",
        name="storage-no-anonymous-blob",
        applies_to=(STORAGE_ACCOUNT,),
        levels=repaired(),
        severity=Severity.HIGH,
        why="One container set to public would publish models and data to anyone with the address.",
        check=_has_no_anonymous_readers,
        repair=lambda _settings: {"allowBlobPublicAccess": False},
        maps={"azpolicy": ("4fa4b6c0", "13502221"), "checkov": ("CKV_AZURE_190", "CKV2_AZURE_47")},
    ),
)
