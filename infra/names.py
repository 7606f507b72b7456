"""Names of resources by Azure's rules: pure, stable, and different whenever what they name is different."""

import hashlib
import re
import uuid
from dataclasses import dataclass

_NAMESPACE = uuid.UUID("5f0b1f0e-6a0c-5d9b-9f36-3d1c1a6f1d0a")  # any fixed value keeps ours apart from others' GUIDs
_DIGEST = 6


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How Azure lets one kind of resource be called (lengths and letters: "Naming rules for Azure resources")."""

    prefix: str
    longest: int
    separator: str = "-"
    shared: bool = False  # the name is taken once in all of Azure, or once in a region


RESOURCE_GROUP = Kind(prefix="rg", longest=90)
LOGS = Kind(prefix="log", longest=63)
INSIGHTS = Kind(prefix="appi", longest=255)
STORAGE = Kind(prefix="st", longest=24, separator="", shared=True)
VAULT = Kind(prefix="kv", longest=24, shared=True)
CONTAINER_REGISTRY = Kind(prefix="cr", longest=50, separator="", shared=True)
IDENTITY = Kind(prefix="id", longest=128)
WORKSPACE = Kind(prefix="mlw", longest=33)
REGISTRY = Kind(prefix="mlr", longest=33, shared=True)
ENDPOINT = Kind(prefix="", longest=32, shared=True)
INSTANCE = Kind(prefix="ci", longest=24, separator="", shared=True)  # once in a region; may not end in "-" and digits
KUBERNETES = Kind(prefix="aks", longest=54)  # its name is its DNS prefix too
ROLE = Kind(prefix="role", longest=128, shared=True)  # once in a tenant
KUBERNETES_NODES = Kind(prefix="rg-aks", longest=80)
VIRTUAL_NETWORK = Kind(prefix="vnet", longest=64)
SECURITY_GROUP = Kind(prefix="nsg", longest=80)
NAT_GATEWAY = Kind(prefix="ng", longest=77)  # its address is called by it, and three letters more
PRIVATE_ENDPOINT = Kind(prefix="pe", longest=60)  # as above, four letters more
MONITOR_SCOPE = Kind(prefix="ampls", longest=255)
EVENT_TOPIC = Kind(prefix="evgt", longest=50)
ACTION_GROUP = Kind(prefix="ag", longest=260)
ALERT = Kind(prefix="alert", longest=260)
AUTOSCALE = Kind(prefix="scale", longest=260)
BUDGET = Kind(prefix="budget", longest=63)
POLICY = Kind(prefix="policy", longest=64)
APPS = Kind(prefix="cae", longest=60)
APPS_NODES = Kind(prefix="rg-apps", longest=90)
APP = Kind(prefix="ca", longest=32)
DATABASE = Kind(prefix="psql", longest=63, shared=True)

KINDS = (
    RESOURCE_GROUP,
    LOGS,
    INSIGHTS,
    STORAGE,
    VAULT,
    CONTAINER_REGISTRY,
    IDENTITY,
    WORKSPACE,
    REGISTRY,
    ENDPOINT,
    INSTANCE,
    KUBERNETES,
    KUBERNETES_NODES,
    ROLE,
    VIRTUAL_NETWORK,
    SECURITY_GROUP,
    NAT_GATEWAY,
    PRIVATE_ENDPOINT,
    MONITOR_SCOPE,
    EVENT_TOPIC,
    ACTION_GROUP,
    ALERT,
    AUTOSCALE,
    BUDGET,
    POLICY,
    APPS,
    APPS_NODES,
    APP,
    DATABASE,
)


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of one environment's resources.

    A deleted vault or workspace keeps its name for days; ``generation`` moves a rebuilt environment to new names.
    """

    workload: str
    environment: str
    subscription: str
    generation: int = 1

    def of(self, kind: Kind, purpose: str = "") -> str:
        """Name one resource; what must be unique in the world, or would be too long, ends in a digest of all of it."""
        # People look for an endpoint by its project: "rain-prod", not "rain-amlkit-prod".
        owner = (self.environment,) if kind is ENDPOINT else (self.workload, self.environment)
        name = kind.separator.join(part for part in (kind.prefix, purpose, *owner) if part)
        if kind.shared or self.generation > 1 or len(name) > kind.longest:
            name = self._digested(kind, purpose, name)
        return name

    def _digested(self, kind: Kind, purpose: str, name: str) -> str:
        if not kind.separator:
            name = re.sub("[^a-z0-9]", "", name)
        identity = (self.subscription.lower(), self.workload, self.environment, kind.prefix, purpose, self.generation)
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:_DIGEST]
        room = kind.longest - len(kind.separator) - _DIGEST
        return f"{name[:room].rstrip('-')}{kind.separator}{digest}"


def outbound_rule(host: str) -> str:
    """Name the rule that lets a host be reached (3 to 33 letters, digits, dashes); a digest tells a.b-c from a-b.c."""
    return _rule("fqdn", host, host)


def _rule(kind: str, text: str, whole: str) -> str:
    slug = re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
    return f"{kind}-{slug[:20].rstrip('-')}-{hashlib.sha256(whole.lower().encode()).hexdigest()[:_DIGEST]}"


def service_rule(tag: str, protocol: str, ports: str) -> str:
    """Name the rule that lets one of Azure's services be reached; other ports are another rule."""
    return _rule("tag", tag, f"{tag}|{protocol}|{ports}")


def endpoint_rule(resource_id: str, part: str) -> str:
    """Name the rule that connects a part of a resource."""
    return _rule("pe", f"{resource_id.rsplit('/', 1)[1]}-{part}", f"{resource_id}|{part}")


def role_assignment(scope: str, role: str, principal: str) -> str:
    """Name a grant by what it grants: the same triple is the same grant, even after the state was lost."""
    return str(uuid.uuid5(_NAMESPACE, f"{scope}|{role}|{principal}".lower()))


def role_definition(group_id: str, role: str) -> str:
    """Name a role of our own by the resource group it is for and by what it is."""
    return str(uuid.uuid5(_NAMESPACE, f"{group_id}|{role}".lower()))


def federated_credential(issuer: str, subject: str) -> str:
    """Name a trust by whom it trusts (3 to 120 letters, digits, dashes): another subject is another trust."""
    return f"trust-{hashlib.sha256(f'{issuer}|{subject}'.encode()).hexdigest()[:12]}"


def workbook(group_id: str, purpose: str) -> str:
    """Name a workbook, for which Azure wants a GUID, by where it is and what it shows."""
    return str(uuid.uuid5(_NAMESPACE, f"{group_id}|workbook|{purpose}".lower()))
