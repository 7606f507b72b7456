"""Rules about storage accounts: no keys, no anonymous readers, no open network, nothing lost by mistake."""

from pulumi_policy import Severity

from rules.diagnostics import best, parted
from rules.finding import PASS, CannotTell, Fail, Finding, expect, worst
from rules.profiles import refused, repaired
from rules.props import Absent, Props, Unknown
from rules.repairs import OneOf
from rules.rule import ADVISORY, PROFILES, InStack, Rule, Setting, Settings, everywhere
from rules.stack import Resource, Stack

STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"


def _has_no_shared_key(props: Props, _settings: Settings) -> Finding:
    path = "allowSharedKeyAccess"
    return expect(props.flag(path), wanted=False, path=path, fix=f"Set {path} to false; Azure's default is true.")


def _has_no_anonymous_readers(props: Props, _settings: Settings) -> Finding:
    path = "allowBlobPublicAccess"
    return expect(props.flag(path), wanted=False, path=path, fix=f"Set {path} to false.")


def _is_closed(props: Props, settings: Settings) -> Finding:
    public = props.enum("publicNetworkAccess")
    if public in ("disabled", "securedbyperimeter"):
        return PASS
    fix = "Set publicNetworkAccess to 'Disabled', or networkRuleSet.defaultAction to 'Deny'."
    denied = expect(props.enum("networkRuleSet.defaultAction"), "deny", "networkRuleSet.defaultAction", fix)
    if isinstance(public, Unknown):
        return CannotTell("publicNetworkAccess") if denied != PASS else _bypass(props, settings)
    return worst(denied, _bypass(props, settings))


def _bypass(props: Props, settings: Settings) -> Finding:
    path = "networkRuleSet.bypass"
    match props.enum(path):
        case Unknown():
            return CannotTell(path)
        case Absent():
            return PASS  # Azure's default is AzureServices
        case words:
            allowed = {str(word).lower() for word in settings["bypass"]} | {"none"}
            within = {word.strip() for word in words.split(",")} <= allowed
            return PASS if within else Fail(f"Let {path} name {', '.join(settings['bypass']) or 'None'} only.")


def _is_encrypted_on_the_way(props: Props, _settings: Settings) -> Finding:
    https, tls = "enableHttpsTrafficOnly", "minimumTlsVersion"
    version = props.enum(tls)
    wanted = version if version in ("tls1_2", "tls1_3") else "tls1_2"
    return worst(
        expect(props.flag(https), wanted=True, path=https, fix=f"Set {https} to true."),
        expect(version, wanted, tls, f"Set {tls} to 'TLS1_2'."),
    )


_BLOBS = "azure-native:storage:BlobServiceProperties"


def _can_be_had_back(account: Resource, stack: Stack, settings: Settings) -> Finding:
    days = settings["days"]
    fix = (
        "Add storage:BlobServiceProperties of this account with isVersioningEnabled true and deleteRetentionPolicy "
        f"enabled for {days:g} days at least."
    )
    found, unknown = parted(account, stack.of(_BLOBS), "accountName")
    findings = [_keeps_what_is_deleted(one.props, days, fix) for one in found]
    return best(*findings, *([unknown] if unknown else []), otherwise=Fail(fix))


def _keeps_what_is_deleted(props: Props, days: float, fix: str) -> Finding:
    versions, deleted, kept = "isVersioningEnabled", "deleteRetentionPolicy.enabled", "deleteRetentionPolicy.days"
    long = props.number(kept)
    return worst(
        expect(props.flag(versions), wanted=True, path=versions, fix=fix),
        expect(props.flag(deleted), wanted=True, path=deleted, fix=fix),
        expect(long if not isinstance(long, float) else long >= days, wanted=True, path=kept, fix=fix),
    )


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
        maps={
            "azpolicy": ("4fa4b6c0", "13502221"),
            "checkov": ("CKV_AZURE_190", "CKV2_AZURE_47"),
            "psrule": ("Azure.Storage.BlobPublicAccess",),
        },
    ),
    Rule(
        id="S02",
        name="storage-network-closed",
        applies_to=(STORAGE_ACCOUNT,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A token that is stolen opens an account from anywhere, unless only the environment reaches it.",
        check=_is_closed,
        settings={
            "bypass": Setting(
                meaning="what may pass a closed firewall",
                schema={"type": "array", "items": {"enum": ["AzureServices", "Logging", "Metrics"]}},
                defaults=everywhere(["AzureServices"]),
            )
        },
        maps={
            "azpolicy": ("b2982f36", "34c877ad"),
            "checkov": ("CKV_AZURE_35", "CKV_AZURE_59"),
            "psrule": ("Azure.Storage.Firewall",),
            "mcsb": ("NS-2",),
        },
    ),
    Rule(
        id="S04",
        name="storage-https-tls12",
        applies_to=(STORAGE_ACCOUNT,),
        levels=repaired(),
        severity=Severity.MEDIUM,
        why="Data on its way can be read and changed where old encryption, or none, is accepted.",
        check=_is_encrypted_on_the_way,
        repair=lambda _settings: {"enableHttpsTrafficOnly": True, "minimumTlsVersion": OneOf(("TLS1_2", "TLS1_3"))},
        maps={
            "azpolicy": ("404c3081", "fe83a0eb"),
            "checkov": ("CKV_AZURE_3", "CKV_AZURE_44"),
            "psrule": ("Azure.Storage.SecureTransfer", "Azure.Storage.MinTLS"),
            "mcsb": ("DP-3",),
        },
    ),
    Rule(
        id="S05",
        name="storage-recovery",
        applies_to=(STORAGE_ACCOUNT,),
        levels=dict.fromkeys(PROFILES, ADVISORY),
        severity=Severity.MEDIUM,
        why="A model or a data set that was deleted or overwritten by mistake cannot be made again.",
        check=InStack(_can_be_had_back),
        settings={
            "days": Setting(
                meaning="for how many days deleted blobs are kept",
                schema={"type": "integer", "minimum": 1},
                defaults={"local": 7, "dev": 7, "staging": 7, "prod": 30, "regulated": 90},
            )
        },
        maps={
            "azpolicy": ("9fbd64e3",),
            "checkov": ("CKV2_AZURE_38",),
            "psrule": ("Azure.Storage.SoftDelete",),
        },
    ),
)
