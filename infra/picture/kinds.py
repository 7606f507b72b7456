"""How each type of resource is drawn: under which subject, in which words, and by itself or as part of another."""

import re
from dataclasses import dataclass
from enum import Enum


class Shape(Enum):
    """How a resource of a type appears."""

    BOX = "a box of its own"
    ROW = "a row of the box of its type"
    PART = "counted in the box of what it belongs to"
    GRANT = "a line from who is granted something to what it is on"


class Subject(Enum):
    """What belongs together; the column is where on the picture, from left to right."""

    WHO = ("Who may do what", 0)
    GUARDRAILS = ("Guardrails", 0)
    GROUP = ("Environment", 1)
    WORKSPACE = ("Workspace", 1)
    DATA = ("Data and secrets", 1)
    MODELS = ("Images and models", 1)
    LOGS = ("Logs", 1)
    KUBERNETES = ("Kubernetes", 1)
    NETWORK = ("Network", 2)
    COMPUTE = ("Compute", 2)
    SERVING = ("Serving", 2)
    OPERATIONS = ("Operations", 2)
    CONTROL = ("Control plane", 2)
    OTHER = ("Other", 2)

    @property
    def title(self) -> str:
        """What people read."""
        return self.value[0]

    @property
    def column(self) -> int:
        """Where it stands."""
        return self.value[1]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one type of resource is drawn."""

    words: str
    subject: Subject
    shape: Shape = Shape.BOX
    owner: str = ""  # the input that leads to what a part belongs to; none is whatever it stands beside

    plural: str = ""

    @property
    def many(self) -> str:
        """Its words for more than one."""
        return self.plural or f"{self.words}s"


def _part(words: str, subject: Subject, owner: str = "", plural: str = "") -> Kind:
    return Kind(words=words, subject=subject, shape=Shape.PART, owner=owner, plural=plural)


def _row(words: str, subject: Subject, plural: str = "") -> Kind:
    return Kind(words=words, subject=subject, shape=Shape.ROW, plural=plural)


def _box(words: str, subject: Subject) -> Kind:
    return Kind(words=words, subject=subject)


KINDS = {
    "resources:ResourceGroup": _box("Resource group", Subject.GROUP),
    "managedidentity:UserAssignedIdentity": _box("Identity", Subject.WHO),
    "managedidentity:FederatedIdentityCredential": _part("trusted outside program", Subject.WHO, "resourceName"),
    "authorization:RoleAssignment": Kind(words="Role", subject=Subject.WHO, shape=Shape.GRANT),
    "authorization:RoleDefinition": _row("Role of our own", Subject.WHO, plural="Roles of our own"),
    "authorization:PolicyAssignment": _row("Policy assignment", Subject.GUARDRAILS),
    "authorization:PolicyDefinition": _row("Policy of our own", Subject.GUARDRAILS, plural="Policies of our own"),
    "authorization:PolicySetDefinition": _row("Policy set", Subject.GUARDRAILS),
    "authorization:ManagementLockByScope": _part("delete lock", Subject.GROUP, "scope"),
    "machinelearningservices:Workspace": _box("ML workspace", Subject.WORKSPACE),
    "machinelearningservices:ManagedNetworkSettingsRule": _part(
        "approved way out", Subject.WORKSPACE, "workspaceName", plural="approved ways out"
    ),
    "monitor:DiagnosticSetting": _part(
        "resource it keeps logs of", Subject.LOGS, "workspaceId", "resources it keeps logs of"
    ),
    "storage:StorageAccount": _box("Storage", Subject.DATA),
    "storage:BlobServiceProperties": _part("blob recovery setting", Subject.DATA, "accountName"),
    "storage:BlobContainer": _part("container", Subject.DATA, "accountName"),
    "storage:Queue": _part("queue", Subject.DATA, "accountName"),
    "storage:ManagementPolicy": _part("life of old data", Subject.DATA, "accountName", plural="lives of old data"),
    "keyvault:Vault": _box("Key vault", Subject.DATA),
    "keyvault:Key": _part("key", Subject.DATA, "vaultName"),
    "containerregistry:Registry": _box("Container registry", Subject.MODELS),
    "machinelearningservices:Registry": _box("ML registry", Subject.MODELS),
    "operationalinsights:Workspace": _box("Log Analytics", Subject.LOGS),
    "applicationinsights:Component": _box("Application Insights", Subject.LOGS),
    "monitor:PrivateLinkScope": _box("Private link scope", Subject.LOGS),
    "monitor:PrivateLinkScopedResource": _part("log in scope", Subject.LOGS, "scopeName", plural="logs in scope"),
    "network:VirtualNetwork": _box("Virtual network", Subject.NETWORK),
    "network:Subnet": _part("subnet", Subject.NETWORK, "virtualNetworkName"),
    "network:NetworkSecurityGroup": _part("security group", Subject.NETWORK),
    "network:NatGateway": _part("NAT gateway", Subject.NETWORK),
    "network:PublicIPAddress": _part("public address", Subject.NETWORK, plural="public addresses"),
    "network:VirtualNetworkPeering": _part("peering", Subject.NETWORK, "virtualNetworkName"),
    "network:PrivateEndpoint": _row("Private endpoint", Subject.NETWORK),
    "network:PrivateDnsZoneGroup": _part(
        "entry in zones", Subject.NETWORK, "privateEndpointName", plural="entries in zones"
    ),
    "privatedns:PrivateZone": _row("Private DNS zone", Subject.NETWORK),
    "privatedns:VirtualNetworkLink": _part(
        "link to the network", Subject.NETWORK, "privateZoneName", plural="links to the network"
    ),
    "machinelearningservices:Compute": _row("Compute", Subject.COMPUTE),
    "machinelearningservices:OnlineEndpoint": _row("Online endpoint", Subject.SERVING),
    "machinelearningservices:OnlineDeployment": _row("Deployment", Subject.SERVING),
    "machinelearningservices:BatchEndpoint": _row("Batch endpoint", Subject.SERVING),
    "monitor:AutoscaleSetting": _row("Autoscale setting", Subject.SERVING),
    "containerservice:ManagedCluster": _box("AKS cluster", Subject.KUBERNETES),
    "containerservice:AgentPool": _part(
        "pool of machines", Subject.KUBERNETES, "resourceName", plural="pools of machines"
    ),
    "containerservice:ManagedNamespace": _part(
        "namespace with a quota", Subject.KUBERNETES, "resourceName", plural="namespaces with a quota"
    ),
    "containerservice:TrustedAccessRoleBinding": _part(
        "workspace it trusts", Subject.KUBERNETES, "resourceName", plural="workspaces it trusts"
    ),
    "kubernetesconfiguration:Extension": _part("extension", Subject.KUBERNETES, "clusterName"),
    "kubernetesconfiguration:FluxConfiguration": _part(
        "repository it follows", Subject.KUBERNETES, "clusterName", plural="repositories it follows"
    ),
    "monitor:ActionGroup": _box("Action group", Subject.OPERATIONS),
    "monitor:MetricAlert": _row("Alert", Subject.OPERATIONS),
    "consumption:Budget": _row("Budget", Subject.OPERATIONS),
    "applicationinsights:Workbook": _row("Workbook", Subject.OPERATIONS),
    "eventgrid:SystemTopic": _box("Event Grid topic", Subject.OPERATIONS),
    "eventgrid:SystemTopicEventSubscription": _part("subscription", Subject.OPERATIONS, "systemTopicName"),
    "app:ManagedEnvironment": _box("Container Apps environment", Subject.CONTROL),
    "app:Job": _box("Controller (job)", Subject.CONTROL),
    "app:ContainerApp": _box("Controller (app)", Subject.CONTROL),
    "dbforpostgresql:Server": _box("PostgreSQL server", Subject.CONTROL),
    "dbforpostgresql:Database": _part("database", Subject.CONTROL, "serverName"),
    "dbforpostgresql:Configuration": _part("setting", Subject.CONTROL, "serverName"),
    "dbforpostgresql:AdministratorsMicrosoftEntra": _part("administrator", Subject.CONTROL, "serverName"),
}


def kind_of(token: str) -> Kind:
    """How a type is drawn; one that nobody has described gets a box of its own under "Other"."""
    name = token.rsplit(":", maxsplit=1)[-1]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return KINDS.get(token) or Kind(words=words[:1] + words[1:].lower(), subject=Subject.OTHER)
