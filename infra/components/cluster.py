"""A compute cluster that costs nothing while nothing runs on it, and that nobody can log in to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    location: str
    name: str
    vm_size: str
    max_nodes: int  # how many machines it may grow to
    identity_id: Input[str]
    tags: Mapping[str, str]
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    min_nodes: int = 0  # machines that always run, and always cost
    priority: str = "Dedicated"  # or `LowPriority`, which is cheap and may be taken away
    idle_time: str = "PT5M"  # how long a machine idles before it is given back
    subnet_id: Input[str] | None = None  # only without a managed network


class Cluster(pulumi.ComponentResource):
    """One cluster without keys, SSH or public addresses, in the managed network unless a subnet is named."""

    name: Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Cluster", name, {}, opts)

        compute = aml.Compute(
            name,
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            compute_name=args.name,
            identity=aml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id]),
            properties=aml.AmlComputeArgs(
                compute_type="AmlCompute",
                disable_local_auth=True,
                properties=aml.AmlComputePropertiesArgs(
                    os_type="Linux",
                    vm_size=args.vm_size,
                    vm_priority=args.priority,
                    enable_node_public_ip=False,
                    remote_login_port_public_access="Disabled",
                    scale_settings=aml.ScaleSettingsArgs(
                        min_node_count=args.min_nodes,
                        max_node_count=args.max_nodes,
                        node_idle_time_before_scale_down=args.idle_time,
                    ),
                    subnet=None if args.subnet_id is None else aml.ResourceIdArgs(id=args.subnet_id),
                ),
            ),
            tags=dict(args.tags),
            # A cluster's name cannot be taken twice, so a replacement has to wait for the old one to go.
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )

        self.name = compute.name
        self.register_outputs({"name": self.name})
