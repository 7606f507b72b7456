"""The command line: read arguments, read what is to be judged, judge, print.

Exit codes: 0 nothing is refused; 2 something of the call cannot be used (an argument, a file, the waivers); 3, 4, 5, 6
the severest refusal is low, medium, high, critical.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

PROFILES = ("local", "dev", "staging", "prod", "regulated")
OUTPUTS = ("table", "json", "sarif", "html", "junit")
_HERE = Path(__file__).resolve().parent
_BAD_CALL = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    # What the commands need takes longer to load than `--help` may take.
    from audit import commands  # noqa: PLC0415
    from audit.subjects import UnreadableError  # noqa: PLC0415
    from waivers import WaiversError  # noqa: PLC0415

    try:
        done = commands.run(chosen)
    except WaiversError as error:
        said = "\n".join(f"  {line}" for line in str(error).splitlines())
        sys.stderr.write(f"policies: {chosen.waivers} is refused:\n{said}\n")
        return _BAD_CALL
    except UnreadableError as error:
        sys.stderr.write(f"policies: {error}\n")
        return _BAD_CALL
    sys.stderr.write(done.beside)
    try:
        sys.stdout.write(done.text)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        sys.stderr.close()
    return done.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="policies",
        description="The rules of aml-kit: what they are, and what breaks them.",
        epilog="Exit codes: 0 nothing is refused; 2 the call or a file cannot be used; 3 low, 4 medium, 5 high, "
        "6 critical: the severest refusal.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="list the rules, as strict as a profile")
    _profile(rules)
    _output(rules, "table", "json")
    explain = commands.add_parser("explain", help="say all about one rule")
    explain.add_argument("rule", metavar="RULE", help="its id or name")
    _check(commands.add_parser("check", help="judge a state, a preview, records about models, or what is deployed"))
    _approved(commands.add_parser("approved", help="print the config that lets approved models be deployed"))
    report = commands.add_parser("report", help="print an earlier result (check --output json) in another form")
    report.add_argument("result", metavar="FILE", type=Path)
    report.add_argument("--stack-file", type=Path, help="where SARIF points to")
    _output(report, *OUTPUTS, default="html")
    listed = commands.add_parser("waivers", help="list the waivers and their ends; refuse what is malformed")
    _waivers(listed)
    _output(listed, "table", "json")
    crosswalk = commands.add_parser("crosswalk", help="which rule answers which id of which framework")
    _output(crosswalk, "table", "json")
    return parser


def _check(check: argparse.ArgumentParser) -> None:
    source = check.add_mutually_exclusive_group(required=True)
    source.add_argument("--state", type=Path, metavar="FILE", help="what `pulumi stack export` wrote")
    source.add_argument(
        "--preview", type=Path, metavar="FILE", help="what `pulumi preview --json --show-sames` printed"
    )
    source.add_argument("--records", type=Path, metavar="PATH", help="a record about a model, or a folder of them")
    source.add_argument("--live", action="store_true", help="what is deployed, also what Pulumi did not make")
    check.add_argument("--subscription", help="with --live: which one (default: ARM_SUBSCRIPTION_ID)")
    check.add_argument("--resource-group", action="append", default=[], help="with --live: only these; repeatable")
    check.add_argument("--config", type=Path, help="levels and settings, as for `pulumi --policy-pack-config`")
    check.add_argument(
        "--unknowns", choices=("advise", "block"), help="default: block in prod and regulated, but for a preview"
    )
    check.add_argument(
        "--fail-on",
        choices=("low", "medium", "high", "critical"),
        default="low",
        help="the least severity that is not exit code 0",
    )
    check.add_argument("--stack-file", type=Path, help="where SARIF points to, if the program's line is not known")
    _profile(check)
    _waivers(check)
    _output(check, *OUTPUTS)


def _approved(approved: argparse.ArgumentParser) -> None:
    approved.add_argument("records", type=Path, metavar="PATH", help="a record about a release, or a folder of them")
    approved.add_argument(
        "--in", dest="place", action="append", required=True, metavar="PLACE",
        help="where deployments find models: azureml://registries/NAME, a workspace's id, or `workspace`; repeatable",
    )  # fmt: skip
    approved.add_argument("--config", type=Path, help="a config to judge by and to print with the models in it")
    _profile(approved)
    _waivers(approved)


def _profile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", help=f"one of {', '.join(PROFILES)} (default: by the stack's name, else prod)")


def _waivers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--waivers", type=Path, default=_HERE / "waivers.yaml", metavar="FILE")


def _output(parser: argparse.ArgumentParser, *forms: str, default: str = "table") -> None:
    parser.add_argument("--output", choices=forms, default=default)


if __name__ == "__main__":
    sys.exit(main())
