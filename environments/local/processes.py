"""What a running local environment consists of, and how each part is started."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local import environment, install, supervisor
from environments.local.arm.identity import secrets_of
from environments.local.settings import Settings
from environments.local.supervisor import Process, StartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from environments.local.home import Home

SERVER, TRACKING, PROVIDER = "server", "mlflow", "provider"
_AZURITE, _STACK = "azurite-", "stack"
_RELEASE_SECONDS = 2.0
_NEEDED_BYTES = 64 * 2**20
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def up(home: Home, schemas: str | None) -> tuple[str, ...]:
    """Start what does not run; returns the names of what was started.  Raises StartError."""
    known = supervisor.known(home)
    _need_space(home)
    secrets_of(home)  # before the parts start, which all read them
    lost = [name for name in known if name.startswith(_AZURITE) and not known[name].alive]
    before = known.get(SERVER)
    ports = dict(before.ports) if before else {name: supervisor.free_port() for name in ("tls", "plain", "proxy")}
    wanted: dict[str, Callable[[], bool]] = {
        SERVER: lambda: _start_server(home, ports, schemas),
        TRACKING: lambda: _start_tracking(home, known.get(TRACKING)),
        PROVIDER: lambda: _start_provider(home, known.get(PROVIDER), ports["proxy"]),
        _STACK: lambda: _make_stack(home, ports["proxy"]),
    }
    dead = [name for name in wanted if name not in known or not known[name].alive]
    with ThreadPoolExecutor() as threads:
        begun = {name: threads.submit(wanted[name]) for name in dead}
        started = [name for name, done in begun.items() if done.result()]
    if SERVER not in dead and lost:
        call(home, "POST", "/accounts/ensure")
    return (*started, *lost)


def down(home: Home) -> tuple[str, ...]:
    """End everything that was started; returns the names of what ran."""
    known = supervisor.known(home)
    order = sorted(known, key=lambda name: (name != SERVER, name))  # first who could start others again
    ran = tuple(name for name in order if known[name].alive)
    for name in order:
        supervisor.stop(home, name)
    return ran


def call(
    home: Home, method: str, path: str, body: dict[str, object] | None = None, seconds: float = 90
) -> dict[str, object]:
    """Ask the running server on its plain-http port.  Raises StartError when it does not answer in that time."""
    server = supervisor.find(home, SERVER)
    if server is None or not server.alive:
        raise StartError("the local environment does not run; start it with `local-azure up`")
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(f"http://127.0.0.1:{server.ports['plain']}{path}", data=data, method=method)
    try:
        with _DIRECT.open(asked, timeout=seconds) as reply:
            found: dict[str, object] = json.load(reply)
    except urllib.error.HTTPError as error:
        raise StartError(json.load(error).get("error", str(error))) from error
    except OSError as error:
        raise StartError(f"the server does not answer ({error}); see {home.log(SERVER)}") from error
    return found


def variables(home: Home) -> dict[str, str]:
    """What `run` sets: network, the deployer's identity, Pulumi's.  Raises StartError when nothing runs."""
    server = supervisor.find(home, SERVER)
    if server is None or not server.alive:
        raise StartError("the local environment does not run; start it with `local-azure up`")
    found = _variables(home, server.ports["proxy"])
    provider = supervisor.find(home, PROVIDER)
    if provider is not None:
        found["PULUMI_DEBUG_PROVIDERS"] = f"azure-native:{provider.ports['grpc']}"
    return found


def _variables(home: Home, proxy_port: int) -> dict[str, str]:
    return {
        **environment.network(home, proxy_port),
        **environment.deployer(Settings(), secrets_of(home)["client"]),
        "PULUMI_HOME": str(home.folder("pulumi", "home")),
        "PULUMI_BACKEND_URL": environment.state(home.folder("pulumi", "state")),
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
    }


def _start_server(home: Home, ports: dict[str, int], schemas: str | None) -> bool:
    """Start the server; after a death on the ports it had before, which running shells and processes know."""
    deadline = time.monotonic() + _RELEASE_SECONDS
    while (taken := [port for port in ports.values() if supervisor.listens(port)]) and time.monotonic() < deadline:
        time.sleep(0.05)  # the threads of a killed process hold its ports for a moment longer
    if taken:
        raise StartError(
            f"port {taken[0]}, on which this environment ran before, is taken by another program;"
            " end that, or run `local-azure down` and `local-azure up` for new ports"
        )
    command = [sys.executable, "-m", "environments.local.serve", "--home", str(home.path)]
    command += [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
    if schemas:
        command += ["--schemas", schemas]
    own = {**environment.inherited(), "PYTHONUNBUFFERED": "1"}
    supervisor.start(home, SERVER, command, environment=own, ports=ports, ready=lambda: _answers(ports["plain"]))
    return True


def _need_space(home: Home) -> None:
    """A full disk would show as a process that ends without a word: its log is on that disk too."""
    free = shutil.disk_usage(home.path).free
    if free < _NEEDED_BYTES:
        raise StartError(
            f"the disk of {home.path} is full: {free // 2**20} MB are free, {_NEEDED_BYTES // 2**20} MB are needed;"
            " make room, or give another folder with --home"
        )


def _answers(port: int) -> bool:
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/clock", timeout=2) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 - ok
    except OSError:
        return False


def _start_tracking(home: Home, before: Process | None) -> bool:
    port = _port_again(before, "http")
    command = [sys.executable, "-m", "environments.local.tracking", str(port), str(home.folder("mlflow"))]
    supervisor.start(home, TRACKING, command, environment=environment.inherited(), ports={"http": port})
    return True


def _start_provider(home: Home, before: Process | None, proxy_port: int) -> bool:
    port = _port_again(before, "grpc")
    command = [sys.executable, "-m", "environments.local.provider", "--home", str(home.path), "--port", str(port)]
    own = {**environment.inherited(), **_variables(home, proxy_port)}
    supervisor.start(home, PROVIDER, command, environment=own, ports={"grpc": port})
    return True


def _port_again(before: Process | None, name: str) -> int:
    """The port it had before, where nobody took it: others know it."""
    known = before.ports[name] if before else 0
    return known if known and not supervisor.listens(known) else supervisor.free_port()


def _make_stack(home: Home, proxy_port: int) -> bool:
    """Have Pulumi's stack `local`, so that `pulumi up -s local` can be the first thing typed; never says so."""
    engine = install.engine()
    state = home.folder("pulumi", "state")
    if engine is None or not (install.ROOT / "Pulumi.yaml").exists() or any(state.glob(".pulumi/stacks/*/local.json")):
        return False
    own = {**environment.inherited(), **_variables(home, proxy_port)}
    done = subprocess.run(
        [str(engine), "stack", "init", "local", "--non-interactive"],
        cwd=install.ROOT,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartError(f"pulumi could not make the stack 'local':\n  {done.stderr.strip()}")
    return False
