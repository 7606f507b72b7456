"""The whole promise on one machine: platform up, model trained and served, years of weather, a report to look at."""

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from examples.rain.plan import Plan, plan
from examples.rain.stage import GOES_ON, DemoError, Stage

_CHECKOUT = Path(__file__).resolve().parents[2]
_INTERRUPTED = 130
_SHOWN = 15  # last lines of a program that failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo, or go on with it.  Returns the exit code."""
    given = _parser().parse_args(arguments)
    # Bound to the real output: what the SDKs print goes into the demo's log.
    console = Console(file=sys.stdout, soft_wrap=True)
    try:
        wanted = plan(given.years)
        stage = Stage(given.folder.resolve(), given.home)
        if given.inside:
            return _inside(stage, wanted, console)
        if given.fresh:
            stage.clear()
            _run(stage, _local_azure(stage, "reset"))
        stage.remember(wanted)
        _platform(stage, console)
    except (DemoError, ValueError) as error:
        console.print(f"[red]demo:[/red] {error}", highlight=False)
        return 1
    inside = [sys.executable, "-m", "examples.rain.demo", *(arguments if arguments is not None else sys.argv[1:])]
    try:
        return subprocess.call(_local_azure(stage, "run", "--", *inside, "--inside"), cwd=_CHECKOUT)
    except KeyboardInterrupt:  # the other half says so
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.rain.demo", description=__doc__)
    parser.add_argument("--years", type=int, default=15, help="how many years to replay (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=_CHECKOUT / "demo", help="state of the demo (default: demo/)")
    parser.add_argument("--home", type=Path, default=None, help="state of the local environment, as for local-azure")
    parser.add_argument("--fresh", action="store_true", help="begin anew: delete both states first")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser


def _platform(stage: Stage, console: Console) -> None:
    """Local environment and platform; both commands do nothing where there is nothing to do."""
    with console.status("starting Azure on this machine …"):
        _run(stage, _local_azure(stage, "up"))
    console.print("Azure's protocol is served on this machine [dim](local-azure status)[/dim]")
    with console.status("building the platform with Pulumi, under the policy pack …"):
        up = (
            "pulumi",
            "up",
            "-s",
            "local",
            "--yes",
            "--non-interactive",
            "--skip-preview",
            "--policy-pack",
            "policies",
        )
        _run(stage, _local_azure(stage, "run", "--", "pulumi", "stack", "select", "--create", "local"))
        _run(stage, _local_azure(stage, "run", "--", *up))
        shown = _run(stage, _local_azure(stage, "run", "--", "pulumi", "stack", "output", "-s", "local", "--json"))
    stage.outputs.write_text(shown, encoding="utf-8")
    console.print("the platform stands: workspace, storage, compute, endpoint, identities [dim](pulumi up)[/dim]")


def _inside(stage: Stage, wanted: Plan, console: Console) -> int:
    """Within `local-azure run`: all that follows finds Azure by its environment's variables."""
    import httpx  # noqa: PLC0415 -- Azure's SDKs take seconds to import, and only this half needs them
    from azure.core.exceptions import AzureError  # noqa: PLC0415

    from environments.local.home import Home, default_home  # noqa: PLC0415
    from examples.rain.performance import perform  # noqa: PLC0415
    from examples.rain.watch import PartEndedError, ended, watching  # noqa: PLC0415
    from mlops.ports import OutsideError, StateError  # noqa: PLC0415

    home = Home(stage.home or default_home())
    try:
        with (
            watching(home),
            stage.log.open("a", encoding="utf-8") as log,
            contextlib.redirect_stdout(log),
        ):
            return perform(stage, wanted, console)
    except PartEndedError as error:
        raise DemoError(_ended(str(error))) from None
    except (httpx.HTTPError, AzureError, OutsideError, StateError) as error:
        dead = ended(home)
        raise DemoError(_ended(dead[0]) if dead else f"{_what(error)}\n{GOES_ON}") from error
    except KeyboardInterrupt:
        console.print("interrupted; the same command goes on from here")
        return _INTERRUPTED


def _ended(part: str) -> str:
    return f"{part} of the local environment has ended; `local-azure logs {part}` says more.\n{GOES_ON}"


def _what(error: Exception) -> str:
    """Say what went wrong; a connection that is refused says nothing of who should have answered."""
    import httpx  # noqa: PLC0415

    if isinstance(error, httpx.TransportError):
        return f"the local environment does not answer ({error}); `local-azure status` says what is dead."
    return str(error)


def _local_azure(stage: Stage, *rest: str) -> list[str]:
    home = ["--home", str(stage.home)] if stage.home else []
    return [sys.executable, "-m", "environments.local", *home, *rest]


def _run(stage: Stage, command: list[str]) -> str:
    """Run to its end, its words into the demo's log; raises DemoError with the last of them when it fails."""
    done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False, env=dict(os.environ))
    stage.folder.mkdir(parents=True, exist_ok=True)
    with stage.log.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}\n")
    if done.returncode:
        said = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN:])
        raise DemoError(f"`{' '.join(command[2:])}` failed:\n  {said}\nAll of it is in {stage.log}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
