"""Nearly every kind of resource that the provider serves, through the real engine, onto the local environment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from environments.local.install import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.local import Local


def test_a_wide_program_comes_up_once_stays_and_goes(local: Local, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: wide\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("import tests.e2e.wide.everything\n")
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    wide = replace(local, checkout=tmp_path)
    wide.azure("run", "--", "pulumi", "stack", "init", "local")
    wide.azure("run", "--", "pulumi", "config", "set", "azure-native:location", "eastus", "-s", "local")
    before = wide.resources()
    made = wide.changes("up", "--yes", "--skip-preview")
    assert set(made) == {"create"}
    assert made["create"] > 50
    assert wide.changes("up", "--yes", "--skip-preview") == {}
    assert wide.changes("refresh", "--yes", "--skip-preview") == {}
    assert wide.changes("preview") == {}
    state = wide.azure("run", "--", "pulumi", "stack", "export", "-s", "local")
    assert "hidden" not in state
    assert "postgres://" not in state
    assert set(wide.changes("destroy", "--yes", "--skip-preview")) == {"delete"}
    assert wide.resources() == before
