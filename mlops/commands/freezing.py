"""`freeze`, `unfreeze`: orders for one project, or with --all for all of them."""

import argparse
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, WHO, Commands, actor, add, answer, home, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlops.domain.records.decision import Decision
    from mlops.flows.context import Context

    Order = Callable[[Sequence[Context], str, str], tuple[Decision, ...]]


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    words = "change nothing: begin, move forward, repair and collect nothing; what fails still goes back"
    for command in (
        add(commands, "freeze", _freeze, words),
        add(commands, "unfreeze", _unfreeze, "go on after a freeze"),
    ):
        command.add_argument("--all", action="store_true", help="all projects, also those that are applied later")
        command.add_argument("--reason", required=True, help="goes into the decision")
        command.add_argument("--as", dest="actor", help=WHO)


def _freeze(options: argparse.Namespace) -> int:
    from mlops.flows.frozen import freeze, freeze_all  # noqa: PLC0415

    return _said(options, freeze_all if options.all else lambda contexts, *who: freeze(contexts[0], *who))


def _unfreeze(options: argparse.Namespace) -> int:
    from mlops.flows.frozen import unfreeze, unfreeze_all  # noqa: PLC0415

    return _said(options, unfreeze_all if options.all else lambda contexts, *who: unfreeze(contexts[0], *who))


def _said(options: argparse.Namespace, order: "Order") -> int:
    from mlops.wiring import open_loops  # noqa: PLC0415

    loops = open_loops(home(options), options.clock, None, url=options.store) if options.all else (opened(options),)
    said = order([loop.context for loop in loops], actor(options), options.reason)
    answer(options, said, "\n".join(f"{each.subject.value} {each.what}: {each.why}" for each in said))
    return DONE
