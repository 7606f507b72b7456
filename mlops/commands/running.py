"""`status`, `history`, `reconcile`, `report`: the loop at work, and what it came to."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, TROUBLE, Commands, add, answer, home, opened, say_aside

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlops.flows.reconcile import Pass


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    status = add(commands, "status", _status, "where the loop stands")
    status.add_argument("--watch", action="store_true", help="show it again every two seconds")
    add(commands, "history", _history, "every version that was the champion, and what may be gone back to")
    again = add(commands, "reconcile", _reconcile, "look, decide, act, until nothing is to be done now")
    again.add_argument("--wait", action="store_true", help="also wait for what is under way at Azure")
    again.add_argument("--forever", action="store_true", help="be the controller: never end")
    report = add(commands, "report", _report, "write an HTML report")
    report.add_argument("-o", "--out", type=Path, default=Path("report.html"))
    report.add_argument("--baseline", type=Path, help="CSV (key,prediction) of a model left alone, to compare with")


def _status(options: argparse.Namespace) -> int:
    import time  # noqa: PLC0415

    from mlops import show  # noqa: PLC0415
    from mlops.wiring import read_loop  # noqa: PLC0415

    while True:
        state = read_loop(home(options), options.project)
        if options.watch and options.output == "table":
            print("\x1b[2J\x1b[H", end="")
        answer(options, state, show.status(state) if options.output == "table" else "")
        if not options.watch:
            return DONE
        time.sleep(2)


def _history(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415
    from mlops.domain.history import reigns  # noqa: PLC0415

    loop = opened(options)
    found = reigns(loop.state(), loop.attempts(), loop.decisions())
    answer(options, found, show.reigns(found) if options.output == "table" else "")
    return DONE


def _reconcile(options: argparse.Namespace) -> int:
    import time  # noqa: PLC0415

    loop = opened(options, say_aside)
    while True:
        done = loop.reconcile()
        _say(options, done)
        if done.acted:
            continue
        if done.waiting_for == "operation" and (options.wait or options.forever):
            time.sleep(1)
            continue
        if not options.forever:
            return TROUBLE if done.trouble else DONE
        time.sleep(5)


def _say(options: argparse.Namespace, done: "Pass") -> None:
    if options.output == "json":
        answer(options, done, "")
        return
    if done.did:
        print(f"· {done.did}")
    for said in done.decisions:
        print(f"{said.at:%Y-%m-%d %H:%M}  {said.subject.value} {said.what}: {said.why}")
    for trouble in done.trouble:
        print(f"mlops: {trouble}", file=sys.stderr)
    if not done.acted:
        until = done.waiting_for
        print(f"waiting for {'Azure' if until == 'operation' else until or 'new data or a person'}")


def _report(options: argparse.Namespace) -> int:
    from importlib import import_module  # noqa: PLC0415

    write: Callable[..., None] = import_module("mlops.flows.report").report
    write(opened(options), options.out, options.baseline)
    answer(options, {"report": str(options.out)}, f"wrote {options.out}")
    return DONE
