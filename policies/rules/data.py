"""Rules about where data and models come from and go to: datastores, connections, shared registries."""

from pulumi_policy import Severity

from rules.diagnostics import logged
from rules.finding import PASS, CannotTell, Fail, Finding, expect, worst
from rules.profiles import refused, repaired, unless_disposable
from rules.props import Absent, Props, Unknown
from rules.rule import ADVISORY, InStack, Rule, Setting, Settings, everywhere
from rules.stack import Resource, Stack

DATASTORE = "azure-native:machinelearningservices:Datastore"
CONNECTION = "azure-native:machinelearningservices:WorkspaceConnection"
REGISTRY = "azure-native:machinelearningservices:Registry"

_IDENTITIES = (
    "AAD",
    "ManagedIdentity",
    "ProjectManagedIdentity",
    "AccountManagedIdentity",
    "UserEntraToken",
    "AgentUserImpersonation",
)


def _keeps_no_credentials(props: Props, _settings: Settings) -> Finding:
    path = "properties.credentials.credentialsType"
    return expect(props.enum(path), "none", path, f"Set {path} to 'None', so that the caller's identity is used.")


def _connects_by_identity(props: Props, settings: Settings) -> Finding:
    path = "properties.authType"
    allowed = [str(word).lower() for word in settings["allowed"]]
    found = props.enum(path)
    wanted = found if found in allowed else allowed[0]
    return expect(found, wanted, path, f"Set {path} to one of {', '.join(settings['allowed'])}: they hold no key.")


def _is_closed(props: Props, _settings: Settings) -> Finding:
    path = "publicNetworkAccess"
    return expect(props.enum(path), "disabled", path, f"Set {path} to 'Disabled'.")


_ACCOUNTS, _ACCOUNT = "storageAccountDetails", "systemCreatedStorageAccount.allowBlobPublicAccess"
_IMAGES, _IMAGE = "acrDetails", "systemCreatedAcrAccount.acrAccountSku"


def _hardens_what_it_makes(props: Props, _settings: Settings) -> Finding:
    regions = props.items("regionDetails")
    if isinstance(regions, Unknown):
        return CannotTell("regionDetails")
    if isinstance(regions, Absent) or not regions:
        return Fail("Say in regionDetails which storage and container registry each region gets.")
    return worst(*map(_region, regions))


def _region(region: Props | Unknown) -> Finding:
    if isinstance(region, Unknown):
        return CannotTell("regionDetails")
    return worst(_accounts(region), _images(region))


def _accounts(region: Props) -> Finding:
    found = region.items(_ACCOUNTS)
    if isinstance(found, Absent):
        return Fail(f"Say in regionDetails.{_ACCOUNTS} that {_ACCOUNT} is false.")
    if isinstance(found, Unknown) or Unknown() in found:
        return CannotTell(_ACCOUNTS)
    fix = f"Set {_ACCOUNT} to false in each of regionDetails.{_ACCOUNTS}."
    made = [one for one in found if isinstance(one, Props) and "userCreatedStorageAccount" not in one.said()]
    return worst(PASS, *(expect(one.flag(_ACCOUNT), wanted=False, path=_ACCOUNT, fix=fix) for one in made))


def _images(region: Props) -> Finding:
    found = region.items(_IMAGES)
    if isinstance(found, Absent):
        return Fail(f"Say in regionDetails.{_IMAGES} that {_IMAGE} is 'Premium'.")
    if isinstance(found, Unknown) or Unknown() in found:
        return CannotTell(_IMAGES)
    fix = f"Set {_IMAGE} to 'Premium' in each of regionDetails.{_IMAGES}."
    made = [one for one in found if isinstance(one, Props) and "userCreatedAcrAccount" not in one.said()]
    return worst(PASS, *(expect(one.enum(_IMAGE), "premium", _IMAGE, fix) for one in made))


def _is_logged_and_kept_twice(registry: Resource, stack: Stack, settings: Settings) -> Finding:
    return worst(
        logged(registry, stack, "Add a monitor:DiagnosticSetting with this registry as resourceUri, and logs on."),
        _has_regions(registry.props, int(settings["regions"])),
    )


def _has_regions(props: Props, least: int) -> Finding:
    regions = props.items("regionDetails")
    if isinstance(regions, Unknown):
        return CannotTell("regionDetails")
    count = 0 if isinstance(regions, Absent) else len(regions)
    return PASS if count >= least else Fail(f"Name {least} regions in regionDetails.")


RULES = (
    Rule(
        id="D01",
        name="datastore-credentialless",
        applies_to=(DATASTORE,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Whoever may read a datastore may list its credentials.",
        check=_keeps_no_credentials,
    ),
    Rule(
        id="D02",
        name="connection-keyless",
        applies_to=(CONNECTION,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A connection with a key lends that key to everybody in the workspace.",
        check=_connects_by_identity,
        settings={
            "allowed": Setting(
                meaning="ways to sign in that hold no key",
                schema={"type": "array", "items": {"type": "string"}, "minItems": 1},
                defaults=everywhere(list(_IDENTITIES)),
            )
        },
        maps={"ai-landing-zones": ("I-R3",)},
    ),
    Rule(
        id="D03",
        name="registry-private",
        applies_to=(REGISTRY,),
        levels=refused(),
        severity=Severity.HIGH,
        why="A registry holds the models of all environments, so whoever reaches it reaches them all.",
        check=_is_closed,
        maps={"cloudsploit": ("registry-public-access",), "sonar": ("S6329",)},
    ),
    Rule(
        id="D04",
        name="registry-storage-hardened",
        applies_to=(REGISTRY,),
        levels=repaired(dev=ADVISORY),
        severity=Severity.MEDIUM,
        why="Azure makes a registry's storage itself, and nothing else looks at how.",
        check=_hardens_what_it_makes,
        repair=lambda _settings: {
            f"regionDetails.*.{_ACCOUNTS}.*.{_ACCOUNT}": False,
            f"regionDetails.*.{_IMAGES}.*.{_IMAGE}": "Premium",
        },
    ),
    Rule(
        id="D05",
        name="registry-diagnostics-and-replicas",
        applies_to=(REGISTRY,),
        levels=unless_disposable(ADVISORY),
        severity=Severity.MEDIUM,
        why="Models that all environments use outlive one region, and who took them can be found out.",
        check=InStack(_is_logged_and_kept_twice),
        settings={
            "regions": Setting(
                meaning="how many regions a registry is kept in",
                schema={"type": "integer", "minimum": 1},
                defaults={"local": 1, "dev": 1, "staging": 1, "prod": 2, "regulated": 2},
            )
        },
        maps={"azpolicy": ("33835ef6",), "aprl": ("a86ed26a",)},
    ),
)
