"""Rules about key vaults: what is deleted comes back, roles decide, nobody comes from outside."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Finding, expect, worst
from rules.profiles import refused
from rules.props import Absent, Props, Unknown
from rules.repairs import AtLeast
from rules.rule import ADVISORY, DISABLED, REMEDIATE, Rule, Setting, Settings

VAULT = "azure-native:keyvault:Vault"
_PURGE = "properties.enablePurgeProtection"
_SOFT = "properties.enableSoftDelete"
_DAYS = "properties.softDeleteRetentionInDays"


def _outlives_its_deletion(props: Props, settings: Settings) -> Finding:
    days = props.number(_DAYS)
    fix = f"Set {_DAYS} to {settings['days']:g} at least, and {_SOFT} not to false."
    soft = props.flag(_SOFT)
    return worst(
        expect(props.flag(_PURGE), wanted=True, path=_PURGE, fix=f"Set {_PURGE} to true. It can never be taken back."),
        PASS if isinstance(soft, Absent) else expect(soft, wanted=True, path=_SOFT, fix=fix),  # Azure's own default
        expect(days if not isinstance(days, float) else days >= settings["days"], wanted=True, path=_DAYS, fix=fix),
    )


def _asks_for_roles(props: Props, _settings: Settings) -> Finding:
    path = "properties.enableRbacAuthorization"
    return expect(props.flag(path), wanted=True, path=path, fix=f"Set {path} to true; Azure's default is false.")


def _is_closed(props: Props, _settings: Settings) -> Finding:
    public = props.enum("properties.publicNetworkAccess")
    if public == "disabled":
        return PASS
    path = "properties.networkAcls.defaultAction"
    denied = expect(
        props.enum(path), "deny", path, f"Set properties.publicNetworkAccess to 'disabled', or {path} to 'Deny'."
    )
    return CannotTell("properties.publicNetworkAccess") if isinstance(public, Unknown) and denied != PASS else denied


def _keeps_deleted(settings: Settings) -> dict[str, object]:
    return {_PURGE: True, _SOFT: True, _DAYS: AtLeast(int(settings["days"]))}


RULES = (
    Rule(
        id="S06",
        name="keyvault-purge-protected",
        applies_to=(VAULT,),
        # Purge protection is for ever, so nothing sets it on a vault that is made to be thrown away.
        levels={
            "local": DISABLED,
            "dev": ADVISORY,
            "staging": REMEDIATE,
            "prod": REMEDIATE,
            "regulated": REMEDIATE,
        },
        severity=Severity.HIGH,
        why="Without the key that was deleted, all that it encrypted is gone.",
        check=_outlives_its_deletion,
        repair=_keeps_deleted,
        settings={
            "days": Setting(
                meaning="for how many days a deleted vault can be had back",
                schema={"type": "integer", "minimum": 7, "maximum": 90},
                defaults={"local": 7, "dev": 7, "staging": 7, "prod": 90, "regulated": 90},
            )
        },
        maps={
            "azpolicy": ("0b60c0b2", "1e66c121"),
            "checkov": ("CKV_AZURE_42", "CKV_AZURE_110", "CKV_AZURE_111"),
            "psrule": ("Azure.KeyVault.PurgeProtect", "Azure.KeyVault.SoftDelete"),
            "mcsb": ("DP-8",),
        },
    ),
    Rule(
        id="S07",
        name="keyvault-rbac",
        applies_to=(VAULT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="Access policies are a second list of rights, which nobody who reviews roles ever sees.",
        check=_asks_for_roles,
        maps={"azpolicy": ("12d4fa5e",), "psrule": ("Azure.KeyVault.RBAC",), "mcsb": ("PA-7",)},
    ),
    Rule(
        id="S08",
        name="keyvault-network-closed",
        applies_to=(VAULT,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Secrets are asked for by machines of the environment, and by nobody on the internet.",
        check=_is_closed,
        maps={
            "azpolicy": ("405c5871", "55615ac9"),
            "checkov": ("CKV_AZURE_109", "CKV_AZURE_189"),
            "mcsb": ("NS-2",),
        },
    ),
)
