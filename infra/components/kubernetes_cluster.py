"""An AKS cluster for training and serving: private, without local accounts, its GPUs kept for machine learning."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import containerservice as aks

from infra.instance_types import POOL

# Only pods of Azure ML's own workloads tolerate it ("Reference for configuring Kubernetes cluster": taints).
_ONLY_MACHINE_LEARNING = "ml.azure.com/amlarc-workload=true:NoSchedule"


@dataclass(frozen=True, kw_only=True)
class NodePool:
    """Machines of one size; they scale by themselves between the two counts."""

    vm_size: str
    min_nodes: int  # machines that always run, and always cost
    max_nodes: int  # how many machines it may grow to


@dataclass(frozen=True, kw_only=True)
class KubernetesClusterArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    node_group: str  # the resource group that AKS makes for the machines
    tenant_id: str
    identity_id: Input[str]
    system: NodePool  # the machines the cluster itself runs on
    tags: Mapping[str, str]
    pools: Mapping[str, NodePool]  # for machine learning only
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    admin_groups: Sequence[str] = ()  # object ids of Entra groups that administer it
    version: str | None = None  # none is the one Azure proposes
    tier: str = "Standard"  # `Free` has no promise of being there
    outbound: str = "loadBalancer"  # how its machines reach what is outside
    service_range: str = "172.31.0.0/16"  # the SDK's own, 10.0.0.0/16, is what most virtual networks have
    pod_range: str = "192.168.0.0/16"  # the addresses of its pods
    subnet_id: Input[str] | None = None  # where its machines stand; none is a network of its own
    private: bool = True  # whether its API answers in its virtual network only
    local_accounts: bool = False  # whether certificates let people in besides Entra


class KubernetesCluster(pulumi.ComponentResource):
    """One cluster that people and programs reach by Entra and Azure's roles only."""

    id: Output[str]
    name: Output[str]
    resources: tuple[Resource, ...]

    def __init__(self, name: str, args: KubernetesClusterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:KubernetesCluster", name, {}, opts)

        cluster = aks.ManagedCluster(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            resource_name_=args.name,
            node_resource_group=args.node_group,
            dns_prefix=args.name,
            kubernetes_version=args.version,
            sku=aks.ManagedClusterSKUArgs(name="Base", tier=args.tier),
            identity=aks.ManagedClusterIdentityArgs(
                type=aks.ResourceIdentityType.USER_ASSIGNED, user_assigned_identities=[args.identity_id]
            ),
            enable_rbac=True,
            aad_profile=aks.ManagedClusterAADProfileArgs(
                managed=True,
                enable_azure_rbac=True,
                tenant_id=args.tenant_id,
                admin_group_object_ids=list(args.admin_groups),
            ),
            disable_local_accounts=not args.local_accounts,
            oidc_issuer_profile=aks.ManagedClusterOIDCIssuerProfileArgs(enabled=True),
            security_profile=aks.ManagedClusterSecurityProfileArgs(
                workload_identity=aks.ManagedClusterSecurityProfileWorkloadIdentityArgs(enabled=True)
            ),
            api_server_access_profile=_api_server(args),
            network_profile=aks.ContainerServiceNetworkProfileArgs(
                network_plugin="azure",
                network_plugin_mode="overlay",
                network_policy="azure",
                load_balancer_sku="standard",
                outbound_type=args.outbound,
                service_cidr=args.service_range,
                dns_service_ip=str(ipaddress.ip_network(args.service_range)[10]),
                pod_cidr=args.pod_range,
            ),
            auto_upgrade_profile=aks.ManagedClusterAutoUpgradeProfileArgs(
                upgrade_channel="patch", node_os_upgrade_channel="NodeImage"
            ),
            agent_pool_profiles=[_system_pool(args)],
            tags=dict(args.tags),
            # It holds no data, so nothing protects it.
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        pools = [self._pool(f"{name}-{pool}", pool, args, cluster) for pool in args.pools]

        self.id = cluster.id
        self.name = cluster.name
        self.resources = (cluster, *pools)
        self.register_outputs({"id": self.id, "name": self.name})

    def _pool(
        self, name: str, pool: str, args: KubernetesClusterArgs, cluster: "aks.ManagedCluster"
    ) -> "aks.AgentPool":
        size = args.pools[pool]
        return aks.AgentPool(
            name,
            resource_group_name=args.resource_group_name,
            resource_name_=cluster.name,
            agent_pool_name=pool,
            mode="User",
            type="VirtualMachineScaleSets",
            os_type="Linux",
            vm_size=size.vm_size,
            enable_auto_scaling=True,
            min_count=size.min_nodes,
            max_count=size.max_nodes,
            count=size.min_nodes,
            enable_node_public_ip=False,
            vnet_subnet_id=args.subnet_id,
            node_labels={POOL: pool},
            node_taints=[_ONLY_MACHINE_LEARNING],
            tags=dict(args.tags),
            # How many run now is the autoscaler's to say.
            opts=ResourceOptions(parent=self, delete_before_replace=True, ignore_changes=["count"]),
        )


def _api_server(args: KubernetesClusterArgs) -> "aks.ManagedClusterAPIServerAccessProfileArgs":
    if not args.private:
        return aks.ManagedClusterAPIServerAccessProfileArgs(enable_private_cluster=False, disable_run_command=True)
    return aks.ManagedClusterAPIServerAccessProfileArgs(
        enable_private_cluster=True,
        enable_private_cluster_public_fqdn=False,
        private_dns_zone="system",
        disable_run_command=True,
    )


def _system_pool(args: KubernetesClusterArgs) -> "aks.ManagedClusterAgentPoolProfileArgs":
    return aks.ManagedClusterAgentPoolProfileArgs(
        name="system",
        mode="System",
        type="VirtualMachineScaleSets",
        os_type="Linux",
        vm_size=args.system.vm_size,
        enable_auto_scaling=True,
        min_count=args.system.min_nodes,
        max_count=args.system.max_nodes,
        count=args.system.min_nodes,
        enable_node_public_ip=False,
        vnet_subnet_id=args.subnet_id,
        node_labels={POOL: "system"},
    )
