"""One run of a Pulumi program: the request comes on standard input, what the program prints goes out as it comes.

The language host starts this file by path with the interpreter that the project names, so it needs nothing beyond the
`pulumi` package of that interpreter.
"""

import os
import runpy
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

from pulumi.errors import RunError
from pulumi.runtime import settings
from pulumi.runtime.proto import language_pb2

SHOWN = 32
"""The exit code that says: the engine has shown the error already (the protocol's number, not ours)."""


def main() -> int:
    """Run the program that standard input asks for.  Returns 0, or SHOWN."""
    from pulumi.automation._server import LanguageServer  # noqa: PLC0415  # the host reads SHOWN and runs no program

    signal.signal(signal.SIGINT, _leave)
    request = language_pb2.RunRequest.FromString(sys.stdin.buffer.read())
    result = LanguageServer(lambda: _run(request)).Run(request, None)  # type: ignore[no-untyped-call]
    return SHOWN if result.error else 0


def _run(request: language_pb2.RunRequest) -> None:
    """Run the entry point as if it had been started by hand.  Raises RunError: one text, no trace of this file."""
    settings.SETTINGS.root_directory = request.info.root_directory
    folder = Path(request.info.program_directory)
    entry = folder / request.info.entry_point
    if entry.is_dir() and not (entry / "__main__.py").exists():
        raise RunError(f"{entry} has no __main__.py, so there is no program to run")
    os.chdir(request.pwd or folder)
    sys.argv = [str(entry)]
    sys.path[0] = str(folder)
    try:
        runpy.run_path(str(entry), run_name="__main__")
    except RunError:
        raise
    except SystemExit as error:
        if error.code not in {None, 0}:
            said = error.code if isinstance(error.code, str) else f"the program ended with exit code {error.code}"
            raise RunError(said) from error
    except Exception as error:
        raise RunError(f"the program failed with an unhandled exception:\n{_trace(error, folder)}") from error


def _trace(error: Exception, folder: Path) -> str:
    """Tell the trace from the program's first line on: what started it says nothing to its author."""
    lines = traceback.TracebackException.from_exception(error)
    own = [n for n, frame in enumerate(lines.stack) if frame.filename.startswith(f"{folder}{os.sep}")]
    if own:
        lines.stack = traceback.StackSummary.from_list(lines.stack[own[0] :])
    return "".join(lines.format())


def _leave(_signal: int, _frame: FrameType | None) -> None:
    os._exit(0)  # the engine interrupts its helpers at the end of every command; that is no error


if __name__ == "__main__":
    sys.exit(main())
