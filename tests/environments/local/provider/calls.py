"""The engine's calls, made over gRPC without the engine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from environments.local.provider import markers
from environments.local.provider.__main__ import serve
from environments.local.provider.configuration import Surroundings
from tests.environments.local.provider.stand_in import SUBSCRIPTION, Deployer, Manager, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
ML = f"{GROUP}/providers/Microsoft.MachineLearningServices"

Values = dict[str, Any]

WORKSPACE = f"{ML}/workspaces/ws"
COMPUTE = f"{WORKSPACE}/computes/cpu"
CPU: Values = {
    "resourceGroupName": "rg",
    "workspaceName": "ws",
    "computeName": "cpu",
    "location": "eastus",
    "properties": {
        "computeType": "AmlCompute",
        "properties": {"vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2}},
    },
}
WS: Values = {"resourceGroupName": "rg", "workspaceName": "ws", "location": "eastus", "tags": {"owner": "me"}}
ENDPOINT: Values = {
    "resourceGroupName": "rg",
    "workspaceName": "ws",
    "endpointName": "rain",
    "location": "eastus",
    "properties": {"authMode": "AADToken"},
}


def urn(token: str, name: str = "it") -> str:
    return f"urn:pulumi:local::trial::azure-native:{token}::{name}"


@dataclass(frozen=True)
class Calls:
    stub: provider_pb2_grpc.ResourceProviderStub
    manager: Manager

    def configure(self, **settings: str) -> None:
        self.stub.Configure(provider_pb2.ConfigureRequest(args=markers.write(settings)))

    def check(
        self,
        token: str,
        inputs: Values,
        olds: Values | None = None,
        *,
        secrets: Sequence[markers.Path] = (),
        autonaming: provider_pb2.CheckRequest.AutonamingOptions | None = None,
    ) -> tuple[markers.Marked, list[tuple[str, str]]]:
        reply = self.stub.Check(
            provider_pb2.CheckRequest(
                urn=urn(token),
                news=markers.write(inputs, secrets),
                olds=markers.write(olds or {}),
                randomSeed=b"seed",
                autonaming=autonaming,
            )
        )
        return markers.read(reply.inputs), [(each.property, each.reason) for each in reply.failures]

    def diff(self, token: str, old: Values, new: Values, ignore: Sequence[str] = ()) -> provider_pb2.DiffResponse:
        found: provider_pb2.DiffResponse = self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=urn(token),
                id="/some/id",
                old_inputs=markers.write(old),
                news=markers.write(new),
                ignoreChanges=ignore,
            )
        )
        return found

    def create(
        self,
        token: str,
        inputs: Values,
        *,
        name: str = "it",
        secrets: Sequence[markers.Path] = (),
        preview: bool = False,
        timeout: float = 0,
    ) -> tuple[str, markers.Marked]:
        reply = self.stub.Create(
            provider_pb2.CreateRequest(
                urn=urn(token, name), properties=markers.write(inputs, secrets), preview=preview, timeout=timeout
            )
        )
        return reply.id, markers.read(reply.properties)

    def read(
        self, token: str, resource_id: str, inputs: Values | None = None, state: Values | None = None
    ) -> tuple[str, Values, Values]:
        reply = self.stub.Read(
            provider_pb2.ReadRequest(
                urn=urn(token),
                id=resource_id,
                inputs=markers.write(inputs or {}),
                properties=markers.write(state or {}),
            )
        )
        return reply.id, markers.read(reply.inputs).values, markers.read(reply.properties).values

    def update(
        self, token: str, resource_id: str, new: Values, *, ignore: Sequence[str] = (), preview: bool = False
    ) -> Values:
        reply = self.stub.Update(
            provider_pb2.UpdateRequest(
                urn=urn(token), id=resource_id, news=markers.write(new), ignoreChanges=ignore, preview=preview
            )
        )
        return markers.read(reply.properties).values

    def delete(self, token: str, resource_id: str) -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=urn(token), id=resource_id))


@contextlib.contextmanager
def calling(folder: Path, manager: Manager | None = None, *, configured: bool = True) -> Iterator[Calls]:
    """Serve the provider onto a recording resource manager (a given one goes on) and configure it."""
    with contextlib.ExitStack() as left:
        onto = manager or left.enter_context(serving())
        server, port = serve(Surroundings(endpoint=onto.endpoint, variables={}, credential=Deployer()), folder)
        left.callback(lambda: server.stop(None).wait())
        channel = left.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}"))
        found = Calls(provider_pb2_grpc.ResourceProviderStub(channel), onto)
        if configured:
            found.configure(subscriptionId=SUBSCRIPTION, location="eastus")
        yield found


@contextlib.contextmanager
def refused(code: grpc.StatusCode) -> Iterator[list[str]]:
    """Expect a call to end with this code; the texts of the error are added to the list."""
    said: list[str] = []
    with pytest.raises(grpc.RpcError) as raised:
        yield said
    error: Any = raised.value  # a grpc.Call as well
    assert error.code() == code, error.details()
    said.append(error.details() or "")
    said.extend(_reasons(error))


def _reasons(error: Any) -> list[str]:  # noqa: ANN401
    """What the engine is told of a resource that was made and has failed: its id, then the reasons."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            partial = provider_pb2.ErrorResourceInitFailed()
            assert status_pb2.Status.FromString(value).details[0].Unpack(partial)
            return [partial.id, *partial.reasons]
    return []


def changed(inputs: Values, path: str, value: object) -> Values:
    name, _, rest = path.partition(".")
    inner = inputs.get(name, {})
    return {**inputs, name: changed(inner, rest, value) if rest else value}
