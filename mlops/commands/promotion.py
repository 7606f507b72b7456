"""`promote`: a version goes to the next environment, with its record."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import BESIDE, DONE, WHO, Commands, actor, add, answer, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlops.flows.promote import Leaving


def add_commands(commands: Commands) -> None:
    """Add it to the command line."""
    words = "offer a version to the next environment: say what would go, or do it (--yes)"
    command = add(commands, "promote", _promote, words)
    command.add_argument("--to", metavar="STAGE", help="where (default, and all there is: the next of the order)")
    command.add_argument("--version", help="which: the champion's (default), or a good one of before")
    command.add_argument("--records", type=Path, default=Path("records"), help="folder with what people approved")
    command.add_argument("--with", dest="beside", type=Path, metavar="FILE", help=BESIDE)
    command.add_argument("--yes", action="store_true", help="do it; without this nothing is changed")
    command.add_argument("--as", dest="actor", help=WHO)


def _promote(options: argparse.Namespace) -> int:
    from mlops.flows import promote  # noqa: PLC0415
    from mlops.releasing import bound  # noqa: PLC0415

    loop = opened(options)
    state = loop.state()
    project, platform = loop.as_applied(state.generation)
    to = promote.next_after(project, platform.environment, options.to)
    attempt = promote.leaving(state, loop.attempts(), options.version)
    file, record = bound(loop, attempt, to, options.records, options.beside)
    generation = loop.context.generation(state.generation)
    out = promote.about(generation, attempt, record, loop.context.clock.now())
    done = promote.promote(loop.context, generation, out, actor(options)) if options.yes else ()
    answer(options, _told(out, file, done=options.yes), "\n".join(_lines(out, file, done=options.yes, now=bool(done))))
    return DONE


def _told(out: "Leaving", file: Path, *, done: bool) -> dict[str, object]:
    return {
        "offer": out.offer,
        "registry": out.registry,
        "record": str(file),
        "approvedBy": out.approved.people,
        "missing": out.approved.missing,
        "there": done or out.there is not None,
    }


def _lines(out: "Leaving", file: Path, *, done: bool, now: bool) -> "Iterator[str]":
    offer = out.offer
    yield f"{offer.reference}: {offer.source} -> {offer.target} through the registry {out.registry}"
    yield f"  bytes: sha256:{offer.digest}"
    yield f"  record: sha256:{offer.record}, about {out.record.subject}"
    gates = ", ".join(f"{each.gate} {each.verdict.word}" for each in out.attempt.gates)
    yield f"  passed in {offer.source}: {gates}"
    if out.approved.missing:
        yield f"  missing: {out.approved.missing}"
        yield f"    mlops records export --version {offer.version} --to {offer.target} -o {file.parent}"
        yield f"    mlops records approve {file} --reason …, by somebody else than {out.record.author}"
    else:
        yield f"  approved by: {', '.join(out.approved.people) or 'nobody is asked'}"
    if out.there is not None:
        yield f"it is there: offered on {out.there.at:%Y-%m-%d %H:%M}"
    elif done:
        yield f"offered: {offer.target} takes it, judges it on its own rows and rolls it out" if now else "it is there"
    else:
        yield "nothing was changed: --yes offers it" if not out.approved.missing else "nothing was changed"
