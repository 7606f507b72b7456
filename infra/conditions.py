"""Which conditions of the table of grants hold in an environment, and who is there to be granted something."""

from infra.grants import ALWAYS_THERE, Grant, On, When, Who, grants
from infra.roles import OwnRole
from infra.sections.access import Access
from infra.sections.choice import NONE, mine
from infra.settings import Settings

_PEOPLE = {"read": When.PEOPLE_READ, "work": When.PEOPLE_WORK, "experiment": When.PEOPLE_EXPERIMENT}


def holding(settings: Settings, group_id: str) -> frozenset[When]:
    """Tell what holds; ``group_id`` is the environment's resource group, where roles of our own can be granted."""
    found = {When.MANAGED_NETWORK} if settings.isolation_mode != "Disabled" else set()
    if settings.outbound is not None and settings.outbound.private:
        found.add(When.OUTBOUND_PRIVATE)
    if settings.encryption is not None:
        found.add(When.KEY_OF_ONES_OWN)
        if settings.encryption.over_data:
            found.add(When.KEY_OVER_DATA)
    if settings.control_plane is not None:
        found.add(When.CONTROL_PLANE)
    if settings.access is not None:
        found.add(_PEOPLE[settings.access.people])
    if settings.kubernetes is not None and settings.kubernetes.made:
        found.add(When.KUBERNETES_MADE)
        found.add(When.KUBERNETES_LOCAL if settings.kubernetes.local_accounts else When.KUBERNETES_TRUSTED)
        if (subnet := _subnet(settings, group_id)) is not None:
            inside = subnet.lower().startswith(f"{group_id}/".lower())
            found.add(When.SUBNET_OURS if inside else When.SUBNET_MINE)
    return frozenset(found)


def _subnet(settings: Settings, group_id: str) -> str | None:
    """Where the nodes of a cluster stand, or what that begins with."""
    network, kubernetes = settings.network, settings.kubernetes
    if kubernetes is not None and kubernetes.subnet is not None:
        return kubernetes.subnet
    if network is None or network.subnets.kubernetes is None:
        return None
    return mine(network.virtual_network) or f"{group_id}/"


def identities(settings: Settings) -> tuple[Who, ...]:
    """Tell which identities are made: one a purpose, and none for a purpose that nobody has."""
    access = settings.access or Access()
    asked = {
        Who.ENCRYPTION: settings.encryption is not None and settings.encryption.over_data,
        Who.CLUSTER: settings.kubernetes is not None and settings.kubernetes.made,
        Who.CI_PLATFORM: access.platform_ci is not None,
        Who.CI_MODELS: access.models_ci is not None,
    }
    return (*ALWAYS_THERE, *(who for who, wanted in asked.items() if wanted))


def people(settings: Settings) -> dict[Who, str]:
    """Tell the Entra object ids of the groups that were named."""
    access = settings.access or Access()
    named = {
        Who.DATA_SCIENTISTS: access.data_scientists,
        Who.ML_ENGINEERS: access.ml_engineers,
        Who.AUDITORS: access.auditors,
        Who.REGISTRY_READERS: access.registry_readers,
    }
    return {who: group for who, group in named.items() if group is not None}


def wanted(settings: Settings, group_id: str) -> tuple[Grant, ...]:
    """Tell all grants of an environment."""
    there = {*identities(settings), *people(settings), *((Who.EVENTS,) if settings.events else ())}
    rows = grants(holding(settings, group_id))
    return tuple(grant for grant in rows if grant.who in there and grant.on not in _absent(settings))


def _absent(settings: Settings) -> set[On]:
    chosen = {On.IMAGES: settings.chosen.container_registry, On.REGISTRY: settings.chosen.registry}
    return {on for on, choice in chosen.items() if choice == NONE}


def own_roles(settings: Settings, group_id: str) -> tuple[OwnRole, ...]:
    """Tell which roles of our own are needed: those that are granted."""
    used = {grant.role for grant in wanted(settings, group_id)}
    return tuple(role for role in OwnRole if role in used)
