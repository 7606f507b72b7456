"""A group under the pack's guardrails, as Azure holds them, and an account in it that is closed or open."""

import pulumi
from pulumi_azure_native import resources, storage

from infra import initiative
from infra.components.policy_assignment import PolicyAssignment, PolicyAssignmentArgs
from infra.components.policy_set import PolicySet, PolicySetArgs

config = pulumi.Config()
group = resources.ResourceGroup("group", resource_group_name="guarded", tags={"owner": "weather"})
found = initiative.load("policies/initiative.json")
ours = PolicySet(
    "ours",
    PolicySetArgs(
        name="guardrails",
        title=found.title,
        definitions=found.definitions,
        members=found.members,
        parameters=found.parameters,
        metadata=found.metadata,
    ),
)
before: list[pulumi.Resource] = [ours]
if config.get_bool("guarded"):
    assigned = PolicyAssignment(
        "assigned",
        PolicyAssignmentArgs(
            scope=group.id,
            name="guardrails",
            title=found.title,
            definition_id=ours.id,
            enforced=True,
            message=found.message,
            parameters=found.assigned,
            acts=found.acts,
            location="eastus",
        ),
    )
    before.append(assigned)
storage.StorageAccount(
    "account",
    resource_group_name=group.name,
    account_name="guardedaccount",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    allow_blob_public_access=False,
    allow_shared_key_access=config.get_bool("open") or False,
    enable_https_traffic_only=True,
    minimum_tls_version="TLS1_2",
    opts=pulumi.ResourceOptions(depends_on=before),
)
