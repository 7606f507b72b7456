"""What a running local environment consists of, and how each part is started."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local import environment, supervisor
from environments.local.supervisor import Process, StartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from environments.local.home import Home

SERVER, TRACKING, PROVIDER = "server", "mlflow", "provider"
_AZURITE = "azurite-"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def up(home: Home, schemas: str | None) -> tuple[str, ...]:
    """Start what does not run; returns the names of what was started.  Raises StartError."""
    known = supervisor.known(home)
    wanted: dict[str, Callable[[Home], None]] = {
        SERVER: lambda home: _start_server(home, known.get(SERVER), schemas),
        TRACKING: lambda home: _start_tracking(home, known.get(TRACKING)),
    }
    dead = [name for name in wanted if name not in known or not known[name].alive]
    lost = [name for name in known if name.startswith(_AZURITE) and not known[name].alive]
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(wanted[name], home) for name in dead]:
            done.result()
    if SERVER not in dead and lost:
        call(home, "POST", "/accounts/ensure")
    provider = known.get(PROVIDER)
    if (provider is None or not provider.alive) and _start_provider(home, provider):
        dead.append(PROVIDER)
    return (*dead, *lost)


def down(home: Home) -> tuple[str, ...]:
    """End everything that was started; returns the names of what ran."""
    known = supervisor.known(home)
    order = sorted(known, key=lambda name: (name != SERVER, name))  # first who could start others again
    ran = tuple(name for name in order if known[name].alive)
    for name in order:
        supervisor.stop(home, name)
    return ran


def call(home: Home, method: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
    """Ask the running server on its plain-http port.  Raises StartError when it does not answer."""
    server = supervisor.find(home, SERVER)
    if server is None or not server.alive:
        raise StartError("the local environment does not run; start it with `local-azure up`")
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(f"http://127.0.0.1:{server.ports['plain']}{path}", data=data, method=method)
    try:
        with _DIRECT.open(asked, timeout=90) as reply:
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
    provider = supervisor.find(home, PROVIDER)
    deployer = home.read("deployer.json")
    found = {
        **environment.network(home, server.ports["proxy"]),
        **{name: str(value) for name, value in deployer.items()},
        "PULUMI_HOME": str(home.folder("pulumi", "home")),
        "PULUMI_BACKEND_URL": f"file://{home.folder('pulumi', 'state')}",
        "PULUMI_CONFIG_PASSPHRASE": "local",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
    }
    if provider is not None:
        found["PULUMI_DEBUG_PROVIDERS"] = f"azure-native:{provider.ports['grpc']}"
    return found


def _start_server(home: Home, before: Process | None, schemas: str | None) -> None:
    """Start the server, on the ports it had before: running shells and processes know them."""
    ports = dict(before.ports) if before else {name: supervisor.free_port() for name in ("tls", "plain", "proxy")}
    taken = [port for port in ports.values() if supervisor.listens(port)]
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


def _answers(port: int) -> bool:
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/clock", timeout=2) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 - ok
    except OSError:
        return False


def _start_tracking(home: Home, before: Process | None) -> None:
    port = before.ports["http"] if before and not supervisor.listens(before.ports["http"]) else supervisor.free_port()
    command = [sys.executable, "-m", "environments.local.tracking", str(port), str(home.folder("mlflow"))]
    supervisor.start(home, TRACKING, command, environment=environment.inherited(), ports={"http": port})


def _start_provider(home: Home, before: Process | None) -> bool:
    if importlib.util.find_spec("environments.local.provider.__main__") is None:
        return False
    port = before.ports["grpc"] if before and not supervisor.listens(before.ports["grpc"]) else supervisor.free_port()
    command = [sys.executable, "-m", "environments.local.provider", "--home", str(home.path), "--port", str(port)]
    own = {**environment.inherited(), **variables(home)}
    supervisor.start(home, PROVIDER, command, environment=own, ports={"grpc": port})
    return True
