"""The command line: quick, one clear line for what is wrong, documented exit codes, nothing half-done."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mlops import wiring
from mlops.__main__ import main
from mlops.backends.clock import UrlClock, open_clock
from mlops.backends.store.postgres import open_postgres
from mlops.backends.store.revisions import NEWEST
from mlops.ports import OutsideError, StateError
from tests.fakes.azure import write_project_folder
from tests.mlops.rig import OUTPUTS, PROJECT, Rig
from tests.postgres import Server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_project_folder(tmp_path)
    (tmp_path / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS), encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    return main(["--home", str(folder / ".mlops"), *arguments])


def applied(folder: Path) -> list[str]:
    return ["-f", str(folder / "project.yaml"), "--platform", str(folder / "outputs.json"), "--as", "ada"]


def test_plan_says_what_apply_would_do_and_does_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "plan", *applied(folder)) == 0
    said = capsys.readouterr().out

    assert "+ project rain on the endpoint rain-local" in said
    assert "smoke -> shadow 50 % -> 10 % -> 50 % -> 100 % -> bake; at least 13 days" in said
    with pytest.raises(StateError, match="no project is applied here"):
        wiring.open_loop(folder / ".mlops")


def test_apply_twice_is_one_generation_and_a_change_is_another(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert run(folder, "apply", *applied(folder)) == 0
    (folder / "project.yaml").write_text(PROJECT.replace("P60D", "P30D"), encoding="utf-8")
    assert run(folder, "apply", *applied(folder)) == 0
    capsys.readouterr()
    assert main(["--home", str(folder / ".mlops"), "--output", "json", "decisions", "list"]) == 0

    said = [row["decision"]["numbers"]["generation"] for row in json.loads(capsys.readouterr().out)]
    assert said == [1, 2]


def test_a_misspelt_key_is_one_line_and_nothing_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "project.yaml").write_text(PROJECT.replace("cooldown", "coldown"), encoding="utf-8")

    assert run(folder, "apply", *applied(folder)) == 2
    said = capsys.readouterr().err
    assert "did you mean 'cooldown'?" in said
    assert said.count("\n") == 1
    assert not (folder / ".mlops").exists()


def test_apply_brings_an_older_state_up_to_date_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = folder / ".mlops" / wiring.STATE_FILE
    state.parent.mkdir()
    recorded = Path(__file__).parent / "backends" / "store" / "recorded" / "0001.sql"
    with closing(sqlite3.connect(state)) as connection:
        connection.executescript(recorded.read_text(encoding="utf-8"))

    assert run(folder, "apply", *applied(folder)) == 0
    said = capsys.readouterr()
    assert said.err == f"mlops: {state} was brought up to date: revision 0001 -> {NEWEST}\n"
    assert said.out == "rain: generation 2 on rain-local\n"


def test_validate_needs_no_platform_and_says_all_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "project.yaml"
    assert run(folder, "validate", "-f", str(file)) == 0
    assert capsys.readouterr().out == f"{file}: project rain is sound\n"

    file.write_text(PROJECT.replace("cooldown", "coldown"), encoding="utf-8")
    (folder / "train.yml").unlink()
    assert run(folder, "validate", "-f", str(file)) == 2
    lines = capsys.readouterr().out.splitlines()
    assert run(folder, "validate", "-f", str(file), "--output", "json") == 2
    said = json.loads(capsys.readouterr().out)

    assert len(lines) == 2
    assert said["sound"] is False
    assert [(each["file"], each["line"], each["key"]) for each in said["findings"]] == [
        (str(file), 34, "spec.triggerPolicy.coldown"),
        (str(folder / "pipeline.yml"), 6, "jobs.train.component"),
    ]
    assert not (folder / ".mlops").exists()


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_plan_and_apply_say_exactly_what_validate_says(
    folder: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "project.yaml").write_text(PROJECT.replace("cooldown", "coldown"), encoding="utf-8")
    (folder / "smoke.jsonl").write_text("{", encoding="utf-8")
    run(folder, "validate", "-f", str(folder / "project.yaml"))
    validated = capsys.readouterr().out

    assert run(folder, command, *applied(folder)) == 2
    assert capsys.readouterr().err == f"mlops: {validated}"


def test_a_missing_component_is_one_line_and_nothing_is_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "train.yml").unlink()

    assert run(folder, "apply", *applied(folder)) == 2
    assert "names the component train.yml" in capsys.readouterr().err
    assert not (folder / ".mlops").exists()


def test_what_the_platform_lacks_is_said_with_what_it_has(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "outputs.json").write_text(json.dumps({**OUTPUTS, "onlineEndpoints": {}}), encoding="utf-8")

    assert run(folder, "apply", *applied(folder)) == 2
    assert "endpoint 'rain' is not among the platform's onlineEndpoints (none)" in capsys.readouterr().err
    assert main(["--home", str(folder / ".mlops"), "status"]) == 1


def test_without_a_project_every_command_says_what_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["status"], ["reconcile"], ["decisions", "list"], ["pause", "--reason", "x"]):
        assert run(folder, *command) == 1
        assert "run mlops apply -f project.yaml" in capsys.readouterr().err
    assert not (folder / ".mlops").exists()


def test_general_options_count_before_and_after_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "apply", *applied(folder)) == 0
    capsys.readouterr()
    home, said = str(folder / ".mlops"), []
    for arguments in (
        ["--home", home, "--project", "rain", "--output", "json", "decisions", "list"],
        ["decisions", "list", "--home", home, "--project", "rain", "--output", "json"],
        ["--home", "nowhere", "--output", "json", "decisions", "list", "--home", home],
    ):
        assert main(arguments) == 0
        said.append(capsys.readouterr().out)

    assert said[0] == said[1] == said[2] != ""


def test_orders_go_into_the_log_with_who_and_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "apply", *applied(folder))
    assert run(folder, "pause", "--reason", "holidays", "--as", "ada") == 0
    assert run(folder, "pause", "--reason", "again", "--as", "bob") == 1
    assert "paused already by ada: holidays" in capsys.readouterr().err
    assert run(folder, "resume", "--reason", "back", "--as", "ada") == 0
    assert run(folder, "abort", "--reason", "x", "--as", "ada") == 1
    assert run(folder, "approve", "--reason", "x", "--as", "ada") == 1
    assert run(folder, "trigger", "--reason", "new sensor", "--as", "ada") == 0
    assert run(folder, "release", "--reason", "x", "--as", "ada", "--from", "1975-01-01") == 1
    assert run(folder, "release", "--reason", "x", "--as", "ada", "--from", "monday") == 1
    assert "'monday' is no date" in capsys.readouterr().err
    assert run(folder, "decisions", "verify") == 0
    assert "4 decisions, none changed or missing" in capsys.readouterr().out


def test_a_home_has_one_controller_at_a_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "apply", *applied(folder))
    with wiring.only_controller(folder / ".mlops"):
        assert run(folder, "reconcile") == 1
    assert "another controller works in" in capsys.readouterr().err


def test_status_shows_where_the_loop_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / ".mlops").mkdir()
    rig = Rig(folder=tmp_path, state=tmp_path / ".mlops" / wiring.STATE_FILE)
    rig.settle()
    rig.days(10)

    assert run(tmp_path, "status") == 0
    said = capsys.readouterr().out
    assert "azureml:rain:1 since 1975-01-06" in said
    assert "monitor drift" in said
    assert run(tmp_path, "decisions", "list", "--last", "1") == 0
    assert "attempt promoted" not in capsys.readouterr().out
    assert run(tmp_path, "decisions", "list") == 0
    assert "attempt promoted" in capsys.readouterr().out


def timed(*arguments: str) -> float:
    """The quickest of some runs, as CPU time: others may be at work on this machine."""
    times = []
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, "-m", "mlops", *arguments], check=True, capture_output=True)
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(times)


def test_help_and_status_do_not_make_anybody_wait(folder: Path) -> None:
    run(folder, "apply", *applied(folder))

    assert timed("--help") <= 0.3
    assert timed("--home", str(folder / ".mlops"), "status") <= 1.0


def test_a_clock_at_a_url_is_read_and_its_silence_is_an_error() -> None:
    class Clock(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"now": "1975-01-06T00:00:00Z"}')

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Clock)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/clock"
    assert open_clock(url).now() == datetime(1975, 1, 6, tzinfo=UTC)

    server.shutdown()
    server.server_close()
    with pytest.raises(OutsideError, match="did not say the time"):
        UrlClock(url).now()


def test_an_unknown_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="'sundial' is no clock"):
        open_clock("sundial")


def test_the_system_clock_says_now() -> None:
    assert abs(open_clock("system").now().timestamp() - time.time()) < 5


def test_a_controller_on_a_file_is_the_only_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "apply", *applied(folder))
    with wiring.only_controller(folder / ".mlops"):
        assert run(folder, "controller") == 1
    assert "another controller works in" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(folder, "controller", "--workers", "0")
    assert "'0' workers cannot be: from 1 to 64" in capsys.readouterr().err


def test_sigterm_ends_a_controller_cleanly(folder: Path) -> None:
    run(folder, "apply", *applied(folder))
    with closing(sqlite3.connect(folder / ".mlops" / wiring.STATE_FILE)) as connection:
        connection.execute("update turn set owner = 'dead', until = strftime('%s', 'now') + 50")  # killed just now
        connection.commit()
    (folder / "pipeline.yml").unlink()
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops", "--home", str(folder / ".mlops"), "--output", "json", "controller"],
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()  # it worked on the project, whose file somebody removed
        process.terminate()
    assert process.returncode == 0
    first = json.loads(line)
    assert first["project"] == "rain"
    assert "pipeline.yml" in first["pass"]["trouble"][0]
    with closing(sqlite3.connect(folder / ".mlops" / wiring.STATE_FILE)) as connection:
        assert connection.execute("select owner, until from turn").fetchall() == [(None, None)]


def test_a_store_on_a_server_is_used_by_all_commands(
    folder: Path, postgresql: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.database()
    monkeypatch.setenv("MLOPS_STORE", url)
    assert run(folder, "plan", *applied(folder)) == 0
    assert "+ project rain on the endpoint rain-local" in capsys.readouterr().out
    assert run(folder, "apply", *applied(folder)) == 0
    assert run(folder, "pause", "--reason", "cleaning", "--as", "ada") == 0
    capsys.readouterr()
    assert run(folder, "status") == 0
    assert "by ada: cleaning" in capsys.readouterr().out
    assert run(folder, "decisions", "verify") == 0
    assert not (folder / ".mlops" / wiring.STATE_FILE).exists()
    with closing(open_postgres(url, own_time=True)) as store:
        assert len(store.claim("a controller", datetime.now(UTC))) == 1
        assert run(folder, "reconcile") == 1
    assert "rain is in the hands of a controller: let it work, or try again in a minute" in capsys.readouterr().err
    assert run(folder, "status", "--store", "postgresql://ada:s3cret@host/db") == 1
    said = capsys.readouterr().err
    assert "no password in the store's URL" in said
    assert "s3cret" not in said
