"""The roles that can be granted: Azure's own by their GUID, and roles of our own where those are too wide."""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """Azure's built-in roles ("Azure built-in roles")."""

    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    AKS_CLUSTER_ADMIN = "0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8"
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e4d1"
    COMPUTE_OPERATOR = "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815"
    DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"
    KEY_VAULT_CRYPTO_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
    KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
    KUBERNETES_EXTENSION_CONTRIBUTOR = "85cb6faf-e071-4c9b-8136-154b5a04f717"
    LOG_ANALYTICS_READER = "73c42c96-874c-492b-b04d-ab87d138a893"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    METRICS_WRITER = "635dd51f-9968-44d3-b7fb-6d9a6bd613ae"
    NETWORK_CONNECTION_APPROVER = "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
    NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
    QUEUE_DATA_SENDER = "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"
    QUEUE_DATA_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    REGISTRY_USER = "1823dd4f-9b8c-4ab6-ab4e-7397a3684615"


TITLES = {
    Role.ACR_PULL: "AcrPull",
    Role.AKS_CLUSTER_ADMIN: "Azure Kubernetes Service Cluster Admin Role",
    Role.BLOB_DATA_CONTRIBUTOR: "Storage Blob Data Contributor",
    Role.BLOB_DATA_READER: "Storage Blob Data Reader",
    Role.COMPUTE_OPERATOR: "AzureML Compute Operator",
    Role.DATA_SCIENTIST: "AzureML Data Scientist",
    Role.KEY_VAULT_CRYPTO_USER: "Key Vault Crypto Service Encryption User",
    Role.KEY_VAULT_SECRETS_OFFICER: "Key Vault Secrets Officer",
    Role.KUBERNETES_EXTENSION_CONTRIBUTOR: "Kubernetes Extension Contributor",
    Role.LOG_ANALYTICS_READER: "Log Analytics Reader",
    Role.MANAGED_IDENTITY_OPERATOR: "Managed Identity Operator",
    Role.METRICS_WRITER: "AzureML Metrics Writer",
    Role.NETWORK_CONNECTION_APPROVER: "Azure AI Enterprise Network Connection Approver",
    Role.NETWORK_CONTRIBUTOR: "Network Contributor",
    Role.QUEUE_DATA_SENDER: "Storage Queue Data Message Sender",
    Role.QUEUE_DATA_CONTRIBUTOR: "Storage Queue Data Contributor",
    Role.READER: "Reader",
    Role.REGISTRY_USER: "AzureML Registry User",
}
"""What Azure calls them."""


class OwnRole(Enum):
    """Roles of our own; `DEFINITIONS` says what each may do."""

    EXPERIMENTER = "experimenter"
    CLUSTER_USER = "cluster-user"
    SUBNET_JOINER = "subnet-joiner"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a role of our own may do, and which built-in role would have been too wide."""

    description: str
    instead_of: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()


_ML = "Microsoft.MachineLearningServices/workspaces"
_AKS = "Microsoft.ContainerService/managedClusters"

DEFINITIONS: dict[OwnRole, Definition] = {
    OwnRole.EXPERIMENTER: Definition(
        description="Runs jobs and keeps models, data and components; serves nothing and reads no secret.",
        instead_of="AzureML Data Scientist, which may change endpoints and read what connections keep secret",
        actions=tuple(f"{_ML}/*/{what}" for what in ("read", "action", "write", "delete")),
        not_actions=(
            f"{_ML}/write",
            f"{_ML}/delete",
            *(
                f"{_ML}/{kept}/{what}"
                for kept in (
                    "computes",
                    "connections",
                    "datastores",
                    "schedules",
                    "batchEndpoints",
                    "batchEndpoints/deployments",
                    "onlineEndpoints",
                    "onlineEndpoints/deployments",
                    "serverlessEndpoints",
                )
                for what in ("write", "delete")
            ),
            f"{_ML}/listKeys/action",
            f"{_ML}/computes/listKeys/action",
            f"{_ML}/connections/listsecrets/action",
            f"{_ML}/datastores/listsecrets/action",
        ),
    ),
    OwnRole.CLUSTER_USER: Definition(
        description="Lets a workspace find a cluster that trusts it, and its extension, and nothing of it be changed.",
        instead_of="Contributor on the cluster, which may change and delete it",
        actions=(
            f"{_AKS}/read",
            f"{_AKS}/agentPools/read",
            f"{_AKS}/listClusterUserCredential/action",
            f"{_AKS}/trustedAccessRoleBindings/read",
        ),
    ),
    OwnRole.SUBNET_JOINER: Definition(
        description="Puts machines and load balancers into one subnet.",
        instead_of="Network Contributor, which may change the network itself",
        actions=(
            "Microsoft.Network/virtualNetworks/subnets/read",
            "Microsoft.Network/virtualNetworks/subnets/join/action",
        ),
    ),
}
