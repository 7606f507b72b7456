"""Read a project file; what is wrong is said with file and line, what is allowed and what was probably meant."""

import difflib
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from mlops.domain.project import Project
from mlops.spec.document import Document
from mlops.spec.errors import ProjectFileError
from mlops.spec.translate import MeaningError, to_project


def read_project(path: Path) -> Project:
    """Read, check and translate a project file.  Raises `ProjectFileError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProjectFileError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_project(text, path)


def parse_project(text: str, path: Path) -> Project:
    """As `read_project`, of a text that is at hand; `path` is where relative paths start and what errors name."""
    tree = _tree(text, path)
    try:
        document = Document.model_validate(tree, by_alias=True, by_name=False)
        return to_project(document, path.resolve().parent)
    except ValidationError as error:
        raise ProjectFileError("\n".join(_lines(error, tree, path))) from error
    except MeaningError as error:
        raise ProjectFileError(f"{path}:{_line(tree, error.where)}: {_dotted(error.where)}: {error.what}") from error


def _tree(text: str, path: Path) -> Any:  # noqa: ANN401 - YAML may hold anything
    try:
        tree = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ProjectFileError(f"{path}:{line}: no YAML: {error.problem}") from error
    if not isinstance(tree, dict):
        raise ProjectFileError(f"{path}:1: a project file is a mapping with apiVersion, kind, metadata and spec")
    return tree


def _lines(error: ValidationError, tree: Any, path: Path) -> Iterator[str]:  # noqa: ANN401
    for detail in error.errors(include_url=False):
        where = _where(detail["loc"], tree)
        yield f"{path}:{_line(tree, where)}: {_dotted(where)}: {_what(detail, where)}"


def _where(location: Sequence[str | int], tree: Any) -> tuple[str | int, ...]:  # noqa: ANN401
    """The path of keys in the file: pydantic's has the tags of variants in between."""
    where: list[str | int] = []
    for at, key in enumerate(location):
        known = (isinstance(tree, dict) and key in tree) or (
            isinstance(tree, list) and isinstance(key, int) and key < len(tree)
        )
        if known:
            where.append(key)
            tree = tree[key]
        elif at == len(location) - 1:
            where.append(key)
    return tuple(where)


def _what(detail: ErrorDetails, where: tuple[str | int, ...]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            allowed = _allowed(detail["loc"])
            close = difflib.get_close_matches(str(where[-1]), allowed, n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            return (
                f"unknown key{meant} Allowed: {', '.join(allowed)}"
                if close
                else (f"unknown key. Allowed: {', '.join(allowed)}")
            )
        case "missing":
            return "is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]} (it is {detail['input']!r})"


def _allowed(location: Sequence[str | int]) -> list[str]:
    """The keys of the part that `location` leads into."""
    part: Any = Document
    for key in location[:-1]:
        part = _inside(part, key)
    return sorted(field.alias or name for name, field in part.model_fields.items()) if _is_part(part) else []


def _inside(part: Any, key: str | int) -> Any:  # noqa: ANN401 - a type expression
    if _is_part(part):
        field = next((f for n, f in part.model_fields.items() if (f.alias or n) == key), None)
        return _unwrapped(field.annotation) if field else part
    for option in get_args(part):
        if _is_part(option) and any((f.alias or n) == key for n, f in option.model_fields.items()):
            return option
    return part


def _unwrapped(annotation: Any) -> Any:  # noqa: ANN401
    """The part inside `tuple[Part, ...]`, `Part | None`, `Annotated[Part, …]`; else the annotation."""
    if _is_part(annotation):
        return annotation
    inner = [_unwrapped(option) for option in get_args(annotation)]
    parts = [option for option in inner if _is_part(option)]
    return parts[0] if len(parts) == 1 else annotation


def _is_part(annotation: Any) -> bool:  # noqa: ANN401
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _line(tree: Any, where: Sequence[str | int]) -> int:  # noqa: ANN401
    """The line of a key; of the nearest one above when the key is missing."""
    line = 1
    for key in where:
        if isinstance(tree, dict) and key in tree:
            line = tree.lc.key(key)[0] + 1  # type: ignore[attr-defined]  # ruamel's round-trip mapping
        elif isinstance(tree, list) and isinstance(key, int) and key < len(tree):
            line = tree.lc.item(key)[0] + 1  # type: ignore[attr-defined]  # ruamel's round-trip sequence
        else:
            break
        tree = tree[key]
    return line


def _dotted(where: Sequence[str | int]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in where).lstrip(".") or "project"
