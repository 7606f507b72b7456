"""What commands let operators see, as their options ask."""

import io
import json
from pathlib import Path

import httpx
import pytest

from environments.local.supervisor import free_port
from mlops.__main__ import main
from mlops.keeping import STATE_FILE
from mlops.observing import observed
from mlops.ports import StateError
from tests.mlops.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(folder=tmp_path, state=tmp_path / ".mlops" / STATE_FILE)


def test_metrics_prints_how_the_store_stands(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    assert rig.state is not None
    assert main(["--home", str(rig.state.parent), "metrics"]) == 0

    said = capsys.readouterr().out.splitlines()
    assert {"aml_kit_store_up 1.0", "aml_kit_projects 1.0", "aml_kit_projects_due 1.0"} <= set(said)


def test_passes_are_logged_and_counted_where_the_options_say_and_the_port_is_free_afterwards(rig: Rig) -> None:
    log, port = io.StringIO(), free_port()
    with observed(rig.store, rig.world.clock, log=log, port=port) as rig.watching:
        rig.settle()
        read = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
        with (
            pytest.raises(StateError, match=f"port {port} of 127.0.0.1 cannot be listened on"),
            observed(rig.store, rig.world.clock, port=port),
        ):
            pass

    assert 'aml_kit_passes_total{outcome="acted",project="rain"}' in read
    assert {json.loads(line)["project"] for line in log.getvalue().splitlines()} == {"rain"}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
