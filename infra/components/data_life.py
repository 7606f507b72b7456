"""What becomes of old blobs: cooled, deleted, and their overwritten versions given up in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import storage


@dataclass(frozen=True, kw_only=True)
class DataLifeArgs:
    """The decisions a caller makes.  Nothing said of blobs in use means that they stay as they are."""

    resource_group_name: Input[str]
    account_name: Input[str]  # the storage account
    old_versions_days: int  # how long overwritten versions are kept
    cool_after_days: int | None = None  # since the last change; none is never
    delete_after_days: int | None = None  # since the last change; none is never
    prefixes: Sequence[str] = ()  # `container/path`; none is all blobs


class DataLife(pulumi.ComponentResource):
    """One lifecycle policy on the account, which has at most one."""

    def __init__(self, name: str, args: DataLifeArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:DataLife", name, {}, opts)

        rules = [_rule("old-versions", (), version=_version(args.old_versions_days))]
        if args.cool_after_days or args.delete_after_days:
            rules.append(_rule("unchanged-blobs", args.prefixes, base_blob=_base(args)))
        storage.ManagementPolicy(
            name,
            resource_group_name=args.resource_group_name,
            account_name=args.account_name,
            management_policy_name="default",
            policy=storage.ManagementPolicySchemaArgs(rules=rules),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _rule(name: str, prefixes: Sequence[str], **actions: Any) -> "storage.ManagementPolicyRuleArgs":  # noqa: ANN401
    filters = storage.ManagementPolicyFilterArgs(
        blob_types=["blockBlob"], prefix_match=list(prefixes) if prefixes else None
    )
    return storage.ManagementPolicyRuleArgs(
        name=name,
        type="Lifecycle",
        enabled=True,
        definition=storage.ManagementPolicyDefinitionArgs(
            filters=filters, actions=storage.ManagementPolicyActionArgs(**actions)
        ),
    )


def _version(days: int) -> "storage.ManagementPolicyVersionArgs":
    return storage.ManagementPolicyVersionArgs(
        delete=storage.DateAfterCreationArgs(days_after_creation_greater_than=days)
    )


def _base(args: DataLifeArgs) -> "storage.ManagementPolicyBaseBlobArgs":
    def after(days: int | None) -> "storage.DateAfterModificationArgs | None":
        return storage.DateAfterModificationArgs(days_after_modification_greater_than=days) if days else None

    return storage.ManagementPolicyBaseBlobArgs(
        tier_to_cool=after(args.cool_after_days), delete=after(args.delete_after_days)
    )
