"""Each single setting, changed once, touches exactly what its scenario's table says.

The least scenario's table is gone through whole, the others' in steps here; `make touched` writes all of them, and
`make rehearse` proves them on the real engine.
"""

from typing import Any

import pytest

from tests.infra import touched
from tests.infra.stacks import SCENARIOS

STEP = 20
_SAMPLES = {scenario: 1 if scenario == "minimal" else STEP for scenario in SCENARIOS}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_setting_has_its_row_and_every_row_its_setting(scenario: str) -> None:
    assert list(touched.said(scenario)) == [each.key for each in touched.changes_of(scenario)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_changed_setting_touches_what_its_row_says_and_nothing_else(scenario: str) -> None:
    rows = touched.changes_of(scenario)[:: _SAMPLES[scenario]]
    said = touched.said(scenario)

    assert dict(touched.table(scenario, rows)) == {each.key: said[each.key] for each in rows}


_HOLDS_DATA = ("(StorageAccount)", "(Vault)", "(Workspace)", "(Server)", "(Database)", "(ResourceGroup)", "(Key)")
_ARE_OTHERS = {"aml-kit:location", "aml-kit:workload", "aml-kit:generation"}
"""Settings that stand for another environment altogether."""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_setting_makes_anew_what_holds_data(scenario: str) -> None:
    lost = {
        key: names
        for key, row in touched.said(scenario).items()
        if key not in _ARE_OTHERS and (names := [name for name in _anew(row) if name.endswith(_HOLDS_DATA)])
    }
    assert lost == {}


def _anew(row: Any) -> list[str]:  # noqa: ANN401
    return list(row.get("replace", [])) if isinstance(row, dict) else []
