"""`decisions`: the log of what was decided, and why."""

import argparse
import json
import sys
from pathlib import Path

from mlops.commands import replay
from mlops.commands.frame import DONE, FAILED, SEAL_KEY, Commands, add, answer, home, opened


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    group = commands.add_parser("decisions", help="the log of what was decided, and why")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    listing = add(inner, "list", _list, "list decisions, oldest first")
    listing.add_argument("--last", type=int, help="only the newest so many")
    verify = add(inner, "verify", _verify, "check that no decision was changed or removed: of one project, or of all")
    words = "public key in PEM: checks the seals, too, and that no log was cut"
    verify.add_argument("--key", type=Path, metavar="FILE", help=words)
    words = "a seal that was kept elsewhere, as `decisions seal` printed it"
    verify.add_argument("--seal", type=Path, metavar="FILE", help=words)
    words = "sign where all logs end now, and print it, to keep elsewhere; `controller --seal-key` does it every hour"
    seal = add(inner, "seal", _seal, words)
    seal.add_argument("--seal-key", metavar="PLACE", required=True, help=SEAL_KEY)
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
    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415
    from mlops.flows.sealing import check, read_signed  # noqa: PLC0415
    from mlops.keeping import open_verifier  # noqa: PLC0415
    from mlops.wiring import open_loops  # noqa: PLC0415

    verifier = open_verifier(options.key) if options.key else None
    kept = read_signed(options.seal) if options.seal else None
    if kept is not None and verifier is None:
        raise NotPossibleError("a seal says nothing without the public key: give --key, too")
    loops = open_loops(home(options), options.clock, options.project, url=options.store)
    logs = {loop.context.name: loop.decisions() for loop in loops}
    seals = loops[0].store.seals.all() if verifier is not None else ()
    found = check(logs, seals, verifier, kept, all_projects=options.project is None)
    for finding in found.findings:
        print(f"mlops: {finding}", file=sys.stderr)
    if found.findings:
        return FAILED
    sealed = f"; {found.seals} seals, the newest of {found.newest:%Y-%m-%d %H:%M}" if found.newest else ""
    said = {"decisions": found.decisions, "seals": found.seals, "newest": found.newest, "sound": True}
    answer(options, said, f"{found.decisions} decisions, none changed or missing{sealed}")
    return DONE


def _seal(options: argparse.Namespace) -> int:
    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415
    from mlops.flows.sealing import seal, written  # noqa: PLC0415
    from mlops.keeping import must_exist, open_signer, open_store  # noqa: PLC0415
    from mlops.wiring import open_clock  # noqa: PLC0415

    signer = open_signer(options.seal_key)
    must_exist(home(options), options.store)
    store = open_store(home(options), url=options.store)
    made = seal(store.seals, signer, open_clock(options.clock).now()) or store.seals.newest()
    if made is None:
        raise NotPossibleError("nothing was decided yet, so there is nothing to seal")
    print(written(made))
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
