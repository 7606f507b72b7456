"""The table of grants in words: who may do what, where, why, and when at all."""

from infra.grants import PEOPLE, TABLE, Grant, On, When, Who
from infra.roles import DEFINITIONS, TITLES, OwnRole

_WHO = {
    Who.WORKSPACE: "workspace",
    Who.COMPUTE: "jobs",
    Who.ENDPOINT: "deployments",
    Who.CONTROLLER: "controller",
    Who.CLUSTER: "Kubernetes cluster",
    Who.ENCRYPTION: "encryption",
    Who.EVENTS: "topic of events",
    Who.CI_PLATFORM: "platform's CI",
    Who.CI_MODELS: "models' CI",
    Who.DATA_SCIENTISTS: "data scientists",
    Who.ML_ENGINEERS: "ML engineers",
    Who.AUDITORS: "auditors",
    Who.REGISTRY_READERS: "registry readers",
}
_ON = {
    On.STORAGE: "workspace's storage account",
    On.VAULT: "key vault",
    On.IMAGES: "container registry",
    On.KEY: "key of one's own",
    On.OUTBOUND: "what `outbound.private` names",
    On.LOGS: "Log Analytics",
    On.WORKSPACE: "workspace",
    On.ARTIFACTS: "container of the default datastore",
    On.REGISTRY: "Azure ML registry",
    On.ENDPOINT_IDENTITY: "endpoints' identity",
    On.EVENT_QUEUE: "queue of events",
    On.UNDELIVERED: "container of undelivered events",
    On.CLUSTER: "Kubernetes cluster",
    On.SUBNET: "subnet of the Kubernetes cluster",
    On.GROUP: "resource group",
}


def roles_table() -> str:
    """Print the grants, and what roles of our own may do."""
    head = "| who | role | on | why | when |\n| --- | --- | --- | --- | --- |\n"
    text = head + "".join(_row(grant) for grant in TABLE)
    text += "\nRoles of our own, which can be granted in the environment's resource group only:\n\n"
    text += "| role | what it is for | instead of | may | but not |\n| --- | --- | --- | --- | --- |\n"
    for role in OwnRole:
        each = DEFINITIONS[role]
        may, but_not = (", ".join(f"`{one}`" for one in some) for some in (each.actions, each.not_actions))
        text += f"| `{role.value}` | {each.description} | {each.instead_of} | {may} | {but_not or 'none'} |\n"
    return text


def _row(grant: Grant) -> str:
    kind = "group" if grant.who in PEOPLE else "identity"
    role = f"`{grant.role.value}`" if isinstance(grant.role, OwnRole) else TITLES[grant.role]
    when = " or ".join(each.value for each in grant.when if each is not When.ALWAYS) or _there(grant.who)
    return f"| {_WHO[grant.who]} ({kind}) | {role} | {_ON[grant.on]} | {grant.why} | {when} |\n"


def _there(who: Who) -> str:
    """When there is somebody to grant it to."""
    named = {
        Who.EVENTS: "`events` is set",
        Who.CI_PLATFORM: "`access.platformCi` is set",
        Who.CI_MODELS: "`access.modelsCi` is set",
        Who.AUDITORS: "`access.auditors` is set",
        Who.REGISTRY_READERS: "`access.registryReaders` is set",
    }
    return named.get(who, "always")
