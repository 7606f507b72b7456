"""`decisions replay`: what today's code makes of what was decided on."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, FAILED, Commands, add, answer, opened

if TYPE_CHECKING:
    from mlops.flows.replay import Left, Replayed


def add_command(commands: Commands) -> None:
    """Add it to the group of the log."""
    words = "decide again, with this program on the recorded inputs; exit code 1: something would differ"
    command = add(commands, "replay", _replay, words)
    command.add_argument("--from", dest="start", type=int, default=1, metavar="N", help="only from decision N on")
    command.add_argument("--last", type=int, help="only the newest so many")


def _replay(options: argparse.Namespace) -> int:
    from mlops.flows.replay import replay  # noqa: PLC0415

    loop = opened(options)
    done = replay(loop.store, loop.context.name, loop.onto, start=options.start, last=options.last)
    answer(options, done, "\n".join(_text(done)) if options.output == "table" else "")
    return DONE if done.same else FAILED


def _text(done: "Replayed") -> Iterator[str]:
    from mlops.show import table  # noqa: PLC0415

    if done.differences:
        rows = [
            (str(line.sequence or ""), f"{each.at:%Y-%m-%d %H:%M}", line.then, line.now)
            for each in done.differences
            for line in each.lines
        ]
        yield table(("#", "when", "then", "now"), rows)
    differ = f"{len(done.differences)} would differ" if done.differences else "all as they were"
    yield f"{done.decisions} decisions of {done.passes} passes decided again: {differ}"
    if done.orders:
        yield f"{len(done.orders)} orders of people, which are not decided again: {_numbers(done.orders)}"
    if done.unrecorded:
        yield f"{len(done.unrecorded)} from before inputs were recorded: {_numbers(done.unrecorded)}"
    yield from _left("could not be decided again", done.too_large)
    yield from _left("cannot be read", done.unreadable)


def _left(what: str, left: "list[Left]") -> Iterator[str]:
    for each in left:
        yield f"{_numbers(each.decisions)} {what}: {each.why}"


def _numbers(found: "list[int] | tuple[int, ...]") -> str:
    """1-4, 7, 9-12."""
    spans: list[list[int]] = []
    for number in found:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
