"""Who may do what: the least that each identity needs, as one table."""

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """Azure's built-in roles, by the GUID that is the same in every tenant ("Azure built-in roles")."""

    ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
    BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    BLOB_DATA_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e4d1"
    DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"
    KEY_VAULT_SECRETS_OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
    MANAGED_IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830"
    METRICS_WRITER = "635dd51f-9968-44d3-b7fb-6d9a6bd613ae"
    NETWORK_CONNECTION_APPROVER = "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
    QUEUE_DATA_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
    READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
    REGISTRY_USER = "1823dd4f-9b8c-4ab6-ab4e-7397a3684615"


class Who(Enum):
    """One user-assigned identity a purpose."""

    WORKSPACE = "workspace"
    COMPUTE = "compute"
    ENDPOINT = "endpoint"
    CONTROLLER = "controller"


class On(Enum):
    """What a grant is about: always the narrowest resource that will do."""

    STORAGE = "storage"
    VAULT = "vault"
    IMAGES = "images"
    WORKSPACE = "workspace"
    ARTIFACTS = "artifacts"
    REGISTRY = "registry"
    ENDPOINT_IDENTITY = "endpoint-identity"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One role for one identity on one resource."""

    who: Who
    role: Role
    on: On
    why: str

    @property
    def name(self) -> str:
        """What Pulumi calls it; stable, because a renamed grant would be made anew."""
        return f"{self.who.value}-{self.role.name.lower().replace('_', '-')}-on-{self.on.value}"


def grants(*, managed_network: bool) -> tuple[Grant, ...]:
    """All grants of one environment."""
    return _ALWAYS + (_MANAGED_NETWORK if managed_network else ())


_ALWAYS = (
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
)
_MANAGED_NETWORK = tuple(
    Grant(who=Who.WORKSPACE, role=Role.NETWORK_CONNECTION_APPROVER, on=on, why="connects its managed network to it")
    for on in (On.STORAGE, On.VAULT, On.IMAGES)
)
