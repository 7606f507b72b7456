"""`validate`, `plan`, `apply`: from a project file to a generation."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.commands.frame import BAD_INPUT, DONE, WHO, Commands, actor, add, answer, home, say_aside

if TYPE_CHECKING:
    from mlops.flows.apply import Wanted


def add_commands(commands: Commands) -> None:
    """Add them to the command line."""
    words = "check a project file and what it points at; contacts nothing"
    _file(add(commands, "validate", _validate, words))
    for command in (
        add(commands, "plan", _plan, "say what apply would do"),
        add(commands, "apply", _apply, "check a project file and remember it as a generation"),
    ):
        _file(command)
        source = command.add_mutually_exclusive_group(required=True)
        source.add_argument("--platform", type=Path, help="file with `pulumi stack output --json`")
        source.add_argument("--stack", help="Pulumi stack to ask instead")
        command.add_argument("--as", dest="actor", help=WHO)


def _file(command: argparse.ArgumentParser) -> None:
    command.add_argument("-f", "--file", type=Path, default=Path("project.yaml"), help="the project file")


def _validate(options: argparse.Namespace) -> int:
    from mlops.spec.errors import ProjectFileError  # noqa: PLC0415
    from mlops.spec.read import read_project  # noqa: PLC0415

    try:
        project = read_project(options.file)
    except ProjectFileError as error:
        answer(options, {"sound": False, "findings": error.findings}, str(error))
        return BAD_INPUT
    answer(options, {"sound": True, "findings": ()}, f"{options.file}: project {project.name} is sound")
    return DONE


def _plan(options: argparse.Namespace) -> int:
    from mlops.flows.apply import plan  # noqa: PLC0415
    from mlops.wiring import open_clock, open_store  # noqa: PLC0415

    store = open_store(home(options), url=options.store)
    lines = plan(_wanted(options), store, open_clock(options.clock).now())
    answer(options, list(lines), "\n".join(lines))
    return DONE


def _apply(options: argparse.Namespace) -> int:
    from mlops.flows.apply import apply  # noqa: PLC0415
    from mlops.wiring import open_clock, open_store  # noqa: PLC0415

    wanted = _wanted(options)
    loop = apply(wanted, open_store(home(options), say_aside, options.store), open_clock(options.clock).now())
    answer(options, loop, f"{loop.project}: generation {loop.generation} on {loop.endpoint}")
    return DONE


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
        actor=actor(options),
    )
