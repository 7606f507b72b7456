"""Cases of the rules about any resource."""

from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

GROUP = "azure-native:resources:ResourceGroup"
REGISTRY = "azure-native:machinelearningservices:Registry"
_TAGS = {"owner": "team", "cost-center": "42", "environment": "prod", "data-classification": "internal"}


def _tagged(said: str, found: object, outcome: Outcome, kind: str = REGISTRY, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule="R06", said=said, type=kind, props={"tags": found}, outcome=outcome, settings=settings)


def _stands(said: str, props: dict[str, Any], outcome: Outcome, kind: str = GROUP, **settings: Any) -> Case:  # noqa: ANN401
    return Case(rule="R07", said=said, type=kind, props=props, outcome=outcome, settings=settings)


CASES = (
    _tagged("labelled", _TAGS, "pass"),
    _tagged("labelled, in another case", {key.upper(): value for key, value in _TAGS.items()}, "pass"),
    _tagged("a label that a preview cannot know", _TAGS | {"owner": UNKNOWN_TEXT}, "pass"),
    _tagged("an empty label", _TAGS | {"owner": ""}, "fail"),
    _tagged("nobody's", {key: value for key, value in _TAGS.items() if key != "owner"}, "fail"),
    _tagged("of fewer labels, where fewer are asked for", {"owner": "team"}, "pass", tags=["owner"]),
    _tagged("unset", None, "fail"),
    _tagged("a group that nobody labelled", {}, "fail", GROUP),
    _tagged("unknown", UNKNOWN_OBJECT, "cannot tell"),
    Case(
        rule="R06",
        said="what has no labels",
        type="azure-native:authorization:RoleAssignment",
        props={},
        outcome="not applicable",
    ),
    _stands("where it may", {"location": "eastus"}, "pass"),
    _stands("where it may, as people write it", {"location": "East US"}, "pass"),
    _stands("elsewhere", {"location": "brazilsouth"}, "fail"),
    _stands("elsewhere, where that is allowed", {"location": "brazilsouth"}, "pass", regions=["Brazil South"]),
    _stands("unset, as below a workspace", {}, "not applicable"),
    _stands("everywhere", {"location": "global"}, "not applicable"),
    _stands("unknown", {"location": UNKNOWN_TEXT}, "cannot tell"),
    _stands(
        "a copy where it may", {"location": "eastus", "regionDetails": [{"location": "westus2"}]}, "pass", REGISTRY
    ),
    _stands(
        "a copy elsewhere", {"location": "eastus", "regionDetails": [{"location": "brazilsouth"}]}, "fail", REGISTRY
    ),
    _stands("unknown copies", {"location": "eastus", "regionDetails": UNKNOWN_LIST}, "cannot tell", REGISTRY),
    _stands("an unknown copy", {"location": "eastus", "regionDetails": [UNKNOWN_OBJECT]}, "cannot tell", REGISTRY),
    _stands("another cloud's", {"location": "brazilsouth"}, "not applicable", "aws:s3/bucket:Bucket"),
)
