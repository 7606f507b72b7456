"""What an upgrade may not do, and how a recorded state is made true."""

from __future__ import annotations

import gzip
import json

import pytest

from environments.local.azure_types import azure_type
from environments.local.install import ROOT
from environments.rehearsal import earlier
from environments.rehearsal.engine import Step
from environments.rehearsal.upgrade import HOLDS_DATA, RECORDED, losing
from tests.infra.stacks import SCENARIOS, STACKS

WAS, IS = "c14705e2-4968-4905-88f8-b4de0c29b782", "5f2b1c3e-0000-4000-8000-000000000001"


def test_to_make_anew_or_delete_what_holds_data_is_to_lose_it() -> None:
    vault, grant = "azure-native:keyvault:Vault", "azure-native:authorization:RoleAssignment"
    steps = [Step(operation=what, type=kind, name="x") for what in ("replace", "delete") for kind in (vault, grant)]
    kept = Step(operation="update", type=vault, name="x")

    assert losing((*steps, kept)) == (steps[0], steps[2])


def test_what_holds_data_are_types_that_there_are() -> None:
    assert {azure_type(token).token for token in HOLDS_DATA} == HOLDS_DATA


def test_what_azure_gives_by_chance_is_told_from_what_it_spells_in_its_own_way() -> None:
    before = {"principalId": WAS, "location": "eastus", "created": "2026-01-01", "deep": {"id": f"/a/{WAS}"}}
    now = {"principalId": IS, "location": "East US", "created": "2026-02-02", "deep": {"id": f"/a/{IS}"}}

    assert dict(earlier.differences(before, now)) == {WAS: IS}
    assert earlier.renamed(f'{{"scope": "/a/{WAS}"}}', {WAS: IS}) == f'{{"scope": "/a/{IS}"}}'
    assert earlier.renamed("as it is", {}) == "as it is"


@pytest.mark.parametrize("stack", [*STACKS, *SCENARIOS])
def test_every_stack_has_a_recorded_state_with_its_stack_file(stack: str) -> None:
    states = sorted(RECORDED.glob(f"*/{stack}.json.gz"))

    assert states
    for state in states:
        resources = json.loads(gzip.decompress(state.read_bytes()))["deployment"]["resources"]
        assert any(each["type"] in HOLDS_DATA for each in resources)
        assert state.with_name(f"Pulumi.{stack}.yaml").is_file(), f"no stack file beside {state.relative_to(ROOT)}"
