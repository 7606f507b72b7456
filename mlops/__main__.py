"""Command line: parse, call one flow, print.

Exit codes: 0 done · 1 could not be done (the message says why) · 2 wrong usage, project file or platform file ·
3 `reconcile`: something outside had trouble, nothing is lost, run it again · 130 interrupted.
"""

import sys
from collections.abc import Sequence

from mlops.commands import parser
from mlops.commands.frame import BAD_INPUT, DONE, FAILED, INTERRUPTED, Run


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    options = parser().parse_args(arguments)
    run: Run = options.run
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
    from mlops.flows.apply import PlatformMismatchError  # noqa: PLC0415 - imports here wait until they are needed
    from mlops.flows.commands import NotPossibleError  # noqa: PLC0415
    from mlops.ports import OutsideError, StateError  # noqa: PLC0415
    from mlops.spec.errors import PlatformFileError, ProjectFileError  # noqa: PLC0415

    if isinstance(error, (ProjectFileError, PlatformFileError, PlatformMismatchError)):
        return BAD_INPUT
    if isinstance(error, (StateError, OutsideError, NotPossibleError)):
        return FAILED
    return None


if __name__ == "__main__":
    sys.exit(main())
