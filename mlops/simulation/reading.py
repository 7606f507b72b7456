"""Read what a simulation needs; what is wrong with a scenario is said as it is of a project file."""

from pathlib import Path

from pydantic import ValidationError

from mlops.simulation.run import Version
from mlops.simulation.scenario import ScenarioFile, World
from mlops.spec.errors import ProjectFileError
from mlops.spec.read import explained, parse_project
from mlops.spec.tree import parse_tree, read_text


def read_world(path: Path | None) -> World:
    """The world that a file describes; without one, one of common troubles.

    Raises ProjectFileError with all that is wrong.
    """
    if path is None:
        return World()
    tree = parse_tree(read_text(path), path, "a scenario file is a mapping with apiVersion, kind and spec")
    try:
        return ScenarioFile.model_validate(tree, by_alias=True, by_name=False).spec
    except ValidationError as error:
        raise ProjectFileError(*explained(error, tree, path, ScenarioFile)) from error


def read_versions(paths: tuple[Path, ...]) -> tuple[Version, ...]:
    """Project files, checked as `validate` does.  Raises ProjectFileError."""
    short = len({path.name for path in paths}) == len(paths)
    return tuple(_version(path, path.name if short else str(path)) for path in paths)


def _version(path: Path, name: str) -> Version:
    text = read_text(path)
    project = parse_project(text, path)
    rows = parse_tree(text, path, "")["spec"]["data"].get("rowsPerDay")
    pace = None if rows is None else float(rows)
    return Version(name=name, project=project, text=text, path=path.resolve(), rows_per_day=pace)
