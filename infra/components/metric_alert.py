"""A message when one of Azure's own figures about a resource passes a limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import monitor


@dataclass(frozen=True, kw_only=True)
class MetricAlertArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    name: str
    description: str
    scope: Input[str]
    namespace: str  # Azure Monitor's name of what has the metric
    metric: str  # Azure Monitor's name of the figure
    above: float  # the limit
    aggregation: str  # how the window's figures become one
    severity: int  # 0 is critical, 4 is verbose
    action_group_id: Input[str]  # who is told
    tags: Mapping[str, str]
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)  # dimension -> its values that count
    window: str = "PT15M"  # over how long the figure is taken
    frequency: str = "PT5M"  # how often it is looked at


class MetricAlert(pulumi.ComponentResource):
    """One alert that resolves by itself once the figure is back below its limit."""

    def __init__(self, name: str, args: MetricAlertArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:MetricAlert", name, {}, opts)

        monitor.MetricAlert(
            name,
            resource_group_name=args.resource_group_name,
            location="global",
            rule_name=args.name,
            description=args.description,
            enabled=True,
            auto_mitigate=True,
            severity=args.severity,
            scopes=[args.scope],
            window_size=args.window,
            evaluation_frequency=args.frequency,
            criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                all_of=[
                    monitor.MetricCriteriaArgs(
                        criterion_type="StaticThresholdCriterion",
                        name="limit",
                        metric_namespace=args.namespace,
                        metric_name=args.metric,
                        operator="GreaterThan",
                        threshold=args.above,
                        time_aggregation=args.aggregation,
                        dimensions=[
                            monitor.MetricDimensionArgs(name=dimension, operator="Include", values=list(values))
                            for dimension, values in args.only.items()
                        ],
                    )
                ],
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=args.action_group_id)],
            tags=dict(args.tags),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})
