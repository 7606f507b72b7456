"""The platform and the pack together: what the stack files build passes, and what would break a rule is caught."""

from collections.abc import Sequence

import pytest

from rules.sizes import SIZES
from tests.infra.recorder import SUBSCRIPTION, Asked
from tests.infra.stacks import SCENARIOS, STACKS, graph
from tests.policies.case import Other
from tests.policies.pack import Pack

ADVISORY, MANDATORY = 0, 1
_PRICED = {"cost-ceiling": {"prices": dict.fromkeys(SIZES, 0.25), "priced": "2026-05-31", "today": "2026-05-31"}}
"""What no stack file says: what machines cost those who rent them."""
_ELSEWHERE = "a3f5c1d0-0000-4000-8000-10ca1a2c0001"  # the local environment's, where a scenario keeps records

_OPEN = {
    ("workspace-public-access-disabled", "workspace", ADVISORY),
    ("workspace-approved-outbound-only", "workspace", ADVISORY),
    ("online-endpoint-private", "rain", ADVISORY),
    ("registry-private", "registry", ADVISORY),
    ("storage-network-closed", "storage", ADVISORY),
    ("keyvault-network-closed", "vault", ADVISORY),
    ("keyvault-purge-protected", "vault", ADVISORY),
    ("acr-hardened", "images", ADVISORY),
}
# Data is encrypted with Azure's key, and logs are read from where people are.
_AZURES_KEY = {
    ("workspace-cmk", "workspace", ADVISORY),
    ("appinsights-entra-and-workspace", "observability-insights", ADVISORY),
}
# Azure's policies are somebody else's there, such as the subscription's owner's.
_UNGUARDED = ("runtime-guardrail-parity", "workspace", ADVISORY)
# So on purpose; each is told so on every run.
_ADVISED: dict[str, set[tuple[str, str, int]]] = {
    "dev": _OPEN,
    "minimal": _OPEN,
    "prod": {*_AZURES_KEY, _UNGUARDED},
    "private": _AZURES_KEY,
    "regulated": {("private-workspace-image-build-compute", "hub", ADVISORY)},  # nothing is built in it yet
}

_OPENED = {
    ("online-endpoint-private", "rain", MANDATORY),
    ("registry-private", "registry", MANDATORY),
    ("storage-network-closed", "storage", MANDATORY),
    ("keyvault-network-closed", "vault", MANDATORY),
    ("acr-hardened", "images", MANDATORY),
}


def _stack(resources: Sequence[Asked]) -> tuple[Other, ...]:
    """As the engine hands a stack over: inputs, with the name and the id that Azure answered."""
    urns = {one.urn: Other(type=one.type, name=one.name, props={}).urn for one in resources}
    return tuple(
        Other(
            type=one.type,
            name=one.name,
            props={"name": one.called, "id": one.id, **one.inputs},
            wired={key: tuple(urns[urn] for urn in found if urn in urns) for key, found in one.wired.items()},
            protect=one.protect,
        )
        for one in resources
    )


@pytest.mark.parametrize("stack", [*STACKS, *SCENARIOS])
def test_what_the_stack_files_build_passes_the_pack(stack: str, pack: Pack) -> None:
    pack.start(stack, config={"azure-native:subscriptionId": SUBSCRIPTION})
    pack.configure({**_PRICED, "outbound-pe-target-scope": {"subscriptions": ["own", _ELSEWHERE]}})

    told = pack.violations(_stack(graph(stack).resources))

    assert told == _ADVISED.get(stack, set())


@pytest.mark.parametrize("stack", ["local", "staging", "prod"])
@pytest.mark.parametrize(
    ("changed", "violation"),
    [
        ({"publicNetworkAccess": True}, ("workspace-public-access-disabled", "workspace", MANDATORY)),
        (
            {"isolationMode": "AllowInternetOutbound", "outboundHosts": []},
            ("workspace-approved-outbound-only", "workspace", MANDATORY),
        ),
        (
            {"computeClusters": {"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 17}}},
            ("cluster-max-nodes-cap", "cpu", MANDATORY),
        ),
        (
            {"computeClusters": {"cpu": {"vmSize": "Standard_DS3_v2", "maxNodes": 2, "minNodes": 1}}},
            ("cluster-min-nodes-zero", "cpu", MANDATORY),
        ),
    ],
    ids=["public", "outbound", "too large", "never idle"],
)
def test_a_stack_file_that_breaks_a_rule_is_caught(
    stack: str, changed: dict[str, object], violation: tuple[str, str, int], pack: Pack
) -> None:
    pack.start(stack)
    pack.configure(_PRICED)

    told = pack.violations(_stack(graph(stack, **changed).resources)) - _ADVISED.get(stack, set())

    with_it = _OPENED if "publicNetworkAccess" in changed else set()
    assert told == {violation} | with_it


def test_a_workspace_without_its_diagnostics_is_caught(pack: Pack) -> None:
    pack.start("prod")
    pack.configure(_PRICED)
    stack = [one for one in _stack(graph("prod").resources) if one.name != "workspace-diagnostics"]

    assert pack.violations(stack) - _ADVISED["prod"] == {("workspace-diagnostics", "workspace", MANDATORY)}
