"""What jobs and deployments may reach from a managed network: hosts, Azure's services, and resources by endpoint."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml

from infra import names


@dataclass(frozen=True, kw_only=True)
class ServiceRule:
    """One of Azure's services by its tag; addresses are never said, because they would make Azure forget the tag."""

    tag: str  # Azure's name of the service
    protocol: str  # what is spoken
    ports: str  # to which ports


@dataclass(frozen=True, kw_only=True)
class EndpointRule:
    """A part of a resource, by a private endpoint."""

    resource_id: str  # what is reached
    part: str  # which part of it: Azure's group id, such as `blob`
    hosts: Sequence[str] = ()
    spark: bool = False  # whether Spark jobs reach it as well
    after: Sequence[Resource] = ()  # the right to connect to it


@dataclass(frozen=True, kw_only=True)
class OutboundRulesArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    hosts: Sequence[str] = ()
    services: Sequence[ServiceRule] = ()  # Azure's services that may be reached
    endpoints: Sequence[EndpointRule] = ()  # resources that are reached by private endpoints


class OutboundRules(pulumi.ComponentResource):
    """The rules, made one after the other: a workspace changes its network once at a time."""

    def __init__(self, name: str, args: OutboundRulesArgs, opts: ResourceOptions | None = None) -> None:
        # It was about hosts only when it got its type, which is part of the names of what is below it.
        super().__init__("aml-kit:infra:OutboundHosts", name, {}, opts)

        before: list[Resource] = []
        for label, rule in _rules(args).items():
            made = aml.ManagedNetworkSettingsRule(
                f"{name}-{label}",
                resource_group_name=args.resource_group_name,
                workspace_name=args.workspace_name,
                rule_name=rule.name,
                properties=rule.properties,
                opts=ResourceOptions(parent=self, depends_on=[*before, *rule.after]),
            )
            before = [made]
        self.register_outputs({})


@dataclass(frozen=True, kw_only=True)
class _Rule:
    name: str
    properties: Any
    after: Sequence[Resource] = ()


def _rules(args: OutboundRulesArgs) -> Mapping[str, _Rule]:
    return dict([*_hosts(args.hosts), *_services(args.services), *_endpoints(args.endpoints)])


def _hosts(hosts: Sequence[str]) -> Iterator[tuple[str, _Rule]]:
    for host in hosts:
        properties = aml.FqdnOutboundRuleArgs(type="FQDN", category="UserDefined", destination=host)
        yield host, _Rule(name=names.outbound_rule(host), properties=properties)


def _services(services: Sequence[ServiceRule]) -> Iterator[tuple[str, _Rule]]:
    for service in services:
        name = names.service_rule(service.tag, service.protocol, service.ports)
        destination = aml.ServiceTagDestinationArgs(
            action="Allow", service_tag=service.tag, protocol=service.protocol, port_ranges=service.ports
        )
        properties = aml.ServiceTagOutboundRuleArgs(type="ServiceTag", category="UserDefined", destination=destination)
        yield name, _Rule(name=name, properties=properties)


def _endpoints(endpoints: Sequence[EndpointRule]) -> Iterator[tuple[str, _Rule]]:
    for endpoint in endpoints:
        name = names.endpoint_rule(endpoint.resource_id, endpoint.part)
        destination = aml.PrivateEndpointDestinationArgs(
            service_resource_id=endpoint.resource_id, subresource_target=endpoint.part, spark_enabled=endpoint.spark
        )
        properties = aml.PrivateEndpointOutboundRuleArgs(
            type="PrivateEndpoint",
            category="UserDefined",
            destination=destination,
            fqdns=list(endpoint.hosts) if endpoint.hosts else None,
        )
        yield name, _Rule(name=name, properties=properties, after=endpoint.after)
