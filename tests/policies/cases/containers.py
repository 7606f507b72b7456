"""Cases of the rules about container registries."""

from typing import Any

from tests.policies.case import UNKNOWN_FLAG, UNKNOWN_OBJECT, Case, Outcome

IMAGES = "azure-native:containerregistry:Registry"


def _case(said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **changed: object) -> Case:
    props = {
        "adminUserEnabled": False,
        "anonymousPullEnabled": False,
        "publicNetworkAccess": "Disabled",
        "sku": {"name": "Premium"},
    }
    return Case(rule="S09", said=said, type=IMAGES, props=props | changed, outcome=outcome, settings=settings or {})


CASES = (
    _case("hardened", "pass"),
    _case("hardened, by an API without anonymous readers", "pass", anonymousPullEnabled=None),
    _case("an administrator's password", "fail", adminUserEnabled=True),
    _case("unset administrator", "fail", adminUserEnabled=None),
    _case("anonymous readers", "fail", anonymousPullEnabled=True),
    _case("open", "fail", publicNetworkAccess="Enabled"),
    _case("too small for private endpoints", "fail", sku={"name": "Standard"}),
    _case("smaller, where that is allowed", "pass", {"skus": ["Standard"]}, sku={"name": "standard"}),
    _case("larger than allowed", "fail", {"skus": ["Standard"]}),
    Case(rule="S09", said="unset", type=IMAGES, props={}, outcome="fail"),
    _case("unknown administrator", "cannot tell", adminUserEnabled=UNKNOWN_FLAG),
    _case("unknown size", "cannot tell", sku=UNKNOWN_OBJECT),
    _case("unknown beside a certain failure", "fail", sku=UNKNOWN_OBJECT, publicNetworkAccess="Enabled"),
    Case(
        rule="S09",
        said="a registry of models",
        type="azure-native:machinelearningservices:Registry",
        props={},
        outcome="not applicable",
    ),
)
