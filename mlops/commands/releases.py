"""`records`: what was promoted, for those who govern: written and approved."""

import argparse
from datetime import date
from pathlib import Path

from mlops.commands.frame import BESIDE, DONE, WHO, Commands, actor, add, answer, opened


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    group = commands.add_parser("records", help="what was promoted, for those who govern: written and approved")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    words = "write a record of each promoted version, for `policies check --records`"
    export = add(inner, "export", _export, words)
    export.add_argument("-o", "--out", type=Path, default=Path("records"), help="folder; approvals in it stay")
    export.add_argument("--version", help="only this one")
    export.add_argument("--to", metavar="STAGE", help="where it is bound for (default: where this loop runs)")
    export.add_argument("--with", dest="beside", type=Path, metavar="FILE", help=BESIDE)
    approve = add(inner, "approve", _approve, "say yes to exactly what a record says, or no")
    approve.add_argument("file", type=Path, metavar="RECORD")
    approve.add_argument("--reason", required=True, help="goes into the record")
    approve.add_argument("--as", dest="actor", help=WHO)
    approve.add_argument("--role", help="as what")
    approve.add_argument("--until", type=_last_day, metavar="DAY", help="the last day it holds (default: in 180 days)")
    approve.add_argument("--decline", action="store_true", help="say no")


def _last_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-12-31") from None


def _export(options: argparse.Namespace) -> int:
    from mlops.releasing import export  # noqa: PLC0415

    files = export(opened(options), options.out, options.version, options.to, options.beside)
    answer(options, {"files": [str(one) for one in files]}, "\n".join(map(str, files)))
    return DONE


def _approve(options: argparse.Namespace) -> int:
    from mlops.releasing import approve  # noqa: PLC0415
    from mlops.wiring import open_clock  # noqa: PLC0415

    said = {"who": actor(options), "granted": not options.decline, "reason": options.reason, "role": options.role}
    digest = approve(options.file, open_clock(options.clock).now(), options.until, **said)
    word = "declined" if options.decline else "approved"
    answer(options, {"file": str(options.file), "digest": digest, "said": word}, f"{options.file}: {word} {digest}")
    return DONE
