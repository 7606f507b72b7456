"""What an environment may cost, and who hears of it before it does."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import consumption


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """The decisions a caller makes."""

    scope: Input[str]
    name: str
    amount: int  # a month, in the subscription's currency
    start: str  # the first day of a month, as `2026-01-01`; never today, or each run would change it
    end: str  # until when it counts
    spent_percent: Sequence[int]  # of the amount; each tells once that much is spent
    forecast_percent: Sequence[int]  # of the amount; each tells once the month is going to end there
    emails: Sequence[str]  # who gets mail
    action_group_ids: Sequence[Input[str]] = ()  # who else is told


class Budget(pulumi.ComponentResource):
    """One budget of a resource group.  It tells; it stops nothing."""

    def __init__(self, name: str, args: BudgetArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:Budget", name, {}, opts)

        consumption.Budget(
            name,
            scope=args.scope,
            budget_name=args.name,
            amount=args.amount,
            category="Cost",
            time_grain="Monthly",
            time_period=consumption.BudgetTimePeriodArgs(
                start_date=f"{args.start}T00:00:00Z", end_date=f"{args.end}T00:00:00Z"
            ),
            notifications={
                **{f"spent-{percent}": _notification(args, percent, "Actual") for percent in args.spent_percent},
                **{f"forecast-{each}": _notification(args, each, "Forecasted") for each in args.forecast_percent},
            },
            opts=ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})


def _notification(args: BudgetArgs, percent: int, kind: str) -> "consumption.NotificationArgs":
    return consumption.NotificationArgs(
        enabled=True,
        operator="GreaterThanOrEqualTo",
        threshold=percent,
        threshold_type=kind,
        contact_emails=list(args.emails),
        contact_groups=list(args.action_group_ids),
    )
