"""Orders of people: each is one decision with their name and reason on it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import BESIDE, DONE, WHO, Commands, actor, add, answer, opened

if TYPE_CHECKING:
    from datetime import datetime

    from mlops.domain.records.decision import Decision
    from mlops.wiring import OpenLoop

Order = Callable[["OpenLoop", argparse.Namespace], "tuple[Decision, ...]"]


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    trigger = _order(commands, "trigger", _trigger, "ask for a new model now", needs_reason=False)
    trigger.add_argument("--break-glass", action="store_true", help="do not wait for the budget either; it is recorded")
    approve = _order(commands, "approve", _approve, "approve the candidate that waits, or decline it")
    approve.add_argument("--decline", action="store_true", help="say no")
    approve.add_argument("--with", dest="beside", type=Path, metavar="FILE", help=BESIDE)
    _order(commands, "pause", _pause, "begin nothing new and move no weight forward")
    _order(commands, "resume", _resume, "go on after a pause or a hold")
    _order(commands, "abort", _abort, "end the attempt under way; a rollout goes back to the champion")
    back = _order(commands, "rollback", _rollback, "let a good version of before serve again")
    back.add_argument("--to", metavar="VERSION", help="which (default: the newest; `mlops history` lists them)")
    _order(commands, "skip", _skip, "do not wait for this step of the rollout any longer; what fails still goes back")
    _order(commands, "remove", _remove, "end the loop; its log and what serves stay, and apply brings it back")
    release = _order(commands, "release", _release, "use quarantined data again")
    release.add_argument("--from", dest="start", required=True, help="first day of the quarantine")


def _order(
    commands: Commands, name: str, order: Order, words: str, *, needs_reason: bool = True
) -> argparse.ArgumentParser:
    def run(options: argparse.Namespace) -> int:
        said = order(opened(options), options)
        answer(options, said, "\n".join(f"{each.subject.value} {each.what}: {each.why}" for each in said))
        return DONE

    command = add(commands, name, run, words)
    wanted = "" if needs_reason else "; needed unless the project says otherwise"
    command.add_argument("--reason", required=needs_reason, default="", help=f"goes into the decision{wanted}")
    command.add_argument("--as", dest="actor", help=WHO)
    return command


def _trigger(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import trigger  # noqa: PLC0415

    return trigger(loop.context, actor(options), options.reason, break_glass=options.break_glass)


def _approve(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import approve  # noqa: PLC0415
    from mlops.releasing import asked  # noqa: PLC0415

    subject = asked(loop, options.beside)
    return approve(loop.context, actor(options), options.reason, granted=not options.decline, subject=subject)


def _pause(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import pause  # noqa: PLC0415

    return pause(loop.context, actor(options), options.reason)


def _resume(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import resume  # noqa: PLC0415

    return resume(loop.context, actor(options), options.reason)


def _abort(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import abort  # noqa: PLC0415

    return abort(loop.context, actor(options), options.reason)


def _rollback(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import roll_back  # noqa: PLC0415

    return roll_back(loop.context, actor(options), options.reason, options.to)


def _skip(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.frozen import skip  # noqa: PLC0415

    return skip(loop.context, actor(options), options.reason)


def _remove(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.removal import remove  # noqa: PLC0415

    return remove(loop.context, actor(options), options.reason)


def _release(loop: "OpenLoop", options: argparse.Namespace) -> "tuple[Decision, ...]":
    from mlops.flows.commands import release  # noqa: PLC0415

    return release(loop.context, actor(options), options.reason, _day(options.start))


def _day(text: str) -> "datetime":
    from datetime import UTC, datetime  # noqa: PLC0415

    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415

    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotPossibleError(f"{text!r} is no date: write 1975-03-01") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
