"""A deployment of a fixed model, for those who want deployments as code; elsewhere they belong to whoever releases."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import CustomTimeouts, Input, Output, Resource, ResourceOptions
from pulumi_azure_native import machinelearningservices as aml


@dataclass(frozen=True, kw_only=True)
class OnlineDeploymentArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    workspace_name: Input[str]
    endpoint: Resource  # goes with it: Azure refuses to delete a deployment that has traffic
    endpoint_name: Input[str]  # the endpoint it stands behind
    location: str
    name: str
    model: Input[str]  # an asset id with its version
    instance_type: str  # Azure's name of the machine size
    instances: int  # how many machines run, and cost
    tags: Mapping[str, str]
    environment: Input[str] | None = None  # an MLflow model brings its own
    code_id: Input[str] | None = None  # the asset id of the scoring code
    scoring_script: str | None = None  # the file of it that answers
    request_timeout: str = "PT30S"  # after which a request is given up
    public_egress: bool = False  # whether it may reach the internet
    autoscaled: bool = False  # whether an autoscale setting owns the number of instances


class OnlineDeployment(pulumi.ComponentResource):
    """One model behind an endpoint, without traffic: the endpoint shares that out, in a later run."""

    id: Output[str]
    name: Output[str]

    def __init__(self, name: str, args: OnlineDeploymentArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:OnlineDeployment", name, {}, opts)

        deployment = aml.OnlineDeployment(
            name,
            resource_group_name=args.resource_group_name,
            workspace_name=args.workspace_name,
            location=args.location,
            endpoint_name=args.endpoint_name,
            deployment_name=args.name,
            kind="Managed",
            sku=aml.SkuArgs(name="Default", capacity=args.instances),
            properties=_properties(args),
            tags=dict(args.tags),
            opts=ResourceOptions(
                parent=self,
                deleted_with=args.endpoint,
                delete_before_replace=True,
                custom_timeouts=CustomTimeouts(create="90m", update="90m"),  # images are built, machines are started
                ignore_changes=["sku.capacity"] if args.autoscaled else [],  # the autoscale setting owns it then
            ),
        )

        self.id = deployment.id
        self.name = deployment.name
        self.register_outputs({"id": self.id, "name": self.name})


def _properties(args: OnlineDeploymentArgs) -> "aml.ManagedOnlineDeploymentArgs":
    probe = aml.ProbeSettingsArgs(
        initial_delay="PT10S", period="PT10S", timeout="PT2S", success_threshold=1, failure_threshold=30
    )
    collected = aml.CollectionArgs(data_collection_mode="Enabled", sampling_rate=1)
    return aml.ManagedOnlineDeploymentArgs(
        endpoint_compute_type="Managed",
        model=args.model,
        environment_id=args.environment,
        code_configuration=aml.CodeConfigurationArgs(code_id=args.code_id, scoring_script=args.scoring_script)
        if args.scoring_script
        else None,
        instance_type=args.instance_type,
        scale_settings=aml.DefaultScaleSettingsArgs(scale_type="Default"),
        egress_public_network_access="Enabled" if args.public_egress else "Disabled",
        app_insights_enabled=True,
        data_collector=aml.DataCollectorArgs(
            collections={"model_inputs": collected, "model_outputs": collected}, rolling_rate="Hour"
        ),
        request_settings=aml.OnlineRequestSettingsArgs(
            request_timeout=args.request_timeout, max_concurrent_requests_per_instance=1
        ),
        liveness_probe=probe,
        readiness_probe=probe,
    )
