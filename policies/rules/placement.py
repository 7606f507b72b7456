"""Rules about any resource: whose it is, and where it stands."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.profiles import refused, repaired
from rules.props import Absent, Props, Unknown
from rules.repairs import IfAbsent
from rules.rule import ANY, MANDATORY, PROFILES, Rule, Setting, Settings, everywhere

_TAGGED = (
    "applicationinsights:Component",
    "containerregistry:Registry",
    "containerservice:ManagedCluster",
    "dbforpostgresql:Server",
    "keyvault:Vault",
    "machinelearningservices:BatchDeployment",
    "machinelearningservices:BatchEndpoint",
    "machinelearningservices:Compute",
    "machinelearningservices:OnlineDeployment",
    "machinelearningservices:OnlineEndpoint",
    "machinelearningservices:Registry",
    "machinelearningservices:ServerlessEndpoint",
    "machinelearningservices:Workspace",
    "managedidentity:UserAssignedIdentity",
    "network:NetworkSecurityGroup",
    "network:PrivateEndpoint",
    "network:VirtualNetwork",
    "operationalinsights:Workspace",
    "resources:ResourceGroup",
    "storage:StorageAccount",
)


def _is_labelled(props: Props, settings: Settings) -> Finding:
    tags = props.inside("tags")
    if isinstance(tags, Unknown):
        return CannotTell("tags")
    # Azure takes their names in any case, and a value that is not known yet is one.
    found = [] if isinstance(tags, Absent) else [name.lower() for name in tags.said()]
    missing = [name for name in settings["tags"] if name.lower() not in found]
    return Fail(f"Add the tags {', '.join(missing)}.") if missing else PASS


def _fill(settings: Settings) -> dict[str, object]:
    return {f"tags.{name}": IfAbsent(value) for name, value in settings["fill"].items()}


def _stands_where_allowed(props: Props, settings: Settings) -> Finding:
    return worst(*(_allowed(props, settings, "location"), *_further(props, settings)))


def _further(props: Props, settings: Settings) -> list[Finding]:
    """Regions of a registry of models, of which each is a copy."""
    if "regionDetails" not in props.said():
        return []
    found = props.items("regionDetails")
    if isinstance(found, Absent | Unknown):
        return [CannotTell("regionDetails")]
    return [
        CannotTell("regionDetails") if isinstance(one, Unknown) else _allowed(one, settings, "location")
        for one in found
    ]


def _allowed(props: Props, settings: Settings, path: str) -> Finding:
    match props.enum(path):
        case Unknown():
            return CannotTell(path)
        case Absent() | "" | "global":
            return NotApplicable("it stands in no region of its own")
        case word:
            allowed = [_normal(str(one)) for one in settings["regions"]]
            return PASS if _normal(word) in allowed else Fail(f"Set {path} to one of {', '.join(settings['regions'])}.")


def _normal(region: str) -> str:
    """``East US`` and ``eastus`` are one region."""
    return region.replace(" ", "").lower()


RULES = (
    Rule(
        id="R06",
        name="required-tags",
        applies_to=tuple(f"azure-native:{name}" for name in _TAGGED),
        levels=repaired(),
        severity=Severity.LOW,
        why="What nobody owns, nobody pays for, patches or takes away.",
        check=_is_labelled,
        repair=_fill,
        settings={
            "tags": Setting(
                meaning="tags that everything has",
                schema={"type": "array", "items": {"type": "string", "minLength": 1}},
                defaults=everywhere(["owner", "cost-center", "environment", "data-classification"]),
            ),
            "fill": Setting(
                meaning="tags whose value is plain, so that they are added where they are missing",
                schema={"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
                defaults={profile: {"environment": profile} for profile in PROFILES},
            ),
        },
        maps={
            "azpolicy": ("871b6d14", "ea3f2387"),
            "psrule": ("Azure.Resource.UseTags",),
            "cloudsploit": ("has-tags",),
        },
    ),
    Rule(
        id="R07",
        name="allowed-regions",
        applies_to=(ANY,),
        levels=refused(dev=MANDATORY),
        severity=Severity.MEDIUM,
        why="Where data stands decides whose law it stands under.",
        fix="Set location to a region of this rule's list, or have yours listed.",
        check=_stands_where_allowed,
        settings={
            "regions": Setting(
                meaning="regions in which anything may stand",
                schema={"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
                defaults=everywhere(
                    ["eastus", "eastus2", "westus2", "westus3", "northeurope", "westeurope", "swedencentral"]
                ),
            )
        },
        maps={"azpolicy": ("e56962a6", "e765b5de"), "psrule": ("Azure.Resource.AllowedRegions",)},
    ),
)
