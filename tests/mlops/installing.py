"""Installs a distribution with a signal, as pip leaves it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mlops.monitors import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Install = Callable[..., None]

SOUND = """
from mlops.domain.data.measurement import Measurement

METRICS = {"tide_range": "highest less lowest water"}

def measure(name, metric, evidence):
    water = evidence.rows.current["water"]
    return Measurement(monitor="mine", value=max(water) - min(water), samples=len(water))
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution as pip leaves it: a module, and a dist-info folder with its entry points."""
    before = set(sys.modules)

    def put(code: str, *, package: str = "seaside", module: str = "seaside_tides", signal: str = "tides") -> None:
        (tmp_path / f"{module}.py").write_text(code)
        folder = tmp_path / f"{package}-1.2.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (folder / "entry_points.txt").write_text(f"[{installed.GROUP}]\n{signal} = {module}\n")
        monkeypatch.syspath_prepend(tmp_path)

    yield put
    for name in set(sys.modules) - before:
        del sys.modules[name]
