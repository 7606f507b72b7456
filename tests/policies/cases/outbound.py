"""Cases of the rules about what a managed network lets out."""

from dataclasses import replace
from typing import Any

from tests.policies.case import UNKNOWN_LIST, UNKNOWN_OBJECT, UNKNOWN_TEXT, Case, Outcome

RULE = "azure-native:machinelearningservices:ManagedNetworkSettingsRule"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
_OURS = "11111111-2222-3333-4444-555555555555"


def _out(rule: str, kind: str, said: str, destination: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    props = {"properties": {"type": kind, "destination": destination}}
    return Case(rule=rule, said=said, type=RULE, props=props, outcome=outcome, settings=settings)


def _host(said: str, host: object, outcome: Outcome, **settings: Any) -> Case:  # noqa: ANN401
    return _out("W04", "FQDN", said, host, outcome, **settings)


def _tag(said: str, outcome: Outcome, settings: dict[str, Any] | None = None, **changed: Any) -> Case:  # noqa: ANN401
    destination = {"serviceTag": "AzureMachineLearning", "protocol": "TCP", "portRanges": "443", **changed}
    return _out("W05", "ServiceTag", said, destination, outcome, **(settings or {}))


def _target(said: str, target: object, outcome: Outcome, *subscriptions: str, provider: object = None) -> Case:
    destination = {"serviceResourceId": target, "subresourceTarget": "blob", "sparkEnabled": False}
    found = _out("W06", "PrivateEndpoint", said, destination, outcome, subscriptions=list(subscriptions))
    return replace(found, provider={} if provider is None else {"subscriptionId": provider})


def _inside(rule: str, said: str, rules: object, outcome: Outcome) -> Case:
    props = {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": rules}}
    return Case(rule=rule, said=said, type=WORKSPACE, props=props, outcome=outcome)


def _shapes(rule: str) -> tuple[Case, ...]:
    """What goes for all three alike."""
    return (
        Case(rule=rule, said="unset", type=RULE, props={"properties": {}}, outcome="fail"),
        Case(rule=rule, said="unknown", type=RULE, props={"properties": UNKNOWN_OBJECT}, outcome="cannot tell"),
        Case(
            rule=rule,
            said="unknown type",
            type=RULE,
            props={"properties": {"type": UNKNOWN_TEXT}},
            outcome="cannot tell",
        ),
        Case(
            rule=rule,
            said="a cluster",
            type="azure-native:machinelearningservices:Compute",
            props={},
            outcome="not applicable",
        ),
        Case(rule=rule, said="a workspace that says nothing", type=WORKSPACE, props={}, outcome="not applicable"),
        _out(rule, "Another", "another type", "x", "not applicable"),
        _inside(rule, "unknown rules of a workspace", UNKNOWN_OBJECT, "cannot tell"),
        _inside(rule, "an unknown rule of a workspace", {"a": UNKNOWN_OBJECT}, "cannot tell"),
        _inside(rule, "no rules of a workspace", {}, "not applicable"),
        _inside(rule, "a list where a map belongs", ["packages.example.com"], "fail"),
    )


CASES = (
    _host("a listed host", "packages.example.com", "pass"),
    _host("a listed host, in another case", "Packages.Example.com.", "pass"),
    _host("an unlisted host", "example.net", "fail"),
    _host("a host whose name ends alike", "evilpackages.example.com", "fail"),
    _host("a host of a listed domain", "a.example.org", "pass", hosts=["*.example.org"]),
    _host("all of a listed domain", "*.example.org", "pass", hosts=["*.example.org"]),
    _host("all of part of a listed domain", "*.a.example.org", "pass", hosts=["*.example.org"]),
    _host("all of a domain of which one host is listed", "*.example.com", "fail"),
    _host("everything", "*", "fail", hosts=["*"]),
    _host("all of a top-level domain", "*.com", "fail", hosts=["*.com"]),
    _host("a wildcard within a name", "pack*.example.com", "fail", hosts=["pack*.example.com"]),
    _host("no host", None, "fail"),
    _host("an unknown host", UNKNOWN_TEXT, "cannot tell"),
    _host("an object where a host belongs", {"serviceTag": "Internet"}, "fail"),
    *_shapes("W04"),
    _inside(
        "W04", "a workspace's listed host", {"pip.a": {"type": "FQDN", "destination": "packages.example.com"}}, "pass"
    ),
    _inside("W04", "a workspace's unlisted host", {"pip.a": {"type": "fqdn", "destination": "example.net"}}, "fail"),
    _inside(
        "W04",
        "a workspace's unlisted host beside an unknown one",
        {"a": UNKNOWN_OBJECT, "b": {"type": "FQDN", "destination": "example.net"}},
        "fail",
    ),
    _tag("a listed service", "pass"),
    _tag("a listed service of one region", "pass", serviceTag="AzureMonitor.EastUS"),
    _tag("an unlisted service", "fail", serviceTag="Storage"),
    _tag("an unlisted service that is kept out", "pass", serviceTag="Internet", action="Deny"),
    _tag("the internet", "fail", {"tags": ["Internet"]}, serviceTag="Internet"),
    _tag("everybody's Azure", "fail", {"tags": ["*"]}, serviceTag="AzureCloud.eastus"),
    _tag("no service", "fail", serviceTag=None),
    _tag("any port", "fail", portRanges="*"),
    _tag("a wide range of ports", "fail", portRanges="443,8000-9000"),
    _tag("a wide range of ports, where that is allowed", "pass", {"ports": 2000}, portRanges="443,8000-9000"),
    _tag("no ports", "fail", portRanges=None),
    _tag("ports that are none", "fail", portRanges="https"),
    _tag("addresses", "fail", addressPrefixes=["0.0.0.0/0"]),
    _tag("unknown service", "cannot tell", serviceTag=UNKNOWN_TEXT),
    _tag("unknown ports", "cannot tell", portRanges=UNKNOWN_TEXT),
    _tag("unknown addresses", "cannot tell", addressPrefixes=UNKNOWN_LIST),
    _host("a host of another domain than the listed one", "files.example.org", "fail", hosts=["*.example.com"]),
    _tag("unknown whether it is let out", "cannot tell", action=UNKNOWN_TEXT),
    _tag("unknown ports beside a certain failure", "fail", portRanges=UNKNOWN_TEXT, serviceTag="Storage"),
    *_shapes("W05"),
    _inside(
        "W05",
        "a workspace's unlisted service",
        {"a": {"type": "ServiceTag", "destination": {"serviceTag": "Storage", "portRanges": "443"}}},
        "fail",
    ),
    _target("a known subscription", f"/subscriptions/{_OURS}/resourceGroups/g/providers/p/t/n", "pass", _OURS),
    _target("a known subscription, in another case", f"/Subscriptions/{_OURS.upper()}/x", "pass", _OURS),
    _target("another subscription", "/subscriptions/another/resourceGroups/g", "fail", _OURS),
    _target("any, where none is listed", f"/subscriptions/{_OURS}/resourceGroups/g", "fail"),
    _target("its own subscription", f"/subscriptions/{_OURS}/x", "pass", "own", provider=_OURS.upper()),
    _target("its own subscription, which is not listed", f"/subscriptions/{_OURS}/x", "fail", provider=_OURS),
    _target("another than its own", "/subscriptions/another/x", "fail", "own", provider=_OURS),
    _target("its own, and nobody says which that is", f"/subscriptions/{_OURS}/x", "fail", "own"),
    _target(
        "its own, which is not known yet", f"/subscriptions/{_OURS}/x", "cannot tell", "own", provider=UNKNOWN_TEXT
    ),
    _target(
        "a listed one, where its own is not known yet", "/subscriptions/b/x", "pass", "own", "b", provider=UNKNOWN_TEXT
    ),
    _target("no id", "storage", "fail", _OURS),
    _target("no target", None, "fail", _OURS),
    _target("unknown target", UNKNOWN_TEXT, "cannot tell", _OURS),
    *_shapes("W06"),
)
