"""Rules about what a workspace's managed network lets out: known hosts, known services, known subscriptions."""

import re
from collections.abc import Callable, Iterator, Sequence

from pulumi_policy import Severity

from rules.finding import PASS, CannotTell, Fail, Finding, NotApplicable, worst
from rules.joins import WORKSPACE
from rules.lists import matches, names, same
from rules.profiles import refused
from rules.props import UNKNOWN, Absent, Props, Unknown
from rules.rule import ResourceCheck, Rule, Settings
from rules.subscription import OWN, in_id

OUTBOUND_RULE = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
_ALL_TAGS = ("Internet", "AzureCloud", "AzureCloud.*")


def _each(kind: str, check: Callable[[Props, Settings], Finding]) -> ResourceCheck:
    """Ask about every outbound rule of a kind: one resource of its own, or one of a workspace's map."""

    def checked(props: Props, settings: Settings) -> Finding:
        findings = [_judged(rule, kind, check, settings) for rule in _rules_in(props)]
        told = [one for one in findings if not isinstance(one, NotApplicable)]
        return worst(*told) if told else NotApplicable(f"it has no outbound rule of type {kind}")

    return checked


def _rules_in(props: Props) -> Iterator[Props | Unknown]:
    """Find each outbound rule, as a value at ``it``."""
    body, network = props.at("properties"), props.at("managedNetwork")
    if not isinstance(body, Absent):
        yield body if isinstance(body, Unknown) else Props({"it": body})
    if isinstance(network, Absent):
        return
    found = network if isinstance(network, Unknown) else props.entries("managedNetwork.outboundRules")
    if isinstance(found, Unknown):
        yield found
    elif not isinstance(found, Absent):
        yield from (one if isinstance(one, Unknown) else Props({"it": one.raw}) for one in found.values())


def _judged(
    rule: Props | Unknown, kind: str, check: Callable[[Props, Settings], Finding], settings: Settings
) -> Finding:
    if isinstance(rule, Unknown):
        return CannotTell("outboundRules")
    match rule.enum("it.type"):
        case Unknown():
            return CannotTell("type")
        case Absent():
            return Fail("Say of which type the outbound rule is.")
        case word:
            return check(rule, settings) if word == kind.lower() else NotApplicable("another type")


def _goes_to_a_listed_host(rule: Props, settings: Settings) -> Finding:
    match rule.text("it.destination"):
        case Unknown():
            return CannotTell("destination")
        case Absent():
            return Fail("Say which host the outbound rule is about: destination.")
        case host:
            asked = host.strip().rstrip(".").lower()
    if "*" in asked and not re.fullmatch(r"\*(\.[^.*]+){2,}", asked):
        return Fail("Name a host, or all hosts of one domain such as *.example.com: this lets out nearly everything.")
    if any(_covers(one.lower(), asked) for one in settings["hosts"]):
        return PASS
    return Fail("Take the host out, or have it put on this rule's list.")


def _covers(entry: str, host: str) -> bool:
    return host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))


def _goes_to_a_listed_service(rule: Props, settings: Settings) -> Finding:
    action = rule.enum("it.destination.action")
    if action == "deny":
        return PASS
    if isinstance(action, Unknown):
        return CannotTell("destination.action")
    return worst(_is_a_listed_tag(rule, settings), _has_no_addresses(rule), _has_few_ports(rule, settings))


def _is_a_listed_tag(rule: Props, settings: Settings) -> Finding:
    match rule.text("it.destination.serviceTag"):
        case Unknown():
            return CannotTell("destination.serviceTag")
        case Absent():
            return Fail("Say which service the outbound rule is about: destination.serviceTag.")
        case tag:
            narrow = not matches(tag, _ALL_TAGS) and matches(tag, (*settings["tags"], *_regions(settings["tags"])))
    return PASS if narrow else Fail("Name a service tag of this rule's list; Internet and AzureCloud are everybody.")


def _regions(tags: Sequence[str]) -> list[str]:
    return [f"{tag}.*" for tag in tags]


def _has_no_addresses(rule: Props) -> Finding:
    found = rule.texts("it.destination.addressPrefixes")
    if isinstance(found, Unknown):
        return CannotTell("destination.addressPrefixes")
    return PASS if isinstance(found, Absent) or not found else Fail("Name a service tag instead of addressPrefixes.")


def _has_few_ports(rule: Props, settings: Settings) -> Finding:
    most = settings["ports"]
    fix = f"List the ports in destination.portRanges, {most:g} at most, such as 443."
    match rule.text("it.destination.portRanges"):
        case Unknown():
            return CannotTell("destination.portRanges")
        case Absent():
            return Fail(fix)
        case written:
            return PASS if 0 < _ports(written) <= most else Fail(fix)


def _ports(written: str) -> float:
    total = 0
    for part in written.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part, re.ASCII)
        if found is None:
            return float("inf")
        first, last = int(found[1]), int(found[2] or found[1])
        total += abs(last - first) + 1
    return total


def _goes_to_a_known_subscription(rule: Props, settings: Settings) -> Finding:
    match rule.text("it.destination.serviceResourceId"):
        case Unknown():
            return CannotTell("destination.serviceResourceId")
        case Absent():
            return Fail("Say which resource the outbound rule leads to: destination.serviceResourceId.")
        case target:
            found, listed = in_id(target), settings["subscriptions"]
    if found and matches(found, [one for one in listed if isinstance(one, str)]):
        return PASS
    # A provider may be told its subscription by something that is not there yet.
    return CannotTell("the provider's subscriptionId") if found and UNKNOWN in listed else Fail(_ELSEWHERE)


_ELSEWHERE = (
    "Lead to a resource of the subscription that is deployed to (azure-native:subscriptionId of the stack says which, "
    "else ARM_SUBSCRIPTION_ID), or have the target's subscription listed: this rule's subscriptions."
)
_TAGS = (
    "AzureActiveDirectory",
    "AzureFrontDoor.FirstParty",
    "AzureMachineLearning",
    "AzureMonitor",
    "AzureResourceManager",
    "BatchNodeManagement",
    "MicrosoftContainerRegistry",
)
_HOSTS = ("packages.example.com", "files.example.com", "conda.anaconda.org")  # as in the stack files of this checkout
_ON = (OUTBOUND_RULE, WORKSPACE)

RULES = (
    Rule(
        id="W04",
        name="outbound-fqdn-allowlist",
        applies_to=_ON,
        levels=refused(),
        severity=Severity.HIGH,
        why="Each host that code may reach is a place it may send data to.",
        check=_each("FQDN", _goes_to_a_listed_host),
        settings={"hosts": names("hosts that code may reach; `*.example.com` is all of one domain", _HOSTS)},
    ),
    Rule(
        id="W05",
        name="outbound-service-tag-allowlist",
        applies_to=_ON,
        levels=refused(),
        severity=Severity.HIGH,
        why="A service tag is everybody's part of that service, not only ours.",
        check=_each("ServiceTag", _goes_to_a_listed_service),
        settings={
            "tags": names("services that code may reach, in any region", _TAGS),
            "ports": same("how many ports one rule may open", {"type": "integer", "minimum": 1}, 10),
        },
    ),
    Rule(
        id="W06",
        name="outbound-pe-target-scope",
        applies_to=_ON,
        levels=refused(),
        severity=Severity.MEDIUM,
        why="A private endpoint to somebody else's account is a private way out.",
        check=_each("PrivateEndpoint", _goes_to_a_known_subscription),
        settings={
            "subscriptions": names(
                "ids of subscriptions that private endpoints may lead to; `own` is the one that is deployed to, by "
                "azure-native:subscriptionId, else ARM_SUBSCRIPTION_ID or AZURE_SUBSCRIPTION_ID",
                (OWN,),
            )
        },
        maps={"alz": ("Audit-MachineLearning-PrivateEndpointId",)},
    ),
)
