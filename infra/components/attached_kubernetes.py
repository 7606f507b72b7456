"""A namespace of a Kubernetes cluster with a quota, and the workspace's compute that runs jobs in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import containerservice as aks
from pulumi_azure_native import machinelearningservices as aml

from infra.instance_types import InstanceType


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The most that a namespace's pods may ask for together, and may use together."""

    cpu: str  # such as "16" or "16000m"
    memory: str  # such as "64Gi"


@dataclass(frozen=True, kw_only=True)
class AttachedKubernetesArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    location: str
    name: str
    identity_id: Input[str]
    cluster_id: Input[str]  # the cluster's ARM id
    cluster_group: Input[str]  # the resource group the cluster is in
    cluster_name: Input[str]  # the cluster
    namespace: str  # where its pods run
    instance_types: Mapping[str, InstanceType]  # sizes of pods by name
    default_instance_type: str  # of jobs that name none
    tags: Mapping[str, str]
    quota: Quota | None = None  # none: the namespace is somebody else's, and stands already
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children


class AttachedKubernetes(pulumi.ComponentResource):
    """One compute of the kind `Kubernetes` (never `AKS`, which is Azure ML's first version), keyless, by identity."""

    name: Output[str]

    def __init__(self, name: str, args: AttachedKubernetesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:AttachedKubernetes", name, {}, opts)

        before = list(args.after)
        if args.quota is not None:
            # Attaching neither makes the namespace nor looks whether it is there.
            before.append(self._namespace(f"{name}-namespace", args, args.quota))
        compute = aml.Compute(
            name,
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            compute_name=args.name,
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            properties=aml.KubernetesArgs(
                compute_type="Kubernetes",
                resource_id=args.cluster_id,
                disable_local_auth=True,
                properties=aml.KubernetesPropertiesArgs(
                    namespace=args.namespace,
                    default_instance_type=args.default_instance_type,
                    instance_types={key: _sent(each) for key, each in args.instance_types.items()},
                ),
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=before),
        )

        self.name = compute.name
        self.register_outputs({"name": self.name})

    def _namespace(self, name: str, args: AttachedKubernetesArgs, quota: Quota) -> "aks.ManagedNamespace":
        return aks.ManagedNamespace(
            name,
            resource_group_name=args.cluster_group,
            resource_name_=args.cluster_name,
            location=args.location,
            managed_namespace_name=args.namespace,
            properties=aks.NamespacePropertiesArgs(
                adoption_policy="Never",
                delete_policy="Delete",
                default_resource_quota=aks.ResourceQuotaArgs(
                    cpu_request=quota.cpu, cpu_limit=quota.cpu, memory_request=quota.memory, memory_limit=quota.memory
                ),
                default_network_policy=aks.NetworkPoliciesArgs(ingress="AllowSameNamespace", egress="AllowAll"),
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )


def _sent(kind: InstanceType) -> "aml.InstanceTypeSchemaArgs":
    return aml.InstanceTypeSchemaArgs(
        node_selector=dict(kind.node_selector),
        resources=aml.InstanceTypeSchemaResourcesArgs(requests=dict(kind.requests), limits=dict(kind.limits)),
    )
