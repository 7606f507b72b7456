"""`pulumirpc.ResourceProvider` for azure-native, onto the resource manager."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from environments.local.azure_types import wheel_version
from environments.local.provider import bodies, changes, functions, markers, naming
from environments.local.provider.answers import RefusalError, answering, kind_of, written
from environments.local.provider.checking import problems_of_inputs
from environments.local.provider.configuration import NO_SUBSCRIPTION, REPLACING, Configuration, configured
from environments.local.provider.resource_manager import OperationFailedError, RefusedError
from environments.local.provider.resources import BORN_WITH_PARENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from environments.local.provider.claims import Claims
    from environments.local.provider.configuration import Surroundings
    from environments.local.provider.markers import Marked
    from environments.local.provider.resource_manager import ResourceManager
    from environments.local.provider.resources import Served

_KINDS = {
    (changes.Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (changes.Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (changes.Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (changes.Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (changes.Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (changes.Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_NO_SCHEMA = (
    "the local environment's azure-native provider writes no code; what was asked for is imported: say so with"
    " `pulumi import --generate-code=false`, and describe the resource in the program yourself"
)


class AzureNative(provider_pb2_grpc.ResourceProviderServicer):
    """One service for every engine that attaches; each connection has its own settings."""

    def __init__(self, around: Surroundings, claims: Claims) -> None:
        self._around = around
        self._claims = claims
        self._configurations: dict[str, Configuration] = {}
        self._latest: Configuration | None = None
        self._interrupted: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    # ------------------------------------------------------------------ who we are

    def Handshake(  # noqa: N802  # the protocol's names, here and below
        self, _request: provider_pb2.ProviderHandshakeRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Say what we understand: secrets and outputs; not resources."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_outputs=True, accept_resources=False, supports_autonaming_configuration=True
        )

    def Attach(self, _request: plugin_pb2.PluginAttach, _context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """An engine has come; it is told apart by its connection."""
        return Empty()

    def GetPluginInfo(self, _request: Empty, _context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        """Answer as the plugin of the installed SDK's version."""
        return plugin_pb2.PluginInfo(version=wheel_version())

    def Cancel(self, _request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Stop waiting for what this engine began."""
        self._interrupted[context.peer()].set()
        return Empty()

    def GetSchema(  # noqa: N802
        self, _request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """Say why there is none: only `pulumi import` asks for it, to write code after the import is done."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, _NO_SCHEMA)

    # ------------------------------------------------------------------ settings

    def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Refuse settings that name no subscription."""
        given = markers.read(request.news).values
        if given.get("subscriptionId") or self._around.subscription:
            return provider_pb2.CheckResponse(inputs=request.news)
        missing = provider_pb2.CheckFailure(property="subscriptionId", reason=NO_SUBSCRIPTION)
        return provider_pb2.CheckResponse(inputs=request.news, failures=[missing])

    def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, _context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Another subscription, tenant or cloud holds other resources."""
        old, new = (markers.read(each).values for each in (request.old_inputs or request.olds, request.news))
        replaces = [name for name in REPLACING if old.get(name) != new.get(name)]
        changed = provider_pb2.DiffResponse.DIFF_SOME if old != new else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changed, replaces=replaces)

    def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take up a program's settings for its connection."""
        try:
            self._latest = configured(markers.read(request.args).values, self._around)
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        self._configurations[context.peer()] = self._latest
        self._interrupted.pop(context.peer(), None)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptOutputs=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    # ------------------------------------------------------------------ resources

    def Check(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Complete and judge a program's inputs; every failure at once."""
        with answering(context):
            kind, given, old = kind_of(request), markers.read(request.news), markers.read(request.olds)
            try:
                inputs = naming.completed(
                    kind,
                    given.values,
                    old.values,
                    logical_name=request.name or request.urn.rsplit("::", 1)[-1],
                    seed=request.randomSeed,
                    proposed=_proposed(request),
                    location=self._configuration(context).location,
                )
            except naming.UnnamedError as error:
                unnamed = provider_pb2.CheckFailure(property=kind.name_input, reason=str(error))
                return provider_pb2.CheckResponse(inputs=request.news, failures=[unnamed])
            failures = [
                provider_pb2.CheckFailure(property=each.path, reason=f"{each.path} {each.text}")
                for each in problems_of_inputs(kind, inputs)
            ]
            return provider_pb2.CheckResponse(inputs=written(kind, inputs, given), failures=failures)

    def Diff(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Compare what the program said with what it says now."""
        with answering(context):
            kind = kind_of(request)
            self._claims.drop(request.id)
            old, new = markers.read(request.old_inputs).values, markers.read(request.news).values
            found = changes.changes(kind, old, new, request.ignoreChanges)
            replaces = sorted({each.path for each in found if each.replaces})
            some = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
            return provider_pb2.DiffResponse(
                changes=some,
                replaces=replaces,
                diffs=[each.path for each in found],
                deleteBeforeReplace=bool(replaces),
                hasDetailedDiff=True,
                detailedDiff={
                    each.path: provider_pb2.PropertyDiff(kind=_KINDS[each.kind, each.replaces], inputDiff=True)
                    for each in found
                },
            )

    def Create(  # noqa: N802
        self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Make a resource that is not there yet."""
        with answering(context):
            kind, given = kind_of(request), markers.read(request.properties)
            if request.preview:
                foreseen = bodies.foreseen(kind, given.values)
                return provider_pb2.CreateResponse(properties=written(kind, foreseen, given))
            mine = self._configuration(context)
            resource_id = kind.id(given.values, mine.subscription)
            if kind.key not in BORN_WITH_PARENT:
                exists = mine.manager.get(resource_id, kind.type.api_version) is not None
                if exists and not self._claims.holds(resource_id, request.urn):
                    text = f"cannot create already existing resource '{resource_id}'"
                    raise RefusalError(grpc.StatusCode.ALREADY_EXISTS, text)
                self._claims.make(resource_id, request.urn)
            outputs = self._put(kind, resource_id, given, request, context)
            return provider_pb2.CreateResponse(id=resource_id, properties=outputs)

    def Read(  # noqa: N802
        self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Look at a resource: refresh what is known of it, or import it."""
        with answering(context):
            kind, given, before = kind_of(request), markers.read(request.inputs), markers.read(request.properties)
            self._claims.drop(request.id)
            body = self._configuration(context).manager.get(request.id, kind.type.api_version)
            if body is None:
                return provider_pb2.ReadResponse()
            now = bodies.from_body(kind, body)
            if given.values:
                inputs = changes.drifted(kind, given.values, before.values, now)
            else:
                inputs = changes.imported(kind, request.id, now)
            return provider_pb2.ReadResponse(
                id=request.id, properties=written(kind, now, given), inputs=written(kind, inputs, given)
            )

    def Update(  # noqa: N802
        self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Write a resource anew; what the program ignores stays as it is in Azure."""
        with answering(context):
            kind, given, old = kind_of(request), markers.read(request.news), markers.read(request.olds)
            if request.preview:
                before = markers.read(request.old_inputs).values
                foreseen = bodies.overlaid(old.values, bodies.foreseen(kind, given.values), given.values, before)
                return provider_pb2.UpdateResponse(properties=written(kind, foreseen, given))
            self._claims.drop(request.id)
            return provider_pb2.UpdateResponse(properties=self._put(kind, request.id, given, request, context))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Remove a resource, unless only its parent's removal does that."""
        with answering(context):
            kind = kind_of(request)
            self._claims.drop(request.id)
            if kind.key not in BORN_WITH_PARENT:
                self._configuration(context).manager.delete(
                    request.id,
                    kind.type.api_version,
                    timeout=request.timeout,
                    interrupted=self._interrupt(context),
                )
            return Empty()

    def Invoke(  # noqa: N802
        self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Answer a function: who asks, or what a resource is like."""
        with answering(context):
            arguments = markers.read(request.args).values
            found = functions.call(request.tok, arguments, self._configuration(context))
            answer = provider_pb2.InvokeResponse()
            getattr(answer, "return").CopyFrom(markers.write(found.values, found.secrets))
            return answer

    # ------------------------------------------------------------------ parts of the above

    def _configuration(self, context: grpc.ServicerContext) -> Configuration:
        """The settings of this connection; of the latest where the engine has connected anew."""
        found = self._configurations.get(context.peer()) or self._latest
        if found is None:
            raise RefusalError(grpc.StatusCode.FAILED_PRECONDITION, "the provider has not been configured")
        return found

    def _interrupt(self, context: grpc.ServicerContext) -> Callable[[], bool]:
        flag = self._interrupted[context.peer()]
        return lambda: flag.is_set() or not context.is_active()

    def _put(
        self,
        kind: Served,
        resource_id: str,
        given: Marked,
        request: provider_pb2.CreateRequest | provider_pb2.UpdateRequest,
        context: grpc.ServicerContext,
    ) -> Any:  # noqa: ANN401
        manager, version = self._configuration(context).manager, kind.type.api_version
        ignored = tuple(getattr(request, "ignoreChanges", ()))
        inputs = _with_ignored(kind, given.values, manager.get(resource_id, version) if ignored else None, ignored)
        body = bodies.to_body(kind, inputs)
        if not markers.is_known(body):
            raise RefusalError(grpc.StatusCode.INVALID_ARGUMENT, f"{resource_id}: not all inputs are known")
        query = {"api-version": version, **bodies.query(kind, inputs)}
        try:
            found = manager.put(resource_id, query, body, timeout=request.timeout, interrupted=self._interrupt(context))
        except OperationFailedError as error:
            raise self._half_made(kind, resource_id, given, error, manager.get(resource_id, version)) from error
        except RefusedError as error:
            # An earlier try may have been taken, its answer lost: then it is this one that finds something there.
            if error.answered and _is_missing(manager, resource_id, version):
                self._claims.drop(resource_id)
            raise
        return written(kind, bodies.from_body(kind, found), given)

    def _half_made(
        self, kind: Served, resource_id: str, given: Marked, error: Exception, body: Mapping[str, Any] | None
    ) -> RefusalError:
        """What failed after Azure took it is there, in some state: the engine must know of it to mend or remove it."""
        if body is None:
            self._claims.drop(resource_id)
            return RefusalError(grpc.StatusCode.UNKNOWN, str(error))
        partial = provider_pb2.ErrorResourceInitFailed(
            id=resource_id,
            properties=written(kind, bodies.from_body(kind, body), given),
            inputs=written(kind, given.values, given),
            reasons=[str(error)],
        )
        return RefusalError(grpc.StatusCode.UNKNOWN, str(error), partial)


def _is_missing(manager: ResourceManager, resource_id: str, version: str) -> bool:
    try:
        return manager.get(resource_id, version) is None
    except RefusedError:
        return False


def _proposed(request: provider_pb2.CheckRequest) -> str | None:
    """The engine's name for it; empty where it forbids to find one, None where it leaves that to us."""
    if not request.HasField("autonaming"):
        return None
    modes = provider_pb2.CheckRequest.AutonamingOptions
    return "" if request.autonaming.mode == modes.DISABLE else request.autonaming.proposed_name


def _with_ignored(
    kind: Served, inputs: Mapping[str, Any], body: Mapping[str, Any] | None, ignored: tuple[str, ...]
) -> Mapping[str, Any]:
    if body is None:
        return inputs
    return changes.with_ignored(kind, inputs, bodies.from_body(kind, body), ignored)
