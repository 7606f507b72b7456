"""The command line, with real processes on a home of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from environments.local import supervisor
from environments.local.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(sys.executable).parent / "local-azure"
ACCOUNT = "durableaccount"
SETS = {
    *("AZURE_SUBSCRIPTION_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
    *("HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "NO_PROXY"),
    *("PULUMI_HOME", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_DEBUG_PROVIDERS"),
    *("PULUMI_SKIP_UPDATE_CHECK", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "PULUMI_DISABLE_REGISTRY_RESOLVE"),
}


@dataclass(frozen=True)
class Commands:
    """Runs `local-azure` on one home."""

    home: Home

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {**os.environ, **environment}
        command = [str(PROGRAM), "--home", str(self.home.path), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=own, timeout=240)

    def script(self, program: str) -> str:
        """What an unmodified Python program prints that runs under `run`."""
        done = self("run", "--", "python", "-c", _PRELUDE + program)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def kill(self, name: str) -> None:
        """`kill -9` one process and wait until it is gone."""
        found = supervisor.find(self.home, name)
        assert found is not None
        os.kill(found.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and (found.alive or any(map(supervisor.listens, found.ports.values()))):
            time.sleep(0.02)


_PRELUDE = """
import os, sys, time, requests
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient
credential = DefaultAzureCredential()
group = f"/subscriptions/{os.environ['AZURE_SUBSCRIPTION_ID']}/resourceGroups/durable"
account = group + "/providers/Microsoft.Storage/storageAccounts/durableaccount"
def arm(method, path, version, body=None):
    token = credential.get_token("https://management.azure.com/.default").token
    address = path if path.startswith("https") else f"https://management.azure.com{path}?api-version={version}"
    return requests.request(method, address, json=body, headers={"Authorization": "Bearer " + token}, timeout=30)
def ended(reply):
    while (found := arm("GET", reply.headers["azure-asyncoperation"], "").json())["status"] == "InProgress":
        time.sleep(0.05)
    return found["status"]
def blobs():
    return BlobServiceClient("https://durableaccount.blob.core.windows.net", credential=credential)
"""
_ACCOUNT = '{"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}'


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    home = Home(tmp_path_factory.mktemp("commands") / "home")
    found = Commands(home)
    done = found("up")
    assert (done.returncode, done.stderr) == (0, "")
    assert "started server, mlflow, provider" in done.stdout
    found.script(
        'arm("PUT", group, "2024-03-01", {"location": "eastus"})\n'
        f'print(ended(arm("PUT", account, "2024-01-01", {_ACCOUNT})))'
    )
    yield found
    found("down")


def test_a_second_up_says_in_one_line_that_all_runs(local: Commands) -> None:
    done = local("up")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"local-azure: all runs (azurite-{ACCOUNT}, mlflow, provider, server)\n"


def test_status_names_every_process_its_port_and_the_home(local: Commands) -> None:
    done = local("status")
    assert done.returncode == 0
    for word in ("server", "mlflow", "provider", f"azurite-{ACCOUNT}", "proxy", str(local.home.path)):
        assert word in done.stdout


def test_run_sets_what_azures_tools_read_and_nothing_of_ours(local: Commands) -> None:
    foreign = {"AZURE_AUTHORITY_HOST": "https://real.example", "PULUMI_ACCESS_TOKEN": "real", "ALL_PROXY": "http://out"}
    kept = {"HOME": "/nowhere", "AZUREML_RUN_POLLING_INTERVAL_MIN": "1", "PULUMI_OPTION_COLOR": "never"}
    given = {"PATH": os.environ["PATH"], **foreign, **kept}
    command = [str(PROGRAM), "--home", str(local.home.path), "run", "--", sys.executable, "-c", _PRINT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=given)
    found = json.loads(done.stdout)
    assert set(found) - {"LC_CTYPE"} == SETS | {"PATH", *kept}
    assert found["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)


_PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


def test_run_gives_back_the_programs_own_exit_code(local: Commands) -> None:
    assert local("run", "--", "python", "-c", "raise SystemExit(7)").returncode == 7
    missing = local("run", "--", "no-such-program")
    assert (missing.returncode, missing.stderr) == (127, "local-azure: there is no program 'no-such-program'\n")


def test_nothing_gets_out_and_status_says_what_tried(local: Commands) -> None:
    said = local.script(
        "try:\n    requests.get('https://leak.example', timeout=10)\n"
        "except requests.exceptions.ProxyError as e:\n    print(e)"
    )
    assert "403" in said
    assert "CONNECT leak.example:443" in local("status").stdout


def test_a_blob_goes_through_the_proxy_with_the_users_own_token(local: Commands) -> None:
    said = local.script(
        "c = blobs().create_container('first')\nc.upload_blob('b', b'hello')\nprint(c.download_blob('b').readall())"
    )
    assert said == "b'hello'"


@pytest.mark.parametrize("name", ["server", "mlflow", "provider", f"azurite-{ACCOUNT}"])
def test_what_was_killed_is_seen_started_again_and_has_its_state(local: Commands, name: str) -> None:
    mark = name.split("-", maxsplit=1)[0]
    local.script(f"blobs().create_container('kept-{mark}').upload_blob('b', b'x')")
    time.sleep(6 if name.startswith("azurite") else 0)  # Azurite saves its index every five seconds
    before = {each: process.ports for each, process in supervisor.known(local.home).items()}
    local.kill(name)
    seen = local("status")
    assert seen.returncode == 1
    assert "DEAD" in seen.stdout
    assert local("up").stdout.startswith(f"local-azure: started {name};")
    after = {each: process.ports for each, process in supervisor.known(local.home).items()}
    assert {k: v for k, v in after.items() if not k.startswith("azurite")} == {
        k: v for k, v in before.items() if not k.startswith("azurite")
    }
    said = local.script(
        f"print(arm('GET', account, '2024-01-01').status_code, blobs().get_blob_client('kept-{mark}', 'b').exists())"
    )
    assert said == "200 True"


def test_an_operation_that_a_kill_interrupts_is_finished_after_the_next_up(local: Commands) -> None:
    other = 'account.replace("durableaccount", "otheraccount")'
    poll = local.script(
        f'reply = arm("PUT", {other}, "2024-01-01", {_ACCOUNT})\nprint(reply.headers["azure-asyncoperation"])'
    )
    local.kill("server")
    local("up")
    found = local.script(
        f"class R: headers = {{'azure-asyncoperation': {poll!r}}}\nprint(ended(R), arm('GET', {other}, '2024-01-01')"
        ".json()['properties']['provisioningState'])"
    )
    assert found == "Succeeded Succeeded"


def test_a_taken_port_is_one_clear_error(local: Commands) -> None:
    server = supervisor.find(local.home, "server")
    assert server is not None
    local.kill("server")
    with contextlib.closing(socket.create_server(("127.0.0.1", server.ports["tls"]))):
        done = local("up")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"local-azure: port {server.ports['tls']}, on which this environment ran before, is taken by another program;"
        " end that, or run `local-azure down` and `local-azure up` for new ports\n"
    )
    assert local("up").stdout.startswith("local-azure: started server;")


def test_the_clock_is_shown_turned_and_returned(local: Commands) -> None:
    assert local("clock", "set", "1985-01-01T00:00:00Z").stdout.startswith("1985-01-01T00:00:0")
    assert local("clock", "advance", "30d").stdout.startswith("1985-01-31T00:00:")
    local.kill("server")
    local("up")
    assert local("clock").stdout.startswith("1985-01-31T00:0")
    assert not local("clock", "reset").stdout.startswith("1985")


@pytest.mark.parametrize("arguments", [("advance", "soon"), ("set", "1985-13-01"), ("advance", "-3d"), ("set",)])
def test_a_clock_is_not_turned_to_nonsense(local: Commands, arguments: tuple[str, ...]) -> None:
    done = local("clock", *arguments)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)


def test_logs_shows_a_process_and_names_those_there_are(local: Commands) -> None:
    assert "environments.local.server" in local("logs", "-n", "200").stdout
    done = local("logs", "nobody")
    assert done.returncode == 3
    assert "there are: azurite-" in done.stderr


def test_down_ends_everything_and_up_finds_the_state_again(local: Commands) -> None:
    before = supervisor.known(local.home)
    done = local("down")
    assert done.stdout.startswith("local-azure: ended server, azurite-")
    assert not [name for name, process in before.items() if psutil.pid_exists(process.pid) and process.alive]
    assert not [port for process in before.values() for port in process.ports.values() if supervisor.listens(port)]
    assert (local("status").returncode, local("down").stdout) == (1, "local-azure: nothing ran\n")
    assert local("run", "--", "true").stderr == (
        "local-azure: the local environment does not run; start it with `local-azure up`\n"
    )
    assert local("up").returncode == 0
    assert local.script("print(arm('GET', group, '2024-03-01').status_code)") == "200"


def test_reset_leaves_nothing_and_touches_no_foreign_folder(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    done = Commands(Home(foreign))("reset")
    assert (done.returncode, (foreign / "thesis.txt").read_text()) == (3, "mine")
    own = Home(tmp_path / "own")
    own.write("processes/gone.json", {"name": "gone", "pid": 2**22 - 1, "started": 0.0, "ports": {}})
    assert Commands(own)("reset").returncode == 0
    assert not own.path.exists()


def test_a_full_disk_is_one_clear_error_before_anything_starts(tmp_path: Path) -> None:
    assert shutil.which("unshare"), "util-linux is needed: the disk is a tiny tmpfs in a mount namespace of its own"
    disk = tmp_path / "disk"
    disk.mkdir()
    inner = f"mount -t tmpfs -o size=64k tmpfs {disk} && exec {PROGRAM} --home {disk}/home up; exit 1"
    done = subprocess.run(
        ["unshare", "-r", "-m", "sh", "-c", inner], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"local-azure: the disk of {disk}/home is full: 0 MB are free, 64 MB are needed;")


def test_a_schema_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    done = Commands(Home(tmp_path / "home"))("up", "--schemas", str(tmp_path / "none"))
    assert (done.returncode, done.stderr) == (3, f"local-azure: --schemas: {tmp_path / 'none'} is no folder\n")
    assert not (tmp_path / "home").exists()
