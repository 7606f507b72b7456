"""Command line: up, status, logs, run, clock, down, reset."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local import processes, supervisor
from environments.local.home import Home, default_home
from environments.local.supervisor import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_REFUSED_SHOWN = 20
_PATIENCE_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.  Returns the exit code: 0 done, 1 something is dead, 2 wrong usage, 3 it could not be done."""
    given = _parser().parse_args(arguments)
    home = Home(given.home.resolve())
    try:
        code = int(given.command(home, given))
        sys.stdout.flush()  # here, where a reader that has gone can be answered
    except StartError as error:
        return _fail(str(error))
    except BrokenPipeError:  # whoever read has read enough
        sys.stdout = None
        return 0
    except OSError as error:
        return _fail(f"cannot use {error.filename or home.path}: {error.strerror or error}")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="local-azure", description="Azure's own protocol, served on this machine.")
    parser.add_argument("--home", type=Path, default=default_home(), help="folder of the state (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    up = commands.add_parser("up", help="start what does not run")
    up.add_argument(
        "--schemas",
        default=os.environ.get("AML_KIT_ARM_SCHEMAS"),
        help="folder of Azure's JSON Schemas by api-version, for stricter checks (default: $AML_KIT_ARM_SCHEMAS)",
    )
    up.set_defaults(command=_up)
    commands.add_parser("status", help="what runs, where, and which hosts were refused").set_defaults(command=_status)
    logs = commands.add_parser("logs", help="what the processes say")
    logs.add_argument("name", nargs="?", default=processes.SERVER, help="a process of `status` (default: %(default)s)")
    logs.add_argument("-n", "--lines", type=int, default=50, help="how many of the last lines (default: %(default)s)")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until interrupted")
    logs.set_defaults(command=_logs)
    run = commands.add_parser("run", help="run a program written for Azure: run -- COMMAND …")
    run.add_argument("rest", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    run.set_defaults(command=_run)
    clock = commands.add_parser("clock", help="show or turn the clock that moves schedules and collected data")
    clock.add_argument("action", nargs="?", choices=("show", "advance", "set", "reset"), default="show")
    clock.add_argument("value", nargs="?", help="advance: 30d, 12h, 15m …; set: 1985-01-01T00:00:00Z")
    clock.set_defaults(command=_clock)
    commands.add_parser("down", help="stop everything; the state stays").set_defaults(command=_down)
    commands.add_parser("reset", help="stop everything and delete the state").set_defaults(command=_reset)
    return parser


def _up(home: Home, given: argparse.Namespace) -> int:
    if given.schemas is not None and not Path(given.schemas).is_dir():
        return _fail(f"--schemas: {given.schemas} is no folder")
    with _alone(home):
        schemas = str(Path(given.schemas).resolve()) if given.schemas else None
        started = processes.up(home, schemas)
    if not started:
        print(f"local-azure: all runs ({_names(home)})")
    else:
        print(f"local-azure: started {', '.join(started)}; `local-azure status` says where")
    return 0


def _status(home: Home, _given: argparse.Namespace) -> int:
    known = supervisor.known(home)
    if not known:
        print("local-azure: nothing runs; start it with `local-azure up`")
        return 1
    for name, process in known.items():
        state = "runs" if process.alive else "DEAD"
        ports = ", ".join(f"{kind} {port}" for kind, port in process.ports.items())
        print(f"{name:<28} {state:<5} pid {process.pid:<8} {ports}")
    print(f"state in {home.path}")
    if not all(process.alive for process in known.values()):
        print("something is dead: `local-azure up` starts it again")
        return 1
    told = processes.call(home, "GET", "/status", seconds=_PATIENCE_SECONDS)
    print(f"clock {told['clock']}; bodies checked by {told['validation']}")
    refused = told["refused"]
    if isinstance(refused, dict) and refused:
        print("refused by the proxy:")
        for line, count in list(refused.items())[:_REFUSED_SHOWN]:
            print(f"  {count:>5} x {line}")
    return 0


def _logs(home: Home, given: argparse.Namespace) -> int:
    log = home.path / "logs" / f"{given.name}.log"
    if not log.exists():
        known = ", ".join(sorted(file.stem for file in (home.path / "logs").glob("*.log"))) or "none yet"
        return _fail(f"there is no log of '{given.name}'; there are: {known}")
    with log.open(errors="replace") as file:
        print("".join(file.readlines()[-given.lines :]), end="", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while given.follow:
                print(file.read(), end="", flush=True)
                time.sleep(0.5)
    return 0


def _run(home: Home, given: argparse.Namespace) -> int:  # noqa: RET503 - execve does not return
    command = given.rest[1:] if given.rest[:1] == ["--"] else given.rest
    if not command:
        return _fail("run needs a command: local-azure run -- python script.py", code=2)
    own = {**_without_other_clouds(), **processes.variables(home)}
    found = shutil.which(command[0], path=own["PATH"])
    if found is None:
        return _fail(f"there is no program '{command[0]}'", code=127)
    sys.stdout.flush()
    os.execve(found, command, own)  # noqa: S606 - the user's own command, no shell


def _without_other_clouds() -> dict[str, str]:
    """The caller's variables, without those that would send a program to the real Azure."""
    from environments.local import environment  # noqa: PLC0415 - not needed by the other commands

    return environment.inherited()


def _clock(home: Home, given: argparse.Namespace) -> int:
    asked: dict[str, tuple[str, dict[str, object] | None]] = {"show": ("GET", None), "reset": ("DELETE", None)}
    if given.action == "advance":
        seconds = _seconds(given.value or "")
        if seconds is None:
            return _fail("clock advance needs a time such as 30d, 12h, 15m or 90s", code=2)
        asked["advance"] = ("POST", {"seconds": seconds})
    if given.action == "set":
        moment = _moment(given.value or "")
        if moment is None:
            return _fail("clock set needs a moment such as 1985-01-01T00:00:00Z", code=2)
        asked["set"] = ("PUT", {"now": moment.isoformat()})
    method, body = asked[given.action]
    print(processes.call(home, method, "/clock", body)["now"])
    return 0


def _down(home: Home, _given: argparse.Namespace) -> int:
    with _alone(home):
        ended = processes.down(home)
    print(f"local-azure: ended {', '.join(ended)}" if ended else "local-azure: nothing ran")
    return 0


def _reset(home: Home, given: argparse.Namespace) -> int:
    if home.path.exists() and any(home.path.iterdir()) and not (home.path / "processes").exists():
        return _fail(f"{home.path} holds other things than a local environment; it is left alone")
    _down(home, given)
    shutil.rmtree(home.path, ignore_errors=True)
    print(f"local-azure: {home.path} is deleted")
    return 0


@contextlib.contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let one `up` or `down` of a home at a time work."""
    home.folder("processes")
    with (home.path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _names(home: Home) -> str:
    return ", ".join(supervisor.known(home))


def _seconds(text: str) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text)
    return timedelta(seconds=float(found[1]) * _UNITS[found[2]]).total_seconds() if found else None


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _fail(message: str, code: int = 3) -> int:
    print(f"local-azure: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
