"""A stand-in for Pulumi's engine that keeps what a program asks for: whole inputs, options and order."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc
from pulumi.runtime.stack import run_pulumi_func

from infra.quick_aliases import left_to_the_engine

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"

Around = Callable[[], contextlib.AbstractContextManager[None]]
Unmade = frozenset[tuple[str, str]]
"""Types and names of what a preview would have to make first: nobody knows yet what Azure will say of it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One resource as the engine would get it."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    protect: bool
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    depends_on: tuple[str, ...]
    deleted_with: str
    secret_outputs: tuple[str, ...]
    wired: dict[str, tuple[str, ...]]  # input property -> URNs of the resources it comes from
    urn: str
    aliases: tuple[str, ...]  # what else it may be called in the state
    id: str  # as Azure answered, and so the name
    called: str

    @property
    def token(self) -> str:
        """The type without its package: ``storage:StorageAccount``."""
        return self.type.removeprefix("azure-native:")


@dataclass
class Graph:
    """All that one program asked for, and the outputs it gave."""

    asked: list[Asked] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def resources(self) -> list[Asked]:
        """What Azure would be asked for: no components, no stack."""
        return [one for one in self.asked if one.type.startswith("azure-native:")]

    def one(self, token: str, name: str | None = None) -> Asked:
        """The only resource of a type (and name)."""
        (found,) = [r for r in self.resources if r.token == token and name in (None, r.name)]
        return found


_NAMED_BY = {
    "resources:ResourceGroup": "resourceGroupName",
    "storage:StorageAccount": "accountName",
    "keyvault:Vault": "vaultName",
    "machinelearningservices:Workspace": "workspaceName",
    "machinelearningservices:Registry": "registryName",
    "machinelearningservices:Compute": "computeName",
    "machinelearningservices:OnlineEndpoint": "endpointName",
    "monitor:PrivateLinkScope": "scopeName",
    "network:PrivateEndpoint": "privateEndpointName",
    "network:VirtualNetwork": "virtualNetworkName",
    "privatedns:PrivateZone": "privateZoneName",
    "machinelearningservices:BatchEndpoint": "endpointName",
    "eventgrid:SystemTopic": "systemTopicName",
    "storage:Queue": "queueName",
    "storage:BlobContainer": "containerName",
    "dbforpostgresql:Server": "serverName",
}


class _Monitor(pulumi_mocks.MockMonitor):
    def __init__(self, mocks: pulumi_mocks.Mocks, graph: Graph, unmade: Unmade | None) -> None:
        super().__init__(mocks)
        self._graph = graph
        self._unmade = unmade

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802  as in the protocol
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self._graph.asked.append(
            Asked(
                type=request.type,
                name=request.name,
                inputs=rpc.deserialize_properties(request.object, keep_unknowns=self._unmade is not None),
                parent=request.parent,
                protect=request.protect,
                ignore_changes=tuple(request.ignoreChanges),
                delete_before_replace=request.deleteBeforeReplace,
                depends_on=tuple(request.dependencies),
                deleted_with=request.deletedWith,
                secret_outputs=tuple(request.additionalSecretOutputs),
                wired={key: tuple(found.urns) for key, found in request.propertyDependencies.items()},
                urn=answer.urn,
                aliases=tuple(map(str, request.aliases)),
                id=answer.id,
                called=rpc.deserialize_properties(answer.object).get("name", ""),
            )
        )
        return answer


class _Azure(pulumi_mocks.Mocks):
    """Answers as Azure does, as far as a program reads the answers; in a preview as its provider foresees them."""

    def __init__(self, unmade: Unmade | None = None) -> None:
        self._unmade = unmade

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made, answer = self._made(args)
        if self._unmade is None:
            return made, answer
        answer = {**args.inputs, **answer}
        if (args.typ, args.name) not in self._unmade:
            return made, answer
        known = {*args.inputs, "name"}
        return "", {key: _foreseen(args.inputs.get(key, value), value) for key, value in answer.items() if key in known}

    def _made(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        token = args.typ.removeprefix("azure-native:")
        answer: dict[str, Any] = {"name": args.inputs.get(_NAMED_BY.get(token, ""), args.name)}
        if token == "managedidentity:UserAssignedIdentity":
            answer |= {key: f"{key} of {args.name}" for key in ("clientId", "principalId")}
        elif token == "keyvault:Key":
            answer["keyUriWithVersion"] = f"https://{args.inputs['vaultName']}.vault.azure.net/keys/workspaces/1"
        elif token == "machinelearningservices:Workspace":
            answer["workspaceId"] = "guid"
        elif token == "dbforpostgresql:Server":
            answer["fullyQualifiedDomainName"] = f"{answer['name']}.postgres.database.azure.com"
        elif token == "machinelearningservices:OnlineEndpoint":
            scoring = f"https://{answer['name']}.eastus.inference.ml.azure.com/score"
            answer["properties"] = {"authMode": "AADToken", "scoringUri": scoring}
        if "identity" in args.inputs:  # sent as a list of ids, answered as a map
            ids = args.inputs["identity"].get("userAssignedIdentities", [])
            answer["identity"] = {
                "type": args.inputs["identity"]["type"],
                "userAssignedIdentities": {
                    key: {} for key in ids if isinstance(key, str)
                },  # in a preview some are not known yet
            }
            if args.inputs["identity"]["type"] == "SystemAssigned":
                answer["identity"]["principalId"] = f"principalId of {args.name}"
        kind = "workspaces/" if token == "machinelearningservices:Workspace" else ""
        return f"/id/{kind}{answer['name'] if kind else args.name}", answer

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "azure-native:authorization:getClientConfig"
        known = {"clientId": "client", "objectId": "object", "subscriptionId": SUBSCRIPTION, "tenantId": TENANT}
        return known, []


def _foreseen(given: object, answered: object) -> object:
    """An answer before there is one: what was given, and nothing that only Azure can say."""
    if not isinstance(given, dict) or not isinstance(answered, dict):
        return answered if isinstance(answered, dict) else given  # identities go as a list and come as a map
    return {key: _foreseen(given[key], value) if key in given else rpc.UNKNOWN for key, value in answered.items()}


def record(
    program: Callable[[], dict[str, Any]],
    *,
    stack: str = "local",
    around: Around = left_to_the_engine,
    unmade: Unmade | None = None,
) -> Graph:
    """Run a program to its end, around it what the program itself has, and keep all it asked for.

    `unmade` makes it a preview.
    """
    graph = Graph()
    azure = _Azure(unmade)
    loops: list[asyncio.AbstractEventLoop] = []

    def open_loop() -> None:
        # Pulumi's mocks open a loop in each thread they run in, and never close it.
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    def keep(name: str, value: object) -> None:
        graph.outputs[name] = value

    def run() -> None:
        for name, value in program().items():
            pulumi.Output.from_input(value).apply(partial(keep, name))

    open_loop()
    try:
        with around(), ThreadPoolExecutor(initializer=open_loop) as threads:
            loops[0].set_default_executor(threads)
            monitor = _Monitor(azure, graph, unmade)
            preview = unmade is not None
            pulumi.runtime.set_mocks(azure, project="aml-kit", stack=stack, preview=preview, monitor=monitor)
            loops[0].run_until_complete(run_pulumi_func(run))
    finally:
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)
        pulumi.runtime.set_all_config({})
    return graph
