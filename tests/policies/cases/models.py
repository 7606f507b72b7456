"""Cases of the rules about which models are deployed, and what they run in."""

from typing import Any

from tests.policies.case import UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

_ML = "azure-native:machinelearningservices"
ONLINE, BATCH = f"{_ML}:OnlineDeployment", f"{_ML}:BatchDeployment"
ENDPOINT = f"{_ML}:OnlineEndpoint"
ENVIRONMENT = f"{_ML}:EnvironmentVersion"
_OURS = "azureml://registries/mlr-amlkit-prod/models/rain/versions/3"
_DIGEST = "sha256:" + "a" * 64


def _model(rule: str, said: str, model: object, outcome: Outcome, kind: str = ONLINE, **settings: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"model": model}}
    return Case(rule=rule, said=said, type=kind, props=props, outcome=outcome, settings=settings)


def _everywhere(rule: str) -> tuple[Case, ...]:
    return (
        _model(rule, "unset", None, "fail"),
        _model(rule, "unknown", UNKNOWN_TEXT, "cannot tell"),
        _model(rule, "unknown reference", UNKNOWN_OBJECT, "cannot tell", BATCH),
        _model(
            rule,
            "a reference to an unknown model",
            {"referenceType": "Id", "assetId": UNKNOWN_TEXT},
            "cannot tell",
            BATCH,
        ),
        _model(rule, "a path", {"referenceType": "DataPath", "path": "models/rain"}, "fail", BATCH),
        _model(rule, "an endpoint", _OURS, "not applicable", ENDPOINT),
    )


def _approved(said: str, outcome: Outcome, *approved: tuple[str, str]) -> Case:
    listed = [{"model": model, "expires": expires} for model, expires in approved]
    return _model("E14", said, _OURS, outcome, approved=listed, today="2026-06-01")


def _catalogue(
    said: str,
    outcome: Outcome,
    model: object,
    safety: object = "Enabled",
    allowed: tuple[str, ...] = ("azureml://registries/azureml-meta/models/llama",),
) -> Case:
    body = {"modelSettings": {"modelId": model}, "contentSafety": {"contentSafetyStatus": safety}}
    return Case(
        rule="E11",
        said=said,
        type=f"{_ML}:ServerlessEndpoint",
        props={"properties": body},
        outcome=outcome,
        settings={"allowed": list(allowed)},
    )


def _bought(said: str, outcome: Outcome, **body: Any) -> Case:  # noqa: ANN401
    return Case(
        rule="E11",
        said=said,
        type=f"{_ML}:MarketplaceSubscription",
        props={"properties": body},
        outcome=outcome,
        settings={"allowed": ["azureml://registries/azureml-cohere/*"]},
    )


def _image(said: str, image: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"image": image}}
    return Case(rule="E15", said=said, type=ENVIRONMENT, props=props, outcome=outcome, settings=settings)


def _built(said: str, build: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"build": build}}
    return Case(rule="E15", said=said, type=ENVIRONMENT, props=props, outcome=outcome, settings=settings)


def _conda(said: str, text: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"condaFile": text}}
    return Case(rule="E16", said=said, type=ENVIRONMENT, props=props, outcome=outcome, settings=settings)


_LLAMA = "azureml://registries/azureml-meta/models/llama"
_GOOD = """
channels: [conda-forge]
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26.4=py311
  - pip
  - pip: [scikit-learn==1.5.1, "pandas[all]==2.2.2 ; python_version > '3'"]
"""

CASES = (
    _model("E09", "a version of a registry", _OURS, "pass"),
    _model("E09", "a version of the workspace", "azureml:rain:3", "pass"),
    _model(
        "E09",
        "a version, by its Azure id",
        "/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/models/m/versions/3",
        "pass",
    ),
    _model(
        "E09", "a version, of a batch deployment", {"referenceType": "Id", "assetId": "azureml:rain:3"}, "pass", BATCH
    ),
    _model("E09", "a label", "azureml:rain@latest", "fail"),
    _model("E09", "a label of a registry", "azureml://registries/mlr-amlkit-prod/models/rain/labels/latest", "fail"),
    _model("E09", "the latest, as if it were a version", "azureml:rain:latest", "fail"),
    _model("E09", "no version", "azureml://registries/mlr-amlkit-prod/models/rain", "fail"),
    _model("E09", "a number", 3, "fail"),
    *_everywhere("E09"),
    _model("E10", "our registry", _OURS, "pass"),
    _model("E10", "the workspace's own", "azureml:rain:3", "pass"),
    _model("E10", "the workspace's own, where that will not do", "azureml:rain:3", "fail", ownWorkspace=False),
    _model("E10", "somebody's registry", "azureml://registries/somebody/models/rain/versions/3", "fail"),
    _model(
        "E10",
        "a registry of a list of one's own",
        _OURS.replace("mlr-amlkit-prod", "shared"),
        "pass",
        registries=["shared"],
    ),
    _model(
        "E10",
        "a place that looks like ours",
        "https://example.com/azureml://registries/mlr-amlkit-prod/models/m/versions/1",
        "fail",
    ),
    *_everywhere("E10"),
    _approved("approved", "pass", (_OURS, "2026-12-31")),
    _approved("approved until today", "pass", (_OURS, "2026-06-01")),
    _approved("approved once, and again", "pass", (_OURS, "2026-01-01"), (_OURS, "2026-12-31")),
    _approved("approved until yesterday", "fail", (_OURS, "2026-05-31")),
    _approved("another version approved", "fail", (_OURS.replace("/3", "/2"), "2026-12-31")),
    _approved("none approved", "fail"),
    *_everywhere("E14"),
    _catalogue("a listed model", "pass", _LLAMA),
    _catalogue("an unlisted model", "fail", "azureml://registries/azureml-else/models/m"),
    _catalogue("a listed model, unsafe", "fail", _LLAMA, "Disabled"),
    _catalogue("a listed model, unset safety", "fail", _LLAMA, None),
    _catalogue("unset", "fail", None),
    _catalogue("none is listed", "fail", _LLAMA, allowed=()),
    _catalogue("unknown", "cannot tell", UNKNOWN_TEXT),
    _catalogue("unknown safety", "cannot tell", _LLAMA, UNKNOWN_TEXT),
    _bought("terms of a listed model", "pass", modelId="azureml://registries/azureml-cohere/models/embed"),
    _bought("terms of an unlisted model", "fail", modelId=_LLAMA),
    _bought("unset terms", "fail"),
    Case(rule="E11", said="an endpoint", type=ENDPOINT, props={}, outcome="not applicable"),
    _image("a fixed tag", "mcr.microsoft.com/azureml/base:20240709.v1", "pass"),
    _image("a digest", f"mcr.microsoft.com/azureml/base@{_DIGEST}", "pass"),
    _image("a fixed tag, where only a digest will do", "mcr.microsoft.com/azureml/base:1", "fail", digest=True),
    _image("a digest, where only that will do", f"mcr.microsoft.com/azureml/base:1@{_DIGEST}", "pass", digest=True),
    _image("the latest", "mcr.microsoft.com/azureml/base:latest", "fail"),
    _image("no tag", "mcr.microsoft.com/azureml/base", "fail"),
    *(
        _image(f"{image}, of the hub that nobody names", image, "pass", hosts=["docker.io"])
        for image in ("base:1", "somebody/base:1", "my.base:1")
    ),
    *(
        _image(f"{image}, of another registry", image, "fail", hosts=["docker.io"])
        for image in ("localhost/base:1", "registry:5000/base:1")
    ),
    _image("no tag, behind a port", "registry.example.com:5000/base", "fail", hosts=["registry.example.com"]),
    _image("a tag, behind a port", "registry.example.com:5000/base:1", "pass", hosts=["registry.example.com"]),
    _image("somebody's image", "somebody/base:1", "fail"),
    _image("a host within a path", "example.com/mcr.microsoft.com/base:1", "fail"),
    _image("a digest that is none", "mcr.microsoft.com/base@sha256:abc", "fail"),
    _image("unset", None, "fail"),
    _image("unknown", UNKNOWN_TEXT, "cannot tell"),
    _built("a Dockerfile", {"contextUri": "https://x/"}, "fail"),
    _built("a Dockerfile, where that will do", {"contextUri": "https://x/"}, "pass", builds=True),
    _built("an unknown Dockerfile", UNKNOWN_OBJECT, "cannot tell"),
    Case(rule="E15", said="an endpoint", type=ENDPOINT, props={}, outcome="not applicable"),
    _conda("pinned", _GOOD, "pass"),
    _conda("another channel", _GOOD.replace("[conda-forge]", "[somebody]"), "fail"),
    _conda("another channel of one package", _GOOD.replace("conda-forge::", "somebody::"), "fail"),
    _conda(
        "another index", _GOOD.replace("[scikit", '["--extra-index-url https://u:p@example.com/simple", scikit'), "fail"
    ),
    _conda(
        "a listed index",
        _GOOD.replace("[scikit", '["-i https://example.com/simple", scikit'),
        "pass",
        channels=["conda-forge", "example.com"],
    ),
    _conda("no version", _GOOD.replace("scikit-learn==1.5.1", "scikit-learn"), "fail"),
    _conda("a range of versions", _GOOD.replace("scikit-learn==1.5.1", '"scikit-learn>=1.5,<2"'), "fail"),
    _conda("no version of a conda package", _GOOD.replace("python=3.11", "python"), "fail"),
    _conda("any version of a kind", _GOOD.replace("python=3.11", "python=3.*"), "fail"),
    _conda("no conda file at all", "just words", "fail"),
    _conda("no YAML", "a: [", "fail"),
    _conda("unset", None, "not applicable"),
    _conda("unknown", UNKNOWN_TEXT, "cannot tell"),
)
