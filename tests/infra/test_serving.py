"""Deployments as code: two phases, one owner of traffic at a time, and names that are checked first."""

import json
from typing import Any

import pytest

from infra.settings import SettingsError, read
from tests.infra.recorder import Graph
from tests.infra.stacks import LEAST, graph

_MODEL = "azureml://registries/shared/models/rain/versions/3"
_ONE = {"model": _MODEL, "instanceType": "Standard_DS3_v2"}
_LOCAL = "/id/workspaces/mlw-amlkit-local"


def _endpoint(made: Graph) -> Any:  # noqa: ANN401
    return made.one("machinelearningservices:OnlineEndpoint")


def test_the_first_run_deploys_and_leaves_traffic_alone_the_second_shares_it_out() -> None:
    deployments = {"v1x": _ONE}
    first = graph("local", fixedModels={"rain": {"deployments": deployments}})
    second = graph("local", fixedModels={"rain": {"deployments": deployments, "traffic": {"v1x": 100}}})

    assert "traffic" not in _endpoint(first).inputs["properties"]
    assert _endpoint(first).ignore_changes == ("properties.traffic", "properties.mirrorTraffic")
    assert _endpoint(second).inputs["properties"]["traffic"] == {"v1x": 100}
    assert _endpoint(second).ignore_changes == ("properties.mirrorTraffic",)


def test_a_deployment_waits_for_its_endpoint_and_goes_with_it() -> None:
    made = graph("local", fixedModels={"rain": {"deployments": {"v1x": _ONE}}})
    deployment = made.one("machinelearningservices:OnlineDeployment")

    assert deployment.wired["endpointName"] == (_endpoint(made).urn,)
    assert deployment.deleted_with == _endpoint(made).urn
    assert deployment.delete_before_replace  # a name is taken until it is free
    assert deployment.inputs["properties"]["model"] == _MODEL  # of a registry: by its own id


def test_an_asset_is_one_of_a_registry_or_of_this_workspace_at_a_version() -> None:
    asked = {**_ONE, "model": "rain:3", "environment": "scoring:2", "code": "scoring:1", "scoringScript": "score.py"}
    properties = (
        graph("local", fixedModels={"rain": {"deployments": {"v1x": asked}}})
        .one("machinelearningservices:OnlineDeployment")
        .inputs["properties"]
    )

    assert properties["model"] == f"{_LOCAL}/models/rain/versions/3"
    assert properties["environmentId"] == f"{_LOCAL}/environments/scoring/versions/2"
    assert properties["codeConfiguration"] == {
        "codeId": f"{_LOCAL}/codes/scoring/versions/1",
        "scoringScript": "score.py",
    }


@pytest.mark.parametrize(
    ("isolation", "public", "egress"),
    [
        ("AllowOnlyApprovedOutbound", False, "Enabled"),  # the managed network says what may be reached
        ("Disabled", False, "Disabled"),
        ("Disabled", True, "Enabled"),
    ],
)
def test_what_leaves_a_deployment_is_closed_unless_a_managed_network_rules_or_all_is_open(
    isolation: str, egress: str, *, public: bool
) -> None:
    made = graph(
        "local",
        fixedModels={"rain": {"deployments": {"v1x": _ONE}}},
        isolationMode=isolation,
        publicNetworkAccess=public,
        outboundHosts=[],
    )

    properties = made.one("machinelearningservices:OnlineDeployment").inputs["properties"]
    assert properties["egressPublicNetworkAccess"] == egress


_SCALED = {"load": {"endpoint": "rain", "deployment": "v1x"}}


def test_a_deployment_of_ours_that_scales_itself_is_not_scaled_back() -> None:
    made = graph("local", fixedModels={"rain": {"deployments": {"v1x": _ONE, "v2x": _ONE}}}, autoscale=_SCALED)
    ignored = {
        one.inputs["deploymentName"]: one.ignore_changes
        for one in made.resources
        if one.token == "machinelearningservices:OnlineDeployment"
    }

    assert ignored == {"v1x": ("sku.capacity",), "v2x": ()}
    assert made.one("monitor:AutoscaleSetting").inputs["targetResourceUri"] == "/id/rain-v1x"


def test_a_deployment_of_mlops_is_scaled_by_its_name() -> None:
    made = graph("local", autoscale=_SCALED)

    assert made.one("monitor:AutoscaleSetting").inputs["targetResourceUri"] == "/id/rain/deployments/v1x"


def test_a_batch_endpoint_waits_for_its_grants_and_is_told_of() -> None:
    made = graph("local", batchEndpoints={"rain": {}})
    endpoint = made.one("machinelearningservices:BatchEndpoint")

    waits = {urn.rsplit("::", 1)[1] for urn in endpoint.depends_on if "RoleAssignment" in urn}
    assert waits == {one.name for one in made.resources if one.name.startswith("endpoint-") and "-on-" in one.name}
    assert made.outputs["batchEndpoints"] == {
        "rain": {"name": endpoint.inputs["endpointName"], "identityClientId": "clientId of endpoint-identity"}
    }


def test_an_endpoint_says_what_its_stack_file_says() -> None:
    made = graph(
        "local",
        onlineEndpoints={"rain": {"description": "rain, at once"}},
        batchEndpoints={"rain": {"description": "rain, by the thousand", "defaultDeployment": "blue"}},
    )
    batch = made.one("machinelearningservices:BatchEndpoint").inputs["properties"]

    assert _endpoint(made).inputs["properties"]["description"] == "rain, at once"
    assert (batch["description"], batch["defaults"]) == ("rain, by the thousand", {"deploymentName": "blue"})


def test_an_online_and_a_batch_endpoint_of_one_project_have_two_names() -> None:
    made = graph("local", batchEndpoints={"rain": {}})

    assert made.outputs["batchEndpoints"]["rain"]["name"] != made.outputs["onlineEndpoints"]["rain"]["name"]


@pytest.mark.parametrize("key", ["batchEndpoints", "fixedModels", "autoscale"])
def test_without_them_nothing_of_it_is_there(key: str) -> None:
    assert {one.name for one in graph("local", **{key: {}}).resources} == {one.name for one in graph("local").resources}


def _refused(changed: dict[str, Any]) -> list[str]:
    whole = LEAST | {"aml-kit:onlineEndpoints": '{"rain": {}}'}
    with pytest.raises(SettingsError) as caught:
        read("dev", whole | {f"aml-kit:{key}": json.dumps(value) for key, value in changed.items()})
    return [line.removeprefix("  - aml-kit") for line in str(caught.value).splitlines()[1:]]


def _fixed(**changed: object) -> dict[str, Any]:
    return {"fixedModels": {"rain": {"deployments": {"v1x": _ONE | changed}}}}


_SIZE = "instanceType 'Standard_DS3' is not known; did you mean 'Standard_DS3_v2'?"
_HALF = "code and scoringScript go together: name both, or neither for an MLflow model"
_LABEL = (
    ":fixedModels.rain.deployments.v1x.model: 'rain@latest' is not `name:3` of this workspace, or "
    "`azureml://registries/…/versions/3`; no label such as `latest`"
)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (_fixed(model="rain@latest"), [_LABEL]),
        (
            _fixed(instanceType="Standard_DS3"),
            [f":fixedModels.rain.deployments.v1x: {_SIZE}"],
        ),
        (
            _fixed(scoringScript="score.py"),
            [f":fixedModels.rain.deployments.v1x: {_HALF}"],
        ),
        (
            {"fixedModels": {"rain": {"deployments": {"v1x": _ONE}, "traffic": {"v2x": 90}}}},
            [
                ":fixedModels.rain: traffic names 'v2x', none of deployments; did you mean 'v1x'?",
                ":fixedModels.rain: traffic adds up to 90: make it 100, or 0 to stop answering",
            ],
        ),
        (
            {"fixedModels": {"rains": {"deployments": {"v1x": _ONE}}}},
            [": fixedModels.rains stands behind none of onlineEndpoints; did you mean 'rain'?"],
        ),
        (
            {"autoscale": {"load": {"endpoint": "rian", "deployment": "v1x"}}},
            [": autoscale.load.endpoint 'rian' is none of onlineEndpoints; did you mean 'rain'?"],
        ),
        (
            {"autoscale": {"load": {**_SCALED["load"], "minimum": 7, "below": 70}}},
            [
                ":autoscale.load: minimum 7 is more than maximum 6",
                ":autoscale.load: above 70 is not more than below 70: it would add and take away for ever",
            ],
        ),
        (
            {"autoscale": {"load": _SCALED["load"], "more": _SCALED["load"]}},
            [": autoscale.more and autoscale.load are about the same deployment: take one of them away"],
        ),
    ],
)
def test_a_mistake_is_told_with_its_key_and_what_to_do(changed: dict[str, Any], told: list[str]) -> None:
    assert _refused(changed) == told
