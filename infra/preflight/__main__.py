"""`python -m infra.preflight STACK`: what would fail, before it costs anything."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence

from infra.preflight import stack as stacks
from infra.preflight import told
from infra.preflight.findings import Bypass
from infra.preflight.port import Azure
from infra.preflight.registry import HELD
from infra.preflight.run import preflight
from infra.preflight.stack import Document, StackError
from infra.settings import SettingsError

_WRONG = 2
_ENDS = """exit codes: 0 all passed or was bypassed; 1 something would fail; 2 the command line is wrong or there is no
such stack file; 3 nothing failed, but something cannot be told (no login, no network, no right to look)"""


def main(arguments: Sequence[str] | None = None, azure: Callable[[str | None], Azure] | None = None) -> int:
    """Run and print.  Returns the exit code; `azure` makes the port for a subscription, Azure's own by default."""
    given = _parser().parse_args(arguments)
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # what it has to say is in the findings
    try:
        document = stacks.load(stacks.find(given.stack))
        bypassed = {**_recorded(document), **_bypassed(given.bypass)}
    except StackError as error:
        print(f"preflight: {error}", file=sys.stderr)
        return _WRONG
    made = azure or _resource_manager
    report = preflight(document, lambda: made(given.subscription or document.subscription), bypassed)
    print(told.as_json(report) if given.output == "json" else told.as_table(report, verbose=given.verbose))
    return told.EXIT[report.outcome]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="preflight", description=__doc__, epilog=_ENDS)
    parser.add_argument("stack", help="a stack of environments/, or the path of a stack file (Pulumi.NAME.yaml)")
    parser.add_argument("--output", choices=("table", "json"), default="table", help="default: %(default)s")
    parser.add_argument("--verbose", action="store_true", help="also show what passed")
    parser.add_argument(
        "--subscription", help="default: the stack file's, $ARM_ or $AZURE_SUBSCRIPTION_ID, the only one"
    )
    parser.add_argument(
        "--bypass",
        action="append",
        default=[],
        metavar="CHECK=REASON",
        help=f"do not be held by a check, with a reason that is printed; checks: {', '.join(HELD)}",
    )
    return parser


def _bypassed(given: Sequence[str]) -> Mapping[str, Bypass]:
    found = {}
    for each in given:
        check, _, reason = each.partition("=")
        if check not in HELD or not reason.strip():
            raise StackError(f"--bypass {each!r}: it takes CHECK=REASON, with one of {', '.join(HELD)} and a reason")
        found[check] = Bypass(reason=reason.strip(), recorded="the command line")
    return found


def _recorded(document: Document) -> Mapping[str, Bypass]:
    """What the stack file itself says; a file that cannot be used bypasses nothing."""
    try:
        said = stacks.read(document).preflight_bypass
    except SettingsError:
        return {}
    return {check: Bypass(reason=reason, recorded=document.path.name) for check, reason in said.items()}


def _resource_manager(subscription: str | None) -> Azure:
    from infra.preflight.arm import ResourceManager  # noqa: PLC0415  Azure's SDK is not needed to refuse a stack file

    return ResourceManager(subscription)


if __name__ == "__main__":
    sys.exit(main())
