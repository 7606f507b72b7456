"""The command line's words: every command and every option."""

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from mlops import measuring

_WHO = "who you are (default: your login); nobody checks it, so let only those run this whom you would believe"
_BESIDE = "JSON of what others know, for the release's record: scans, runtime.digest"
Runs = Mapping[str, Callable[[argparse.Namespace], int]]
"""What each command calls with its options; it returns the exit code."""


def parser(runs: Runs) -> argparse.ArgumentParser:
    """All commands and their options; `runs` says by name what each of them calls."""
    parser = argparse.ArgumentParser(
        prog="mlops",
        description="Runs one model on Azure ML: monitors, triggers, gates, rollouts.",
        epilog="Exit codes: 0 done; 1 could not be done; 2 wrong usage or file; 3 trouble outside, run again.",
    )
    parser.add_argument("--home", type=Path, help="folder of the loop's state (default: .mlops beside project.yaml)")
    parser.add_argument(
        "--clock", type=_clock, default="system", help="'system', or the URL of a clock that can be driven"
    )
    parser.add_argument("--project", help="which project, when the home has several")
    parser.add_argument("--output", choices=("table", "json"), default="table")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    validate = _add(commands, "validate", runs, "check a project file and what it points at; contacts nothing")
    validate.add_argument("-f", "--file", type=Path, default=Path("project.yaml"), help="the project file")
    for name, words in (
        ("plan", "say what apply would do"),
        ("apply", "check a project file and remember it as a generation"),
    ):
        command = _add(commands, name, runs, words)
        command.add_argument("-f", "--file", type=Path, default=Path("project.yaml"), help="the project file")
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument("--platform", type=Path, help="file with `pulumi stack output --json`")
        source.add_argument("--stack", help="Pulumi stack to ask instead")
        command.add_argument("--as", dest="actor", help=_WHO)
    status = _add(commands, "status", runs, "where the loop stands")
    status.add_argument("--watch", action="store_true", help="show it again every two seconds")
    again = _add(commands, "reconcile", runs, "look, decide, act, until nothing is to be done now")
    again.add_argument("--wait", action="store_true", help="also wait for what is under way at Azure")
    again.add_argument("--forever", action="store_true", help="be the controller: never end")
    _decisions_parser(commands, runs)
    _records_parser(commands, runs)
    _orders_parser(commands, runs)
    measuring.add(commands)
    report = _add(commands, "report", runs, "write an HTML report")
    report.add_argument("-o", "--out", type=Path, default=Path("report.html"))
    report.add_argument("--baseline", type=Path, help="CSV (key,prediction) of a model left alone, to compare with")
    return parser


def _clock(text: str) -> str:
    if text != "system" and not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no clock: use 'system' or a URL that answers {{\"now\": …}}")
    return text


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    runs: Runs,
    words: str,
    run: str = "",
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    # Said after the command, it counts too; unsaid, what stands before the command stays.
    command.add_argument("--output", choices=("table", "json"), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    command.set_defaults(run=runs[run or name])
    return command


def _decisions_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", runs: Runs) -> None:
    group = commands.add_parser("decisions", help="the log of what was decided, and why")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    listing = _add(inner, "list", runs, "list decisions, oldest first", "decisions")
    listing.add_argument("--last", type=int, help="only the newest so many")
    _add(inner, "verify", runs, "check that no decision was changed or removed")
    _add(inner, "head", runs, "print the newest decision's place and hash, to keep elsewhere: it shows a cut log")
    export = _add(inner, "export", runs, "write the log as a record that `policies check --records` judges")
    export.add_argument("-o", "--out", type=Path, default=Path("log.json"))
    export.add_argument("--head", type=Path, help="what `decisions head` printed when it was kept elsewhere")


def _records_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", runs: Runs) -> None:
    group = commands.add_parser("records", help="what was promoted, for those who govern: written and approved")
    inner = group.add_subparsers(required=True, metavar="COMMAND")
    export = _add(
        inner,
        "export",
        runs,
        "write a record of each promoted version, for `policies check --records`",
        "records",
    )
    export.add_argument("-o", "--out", type=Path, default=Path("records"), help="folder; approvals in it stay")
    export.add_argument("--version", help="only this one")
    export.add_argument("--to", metavar="STAGE", help="where it is bound for (default: where this loop runs)")
    export.add_argument("--with", dest="beside", type=Path, metavar="FILE", help=_BESIDE)
    approve = _add(inner, "approve", runs, "say yes to exactly what a record says, or no", "approve-record")
    approve.add_argument("file", type=Path, metavar="RECORD")
    approve.add_argument("--reason", required=True, help="goes into the record")
    approve.add_argument("--as", dest="actor", help=_WHO)
    approve.add_argument("--role", help="as what")
    approve.add_argument("--until", type=_last_day, metavar="DAY", help="the last day it holds (default: in 180 days)")
    approve.add_argument("--decline", action="store_true", help="say no")


def _last_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-12-31") from None


def _orders_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", runs: Runs) -> None:
    for name, words in (
        ("trigger", "ask for a new model now"),
        ("approve", "approve the candidate that waits, or decline it"),
        ("pause", "begin nothing new and move no weight forward"),
        ("resume", "go on after a pause or a hold"),
        ("abort", "end the attempt under way; a rollout goes back to the champion"),
        ("release", "use quarantined data again"),
    ):
        command = _add(commands, name, runs, words, "order")
        command.set_defaults(order=name)
        command.add_argument("--reason", required=True, help="goes into the decision")
        command.add_argument("--as", dest="actor", help=_WHO)
        if name == "approve":
            command.add_argument("--decline", action="store_true", help="say no")
            command.add_argument("--with", dest="beside", type=Path, metavar="FILE", help=_BESIDE)
        if name == "release":
            command.add_argument("--from", dest="start", required=True, help="first day of the quarantine")
