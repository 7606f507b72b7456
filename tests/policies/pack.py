"""The real policy pack, started as the engine starts it and asked over the analyzer's own protocol."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from tests.policies.case import Case, Other, urn

PROVIDER = "pulumi:providers:azure-native"
PACK = Path(__file__).resolve().parents[2] / "policies"


@dataclass(frozen=True)
class Said:
    """What one policy answered about one resource or stack."""

    outcome: str
    level: int | None = None
    message: str = ""
    urn: str = ""


class Pack:
    """A running policy pack."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._analyzer = analyzer_pb2_grpc.AnalyzerStub(channel)

    def info(self) -> Any:  # noqa: ANN401  generated
        """What the pack says of itself."""
        return self._analyzer.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, config: Mapping[str, Mapping[str, Any]]) -> None:
        """Give settings to policies as the engine does: defaults merged in, a level always sent."""
        sent = {}
        for policy in self.info().policies:
            schema = {name: json_format.MessageToDict(one) for name, one in policy.configSchema.properties.items()}
            properties = {name: one["default"] for name, one in schema.items()} | dict(config.get(policy.name, {}))
            level: Any = properties.pop("enforcementLevel", policy.enforcementLevel)
            sent[policy.name] = proto.PolicyConfig(enforcementLevel=level, properties=_struct(properties))
        self._analyzer.Configure(proto.ConfigureAnalyzerRequest(policyConfig=sent))

    def start(self, stack: str, *, preview: bool = True, config: Mapping[str, str] | None = None) -> None:
        """Tell the pack which stack this is, as the engine does before all else; it forgets what it was told before."""
        self._analyzer.ConfigureStack(
            proto.AnalyzerStackConfigureRequest(stack=stack, project="aml-kit", dry_run=preview, config=config)
        )

    def asked(self, policy: str, case: Case) -> tuple[Said, ...]:
        """Everything one policy says about the case's resource, and not about those beside it."""
        response = self._stack(case) if case.in_stack else self._resource(case)
        told = [one for one in response.diagnostics if one.urn in ("", case.subject.urn)]
        answers = [_said(one) for one in told if one.policyName == policy]
        answers += [Said("not applicable") for one in response.not_applicable if one.policy_name == policy]
        return tuple(answers) or (Said("pass"),)

    def repaired(
        self, policy: str, resource_type: str, props: Mapping[str, Any], name: str = "it"
    ) -> dict[str, Any] | None:
        """What one policy makes of the properties; None when it leaves them alone."""
        response = self._analyzer.Remediate(
            proto.AnalyzeRequest(type=resource_type, properties=_struct(props), urn=urn(resource_type, name), name=name)
        )
        found = [one for one in response.remediations if one.policyName == policy and one.HasField("properties")]
        return json_format.MessageToDict(found[0].properties) if found else None

    def violations(self, stack: Sequence[Other]) -> set[tuple[str, str, int]]:
        """What a whole preview would show: policy, resource and level of everything that is reported."""
        found = set()
        for one in stack:
            response = self.analyze(one)
            found |= {(said.policyName, one.name, said.enforcementLevel) for said in response.diagnostics}
        response = self._analyzer.AnalyzeStack(_stack_request(stack))
        names = {one.urn: one.name for one in stack}
        return found | {(said.policyName, names[said.urn], said.enforcementLevel) for said in response.diagnostics}

    def said(self, stack: Sequence[Other]) -> list[str]:
        """Everything that is said about each of these resources and about all of them together."""
        answers = [*map(self.analyze, stack), self._analyzer.AnalyzeStack(_stack_request(stack))]
        return [one.message for answer in answers for one in answer.diagnostics]

    def analyze(self, one: Other) -> Any:  # noqa: ANN401
        """All that the pack answers about one resource."""
        return self._analyzer.Analyze(
            proto.AnalyzeRequest(
                type=one.type,
                properties=_struct(one.props),
                urn=one.urn,
                name=one.name,
                provider=_provider(one.provider),
            )
        )

    def _resource(self, case: Case) -> Any:  # noqa: ANN401
        return self._analyzer.Analyze(
            proto.AnalyzeRequest(
                type=case.type,
                properties=_struct(case.props),
                urn=urn(case.type, str(case)),
                name=str(case),
                provider=_provider(case.provider),
            )
        )

    def _stack(self, case: Case) -> Any:  # noqa: ANN401
        stack = (*case.beside, case.subject)
        return self._analyzer.AnalyzeStack(_stack_request(stack))


def _stack_request(stack: Sequence[Other]) -> Any:  # noqa: ANN401
    return proto.AnalyzeStackRequest(resources=_analyzed(stack))


def _analyzed(resources: Sequence[Other]) -> list[Any]:
    return [
        proto.AnalyzerResource(
            type=one.type,
            properties=_struct(one.props),
            urn=one.urn,
            name=one.name,
            options=proto.AnalyzerResourceOptions(protect=one.protect),
            provider=_provider(one.provider),
            propertyDependencies={
                key: proto.AnalyzerPropertyDependencies(urns=list(urns)) for key, urns in one.wired.items()
            },
        )
        for one in resources
    ]


def _provider(inputs: Mapping[str, Any]) -> Any:  # noqa: ANN401
    return proto.AnalyzerProviderResource(
        type=PROVIDER, properties=_struct(inputs), urn=urn(PROVIDER, "default"), name="default"
    )


def _said(diagnostic: Any) -> Said:  # noqa: ANN401
    unknown = diagnostic.message.startswith("can't run policy")
    return Said(
        outcome="cannot tell" if unknown else "fail",
        level=diagnostic.enforcementLevel,
        message=diagnostic.message,
        urn=diagnostic.urn,
    )


def _struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(value), struct_pb2.Struct())


@contextmanager
def running(folder: Path = PACK, keep: Sequence[str] = ()) -> Iterator[Pack]:
    """Start the pack as the language host does, and stop it; of variables about subscriptions keep only these."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(folder)]
    nobodys = {name: said for name, said in os.environ.items() if name in keep or not name.endswith("_SUBSCRIPTION_ID")}
    with subprocess.Popen(command, cwd=folder, env=nobodys, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Pack(channel)
        finally:
            process.terminate()
