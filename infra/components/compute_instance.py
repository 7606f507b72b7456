"""A machine for one person: nobody else opens it, nobody logs in to it, and it stops when it is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class ComputeInstanceArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    location: str
    name: str
    vm_size: str
    user_id: str  # the Entra object id of the one person
    tenant_id: str
    tags: Mapping[str, str]
    description: str = ""
    idle_time: str = "PT30M"  # how long it idles before it stops
    stop_at: str | None = "0 19 * * *"  # cron: minute, hour, day, month, weekday
    start_at: str | None = None  # a cron expression; none is by hand only
    time_zone: str = "UTC"  # Windows' name of the zone of both times
    subnet_id: Input[str] | None = None  # only without a managed network


class ComputeInstance(pulumi.ComponentResource):
    """One personal machine without keys, SSH, public address or rights beyond those of the person who uses it."""

    name: Output[str]

    def __init__(self, name: str, args: ComputeInstanceArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ComputeInstance", name, {}, opts)

        compute = aml.Compute(
            name,
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            compute_name=args.name,
            properties=aml.ComputeInstanceArgs(
                compute_type="ComputeInstance",
                description=args.description,
                disable_local_auth=True,
                properties=aml.ComputeInstancePropertiesArgs(
                    vm_size=args.vm_size,
                    application_sharing_policy="Personal",
                    compute_instance_authorization_type="personal",
                    personal_compute_instance_settings=aml.PersonalComputeInstanceSettingsArgs(
                        assigned_user=aml.AssignedUserArgs(object_id=args.user_id, tenant_id=args.tenant_id)
                    ),
                    enable_node_public_ip=False,
                    enable_sso=True,
                    ssh_settings=aml.ComputeInstanceSshSettingsArgs(ssh_public_access="Disabled"),
                    idle_time_before_shutdown=args.idle_time,
                    schedules=_schedules(args),
                    subnet=None if args.subnet_id is None else aml.ResourceIdArgs(id=args.subnet_id),
                ),
            ),
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )

        self.name = compute.name
        self.register_outputs({"name": self.name})


def _schedules(args: ComputeInstanceArgs) -> "aml.ComputeSchedulesArgs | None":
    wanted = [(action, cron) for action, cron in (("Start", args.start_at), ("Stop", args.stop_at)) if cron]
    if not wanted:
        return None
    return aml.ComputeSchedulesArgs(
        compute_start_stop=[
            aml.ComputeStartStopScheduleArgs(
                action=action,
                trigger_type="Cron",
                cron=aml.CronArgs(expression=cron, time_zone=args.time_zone),
                status="Enabled",
            )
            for action, cron in wanted
        ]
    )
