"""Serve the rules to Pulumi's engine, as strict as the stack it names."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from rules.catalogue import catalogue
from rules.profiles import profile_of

VERSION = "0.1.0"  # as in PulumiPolicy.yaml
_THREADS = 4  # as many as Pulumi's own packs have
_LARGEST = 400 * 1024 * 1024  # bytes, as Pulumi's own packs allow: a whole stack comes in one message


class _ByStack(analyzer_pb2_grpc.AnalyzerServicer):
    """Pulumi's own analyzer, made anew when the engine says which stack this is.

    `pulumi_policy.PolicyPack` fixes every level before it is told the stack, and keeps no more than the stack's tags of
    what it is told.  Its analyzer is a private name: the pin of pulumi-policy and the tests of the protocol guard it.
    """

    def __init__(self) -> None:
        self._analyzer = _analyzer("")

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802  generated; so below
        """Learn the stack; the engine asks for the rules' levels only after this."""
        self._analyzer = _analyzer(request.stack)
        return self._analyzer.ConfigureStack(request, context)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetAnalyzerInfo(request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetPluginInfo(request, context)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.Configure(request, context)

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.Remediate(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.Analyze(request, context)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.AnalyzeStack(request, context)


def serve() -> None:
    """Serve on a free port of 127.0.0.1, say which on the first line of output, and stay until interrupted."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=[("grpc.max_receive_message_length", _LARGEST)])
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(_ByStack(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        server.stop(0)


def _analyzer(stack: str) -> Any:  # noqa: ANN401
    policies = [rule.as_policy(profile_of(stack)) for rule in catalogue()]
    return _PolicyAnalyzerServicer("aml-kit", VERSION, policies, EnforcementLevel.MANDATORY)
