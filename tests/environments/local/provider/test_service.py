"""What the engine may rely on, call by call."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from environments.local.provider import bodies, markers
from environments.local.provider.values import UNKNOWN
from tests.environments.local.provider.calls import (
    COMPUTE,
    CPU,
    ENDPOINT,
    GROUP,
    WORKSPACE,
    WS,
    Calls,
    Values,
    calling,
    changed,
    refused,
    urn,
)
from tests.environments.local.provider.stand_in import CLAIMS, SUBSCRIPTION

if TYPE_CHECKING:
    from pathlib import Path


# -------------------------------------------------------------------- who it is


def test_it_takes_secrets_and_outputs_but_no_resources(calls: Calls) -> None:
    assert calls.stub.Handshake(provider_pb2.ProviderHandshakeRequest()) == provider_pb2.ProviderHandshakeResponse(
        accept_secrets=True, accept_outputs=True, supports_autonaming_configuration=True
    )
    assert calls.stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1")) == Empty()
    assert re.fullmatch(r"\d+\.\d+\.\d+", calls.stub.GetPluginInfo(Empty()).version)


def test_settings_without_a_subscription_are_refused(calls: Calls) -> None:
    reply = calls.stub.CheckConfig(provider_pb2.CheckRequest(news=markers.write({"location": "eastus"})))
    assert [each.property for each in reply.failures] == ["subscriptionId"]
    with refused(grpc.StatusCode.INVALID_ARGUMENT) as said:
        calls.configure(location="eastus")
    assert "azure-native:subscriptionId" in said[0]


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        ({"subscriptionId": "a"}, {"subscriptionId": "b"}, ["subscriptionId"]),
        ({"tenantId": "a"}, {"tenantId": "b"}, ["tenantId"]),
        ({"environment": "public"}, {"environment": "china"}, ["environment"]),
        ({"location": "eastus"}, {"location": "westus"}, []),
    ],
)
def test_another_subscription_tenant_or_cloud_means_other_resources(
    calls: Calls, old: Values, new: Values, replaces: list[str]
) -> None:
    reply = calls.stub.DiffConfig(provider_pb2.DiffRequest(old_inputs=markers.write(old), news=markers.write(new)))
    assert (list(reply.replaces), reply.changes) == (replaces, provider_pb2.DiffResponse.DIFF_SOME)


def test_each_engine_keeps_its_own_subscription(calls: Calls, tmp_path: Path) -> None:
    with calling(tmp_path / "other", calls.manager) as other:
        other.configure(subscriptionId="another")
        assert other.create("resources:ResourceGroup", {"resourceGroupName": "rg"})[0].startswith(
            "/subscriptions/another/"
        )
        assert calls.create("resources:ResourceGroup", {"resourceGroupName": "rg"})[0] == GROUP


def test_the_client_is_read_from_its_token(calls: Calls) -> None:
    reply = calls.stub.Invoke(provider_pb2.InvokeRequest(tok="azure-native:authorization:getClientConfig"))
    assert markers.read(getattr(reply, "return")).values == {
        "clientId": CLAIMS["appid"],
        "objectId": CLAIMS["oid"],
        "subscriptionId": SUBSCRIPTION,
        "tenantId": CLAIMS["tid"],
    }


def test_a_resource_can_be_looked_up(calls: Calls) -> None:
    calls.create("machinelearningservices:Workspace", WS)
    arguments = markers.write({"resourceGroupName": "rg", "workspaceName": "ws"})
    token = "azure-native:machinelearningservices:getWorkspace"
    reply = calls.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=arguments))
    found = markers.read(getattr(reply, "return")).values
    assert (found["id"], found["tags"], found["provisioningState"]) == (WORKSPACE, {"owner": "me"}, "Succeeded")


@pytest.mark.parametrize(
    "token", ["storage:listStorageAccountKeys", "machinelearningservices:listWorkspaceKeys", "batch:getPool"]
)
def test_a_function_that_is_not_served_is_named(calls: Calls, token: str) -> None:
    with refused(grpc.StatusCode.UNIMPLEMENTED) as said:
        calls.stub.Invoke(provider_pb2.InvokeRequest(tok=f"azure-native:{token}"))
    assert f"azure-native:{token}" in said[0]
    assert ("secrets do not travel as values" in said[0]) == (":list" in token)


def test_a_type_that_is_not_served_is_named_by_every_call(calls: Calls) -> None:
    for token in ("batch:Pool", "nowhere:Thing"):
        with refused(grpc.StatusCode.UNIMPLEMENTED) as said:
            calls.check(token, {})
        with refused(grpc.StatusCode.UNIMPLEMENTED) as said_too:
            calls.create(token, {})
        assert token in said[0]
        assert said[0] == said_too[0]


def test_nothing_is_answered_before_it_is_configured(tmp_path: Path) -> None:
    with calling(tmp_path, configured=False) as calls, refused(grpc.StatusCode.FAILED_PRECONDITION) as said:
        calls.create("machinelearningservices:Workspace", WS)
    assert said == ["the provider has not been configured"]


# -------------------------------------------------------------------- Create


def test_a_preview_asks_nobody_and_knows_what_only_azure_can_say(calls: Calls) -> None:
    resource_id, outputs = calls.create("machinelearningservices:OnlineEndpoint", ENDPOINT, preview=True)
    assert (resource_id, calls.manager.requests) == ("", [])
    assert outputs.values == {
        "azureApiVersion": "2025-12-01",
        "location": "eastus",
        "name": "rain",
        "properties": {
            "authMode": "AADToken",
            "provisioningState": UNKNOWN,
            "scoringUri": UNKNOWN,
            "swaggerUri": UNKNOWN,
        },
        "systemData": UNKNOWN,
        "type": "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    }


def test_a_resource_is_looked_for_then_put_and_waited_for(calls: Calls) -> None:
    resource_id, outputs = calls.create("machinelearningservices:Compute", CPU)
    assert resource_id == COMPUTE
    assert [(method, path) for method, path, _ in calls.manager.requests] == [
        ("GET", COMPUTE), ("PUT", COMPUTE), ("GET", COMPUTE),
    ]  # fmt: skip
    assert calls.manager.body_of(COMPUTE) == {"location": "eastus", "properties": CPU["properties"]}
    assert outputs.values["properties"]["provisioningState"] == "Succeeded"


def test_what_is_made_at_once_is_not_asked_for_again(calls: Calls) -> None:
    calls.manager.at_once = True
    _, outputs = calls.create("machinelearningservices:Compute", CPU)
    assert [method for method, _, _ in calls.manager.requests] == ["GET", "PUT"]
    assert outputs.values["properties"]["computeType"] == "AmlCompute"


def test_what_exists_already_is_not_taken_over(calls: Calls) -> None:
    calls.create("machinelearningservices:Compute", CPU)
    calls.diff("machinelearningservices:Compute", CPU, CPU)
    calls.read("machinelearningservices:Compute", COMPUTE, CPU)
    with refused(grpc.StatusCode.ALREADY_EXISTS) as said:
        calls.create("machinelearningservices:Compute", CPU, name="another")
    assert said[0] == f"cannot create already existing resource '{COMPUTE}'"


def test_what_is_born_with_its_parent_is_written_and_left_to_it(calls: Calls) -> None:
    inputs = {"resourceGroupName": "rg", "accountName": "a", "blobServicesName": "default"}
    for _ in range(2):
        resource_id, _ = calls.create("storage:BlobServiceProperties", inputs)
    calls.delete("storage:BlobServiceProperties", resource_id)
    assert [method for method, _ in calls.manager.writes()] == ["PUT", "PUT"]


def test_unknowns_never_reach_a_body(calls: Calls) -> None:
    with refused(grpc.StatusCode.INVALID_ARGUMENT):
        calls.create("machinelearningservices:Workspace", {**WS, "keyVault": UNKNOWN})
    assert calls.manager.writes() == []


def test_secrets_reach_azure_plain_and_the_state_marked(calls: Calls) -> None:
    inputs = {**WS, "description": "hidden", "tags": {"owner": "hidden too"}}
    secrets = [("description",), ("tags", "owner")]
    _, outputs = calls.create("machinelearningservices:Workspace", inputs, secrets=secrets)
    assert calls.manager.body_of(WORKSPACE)["properties"] == {"description": "hidden"}
    assert outputs.secrets == frozenset(secrets)


def test_a_password_is_secret_whether_or_not_the_program_says_so(calls: Calls) -> None:
    secret = {"resourceGroupName": "rg", "vaultName": "v", "secretName": "s", "properties": {"value": "hunter2"}}
    checked, failures = calls.check("keyvault:Secret", secret)
    assert (checked.secrets, failures) == (frozenset({("properties", "value")}), [])
    _, outputs = calls.create("keyvault:Secret", secret)
    assert outputs.secrets == frozenset({("properties", "value")})


def test_azures_refusal_is_told_in_azures_words(calls: Calls) -> None:
    calls.manager.failing["PUT computes"] = (400, "VmSizeNotSupported")
    with refused(grpc.StatusCode.UNKNOWN) as said:
        calls.create("machinelearningservices:Compute", CPU)
    assert said[0].endswith("VmSizeNotSupported: VmSizeNotSupported on order")
    assert len(said) == 1
    assert "Traceback" not in said[0]


def test_a_throttled_request_is_made_again(calls: Calls) -> None:
    calls.manager.throttled = 2
    assert calls.create("machinelearningservices:Compute", CPU)[0] == COMPUTE
    assert calls.manager.writes() == [("PUT", COMPUTE)]


def test_what_fails_after_azure_took_it_is_known_to_the_engine(calls: Calls) -> None:
    calls.manager.failing_operations.add("computes")
    with refused(grpc.StatusCode.UNKNOWN) as said:
        calls.create("machinelearningservices:Compute", CPU)
    assert said == ["MadeToFail: on order", COMPUTE, "MadeToFail: on order"]
    calls.manager.failing_operations.clear()
    assert (
        calls.update("machinelearningservices:Compute", COMPUTE, CPU)["properties"]["provisioningState"] == "Succeeded"
    )


def test_a_create_that_takes_longer_than_the_program_allows_fails(calls: Calls) -> None:
    calls.manager.held["computes"] = threading.Event()
    with refused(grpc.StatusCode.UNKNOWN) as said:
        calls.create("machinelearningservices:Compute", CPU, timeout=0.1)
    assert "within the time that the program allows" in said[0]
    assert said[1] == COMPUTE


def test_an_interrupted_engine_does_not_wait(calls: Calls) -> None:
    calls.manager.held["computes"] = threading.Event()
    threading.Timer(0.2, lambda: calls.stub.Cancel(Empty())).start()
    with refused(grpc.StatusCode.CANCELLED) as said:
        calls.create("machinelearningservices:Compute", CPU)
    assert "goes on from there" in said[0]


# -------------------------------------------------------------------- what was begun and is not in the state


def test_a_create_that_nobody_heard_the_end_of_is_taken_up_by_the_same_program(tmp_path: Path) -> None:
    with calling(tmp_path) as calls:
        calls.create("machinelearningservices:Compute", CPU)  # and the engine is killed before it saves
        with calling(tmp_path, calls.manager) as restarted:
            assert restarted.create("machinelearningservices:Compute", CPU)[0] == COMPUTE
            with refused(grpc.StatusCode.ALREADY_EXISTS):
                restarted.create("machinelearningservices:Compute", CPU, name="another program's")


@pytest.mark.parametrize("call", ["diff", "update", "read"])
def test_once_the_engine_knows_a_resource_it_is_not_created_twice(calls: Calls, call: str) -> None:
    token = "machinelearningservices:Compute"
    calls.create(token, CPU)
    if call == "diff":
        request = provider_pb2.DiffRequest(
            urn=urn(token), id=COMPUTE, old_inputs=markers.write(CPU), news=markers.write(CPU)
        )
        calls.stub.Diff(request)
    elif call == "update":
        calls.update(token, COMPUTE, CPU)
    else:
        calls.read(token, COMPUTE, CPU)
    with refused(grpc.StatusCode.ALREADY_EXISTS):
        calls.create(token, CPU)


# -------------------------------------------------------------------- Read, Update, Delete


def test_what_is_gone_reads_as_gone(calls: Calls) -> None:
    assert calls.read("machinelearningservices:Compute", COMPUTE, CPU) == ("", {}, {})


def test_drift_is_written_into_the_inputs_and_azures_own_additions_are_not(calls: Calls) -> None:
    _, made = calls.create("machinelearningservices:Compute", CPU)
    live = calls.manager.resources[COMPUTE.lower()]
    assert calls.read("machinelearningservices:Compute", COMPUTE, CPU, made.values)[1] == CPU
    live["properties"]["properties"]["scaleSettings"]["maxNodeCount"] = 8
    live["properties"]["properties"]["currentNodeCount"] = 3
    live["tags"] = {"by": "hand"}
    _, inputs, state = calls.read("machinelearningservices:Compute", COMPUTE, CPU, made.values)
    assert inputs == {
        **changed(CPU, "properties.properties.scaleSettings.maxNodeCount", 8),
        "tags": {"by": "hand"},
    }
    assert state["properties"]["properties"]["currentNodeCount"] == 3


def test_an_import_describes_the_resource_as_a_program_would(calls: Calls) -> None:
    calls.create("machinelearningservices:Compute", CPU)
    resource_id, inputs, _ = calls.read("machinelearningservices:Compute", COMPUTE)
    assert (resource_id, inputs) == (COMPUTE, CPU)


def test_identities_go_out_as_a_map_and_come_back_as_the_programs_list(calls: Calls) -> None:
    inputs = {**WS, "identity": {"type": "UserAssigned", "userAssignedIdentities": ["/one", "/two"]}}
    _, outputs = calls.create("machinelearningservices:Workspace", inputs)
    assert calls.manager.body_of(WORKSPACE)["identity"]["userAssignedIdentities"] == {"/one": {}, "/two": {}}
    assert outputs.values["identity"]["userAssignedIdentities"] == {"/one": {}, "/two": {}}
    assert calls.read("machinelearningservices:Workspace", WORKSPACE)[1]["identity"] == inputs["identity"]
    calls.manager.resources[WORKSPACE.lower()]["identity"]["userAssignedIdentities"] = {"/one": {"principalId": "p"}}
    drifted = calls.read("machinelearningservices:Workspace", WORKSPACE, inputs, outputs.values)[1]
    assert drifted["identity"]["userAssignedIdentities"] == ["/one"]


def test_an_update_puts_the_whole_and_keeps_what_another_owner_has_set(calls: Calls) -> None:
    token, where = "machinelearningservices:OnlineEndpoint", f"{WORKSPACE}/onlineEndpoints/rain"
    calls.create(token, ENDPOINT)
    calls.manager.resources[where.lower()]["properties"]["traffic"] = {"blue": 90, "green": 10}
    new = changed(ENDPOINT, "properties.description", "rain")
    calls.update(token, where, new, ignore=["properties.traffic", "properties.mirrorTraffic"])
    assert calls.manager.body_of(where)["properties"] == {
        "authMode": "AADToken", "description": "rain", "traffic": {"blue": 90, "green": 10},
    }  # fmt: skip
    calls.update(token, where, new)
    assert calls.manager.body_of(where)["properties"] == {"authMode": "AADToken", "description": "rain"}


def test_a_previewed_update_writes_nothing(calls: Calls) -> None:
    token, where = "machinelearningservices:Workspace", WORKSPACE
    calls.create(token, WS)
    before = calls.manager.writes()
    assert calls.update(token, where, {**WS, "tags": {"owner": "you"}}, preview=True)["tags"] == {"owner": "you"}
    assert calls.manager.writes() == before


def test_deleting_what_is_gone_is_fine(calls: Calls) -> None:
    calls.create("machinelearningservices:Compute", CPU)
    for _ in range(2):
        calls.delete("machinelearningservices:Compute", COMPUTE)
    assert calls.manager.resources == {}


def test_a_refused_deletion_is_told(calls: Calls) -> None:
    calls.create("machinelearningservices:Compute", CPU)
    calls.manager.failing["DELETE computes"] = (409, "ScopeLocked")
    with refused(grpc.StatusCode.UNKNOWN) as said:
        calls.delete("machinelearningservices:Compute", COMPUTE)
    assert said[0].endswith("ScopeLocked: ScopeLocked on order")


def test_a_previewed_update_knows_what_azure_has_said_before() -> None:
    old = {"principalId": "p-1", "tags": {"a": "b", "c": "d"}}
    foreseen = {"principalId": UNKNOWN, "tags": {"a": "changed"}}

    known = bodies.overlaid(old, foreseen, {"tags": {"a": "changed"}}, {"tags": {"a": "b", "c": "d"}})

    assert known == {"principalId": "p-1", "tags": {"a": "changed"}}


def test_what_could_be_given_and_azure_said_stays_what_was_given_and_is_no_more_goes() -> None:
    old = {"identity": {"type": "SystemAssigned", "principalId": "p-1"}, "tags": {"a": "b"}, "sku": "S1"}
    foreseen = {"identity": {"type": "SystemAssigned"}, "id": UNKNOWN}
    before = {"identity": {"type": "SystemAssigned"}, "tags": {"a": "b"}}

    known = bodies.overlaid(old, foreseen, {"identity": {"type": "SystemAssigned"}}, before)

    assert known == {"identity": {"type": "SystemAssigned", "principalId": "p-1"}, "sku": "S1", "id": UNKNOWN}


def test_an_input_that_is_not_known_yet_makes_what_it_sets_unknown() -> None:
    old = {"keyVault": "/old", "workspaceId": "guid", "inner": {"a": "one", "made": "by Azure"}}
    foreseen = {"keyVault": UNKNOWN, "workspaceId": UNKNOWN, "inner": {"a": UNKNOWN, "made": UNKNOWN}}

    known = bodies.overlaid(
        old, foreseen, {"keyVault": UNKNOWN, "inner": {"a": UNKNOWN}}, {"keyVault": "/old", "inner": {"a": "one"}}
    )

    assert known == {"keyVault": UNKNOWN, "workspaceId": "guid", "inner": {"a": UNKNOWN, "made": "by Azure"}}


def test_what_an_earlier_try_made_before_its_answer_was_lost_is_taken_up_by_the_next_run(calls: Calls) -> None:
    token = "machinelearningservices:Workspace"
    calls.manager.taken_and_failing["PUT workspaces/ws"] = (409, "Conflict")
    with refused(grpc.StatusCode.UNKNOWN):
        calls.create(token, WS)
    calls.manager.taken_and_failing.clear()

    assert calls.create(token, WS)[0] == WORKSPACE
