"""Preflight itself: a stack file and Azure in, a report out."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from infra.preflight import stack as stacks
from infra.preflight.findings import (
    NOT_LOOKED,
    Bypass,
    CannotTellError,
    Finding,
    Outcome,
    Report,
    Result,
    bad,
    good,
    unknown,
    worst,
)
from infra.preflight.plan import Stack
from infra.preflight.port import Azure
from infra.preflight.registry import ACCESS, CHECKS, SETTINGS
from infra.preflight.stack import Document


def preflight(document: Document, azure: Callable[[], Azure], bypassed: Mapping[str, Bypass] | None = None) -> Report:
    """Run all checks on one stack file.  Never raises: what goes wrong on the way is a finding.

    `azure` is called once the settings are good, so that a bad stack file needs no login.
    """
    bypassed = bypassed or {}
    settings = _settings(document)
    if worst([finding.outcome for finding in settings]) is not Outcome.PASS:
        results = (_result(SETTINGS, settings), *_unseen(ACCESS, "before `settings` passes"))
        return _report(document, "", results, bypassed)
    try:
        port = azure()
        subscription = port.subscription()
    except CannotTellError as error:
        access = (
            unknown("Azure", str(error), "sign in (`az login`, or the AZURE_* variables), or name a subscription"),
        )
        results = (_result(SETTINGS, settings), _result(ACCESS, access), *_unseen("", "before `access` passes"))
        return _report(document, document.subscription or "", results, bypassed)
    stack = Stack(document=document, settings=stacks.read(document), subscription=subscription)
    results = (
        _result(SETTINGS, settings),
        _result(ACCESS, (good(subscription, "answers"),)),
        *(_result(check.id, check.run(port, stack)) for check in CHECKS),
    )
    return _report(document, subscription, results, bypassed)


def _settings(document: Document) -> tuple[Finding, ...]:
    sealed = stacks.sealed(document)
    if sealed:
        change = "write it in plain: nothing in these settings is a secret"
        return tuple(unknown(key, "is encrypted, and preflight decrypts nothing", change) for key in sealed)
    problems = stacks.problems(document)
    if not problems:
        return (good(document.path.name, "can be used"),)
    return tuple(bad(*_split(problem)) for problem in problems)


def _split(problem: str) -> tuple[str, str, str]:
    """The reader's own line: which key, what is wrong with it."""
    key, _, rest = problem.partition(": ")
    return key, rest, "mend this key; environments/README.md says what each may be"


def _unseen(first: str, why: str) -> tuple[Result, ...]:
    rest = (first,) if first else ()
    ids = (*rest, *(check.id for check in CHECKS))
    change = f"mend that first: {why}, there is nothing to look at"
    return tuple(_result(each, (unknown(each, NOT_LOOKED, change),)) for each in ids)


def _result(check: str, findings: tuple[Finding, ...]) -> Result:
    return Result(check=check, findings=findings)


def _report(
    document: Document, subscription: str, results: tuple[Result, ...], bypassed: Mapping[str, Bypass]
) -> Report:
    held = tuple(replace(each, bypass=bypassed.get(each.check)) for each in results)
    return Report(stack=document.stack, file=str(document.path), subscription=subscription, results=held)
