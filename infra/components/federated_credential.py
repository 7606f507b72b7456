"""An outside program's way to act as an identity without any secret: a trust in exactly one issuer and subject."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Resource, ResourceOptions
from pulumi_azure_native import managedidentity

_AUDIENCE = "api://AzureADTokenExchange"


@dataclass(frozen=True, kw_only=True)
class FederatedCredentialArgs:
    """The decisions a caller makes."""

    resource_group_name: Input[str]
    identity_name: Input[str]  # who the outside program becomes
    name: str
    issuer: str  # whose tokens are trusted
    subject: str  # which one program, exactly
    after: Sequence[Resource] = ()  # a component does not hand its own depends_on down to its children


class FederatedCredential(pulumi.ComponentResource):
    """One trust, for tokens that were made to be exchanged at Entra and for nothing else."""

    resource: Resource

    def __init__(self, name: str, args: FederatedCredentialArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("aml-kit:infra:FederatedCredential", name, {}, opts)

        self.resource = managedidentity.FederatedIdentityCredential(
            name,
            resource_group_name=args.resource_group_name,
            resource_name_=args.identity_name,
            federated_identity_credential_resource_name=args.name,
            issuer=args.issuer,
            subject=args.subject,
            audiences=[_AUDIENCE],
            opts=ResourceOptions(parent=self, delete_before_replace=True, depends_on=list(args.after)),
        )
        self.register_outputs({})
