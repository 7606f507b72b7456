"""`why`: why the loop stands where it stands, or why something was decided."""

import argparse
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, Commands, add, answer, opened

if TYPE_CHECKING:
    from mlops.flows.why import Because


def add_commands(commands: Commands) -> None:
    """Add it to the command line."""
    words = "why the loop stands where it stands, or why something was decided"
    command = add(commands, "why", _why, words)
    subject = (
        "a decision's number, `attempt N`, `champion`, `trigger NAME` or `rollout` (default: how everything stands)"
    )
    command.add_argument("subject", nargs="*", metavar="SUBJECT", help=subject)


def _why(options: argparse.Namespace) -> int:
    from mlops.flows import because  # noqa: PLC0415

    loop = opened(options)
    stands = because.standing(loop.store, loop.context.name, loop.context.clock.now(), loop.as_applied)
    question = because.Question(stands=stands, inputs=lambda at: loop.store.inputs(loop.context.name, at))
    found = because.answer(question, tuple(options.subject))
    answer(options, found, _text(found) if options.output == "table" else "")
    return DONE


def _text(found: "tuple[Because, ...]") -> str:
    from mlops.show import table  # noqa: PLC0415

    rows = [(each.about, each.says, f"#{each.decision}" if each.decision else "") for each in found]
    return table(("", "", ""), rows, header=False)
