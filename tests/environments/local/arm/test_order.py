"""What Azure refuses once something stands: a deletion out of order, and a change of what never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from environments.local.arm.errors import ArmError
from environments.local.arm.fixed import refuse_changes
from environments.local.arm.holders import HOLDS, Hold
from environments.local.arm.ids import parse
from environments.local.arm.resource_types import Request, ResourceType
from environments.local.immutable import FIXED, Fixed
from environments.local.provider import bodies
from environments.local.provider.resources import served
from tests.environments.local.arm.manager import GROUP, Manager, manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = GROUP.removesuffix("G") + "other"


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Manager]:
    names = {hold.held for hold in HOLDS} | {hold.by for hold in HOLDS} | {_kind(row.type) for row in FIXED}
    own = {name for name in names if not name.startswith("Microsoft.Authorization")}
    above = {"/".join(name.split("/")[:n]) for name in own for n in range(2, name.count("/") + 1)}
    types = (ResourceType(type=name, references_checked=False) for name in sorted(own | above))
    with manager(tmp_path, *types) as found:
        found.ask("PUT", OTHER, {"location": "eastus"})
        yield found


def _kind(key: str) -> str:
    return served(f"azure-native:{key}").arm_type


def _path(kind: str, name: str, group: str = GROUP) -> str:
    namespace, *parts = kind.split("/")
    inner = "/".join(f"{part}/{name}" for part in parts)
    return f"{group}/providers/{namespace}/{inner}"


def _put(arm: Manager, path: str, body: dict[str, Any] | None = None) -> None:
    """Write it, and what lies above it, past all that is checked of a request: only deletions are asked about here."""
    parent = parse(path).parent
    if parent is not None and parent.namespace is not None and arm.context.store.get(parent) is None:
        arm.context.store.put(parent, {})
    arm.context.store.put(parse(path), body or {})


def _naming(at: str, resource_id: str) -> dict[str, Any]:
    first, _, rest = at.partition(".")
    value: Any = _naming(rest, resource_id) if rest else resource_id
    return {first.removesuffix("[]"): [value] if first.endswith("[]") else value}


@pytest.mark.parametrize("hold", HOLDS, ids=lambda hold: f"{hold.held} by {hold.by} {hold.at}")
def test_what_something_else_stands_on_is_not_deleted_before_it(arm: Manager, hold: Hold) -> None:
    held = _path(hold.held, "held")
    holder = _path(hold.by, "held" if not hold.at else "holder", OTHER if hold.at else GROUP)
    _put(arm, held)
    _put(arm, holder, _naming(hold.at, held) if hold.at else {})

    with pytest.raises(ArmError) as caught:
        arm.ask("DELETE", held)
    assert (caught.value.status, caught.value.code) == (hold.status, hold.code)
    assert f"is in use by '{holder}'" in caught.value.message
    assert arm.context.store.get(parse(held)) is not None

    arm.context.store.delete(parse(holder))
    assert arm.ask("DELETE", held).status == 200


def test_a_network_goes_only_after_what_stands_in_its_subnets(arm: Manager) -> None:
    network, endpoint = _path("Microsoft.Network/virtualNetworks", "net"), "Microsoft.Network/privateEndpoints"
    _put(arm, network)
    _put(arm, f"{network}/subnets/inner")
    _put(arm, _path(endpoint, "e"), {"properties": {"subnet": {"id": f"{network}/subnets/inner"}}})

    with pytest.raises(ArmError, match="subnets 'inner' is in use by"):
        arm.ask("DELETE", network)
    assert arm.ended(arm.ask("DELETE", GROUP))["status"] == "Succeeded"


def test_a_group_stays_while_something_outside_stands_on_what_is_in_it(arm: Manager) -> None:
    network = _path("Microsoft.Network/virtualNetworks", "net")
    _put(arm, network)
    _put(arm, f"{network}/subnets/inner")
    outside = _path("Microsoft.Network/privateEndpoints", "e", OTHER)
    _put(arm, outside, {"properties": {"subnet": {"id": f"{network}/subnets/inner"}}})

    with pytest.raises(ArmError, match="is in use by"):
        arm.ask("DELETE", GROUP)


def _change(arm: Manager, path: str, body: dict[str, Any]) -> None:
    """Ask about the change alone: the bodies are no whole ones."""
    before = arm.context.store.get(parse(path))
    assert before is not None
    asked = Request(id=before.id, api_version="", body=body, query={}, principal=arm.context.identities.deployer)
    refuse_changes(asked, before)


_BY_AZURE = [row for row in FIXED if not row.ours and row.properties != ("*",)]


@pytest.mark.parametrize("row", _BY_AZURE, ids=lambda row: f"{row.type} {row.properties[0]}")
def test_what_never_changes_is_refused_by_name(arm: Manager, row: Fixed) -> None:
    kind = served(f"azure-native:{row.type}")
    for each in row.properties:
        path = _path(kind.arm_type, "one")
        _put(arm, path, bodies.to_body(kind, _naming(each, "old")))

        with pytest.raises(ArmError) as caught:
            _change(arm, path, bodies.to_body(kind, _naming(each, "new")))
        assert (caught.value.code, caught.value.message) == (
            "PropertyChangeNotAllowed",
            f"Changing property '{each}' of 'one' is not allowed.",
        )
        _change(arm, path, {"tags": {"a": "b"}})
        arm.context.store.delete(parse(path))


def test_a_resource_does_not_move_to_another_region(arm: Manager) -> None:
    path = _path("Microsoft.Network/privateEndpoints", "e")
    arm.ask("PUT", path, {"location": "eastus"})

    with pytest.raises(ArmError) as caught:
        arm.ask("PUT", path, {"location": "westus"})
    assert (caught.value.status, caught.value.code) == (409, "InvalidResourceLocation")
    assert arm.ask("PUT", path, {"location": "East US"}).status == 200


def test_a_rule_of_our_own_is_none_of_azures(arm: Manager) -> None:
    (row,) = (row for row in FIXED if row.type == "machinelearningservices:OnlineDeployment")
    assert row.ours
    path = _path(_kind(row.type), "blue")
    _put(arm, path, {"properties": {"model": "one"}})
    _change(arm, path, {"properties": {"model": "two"}})
