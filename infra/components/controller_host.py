"""What runs the controller in Azure: Container Apps inside the network, as a job by the clock or as an app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_azure_native import app

_PROFILE = "Consumption"


@dataclass(frozen=True, kw_only=True)
class ControllerHostArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    environment_name: str  # what its Container Apps environment is called
    inner_group_name: str  # Azure keeps the machines' own resources there
    name: str
    subnet_id: Input[str]  # delegated to Microsoft.App/environments
    identity_id: Input[str]
    registry_host: Input[str]  # whence the image is pulled, by the identity
    image: str  # its name in that registry
    arguments: Sequence[str]  # what the image is started with
    variables: Mapping[str, Input[str]]  # no secrets: what runs there signs in as its identity
    tags: Mapping[str, str]
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children
    cron: str | None = None  # none: an app that always runs
    timeout_seconds: int = 1800  # after which a job's pass is ended
    cpu: float = 0.5  # cores
    memory: str = "1Gi"  # twice as many GiB as cores, as Container Apps demands
    zone_redundant: bool = True  # whether it survives the loss of a zone; for good


class ControllerHost(pulumi.ComponentResource):
    """One environment without a public address, and the controller in it, which nothing can call."""

    environment_id: Output[str]  # the ARM id of its Container Apps environment
    name: Output[str]

    def __init__(self, name: str, args: ControllerHostArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:ControllerHost", name, {}, opts)

        environment = app.ManagedEnvironment(
            f"{name}-environment",
            resource_group_name=args.resource_group_name,
            location=args.location,
            environment_name=args.environment_name,
            infrastructure_resource_group=args.inner_group_name,
            public_network_access="Disabled",
            vnet_configuration=app.VnetConfigurationArgs(internal=True, infrastructure_subnet_id=args.subnet_id),
            # Log Analytics by name would ask for its key; by diagnostic setting nobody holds one.
            app_logs_configuration=app.AppLogsConfigurationArgs(destination="azure-monitor"),
            peer_authentication=app.ManagedEnvironmentPeerAuthenticationArgs(mtls=app.MtlsArgs(enabled=True)),
            workload_profiles=[app.WorkloadProfileArgs(name=_PROFILE, workload_profile_type=_PROFILE)],
            zone_redundant=args.zone_redundant,
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )
        make = _job if args.cron else _app
        controller = make(name, args, environment.id, ResourceOptions(parent=self, depends_on=list(args.after)))

        self.environment_id = environment.id
        self.name = controller.name
        self.register_outputs({"environmentId": self.environment_id, "name": self.name})


def _job(name: str, args: ControllerHostArgs, environment: Output[str], opts: ResourceOptions) -> "app.Job":
    return app.Job(
        name,
        resource_group_name=args.resource_group_name,
        location=args.location,
        job_name=args.name,
        environment_id=environment,
        workload_profile_name=_PROFILE,
        identity=_identity(args),
        configuration=app.JobConfigurationArgs(
            trigger_type="Schedule",
            # One pass at a time; a pass that failed is not repeated at once, the next one looks again.
            schedule_trigger_config=app.JobConfigurationScheduleTriggerConfigArgs(
                cron_expression=args.cron or "", parallelism=1, replica_completion_count=1
            ),
            replica_timeout=args.timeout_seconds,
            replica_retry_limit=0,
            registries=_registries(args),
        ),
        template=app.JobTemplateArgs(containers=[_container(args)]),
        tags=dict(args.tags),
        opts=opts,
    )


def _app(name: str, args: ControllerHostArgs, environment: Output[str], opts: ResourceOptions) -> "app.ContainerApp":
    return app.ContainerApp(
        name,
        resource_group_name=args.resource_group_name,
        location=args.location,
        container_app_name=args.name,
        managed_environment_id=environment,
        workload_profile_name=_PROFILE,
        identity=_identity(args),
        # No ingress: it asks, and is never asked.
        configuration=app.ConfigurationArgs(active_revisions_mode="Single", registries=_registries(args)),
        template=app.TemplateArgs(
            containers=[_container(args)],
            scale=app.ScaleArgs(min_replicas=1, max_replicas=1),
        ),
        tags=dict(args.tags),
        opts=opts,
    )


def _identity(args: ControllerHostArgs) -> "app.ManagedServiceIdentityArgs":
    return app.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[args.identity_id])


def _registries(args: ControllerHostArgs) -> "list[app.RegistryCredentialsArgs]":
    return [app.RegistryCredentialsArgs(server=args.registry_host, identity=args.identity_id)]


def _container(args: ControllerHostArgs) -> "app.ContainerArgs":
    return app.ContainerArgs(
        name="controller",
        image=Output.concat(args.registry_host, "/", args.image),
        args=list(args.arguments),
        env=[app.EnvironmentVarArgs(name=name, value=value) for name, value in args.variables.items()],
        resources=app.ContainerResourcesArgs(cpu=args.cpu, memory=args.memory),
    )
