"""What is left to the engine changes nothing of what the engine is told."""

import contextlib
from typing import Any

import pulumi
import pytest
from pulumi_azure_native import resources

from infra.quick_aliases import left_to_the_engine
from tests.infra.recorder import Around, record


class _Renamed(pulumi.ComponentResource):
    def __init__(self) -> None:
        super().__init__("mine:Renamed", "new", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")]))


def _told(around: Around) -> tuple[dict[str, tuple[str, ...]], list[type]]:
    """All aliases the engine is told, and what children of the renamed component inherit."""
    renamed = []

    def program() -> dict[str, Any]:
        renamed.append(_Renamed())
        opts = pulumi.ResourceOptions(parent=renamed[0], aliases=["urn:given"])
        resources.ResourceGroup("group", location="eastus", opts=opts)
        return {}

    graph = record(program, around=around)
    told = {one.name: one.aliases for one in graph.asked if one.type != "pulumi:pulumi:Stack"}
    return told, [type(one) for one in renamed[0]._aliases]


def test_the_engine_is_told_every_older_name() -> None:
    told, inherited = _told(left_to_the_engine)

    assert (told, inherited) == _told(contextlib.nullcontext)
    assert 'urn: "urn:given"\n' in told["group"]
    assert len(told["group"]) > 10, "azure-native knows older names of this type, or nothing was compared"
    assert inherited == [pulumi.Output]


def test_nothing_is_left_to_the_engine_afterwards() -> None:
    before = pulumi.resource.collapse_alias_to_urn  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError), left_to_the_engine():
        raise RuntimeError
    assert pulumi.resource.collapse_alias_to_urn is before  # type: ignore[attr-defined]
