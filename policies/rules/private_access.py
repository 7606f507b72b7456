"""How people reach a closed workspace: by a private endpoint, under the names that lead to it."""

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.joins import WORKSPACE, find, means, name_of, refers
from rules.lists import names
from rules.profiles import advised, refused
from rules.props import UNKNOWN, Absent, Props, Unknown
from rules.rule import DISABLED, InStack, Rule, Settings
from rules.stack import Resource, Stack

PRIVATE_ENDPOINT = "azure-native:network:PrivateEndpoint"
_ZONE_GROUP = "azure-native:network:PrivateDnsZoneGroup"
_ZONE = "azure-native:privatedns:PrivateZone"
_CONTAINER_REGISTRY = "azure-native:containerregistry:Registry"
_CONNECTIONS = "privateLinkServiceConnections"
_CONFIGS = "privateDnsZoneConfigs"
_GROUP = "amlworkspace"


def leads_to(endpoint: Resource, target: Resource, group: str) -> Finding:
    """Check that a private endpoint leads to this part of this target; a connection that waits for consent does not."""
    connections = endpoint.props.items(_CONNECTIONS)
    if isinstance(connections, Unknown):
        return CannotTell(_CONNECTIONS)
    found = [] if isinstance(connections, Absent) else [_joins(endpoint, one, target, group) for one in connections]
    if PASS in found:
        return PASS
    return next((one for one in found if isinstance(one, CannotTell)), Fail("it leads elsewhere"))


def _joins(endpoint: Resource, connection: Props | Unknown, target: Resource, group: str) -> Finding:
    if isinstance(connection, Unknown):
        return CannotTell(_CONNECTIONS)
    to = means(endpoint, _CONNECTIONS, connection.text("privateLinkServiceId"), target)
    to_it = CannotTell(f"{_CONNECTIONS}.privateLinkServiceId") if isinstance(to, Unknown) else _told(told=to)
    return worst(to_it, _has_group(connection, group))


def _has_group(connection: Props, group: str) -> Finding:
    groups = connection.texts("groupIds")
    if isinstance(groups, Unknown):
        return CannotTell(f"{_CONNECTIONS}.groupIds")
    said = () if isinstance(groups, Absent) else groups
    if any(isinstance(one, str) and one.lower() == group for one in said):
        return PASS
    return CannotTell(f"{_CONNECTIONS}.groupIds") if any(isinstance(one, Unknown) for one in said) else Fail("another")


def _told(*, told: bool) -> Finding:
    return PASS if told else Fail("another")


def _is_closed(resource: Resource) -> Finding:
    match resource.props.enum("publicNetworkAccess"):
        case Unknown():
            return CannotTell("publicNetworkAccess")
        case "disabled":
            return PASS
    return Fail("open")


def _can_be_reached(workspace: Resource, stack: Stack, _settings: Settings) -> Finding:
    if workspace.props.enum("kind") == "project":
        return NotApplicable("a project is reached by its hub's endpoint")
    closed = _is_closed(workspace)
    if closed != PASS:
        return closed if isinstance(closed, CannotTell) else NotApplicable("it is not closed to the internet")
    found = [leads_to(one, workspace, _GROUP) for one in stack.of(PRIVATE_ENDPOINT)]
    if PASS in found:
        return PASS
    fix = f"Add a network:PrivateEndpoint that leads to this workspace, with groupIds ['{_GROUP}']."
    return next((one for one in found if isinstance(one, CannotTell)), Fail(fix))


def _has_its_names(endpoint: Resource, stack: Stack, settings: Settings) -> Finding:
    mine = _is_a_workspaces(endpoint)
    if mine != PASS:
        return mine
    groups = [(one, refers(one, "privateEndpointName", endpoint)) for one in stack.of(_ZONE_GROUP)]
    if any(answer is True for _, answer in groups):
        findings = [_zones(one, stack, settings) for one, answer in groups if answer is True]
        return PASS if PASS in findings else worst(*findings)
    if any(isinstance(answer, Unknown) for _, answer in groups):
        return CannotTell("privateEndpointName")
    return Fail("Add a network:PrivateDnsZoneGroup to this private endpoint.")


def _is_a_workspaces(endpoint: Resource) -> Finding:
    connections = endpoint.props.items(_CONNECTIONS)
    if isinstance(connections, Unknown):
        return CannotTell(_CONNECTIONS)
    said = () if isinstance(connections, Absent) else connections
    found = [CannotTell(_CONNECTIONS) if isinstance(one, Unknown) else _has_group(one, _GROUP) for one in said]
    if PASS in found:
        return PASS
    unknown = next((one for one in found if isinstance(one, CannotTell)), None)
    return unknown or NotApplicable("it leads to no workspace")


def _zones(group: Resource, stack: Stack, settings: Settings) -> Finding:
    configs = group.props.items(_CONFIGS)
    if isinstance(configs, Unknown):
        return CannotTell(_CONFIGS)
    said = () if isinstance(configs, Absent) else configs
    known = [_zone(one) for one in said]
    # An id that is not known yet comes from a zone of this stack, and that zone has a name.
    wired = [one for one in stack.of(_ZONE) if one.urn in group.wired.get(_CONFIGS, ())]
    named = [name_of(one) for one in wired]
    have = {one.lower() for one in (*known, *named) if isinstance(one, str)}
    missing = [zone for zone in settings["zones"] if zone.lower() not in have]
    if not missing:
        return PASS
    if UNKNOWN in known and not wired:
        return CannotTell(f"{_CONFIGS}.privateDnsZoneId")
    return Fail(f"Add to privateDnsZoneConfigs: {', '.join(missing)}.")


def _zone(config: Props | Unknown) -> str | Absent | Unknown:
    found = config if isinstance(config, Unknown) else config.text("privateDnsZoneId")
    return found.rsplit("/", 1)[-1] if isinstance(found, str) else found


def _has_a_builder(workspace: Resource, stack: Stack, _settings: Settings) -> Finding:
    if workspace.props.enum("kind") in ("project", "featurestore"):
        return NotApplicable("nobody builds images in it")
    registry = find(workspace, "containerRegistry", stack, _CONTAINER_REGISTRY)
    closed = [_is_closed(one) for one in (workspace, registry) if isinstance(one, Resource)]
    if isinstance(registry, Unknown):
        closed.append(CannotTell("containerRegistry"))
    if PASS not in closed:
        unknown = next((one for one in closed if isinstance(one, CannotTell)), None)
        return unknown or NotApplicable("neither it nor its container registry is closed to the internet")
    match workspace.props.text("imageBuildCompute"):
        case Unknown():
            return CannotTell("imageBuildCompute")
        case Absent() | "":
            return Fail("Set imageBuildCompute to a cluster: Azure's own builders cannot reach a closed registry.")
    return PASS


_ZONES = ("privatelink.api.azureml.ms", "privatelink.notebooks.azure.net")

RULES = (
    Rule(
        id="W07",
        name="workspace-inbound-private-endpoint",
        applies_to=(WORKSPACE,),
        levels=refused(dev=DISABLED, local=DISABLED),
        severity=Severity.HIGH,
        why="A workspace that is closed and has no private way in will be opened by whoever needs it first.",
        fix="Add a network:PrivateEndpoint that leads to the workspace, with groupIds ['amlworkspace'].",
        check=InStack(_can_be_reached),
        maps={"azpolicy": ("45e05259", "7838fd83"), "checkov": ("CKV_AZURE_243",), "mcsb": ("NS-2",)},
    ),
    Rule(
        id="W08",
        name="private-endpoint-dns-zones",
        applies_to=(PRIVATE_ENDPOINT,),
        levels=refused(),
        severity=Severity.MEDIUM,
        why="Without its names people still reach the workspace's public address, and are refused.",
        fix="Add a network:PrivateDnsZoneGroup to the private endpoint, with the zones of this rule's list.",
        check=InStack(_has_its_names),
        settings={"zones": names("zones that lead to a workspace; other clouds have others", _ZONES)},
        maps={"azpolicy": ("ee40564d",)},
    ),
    Rule(
        id="W16",
        name="private-workspace-image-build-compute",
        applies_to=(WORKSPACE,),
        levels=advised(),
        severity=Severity.MEDIUM,
        why="Images of a closed workspace can only be built inside its network.",
        fix="Set imageBuildCompute to a cluster of the workspace: Azure's own builders cannot reach a closed registry.",
        check=InStack(_has_a_builder),
    ),
)
