"""Serve the rules to Pulumi's engine, as strict as the stack it names."""

import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import AnalyzerStackConfigureRequest, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

import waivers
from rules.catalogue import catalogue
from rules.profiles import profile_of
from rules.rule import Rule, Run, Settings
from waivers import Waivers, WaiversError
from waiving import VALID, Exceptions

VERSION = "0.1.0"  # as in PulumiPolicy.yaml
_WAIVERS = Path(__file__).resolve().parent / "waivers.yaml"
_STRICT = ("prod", "regulated")
_THREADS = 4  # as many as Pulumi's own packs have
_LARGEST = 400 * 1024 * 1024  # bytes, as Pulumi's own packs allow: a whole stack comes in one message


class _ByStack(analyzer_pb2_grpc.AnalyzerServicer):
    """Pulumi's own analyzer, made anew when the engine says which stack this is.

    `pulumi_policy.PolicyPack` fixes every level before it is told the stack, and keeps no more than the stack's tags of
    what it is told.  Its analyzer is a private name: the pin of pulumi-policy and the tests of the protocol guard it.
    """

    def __init__(self) -> None:
        self._stack: Any = AnalyzerStackConfigureRequest(dry_run=True)
        self._analyzer = _analyzer(self._stack, {})

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802  generated; so below
        """Learn the stack; the engine asks for the rules' levels only after this."""
        self._stack = request
        self._analyzer = _analyzer(request, {})
        return self._analyzer.ConfigureStack(request, context)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetAnalyzerInfo(request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetPluginInfo(request, context)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Learn the settings; how long a waiver may last is one, and who is excused depends on it."""
        said = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        self._analyzer = _analyzer(self._stack, said)
        self._analyzer.ConfigureStack(self._stack, context)
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


def _analyzer(stack: Any, settings: Mapping[str, Settings]) -> Any:  # noqa: ANN401
    rules = catalogue()
    profile = profile_of(stack.stack)
    excused = _exceptions(rules, profile, settings)
    # An update knows every value: what is unknown then stays unknown, and prod does not take it for a pass.
    run = Run(excused=excused.excused, unknowns="block" if profile in _STRICT and not stack.dry_run else "advise")
    policies = [*(rule.as_policy(profile, run) for rule in rules), *excused.as_policies()]
    return _PolicyAnalyzerServicer("aml-kit", VERSION, policies, EnforcementLevel.MANDATORY)


def _exceptions(rules: tuple[Rule, ...], profile: str, settings: Mapping[str, Settings]) -> Exceptions:
    names = {word: rule.id for rule in rules for word in (rule.id, rule.name)}
    longest = {**waivers.LONGEST.defaults, profile: int(settings.get(VALID, {}).get("longest", _longest(profile)))}
    try:
        found, refused = waivers.read(_WAIVERS.read_text(), names, waivers.today(), longest).of(profile), ""
    except (WaiversError, OSError, UnicodeDecodeError) as error:
        found, refused = Waivers(), str(error)
    return Exceptions(
        waivers=found, refused=refused, profile=profile, rules={rule.id: rule for rule in rules}, settings=settings
    )


def _longest(profile: str) -> int:
    most: int = waivers.LONGEST.defaults[profile]
    return most
