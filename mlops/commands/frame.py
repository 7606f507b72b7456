"""What every command shares: its options, its exit codes, where the state is, how it answers."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mlops.wiring import OpenLoop

DONE, FAILED, BAD_INPUT, TROUBLE, INTERRUPTED = 0, 1, 2, 3, 130

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name
Run = Callable[[argparse.Namespace], int]
"""What a command calls with its options; it returns the exit code."""

WHO = "who you are (default: your login); nobody checks it, so let only those run this whom you would believe"
SEAL_KEY = "private Ed25519 key: a PEM file, or https://VAULT.vault.azure.net/secrets/NAME, read by identity"
BESIDE = "JSON of what others know, for the release's record: scans, runtime.digest"


def add(commands: Commands, name: str, run: Run, words: str) -> argparse.ArgumentParser:
    """Add a command; the general options may stand after it as well as before it."""
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    general_options(command, after=True)
    command.set_defaults(run=run)
    return command


def general_options(parser: argparse.ArgumentParser, *, after: bool = False) -> None:
    """Options of every command.  Unsaid after the command, what stands before it counts."""

    def said(words: str) -> str:
        return argparse.SUPPRESS if after else words

    default = argparse.SUPPRESS if after else None
    where = "folder of the loop's state (default: .mlops beside project.yaml)"
    parser.add_argument("--home", type=Path, default=default, help=said(where))
    server = "PostgreSQL that holds the state instead: postgresql://USER@HOST/DATABASE (or $MLOPS_STORE)"
    store = os.environ.get("MLOPS_STORE", "")
    parser.add_argument("--store", metavar="URL", default=default or store, help=said(server))
    clock = "'system', or the URL of a clock that can be driven"
    parser.add_argument("--clock", type=_clock, default=default or "system", help=said(clock))
    parser.add_argument("--project", default=default, help=said("which project, when the home has several"))
    shape = "a table to read, or JSON for programs"
    parser.add_argument("--output", choices=("table", "json"), default=default or "table", help=said(shape))


def _clock(text: str) -> str:
    if text != "system" and not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no clock: use 'system' or a URL that answers {{\"now\": …}}")
    return text


def home(options: argparse.Namespace) -> Path:
    """Where the state is."""
    said: Path | None = options.home
    file: Path | None = getattr(options, "file", None)
    return said or (file.parent if file else Path()) / ".mlops"


def actor(options: argparse.Namespace) -> str:
    """Who runs this."""
    import getpass  # noqa: PLC0415

    return options.actor or getpass.getuser()


def opened(options: argparse.Namespace, say: Callable[[str], None] | None = None) -> "OpenLoop":
    """Open the project that the options name.  Raises StateError."""
    from mlops.wiring import open_loop  # noqa: PLC0415 - all imports inside functions wait until they are needed

    return open_loop(home(options), options.clock, options.project, say=say, url=options.store)


def say_aside(line: str) -> None:
    """Beside the answer, so that a program which reads JSON is not disturbed."""
    print(f"mlops: {line}", file=sys.stderr)


def answer(options: argparse.Namespace, value: object, text: str) -> None:
    """Print the answer as it was asked for."""
    if options.output == "table":
        print(text)
        return
    from mlops.show import as_json  # noqa: PLC0415

    print(as_json(value))
