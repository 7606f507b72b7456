"""Who may do what: the least that each identity and each group of people needs, as one table."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from infra.roles import OwnRole, Role


class Who(Enum):
    """Who can be granted something: one user-assigned identity a purpose, and groups of people; never one person."""

    WORKSPACE = "workspace"
    COMPUTE = "compute"
    ENDPOINT = "endpoint"
    CONTROLLER = "controller"
    CLUSTER = "cluster"
    ENCRYPTION = "encryption"
    EVENTS = "events"  # the topic's own identity, which it brings along
    CI_PLATFORM = "ci-platform"
    CI_MODELS = "ci-models"
    DATA_SCIENTISTS = "data-scientists"
    ML_ENGINEERS = "ml-engineers"
    AUDITORS = "auditors"
    REGISTRY_READERS = "registry-readers"


ALWAYS_THERE = (Who.WORKSPACE, Who.COMPUTE, Who.ENDPOINT, Who.CONTROLLER)
PEOPLE = (Who.DATA_SCIENTISTS, Who.ML_ENGINEERS, Who.AUDITORS, Who.REGISTRY_READERS)


class On(Enum):
    """What a grant is about: always the narrowest resource that will do."""

    STORAGE = "storage"
    VAULT = "vault"
    IMAGES = "images"
    KEY = "key"
    OUTBOUND = "outbound"
    LOGS = "logs"
    WORKSPACE = "workspace"
    ARTIFACTS = "artifacts"
    REGISTRY = "registry"
    ENDPOINT_IDENTITY = "endpoint-identity"
    EVENT_QUEUE = "event-queue"
    UNDELIVERED = "undelivered-events"
    CLUSTER = "cluster"
    SUBNET = "subnet"
    GROUP = "group"


class When(Enum):
    """What has to be switched on for a grant to be made, in the words of a stack file."""

    ALWAYS = "always"
    MANAGED_NETWORK = "`isolationMode` is not `Disabled`"
    OUTBOUND_PRIVATE = "`outbound.private` names something"
    KEY_OF_ONES_OWN = "`encryption` is said"
    KEY_OVER_DATA = "`encryption.storage` or `encryption.images` is `true`"
    CONTROL_PLANE = "`controlPlane` is set"
    PEOPLE_READ = "`access.people` is `read`"
    PEOPLE_WORK = "`access.people` is `work`"
    PEOPLE_EXPERIMENT = "`access.people` is `experiment`"
    KUBERNETES_MADE = "`kubernetes.cluster` is `create`"
    KUBERNETES_TRUSTED = "`kubernetes.localAccounts` is `false`"
    KUBERNETES_LOCAL = "`kubernetes.localAccounts` is `true`"
    SUBNET_OURS = "the cluster's subnet is in the environment's group"
    SUBNET_MINE = "the cluster's subnet is elsewhere"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One role for one identity or group on one resource."""

    who: Who
    role: Role | OwnRole
    on: On
    why: str
    when: tuple[When, ...] = (When.ALWAYS,)  # any of these

    @property
    def name(self) -> str:
        """What Pulumi calls it; stable, because a renamed grant would be made anew."""
        return f"{self.who.value}-{self.role.name.lower().replace('_', '-')}-on-{self.on.value}"


def grants(conditions: Collection[When]) -> tuple[Grant, ...]:
    """All grants of an environment in which these conditions hold; those without condition always do."""
    return tuple(grant for grant in TABLE if {When.ALWAYS, *conditions} & set(grant.when))


_READING = (When.PEOPLE_READ,)
_WORKING = (When.PEOPLE_WORK,)
_EXPERIMENTING = (When.PEOPLE_EXPERIMENT,)
_KUBERNETES = (When.KUBERNETES_MADE,)

TABLE = (
    Grant(who=Who.WORKSPACE, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.STORAGE, why="keeps uploads and outputs there"),
    Grant(who=Who.WORKSPACE, role=Role.KEY_VAULT_SECRETS_OFFICER, on=On.VAULT, why="keeps connections' secrets there"),
    Grant(who=Who.WORKSPACE, role=Role.ACR_PULL, on=On.IMAGES, why="hands images to computes"),
    Grant(who=Who.COMPUTE, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.STORAGE, why="jobs read data and write outputs"),
    Grant(who=Who.COMPUTE, role=Role.ACR_PULL, on=On.IMAGES, why="jobs run in images"),
    Grant(who=Who.COMPUTE, role=Role.METRICS_WRITER, on=On.WORKSPACE, why="jobs log metrics"),
    Grant(who=Who.ENDPOINT, role=Role.ACR_PULL, on=On.IMAGES, why="deployments run in images"),
    Grant(who=Who.ENDPOINT, role=Role.BLOB_DATA_READER, on=On.STORAGE, why="deployments load their model"),
    Grant(who=Who.ENDPOINT, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.ARTIFACTS, why="the collector files what was asked"),
    Grant(who=Who.ENDPOINT, role=Role.METRICS_WRITER, on=On.WORKSPACE, why="deployments report metrics"),
    Grant(who=Who.ENDPOINT, role=Role.READER, on=On.REGISTRY, why="deployments may use shared models"),
    Grant(who=Who.CONTROLLER, role=Role.DATA_SCIENTIST, on=On.WORKSPACE, why="starts jobs, deploys, shifts traffic"),
    Grant(who=Who.CONTROLLER, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.ARTIFACTS, why="reads what was collected"),
    Grant(who=Who.CONTROLLER, role=Role.QUEUE_DATA_CONTRIBUTOR, on=On.STORAGE, why="wakes when something arrives"),
    Grant(who=Who.CONTROLLER, role=Role.REGISTRY_USER, on=On.REGISTRY, why="promotes models"),
    Grant(who=Who.CONTROLLER, role=Role.MANAGED_IDENTITY_OPERATOR, on=On.ENDPOINT_IDENTITY, why="deploys with it"),
    *(
        Grant(
            who=Who.WORKSPACE,
            role=Role.NETWORK_CONNECTION_APPROVER,
            on=on,
            why="connects its managed network to it",
            when=(When.MANAGED_NETWORK,),
        )
        for on in (On.STORAGE, On.VAULT, On.IMAGES)
    ),
    Grant(
        who=Who.WORKSPACE,
        role=Role.NETWORK_CONNECTION_APPROVER,
        on=On.OUTBOUND,
        why="connects its managed network to it",
        when=(When.OUTBOUND_PRIVATE,),
    ),
    Grant(
        who=Who.WORKSPACE,
        role=Role.KEY_VAULT_CRYPTO_USER,
        on=On.KEY,
        why="wraps what it keeps with it",
        when=(When.KEY_OF_ONES_OWN,),
    ),
    Grant(
        who=Who.ENCRYPTION,
        role=Role.KEY_VAULT_CRYPTO_USER,
        on=On.KEY,
        why="lets storage and images be wrapped with it",
        when=(When.KEY_OVER_DATA,),
    ),
    # ---- operations
    Grant(who=Who.EVENTS, role=Role.QUEUE_DATA_SENDER, on=On.EVENT_QUEUE, why="puts the workspace's events there"),
    Grant(who=Who.EVENTS, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.UNDELIVERED, why="keeps what could not be delivered"),
    Grant(who=Who.CONTROLLER, role=Role.ACR_PULL, on=On.IMAGES, why="runs from an image", when=(When.CONTROL_PLANE,)),
    # ---- outside programs
    Grant(who=Who.CI_PLATFORM, role=Role.READER, on=On.GROUP, why="previews; its right to change comes from outside"),
    Grant(who=Who.CI_MODELS, role=Role.DATA_SCIENTIST, on=On.WORKSPACE, why="registers models, starts jobs"),
    Grant(who=Who.CI_MODELS, role=Role.BLOB_DATA_CONTRIBUTOR, on=On.STORAGE, why="uploads code and models"),
    Grant(who=Who.CI_MODELS, role=Role.REGISTRY_USER, on=On.REGISTRY, why="publishes models"),
    # ---- people
    Grant(who=Who.DATA_SCIENTISTS, role=Role.READER, on=On.WORKSPACE, why="look, change nothing", when=_READING),
    Grant(who=Who.DATA_SCIENTISTS, role=OwnRole.EXPERIMENTER, on=On.WORKSPACE, why="run jobs only", when=_WORKING),
    Grant(
        who=Who.DATA_SCIENTISTS, role=Role.DATA_SCIENTIST, on=On.WORKSPACE, why="try everything", when=_EXPERIMENTING
    ),
    Grant(
        who=Who.DATA_SCIENTISTS,
        role=Role.COMPUTE_OPERATOR,
        on=On.WORKSPACE,
        why="start and stop machines",
        when=_EXPERIMENTING,
    ),
    Grant(
        who=Who.DATA_SCIENTISTS,
        role=Role.BLOB_DATA_CONTRIBUTOR,
        on=On.STORAGE,
        why="upload code and data, which then run as the workspace",
        when=_EXPERIMENTING,
    ),
    Grant(who=Who.ML_ENGINEERS, role=Role.READER, on=On.WORKSPACE, why="look, change nothing", when=_READING),
    Grant(
        who=Who.ML_ENGINEERS,
        role=Role.DATA_SCIENTIST,
        on=On.WORKSPACE,
        why="start jobs, deploy",
        when=_WORKING + _EXPERIMENTING,
    ),
    Grant(
        who=Who.ML_ENGINEERS,
        role=Role.COMPUTE_OPERATOR,
        on=On.WORKSPACE,
        why="start and stop machines",
        when=_WORKING + _EXPERIMENTING,
    ),
    Grant(who=Who.AUDITORS, role=Role.READER, on=On.GROUP, why="see what there is"),
    Grant(who=Who.AUDITORS, role=Role.LOG_ANALYTICS_READER, on=On.LOGS, why="see what was done"),
    Grant(who=Who.REGISTRY_READERS, role=Role.READER, on=On.REGISTRY, why="use shared models; its users may write"),
    # ---- Kubernetes ("Attach a Kubernetes cluster": what a workspace with an identity of its own must be granted)
    Grant(who=Who.WORKSPACE, role=Role.READER, on=On.CLUSTER, why="looks the cluster up", when=_KUBERNETES),
    Grant(
        who=Who.WORKSPACE,
        role=Role.KUBERNETES_EXTENSION_CONTRIBUTOR,
        on=On.CLUSTER,
        why="looks for its extension",
        when=_KUBERNETES,
    ),
    Grant(
        who=Who.WORKSPACE,
        role=OwnRole.CLUSTER_USER,
        on=On.CLUSTER,
        why="gets in as one whom the cluster trusts",
        when=(When.KUBERNETES_TRUSTED,),
    ),
    Grant(
        who=Who.WORKSPACE,
        role=Role.AKS_CLUSTER_ADMIN,
        on=On.CLUSTER,
        why="gets in by a local account",
        when=(When.KUBERNETES_LOCAL,),
    ),
    Grant(
        who=Who.CLUSTER, role=OwnRole.SUBNET_JOINER, on=On.SUBNET, why="puts its nodes there", when=(When.SUBNET_OURS,)
    ),
    Grant(
        who=Who.CLUSTER,
        role=Role.NETWORK_CONTRIBUTOR,
        on=On.SUBNET,
        why="puts its nodes there; our own role ends at the group",
        when=(When.SUBNET_MINE,),
    ),
)
