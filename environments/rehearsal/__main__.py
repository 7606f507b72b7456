"""Command line: rehearse a stack, say what was seen, leave nothing behind."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local.install import ROOT
from environments.local.supervisor import StartError
from environments.rehearsal import acts, changed, faults, made, secrets, table, upgrade
from environments.rehearsal.engine import EngineError
from environments.rehearsal.existing import UnmakeableError
from environments.rehearsal.journal import Journal
from environments.rehearsal.stage import Stage, staged
from environments.rehearsal.subject import Subject, SubjectError, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from environments.rehearsal.table import Row

ACTS = ("up", "again", "secrets", "settings", "made", "destroy", "faults", "upgrade")
_STANDING = frozenset({"again", "secrets", "settings", "made"})
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Rehearse.  Returns 0: all passed, 1: something failed, 2: wrong usage, 3: not done, 130: interrupted."""
    given = _parser().parse_args(arguments)
    try:
        subject = find(given.stack, given.project.resolve())
    except SubjectError as error:
        return _fail(str(error), 2)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is started is ended, whoever asks
    journal = Journal(Path(given.home) if given.home else None)
    try:
        rows, code = _rehearsed(subject, given, journal), 0
    except KeyboardInterrupt:
        rows, code = journal.rows, _INTERRUPTED
        again = f"go on with --home {given.home}" if given.home else "nothing is left of it"
        print(f"rehearse: interrupted; {again}", file=sys.stderr)
    except (EngineError, StartError, UnmakeableError) as error:
        return _fail(str(error), 3)
    shown = table.as_json if given.output == "json" else table.as_text
    print(shown(subject.stack, rows, subject.remarks))
    return code or int(table.failed(rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rehearse", description="A stack's whole life, before it costs anything.")
    parser.add_argument("stack", help="a stack's name, a scenario's name, or the path of a stack file")
    parser.add_argument("--project", type=Path, default=ROOT, help="folder with Pulumi.yaml (default: %(default)s)")
    parser.add_argument("--only", nargs="+", choices=ACTS, default=ACTS, metavar="ACT", help=f"of {', '.join(ACTS)}")
    parser.add_argument(
        "--full", action="store_true", help="every write of every resource; every change is really made"
    )
    parser.add_argument("--every", type=_count, default=1, metavar="N", help="of N settings change one (default: all)")
    parser.add_argument("--of", nargs="+", default=(), metavar="KEY", help="of settings only these, and what is below")
    parser.add_argument("--make", type=_count, default=8, metavar="N", help="of settings really change N (default: 8)")
    parser.add_argument("--output", choices=("table", "json"), default="table")
    parser.add_argument("--home", help="keep the environment and what was seen here, and go on from there")
    parser.add_argument("--write-touched", action="store_true", help="write down what each setting touches, as right")
    parser.add_argument("--schemas", default=os.environ.get("AML_KIT_ARM_SCHEMAS"), help="as of local-azure up")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"should be 1 or more, not {text!r}")
    return int(text)


def _rehearsed(subject: Subject, given: argparse.Namespace, journal: Journal) -> tuple[Row, ...]:
    folder = Path(given.home).resolve() if given.home else Path(tempfile.mkdtemp(prefix="rehearsal-"))
    try:
        with staged(subject, folder, given.schemas) as stage:
            for name in (each for each in ACTS if each in given.only or (each == "up" and _STANDING & {*given.only})):
                _play(name, stage, given, journal)
    finally:
        if not given.home:
            shutil.rmtree(folder, ignore_errors=True)
    return journal.rows


def _play(name: str, stage: Stage, given: argparse.Namespace, journal: Journal) -> None:
    if journal.has(name):
        return
    began = time.monotonic()
    for found in _act(name, given)(stage):
        journal.note(found)
        _progress(found)
    journal.ended(name)
    print(f"rehearse: {name} took {time.monotonic() - began:.0f} s", file=sys.stderr)


def _act(name: str, given: argparse.Namespace) -> Callable[[Stage], Iterator[Row]]:
    known: Mapping[str, Callable[[Stage], Iterator[Row]]] = {
        "up": acts.first_up,
        "again": acts.again,
        "secrets": secrets.played,
        "settings": lambda stage: _settings(stage, given),
        "made": lambda stage: _made(stage, given),
        "destroy": acts.destroyed,
        "faults": lambda stage: faults.played(stage, full=given.full),
        "upgrade": upgrade.played,
    }
    return known[name]


def _settings(stage: Stage, given: argparse.Namespace) -> Iterator[Row]:
    if not given.write_touched:
        return changed.played(stage, given.every, given.of)
    return changed.written(stage)


def _made(stage: Stage, given: argparse.Namespace) -> Iterator[Row]:
    expected = changed.read_expected(stage)
    changes = changed.named(changed.changes_of(stage), given.of)
    if given.full or given.of:
        return made.played(stage, changes, expected)
    return made.played(stage, made.sample(changes, expected or {}, given.make), expected)


def _progress(found: Row) -> None:
    first = found.told.splitlines()[0] if found.told else ""
    print(f"  {found.result:<6} {found.act}: {found.what} ({found.seconds:.0f} s) {first[:100]}", file=sys.stderr)


def _fail(message: str, code: int) -> int:
    print(f"rehearse: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
