"""Real processes on real databases, killed at random: a few seconds of what `make kill` does for minutes."""

from pathlib import Path

from tests.mlops.flows.happening import live
from tests.mlops.flows.killing import living
from tests.postgres import Server


def test_a_controller_on_a_file_is_killed_again_and_again(tmp_path: Path) -> None:
    with living(tmp_path / "rain", "", seed=1, controllers=1) as life:
        live(life, 2, kills=3)  # it checks as it goes; without kills it never ends


def test_two_controllers_on_a_server_are_killed_and_sleep_past_their_leases(tmp_path: Path, postgresql: Server) -> None:
    with living(tmp_path / "rain", postgresql.database(), seed=2, controllers=2) as life:
        live(life, 2, kills=3)  # it checks as it goes; without kills it never ends
