"""Command line: parse, call one flow, print.

Exit codes: 0 done · 1 could not be done (the message says why) · 2 wrong usage, project file or platform file ·
3 `reconcile`: something outside had trouble, nothing is lost, run it again · 130 interrupted.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.arguments import Runs, parser

if TYPE_CHECKING:
    from datetime import datetime

    from mlops.flows.apply import Wanted
    from mlops.flows.reconcile import Pass
    from mlops.wiring import OpenLoop

DONE, FAILED, BAD_INPUT, TROUBLE, INTERRUPTED = 0, 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    options = parser(_RUNS).parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        code = run(options)
        sys.stdout.flush()  # here, where a reader that has gone can be answered
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read has read enough
        sys.stdout = None
        return DONE
    except Exception as error:
        known = _code(error)
        if known is None:
            raise
        print(f"mlops: {error}", file=sys.stderr)
        return known
    return code


def _code(error: Exception) -> int | None:
    """The exit code of an error that is ours to explain; None: a defect, to be seen whole."""
    from mlops.flows.apply import PlatformMismatchError  # noqa: PLC0415 - all imports here wait until they are needed
    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415
    from mlops.ports import OutsideError, StateError  # noqa: PLC0415
    from mlops.spec.errors import PlatformFileError, ProjectFileError  # noqa: PLC0415

    if isinstance(error, (ProjectFileError, PlatformFileError, PlatformMismatchError)):
        return BAD_INPUT
    if isinstance(error, (StateError, OutsideError, NotPossibleError)):
        return FAILED
    return None


def _home(options: argparse.Namespace) -> Path:
    home: Path | None = options.home
    file: Path | None = getattr(options, "file", None)
    return home or (file.parent if file else Path()) / ".mlops"


def _actor(options: argparse.Namespace) -> str:
    import getpass  # noqa: PLC0415

    return options.actor or getpass.getuser()


def _wanted(options: argparse.Namespace) -> "Wanted":
    from mlops.flows.apply import Wanted  # noqa: PLC0415
    from mlops.spec.platform import parse_platform, read_platform  # noqa: PLC0415
    from mlops.spec.read import read_project  # noqa: PLC0415
    from mlops.wiring import stack_outputs  # noqa: PLC0415

    project = read_project(options.file)
    platform = (
        read_platform(options.platform)
        if options.platform
        else parse_platform(stack_outputs(options.stack), f"the outputs of stack {options.stack}")
    )
    path = options.file.resolve()
    return Wanted(
        project=project,
        text=path.read_text(encoding="utf-8"),
        path=str(path),
        platform=platform,
        actor=_actor(options),
    )


def _validate(options: argparse.Namespace) -> int:
    from mlops.spec.errors import ProjectFileError  # noqa: PLC0415
    from mlops.spec.read import read_project  # noqa: PLC0415

    try:
        project = read_project(options.file)
    except ProjectFileError as error:
        _print(options, {"sound": False, "findings": error.findings}, str(error))
        return BAD_INPUT
    _print(options, {"sound": True, "findings": ()}, f"{options.file}: project {project.name} is sound")
    return DONE


def _plan(options: argparse.Namespace) -> int:
    from mlops.flows.apply import plan  # noqa: PLC0415
    from mlops.wiring import open_store  # noqa: PLC0415

    lines = plan(_wanted(options), open_store(_home(options)))
    _print(options, list(lines), "\n".join(lines))
    return DONE


def _apply(options: argparse.Namespace) -> int:
    from mlops.flows.apply import apply  # noqa: PLC0415
    from mlops.wiring import open_clock, open_store  # noqa: PLC0415

    wanted = _wanted(options)
    loop = apply(wanted, open_store(_home(options), _say_aside), open_clock(options.clock).now())
    _print(options, loop, f"{loop.project}: generation {loop.generation} on {loop.endpoint}")
    return DONE


def _open(options: argparse.Namespace, say: Callable[[str], None] | None = None) -> "OpenLoop":
    from mlops.wiring import open_loop  # noqa: PLC0415

    return open_loop(_home(options), options.clock, options.project, say=say)


def _say_aside(line: str) -> None:
    """Beside the answer, so that a program which reads JSON is not disturbed."""
    print(f"mlops: {line}", file=sys.stderr)


def _status(options: argparse.Namespace) -> int:
    import time  # noqa: PLC0415

    from mlops import show  # noqa: PLC0415
    from mlops.wiring import read_loop  # noqa: PLC0415

    while True:
        state = read_loop(_home(options), options.project)
        if options.watch and options.output == "table":
            print("\x1b[2J\x1b[H", end="")
        _print(options, state, show.status(state) if options.output == "table" else "")
        if not options.watch:
            return DONE
        time.sleep(2)


def _reconcile(options: argparse.Namespace) -> int:
    import time  # noqa: PLC0415

    loop = _open(options, _say_aside)
    while True:
        done = loop.reconcile()
        _say(options, done)
        if done.acted:
            continue
        if done.waiting_for == "operation" and (options.wait or options.forever):
            time.sleep(1)
            continue
        if not options.forever:
            return TROUBLE if done.trouble else DONE
        time.sleep(5)


def _say(options: argparse.Namespace, done: "Pass") -> None:
    if options.output == "json":
        _print(options, done, "")
        return
    if done.did:
        print(f"· {done.did}")
    for said in done.decisions:
        print(f"{said.at:%Y-%m-%d %H:%M}  {said.subject.value} {said.what}: {said.why}")
    for trouble in done.trouble:
        print(f"mlops: {trouble}", file=sys.stderr)
    if not done.acted:
        until = done.waiting_for
        print(f"waiting for {'Azure' if until == 'operation' else until or 'new data or a person'}")


def _decisions(options: argparse.Namespace) -> int:
    from mlops import show  # noqa: PLC0415

    rows = _open(options).decisions()
    rows = rows[-options.last :] if options.last else rows
    _print(options, rows, show.decisions(rows) if options.output == "table" else "")
    return DONE


def _verify(options: argparse.Namespace) -> int:
    from mlops.domain.decision import broken_at  # noqa: PLC0415

    rows = _open(options).decisions()
    broken = broken_at(rows)
    if broken is not None:
        print(f"mlops: decision {broken} was changed, or one before it is missing", file=sys.stderr)
        return FAILED
    _print(options, {"decisions": len(rows), "sound": True}, f"{len(rows)} decisions, none changed or missing")
    return DONE


def _head(options: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from mlops.flows.log import head_of  # noqa: PLC0415

    print(json.dumps(head_of(_open(options).decisions())))
    return DONE


def _export(options: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from mlops.flows.log import log_record, read_head  # noqa: PLC0415

    loop = _open(options)
    rows = loop.decisions()
    head = read_head(options.head) if options.head else None
    text = json.dumps(log_record(loop.context.name, rows, head), ensure_ascii=False, indent=1) + "\n"
    options.out.write_text(text, encoding="utf-8")
    _print(options, {"file": str(options.out), "decisions": len(rows)}, f"{options.out}: {len(rows)} decisions")
    return DONE


def _records(options: argparse.Namespace) -> int:
    from mlops.releasing import export  # noqa: PLC0415

    files = export(_open(options), options.out, options.version, options.to, options.beside)
    _print(options, {"files": [str(one) for one in files]}, "\n".join(map(str, files)))
    return DONE


def _approve_record(options: argparse.Namespace) -> int:
    from mlops.releasing import approve  # noqa: PLC0415
    from mlops.wiring import open_clock  # noqa: PLC0415

    said = {"who": _actor(options), "granted": not options.decline, "reason": options.reason, "role": options.role}
    digest = approve(options.file, open_clock(options.clock).now(), options.until, **said)
    word = "declined" if options.decline else "approved"
    _print(options, {"file": str(options.file), "digest": digest, "said": word}, f"{options.file}: {word} {digest}")
    return DONE


def _order(options: argparse.Namespace) -> int:
    from mlops.flows import commands  # noqa: PLC0415

    loop, actor, reason = _open(options), _actor(options), options.reason
    context = loop.context
    match options.order:
        case "approve":
            from mlops.releasing import asked  # noqa: PLC0415

            subject = asked(loop, options.beside)
            said = commands.approve(context, actor, reason, granted=not options.decline, subject=subject)
        case "release":
            said = commands.release(context, actor, reason, _day(options.start))
        case "trigger":
            said = commands.trigger(context, actor, reason)
        case "pause":
            said = commands.pause(context, actor, reason)
        case "resume":
            said = commands.resume(context, actor, reason)
        case _:
            said = commands.abort(context, actor, reason)
    _print(options, said, "\n".join(f"{each.subject.value} {each.what}: {each.why}" for each in said))
    return DONE


def _day(text: str) -> "datetime":
    from datetime import UTC  # noqa: PLC0415
    from datetime import datetime as moment  # noqa: PLC0415

    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415

    try:
        found = moment.fromisoformat(text)
    except ValueError as error:
        raise NotPossibleError(f"{text!r} is no date: write 1975-03-01") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _report(options: argparse.Namespace) -> int:
    from importlib import import_module  # noqa: PLC0415

    write: Callable[..., None] = import_module("mlops.flows.report").report
    write(_open(options), options.out, options.baseline)
    _print(options, {"report": str(options.out)}, f"wrote {options.out}")
    return DONE


def _print(options: argparse.Namespace, value: object, text: str) -> None:
    if options.output == "table":
        print(text)
        return
    from mlops.show import as_json  # noqa: PLC0415

    print(as_json(value))


_RUNS: Runs = {
    "validate": _validate,
    "plan": _plan,
    "apply": _apply,
    "status": _status,
    "reconcile": _reconcile,
    "decisions": _decisions,
    "verify": _verify,
    "head": _head,
    "export": _export,
    "records": _records,
    "approve-record": _approve_record,
    "order": _order,
    "report": _report,
}


if __name__ == "__main__":
    sys.exit(main())
