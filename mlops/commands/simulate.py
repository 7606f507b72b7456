"""`simulate`: a policy, or several, in the same made-up world."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import DONE, Commands, add, answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops.simulation.results import Result

_LONGEST = 3650


def add_commands(commands: Commands) -> None:
    """Add it to the command line."""
    words = "let project files live through months of a made-up world in seconds, and compare what came of it"
    command = add(commands, "simulate", _simulate, words)
    command.add_argument("files", type=Path, nargs="+", metavar="project.yaml", help="versions of a project file")
    command.add_argument("--days", type=_days, default=365, help="of the simulation (default: 365)")
    command.add_argument("--seed", type=int, default=0, help="chance is drawn from it: the same seed, the same answer")
    command.add_argument("--scenario", type=Path, help="how data drifts, what fails, what things cost (YAML)")
    command.add_argument("-o", "--out", type=Path, default=Path("simulation.html"), help="where the picture goes")


def _days(text: str) -> int:
    try:
        days = int(text)
    except ValueError:
        days = 0
    if not 1 <= days <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} are no days to simulate: say a whole number from 1 to {_LONGEST}")
    return days


def _simulate(options: argparse.Namespace) -> int:
    from mlops.simulation.results import CAVEATS  # noqa: PLC0415
    from mlops.wiring import simulate  # noqa: PLC0415

    found = simulate(tuple(options.files), options.scenario, days=options.days, seed=options.seed)
    _draw(found, options)
    value = {
        "days": options.days,
        "seed": options.seed,
        "picture": str(options.out),
        "versions": found,
        "caveats": CAVEATS,
    }
    answer(options, value, _text(found, options) if options.output == "table" else "")
    return DONE


def _draw(found: "Sequence[Result]", options: argparse.Namespace) -> None:
    from mlops.ports import StateError  # noqa: PLC0415
    from mlops.simulation.picture import render  # noqa: PLC0415

    try:
        options.out.write_text(render(found, options.seed), encoding="utf-8")
    except OSError as error:
        raise StateError(f"{options.out} cannot be written: {error.strerror}; say another file with --out") from error


def _text(found: "Sequence[Result]", options: argparse.Namespace) -> str:
    from mlops.show import table  # noqa: PLC0415
    from mlops.simulation.summary import asides, rows  # noqa: PLC0415

    head = f"{options.days} days from {found[0].start:%Y-%m-%d}, seed {options.seed}"
    lines = [table((head, *(each.name for each in found)), rows(found)), *(f"· {line}" for line in asides(found))]
    return "\n".join([*lines, f"wrote {options.out}"])
