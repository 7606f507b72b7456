"""Rules about container registries: what runs on the data comes from a place that nobody else can write to."""

from pulumi_policy import Severity

from rules.finding import PASS, Finding, expect, worst
from rules.profiles import refused
from rules.props import Absent, Props
from rules.rule import Rule, Setting, Settings, everywhere

CONTAINER_REGISTRY = "azure-native:containerregistry:Registry"


def _is_hardened(props: Props, settings: Settings) -> Finding:
    anonymous = props.flag("anonymousPullEnabled")
    sku = props.enum("sku.name")
    allowed = [str(word).lower() for word in settings["skus"]]
    return worst(
        expect(
            props.flag("adminUserEnabled"), wanted=False, path="adminUserEnabled", fix="Set adminUserEnabled to false."
        ),
        # Off unless said, and stable API versions have no word for it.
        PASS
        if isinstance(anonymous, Absent)
        else expect(anonymous, wanted=False, path="anonymousPullEnabled", fix="Set anonymousPullEnabled to false."),
        expect(
            props.enum("publicNetworkAccess"),
            "disabled",
            "publicNetworkAccess",
            "Set publicNetworkAccess to 'Disabled'.",
        ),
        expect(
            sku, sku if sku in allowed else allowed[0], "sku.name", f"Set sku.name to {' or '.join(settings['skus'])}."
        ),
    )


RULES = (
    Rule(
        id="S09",
        name="acr-hardened",
        applies_to=(CONTAINER_REGISTRY,),
        levels=refused(),
        severity=Severity.HIGH,
        why="Whoever can push an image runs code on the data.",
        check=_is_hardened,
        settings={
            "skus": Setting(
                meaning="sizes of registry that are allowed; only Premium has private endpoints",
                schema={"type": "array", "items": {"enum": ["Basic", "Standard", "Premium"]}, "minItems": 1},
                defaults=everywhere(["Premium"]),
            )
        },
        maps={
            "azpolicy": ("dc921057", "9f2dea28", "0fdf0491", "bd560fc0"),
            "checkov": ("CKV_AZURE_137", "CKV_AZURE_138", "CKV_AZURE_139"),
            "psrule": ("Azure.ACR.AdminUser", "Azure.ACR.MinSku"),
        },
    ),
)
