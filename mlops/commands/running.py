"""`status`, `history`, `reconcile`, `controller`, `report`: the loop at work, and what it came to."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, INTERRUPTED, SEAL_KEY, TROUBLE, Commands, add, answer, home, opened, say_aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import TextIO

    from mlops.flows.reconcile import Pass
    from mlops.flows.watching import Watching
    from mlops.ports import Clock, Store
    from mlops.wiring import OpenLoop

_MOST_WORKERS = 64
_SHORTEST_LOOK, _LONGEST_LOOK = 0.1, 3600


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    status = add(commands, "status", _status, "where the loop stands")
    status.add_argument("--watch", action="store_true", help="a live table of all projects, until interrupted")
    status.add_argument("--every", type=_seconds, default=2.0, help="seconds between two looks (default: 2)")
    add(commands, "history", _history, "every version that was the champion, and what may be gone back to")
    words = "look, decide, act, until nothing is to be done now: one project, or all"
    again = add(commands, "reconcile", _reconcile, words)
    again.add_argument("--wait", action="store_true", help="also wait for what is under way at Azure")
    words = "never end: give each project its passes when they are due; SIGTERM ends it after the passes under way"
    controller = add(commands, "controller", _controller, words)
    controller.add_argument("--workers", type=_workers, default=4, help="projects worked on at once (default: 4)")
    words = f"sign where all logs end, every hour, with this {SEAL_KEY}"
    controller.add_argument("--seal-key", metavar="PLACE", help=words)
    for command in (again, controller):
        command.add_argument("--log", choices=("json",), help="also write a line of JSON a pass to standard error")
        words = "serve http://127.0.0.1:PORT/metrics for Prometheus while it runs"
        command.add_argument("--metrics-port", type=int, metavar="PORT", help=words)
    words = "print how the store stands, for Prometheus: projects, lag, what waits to be taken in and told"
    add(commands, "metrics", _metrics, words)
    report = add(commands, "report", _report, "write an HTML report")
    report.add_argument("-o", "--out", type=Path, default=Path("report.html"))
    report.add_argument("--baseline", type=Path, help="CSV (key,prediction) of a model left alone, to compare with")


def _status(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415
    from mlops.keeping import named, read_loops  # noqa: PLC0415

    if options.watch and options.output == "table":
        return _watch(options)
    loops = read_loops(home(options), options.store)
    if options.project is None and len(loops) > 1:
        answer(options, loops, show.overview(loops) if options.output == "table" else "")
        return DONE
    which = named(tuple(loop.project for loop in loops), options.project)
    state = next(loop for loop in loops if loop.project == which)
    answer(options, state, show.status(state) if options.output == "table" else "")
    return DONE


def _watch(options: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415

    from mlops.keeping import must_exist, named, open_store  # noqa: PLC0415
    from mlops.live import Looker, watch  # noqa: PLC0415
    from mlops.wiring import open_clock  # noqa: PLC0415

    must_exist(home(options), options.store)
    store = open_store(home(options), url=options.store)
    only = named(store.projects(), options.project) if options.project else None
    watch(Looker(store, open_clock(options.clock), only), Console(), options.every)
    return DONE


def _history(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415
    from mlops.domain.rollouts.history import reigns  # noqa: PLC0415

    loop = opened(options)
    found = reigns(loop.state(), loop.attempts(), loop.decisions())
    answer(options, found, show.reigns(found) if options.output == "table" else "")
    return DONE


def _metrics(options: argparse.Namespace) -> int:
    from mlops.observing import metrics_text  # noqa: PLC0415
    from mlops.wiring import open_clock, open_store  # noqa: PLC0415

    print(metrics_text(open_store(home(options), url=options.store), open_clock(options.clock)), end="")
    return DONE


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not _SHORTEST_LOOK <= found <= _LONGEST_LOOK:
        raise argparse.ArgumentTypeError(f"{text!r} seconds cannot be: from {_SHORTEST_LOOK} to {_LONGEST_LOOK}")
    return found


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} workers cannot be: from 1 to {_MOST_WORKERS}")
    return int(text)


def _reconcile(options: argparse.Namespace) -> int:
    from mlops.wiring import open_loops  # noqa: PLC0415

    loops = open_loops(home(options), options.clock, options.project, say=say_aside, url=options.store)
    with _observed(options, loops[0].store, loops[0].context.clock) as watching:
        for loop in loops:
            loop.watch(watching)
        loops = tuple(loop for loop in loops if options.project or loop.state().removed is None)
        codes = [_settle(options, loop, loop.context.name if len(loops) > 1 else "") for loop in loops]
    return max(codes, default=DONE)


def _observed(options: argparse.Namespace, store: "Store", clock: "Clock") -> "AbstractContextManager[Watching]":
    from mlops.observing import observed  # noqa: PLC0415

    return observed(store, clock, log=sys.stderr if options.log == "json" else None, port=options.metrics_port)


def _settle(options: argparse.Namespace, loop: "OpenLoop", name: str) -> int:
    import time  # noqa: PLC0415

    while True:
        done = loop.reconcile()
        _say(options, name, done)
        if done.acted:
            continue
        if done.waiting_for != "operation" or not options.wait:
            return TROUBLE if done.trouble else DONE
        time.sleep(1)


def _controller(options: argparse.Namespace) -> int:
    import signal  # noqa: PLC0415
    from contextlib import ExitStack, nullcontext, redirect_stdout  # noqa: PLC0415
    from threading import Lock  # noqa: PLC0415

    from mlops.controlling import open_controller  # noqa: PLC0415
    from mlops.keeping import only_controller, open_signer  # noqa: PLC0415

    signer = open_signer(options.seal_key) if options.seal_key else None
    out, one_line = sys.stdout, Lock()

    def say(project: str, done: "Pass") -> None:
        if done.acted or done.did or done.trouble:
            with one_line:
                _say(options, project, done, out)

    alone = nullcontext() if options.store else only_controller(home(options))
    with alone, redirect_stdout(sys.stderr), ExitStack() as ends:
        controller = open_controller(
            home(options),
            options.clock,
            options.workers,
            say,
            url=options.store,
            watch=lambda store, clock: ends.enter_context(_observed(options, store, clock)),
            signer=signer,
        )
        ended: list[int] = []

        def stop(number: int, _: object) -> None:
            ended.append(number)
            controller.stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            controller.run()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return INTERRUPTED if signal.SIGINT in ended else DONE


def _say(options: argparse.Namespace, name: str, done: "Pass", out: "TextIO | None" = None) -> None:
    if options.output == "json":
        from mlops.show import as_json  # noqa: PLC0415

        said = {"project": name, "pass": done} if name or out else done
        print(as_json(said, line=out is not None), file=out, flush=True)
        return
    mark = f"{name}: " if name else ""
    if done.did:
        print(f"{mark}· {done.did}", file=out)
    for one in done.decisions:
        print(f"{mark}{one.at:%Y-%m-%d %H:%M}  {one.subject.value} {one.what}: {one.why}", file=out)
    for trouble in done.trouble:
        print(f"mlops: {mark}{trouble}", file=sys.stderr)
    if not done.acted and out is None:
        until = done.waiting_for
        print(f"{mark}waiting for {'Azure' if until == 'operation' else until or 'new data or a person'}")
    if out is not None:
        out.flush()


def _report(options: argparse.Namespace) -> int:
    from importlib import import_module  # noqa: PLC0415

    write: Callable[..., None] = import_module("mlops.flows.report").report
    write(opened(options), options.out, options.baseline)
    answer(options, {"report": str(options.out)}, f"wrote {options.out}")
    return DONE
