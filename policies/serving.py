"""Serve the rules to Pulumi's engine, as strict as the stack it names."""

import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import AnalyzerStackConfigureRequest, PolicyNotApplicable, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy.policy import _PolicyAnalyzerServicer

import waivers
from rules.catalogue import catalogue
from rules.profiles import profile_of
from rules.rule import InStack, Rule, Run, Settings
from rules.subscription import of_stack
from waivers import VALID, Waivers, WaiversError
from waiving import Exceptions

VERSION = "0.1.0"  # as in PulumiPolicy.yaml
_NAMED = ("aml-kit", VERSION)
_WAIVERS = Path(__file__).resolve().parent / "waivers.yaml"
_STRICT = ("prod", "regulated")
_THREADS = 4  # as many as Pulumi's own packs have
_LARGEST = 400 * 1024 * 1024  # bytes, as Pulumi's own packs allow: a whole stack comes in one message


class _ByType(_PolicyAnalyzerServicer):
    """Pulumi's own analyzer, with one more for every type of resource that comes along.

    Pulumi's unpacks a resource anew for each policy.  One of a type's has the policies that look at it and no others;
    what the others would have said, that they do not apply, is added to its answer.
    """

    def __init__(self, stack: Any, settings: Mapping[str, Settings]) -> None:  # noqa: ANN401
        self._rules, self._policies = _policies(stack, settings)
        self._told: tuple[tuple[str, Any], ...] = ()  # what to tell an analyzer that is made later
        self._of_type: dict[str, tuple[Any, tuple[PolicyNotApplicable, ...]]] = {}
        self._order = {policy.name: number for number, policy in enumerate(self._policies)}
        super().__init__(*_NAMED, self._policies, EnforcementLevel.MANDATORY)

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802  generated; so below
        """Learn the stack's tags."""
        self._told, self._of_type = (*self._told, ("ConfigureStack", request)), {}
        return super().ConfigureStack(request, context)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Learn levels and settings."""
        self._told, self._of_type = (*self._told, ("Configure", request)), {}
        return super().Configure(request, context)  # type: ignore[no-untyped-call]

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Ask the policies that look at this type."""
        found = self._of_type.get(request.type)
        analyzer, silent = found or self._of_type.setdefault(request.type, self._made(request.type, context))
        response = analyzer.Analyze(request, context)
        response.not_applicable.extend(silent)
        response.not_applicable.sort(key=lambda one: self._order[one.policy_name])
        return response

    def _made(self, resource_type: str, context: Any) -> tuple[Any, tuple[PolicyNotApplicable, ...]]:  # noqa: ANN401
        others = {
            one.name: one.about_others().reason
            for one in self._rules
            if not isinstance(one.check, InStack) and not one.is_about(resource_type)
        }
        about = [one for one in self._policies if one.name not in others]
        analyzer = _PolicyAnalyzerServicer(*_NAMED, about, EnforcementLevel.MANDATORY)
        for method, request in self._told:
            getattr(analyzer, method)(request, context)
        said = [one for one in self._policies if one.name in others]
        on = [one.name for one in said if self._get_enforcement_level(one) != EnforcementLevel.DISABLED]
        return analyzer, tuple(PolicyNotApplicable(policy_name=name, reason=others[name]) for name in on)


class _ByStack(analyzer_pb2_grpc.AnalyzerServicer):
    """Pulumi's own analyzer, made anew when the engine says which stack this is.

    `pulumi_policy.PolicyPack` fixes every level before it is told the stack, and keeps no more than the stack's tags of
    what it is told.  Its analyzer is a private name: the pin of pulumi-policy and the tests of the protocol guard it.
    """

    def __init__(self) -> None:
        self._stack: Any = AnalyzerStackConfigureRequest(dry_run=True)
        self._analyzer: Any = _ByType(self._stack, {})

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802  generated; so below
        """Learn the stack; the engine asks for the rules' levels only after this."""
        self._stack = request
        self._analyzer = _ByType(request, {})
        return self._analyzer.ConfigureStack(request, context)

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetAnalyzerInfo(request, context)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        return self._analyzer.GetPluginInfo(request, context)

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: ANN401, N802
        """Learn the settings; how long a waiver may last is one, and who is excused depends on it."""
        said = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        self._analyzer = _ByType(self._stack, said)
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


def _policies(stack: Any, settings: Mapping[str, Settings]) -> tuple[tuple[Rule, ...], list[Policy]]:  # noqa: ANN401
    rules = catalogue()
    profile = profile_of(stack.stack)
    excused = _exceptions(rules, profile, settings, stack)
    # An update knows every value: what is unknown then stays unknown, and prod does not take it for a pass.
    run = Run(
        excused=excused.excused,
        unknowns="block" if profile in _STRICT and not stack.dry_run else "advise",
        subscription=excused.subscription,
    )
    return rules, [*(rule.as_policy(profile, run) for rule in rules), *excused.as_policies()]


def _exceptions(
    rules: tuple[Rule, ...],
    profile: str,
    settings: Mapping[str, Settings],
    stack: Any,  # noqa: ANN401
) -> Exceptions:
    names = {word: rule.id for rule in rules for word in (rule.id, rule.name)}
    longest = {**waivers.LONGEST.defaults, profile: int(settings.get(VALID, {}).get("longest", _longest(profile)))}
    try:
        found, refused = waivers.read(_WAIVERS.read_text(), names, waivers.today(), longest).of(profile), ""
    except (WaiversError, OSError, UnicodeDecodeError) as error:
        found, refused = Waivers(), str(error)
    return Exceptions(
        waivers=found,
        refused=refused,
        profile=profile,
        rules={rule.id: rule for rule in rules},
        settings=settings,
        subscription=of_stack(stack.config),
    )


def _longest(profile: str) -> int:
    most: int = waivers.LONGEST.defaults[profile]
    return most
