"""How many instances a deployment has: as many as its load asks for, between two bounds."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import monitor

_NAMESPACE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"


@dataclass(frozen=True, kw_only=True)
class AutoscaleArgs:
    """The decisions a caller makes.  The component makes the rest."""

    resource_group_name: Input[str]
    location: str
    name: str
    deployment_id: Input[str]  # what grows and shrinks
    minimum: int  # instances that always run
    maximum: int  # instances it may grow to
    metric: str  # what is measured: Azure Monitor's name, in percent
    above: int  # percent of use: one instance more
    below: int  # percent of use: one instance fewer
    tags: Mapping[str, str]


class Autoscale(pulumi.ComponentResource):
    """One autoscale setting that adds fast and takes away slowly."""

    def __init__(self, name: str, args: AutoscaleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Autoscale", name, {}, opts)

        monitor.AutoscaleSetting(
            name,
            resource_group_name=args.resource_group_name,
            location=args.location,
            autoscale_setting_name=args.name,
            enabled=True,
            target_resource_uri=args.deployment_id,
            profiles=[
                monitor.AutoscaleProfileArgs(
                    name="load",
                    # The default counts when the metric cannot be read: then it should be able to take the load.
                    capacity=monitor.ScaleCapacityArgs(
                        minimum=str(args.minimum), maximum=str(args.maximum), default=str(args.minimum)
                    ),
                    rules=[
                        _rule(args, threshold=args.above, window="PT5M", grow=True),
                        _rule(args, threshold=args.below, window="PT15M", grow=False),
                    ],
                )
            ],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _rule(args: AutoscaleArgs, *, threshold: int, window: str, grow: bool) -> "monitor.ScaleRuleArgs":
    operators, directions = monitor.ComparisonOperationType, monitor.ScaleDirection
    return monitor.ScaleRuleArgs(
        metric_trigger=monitor.MetricTriggerArgs(
            metric_name=args.metric,
            metric_namespace=_NAMESPACE,
            metric_resource_uri=args.deployment_id,
            operator=operators.GREATER_THAN if grow else operators.LESS_THAN,
            statistic=monitor.MetricStatisticType.AVERAGE,
            threshold=threshold,
            time_aggregation=monitor.TimeAggregationType.AVERAGE,
            time_grain="PT1M",
            time_window=window,
        ),
        scale_action=monitor.ScaleActionArgs(
            direction=directions.INCREASE if grow else directions.DECREASE,
            type=monitor.ScaleType.CHANGE_COUNT,
            value="1",
            cooldown="PT5M" if grow else "PT15M",
        ),
    )
