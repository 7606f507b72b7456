"""Which resource another one means: by what the engine knows of the wiring first, by Azure ids and names after."""

from rules.props import UNKNOWN, Absent, Unknown
from rules.rule import Resource, Stack

WORKSPACE = "azure-native:machinelearningservices:Workspace"

# What a resource is called in its own inputs; outputs and states say ``name``.
_NAMES = {
    "authorization:ManagementLockByScope": "lockName",
    "containerregistry:Registry": "registryName",
    "keyvault:Vault": "vaultName",
    "machinelearningservices:BatchDeployment": "deploymentName",
    "machinelearningservices:BatchEndpoint": "endpointName",
    "machinelearningservices:Compute": "computeName",
    "machinelearningservices:OnlineDeployment": "deploymentName",
    "machinelearningservices:OnlineEndpoint": "endpointName",
    "machinelearningservices:Registry": "registryName",
    "machinelearningservices:Workspace": "workspaceName",
    "network:PrivateEndpoint": "privateEndpointName",
    "operationalinsights:Workspace": "workspaceName",
    "privatedns:PrivateZone": "privateZoneName",
    "storage:StorageAccount": "accountName",
}

Answer = bool | Unknown


def name_of(resource: Resource) -> str | Absent | Unknown:
    """Tell what Azure calls a resource."""
    said = resource.props.text("name")
    own = _NAMES.get(resource.type.removeprefix("azure-native:"))
    return resource.props.text(own) if own and not isinstance(said, str) else said


def means(resource: Resource, key: str, said: str | Absent | Unknown, target: Resource) -> Answer:
    """Tell whether what a resource says in one of its inputs (``key``) is the target: its name, or its Azure id.

    An input whose value is not known yet but that comes from other resources is not the target.
    """
    if isinstance(said, Absent):
        return False
    wired = resource.wired.get(key, ())
    if target.urn in wired and isinstance(said, Unknown):
        return True
    if isinstance(said, Unknown):
        return False if wired else UNKNOWN
    whole = target.props.text("id")
    if isinstance(whole, str) and "/" in said:
        return said.strip("/").lower() == whole.strip("/").lower()
    name = name_of(target)
    if isinstance(name, Unknown):
        return target.urn in wired or UNKNOWN
    return isinstance(name, str) and (said.rsplit("/", 1)[-1].lower() == name.lower() or target.urn in wired)


def refers(resource: Resource, path: str, target: Resource) -> Answer:
    """Tell whether the text at a path is the target's name or id."""
    return means(resource, path.split(".", 1)[0], resource.props.text(path), target)


def find(resource: Resource, path: str, stack: Stack, *types: str) -> Resource | Absent | Unknown:
    """Find the resource of these types that the text at a path means."""
    answers = [(one, refers(resource, path, one)) for one in stack.of(*types)]
    if found := [one for one, answer in answers if answer is True]:
        return found[0]
    return UNKNOWN if any(isinstance(answer, Unknown) for _, answer in answers) else Absent()


def workspace_of(resource: Resource, stack: Stack) -> Resource | Absent | Unknown:
    """Find the workspace that a resource is in; it may be in another stack, or a preview may not know yet."""
    return find(resource, "workspaceName", stack, WORKSPACE)
