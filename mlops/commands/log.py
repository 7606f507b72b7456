"""`decisions`: the log of what was decided, and why."""

import argparse
import json
import sys
from pathlib import Path

from mlops.commands import replay
from mlops.commands.frame import DONE, FAILED, Commands, add, answer, opened


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    group = commands.add_parser("decisions", help="the log of what was decided, and why")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    listing = add(inner, "list", _list, "list decisions, oldest first")
    listing.add_argument("--last", type=int, help="only the newest so many")
    add(inner, "verify", _verify, "check that no decision was changed or removed")
    add(inner, "head", _head, "print the newest decision's place and hash, to keep elsewhere: it shows a cut log")
    export = add(inner, "export", _export, "write the log as a record that `policies check --records` judges")
    export.add_argument("-o", "--out", type=Path, default=Path("log.json"))
    export.add_argument("--head", type=Path, help="what `decisions head` printed when it was kept elsewhere")
    replay.add_command(inner)


def _list(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415

    rows = opened(options).decisions()
    rows = rows[-options.last :] if options.last else rows
    answer(options, rows, show.decisions(rows) if options.output == "table" else "")
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from mlops.domain.decision import broken_at  # noqa: PLC0415

    rows = opened(options).decisions()
    broken = broken_at(rows)
    if broken is not None:
        print(f"mlops: decision {broken} was changed, or one before it is missing", file=sys.stderr)
        return FAILED
    answer(options, {"decisions": len(rows), "sound": True}, f"{len(rows)} decisions, none changed or missing")
    return DONE


def _head(options: argparse.Namespace) -> int:
    from mlops.flows.log import head_of  # noqa: PLC0415

    print(json.dumps(head_of(opened(options).decisions())))
    return DONE


def _export(options: argparse.Namespace) -> int:
    from mlops.flows.log import log_record, read_head  # noqa: PLC0415

    loop = opened(options)
    rows = loop.decisions()
    head = read_head(options.head) if options.head else None
    text = json.dumps(log_record(loop.context.name, rows, head), ensure_ascii=False, indent=1) + "\n"
    options.out.write_text(text, encoding="utf-8")
    answer(options, {"file": str(options.out), "decisions": len(rows)}, f"{options.out}: {len(rows)} decisions")
    return DONE
