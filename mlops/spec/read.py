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
    except UnicodeDecodeError as error:
        raise ProjectFileError(f"{path}: is not UTF-8 text: {error.reason} at byte {error.start}") from error
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
    details = error.errors(include_url=False)
    misspelt = {(*detail["loc"][:-1], _meant(detail)) for detail in details if detail["type"] == "extra_forbidden"}
    for detail in details:
        follows = detail["type"] == "missing" and detail["loc"] in misspelt
        # A list whose only entry is wrong is also "too short": that is no second fault.
        shadowed = detail["type"] == "too_short" and any(
            other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details
        )
        if follows or shadowed:
            continue
        where = _where(detail["loc"], tree)
        yield f"{path}:{_line(tree, where)}: {_dotted(where)}: {_what(detail)}"


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
        elif at == len(location) - 1 and not str(key).startswith("<"):
            where.append(key)
    return tuple(where)


def _what(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "extra_forbidden":
            meant = _meant(detail)
            guess = f"; did you mean {meant!r}?" if meant else "."
            return f"unknown key{guess} Allowed: {', '.join(_allowed(detail['loc']))}"
        case "missing":
            return "is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "which_variant":
            return detail["msg"]
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]} (it is {detail['input']!r})"


def _meant(detail: ErrorDetails) -> str | None:
    return next(iter(difflib.get_close_matches(str(detail["loc"][-1]), _allowed(detail["loc"]), n=1)), None)


def _allowed(location: Sequence[str | int]) -> list[str]:
    """The keys of the part that `location` leads into."""
    parts: list[type[BaseModel]] = [Document]
    for key in location[:-1]:
        parts = _inside(parts, key)
    return sorted({alias for part in parts for alias in _aliases(part)})


def _inside(parts: list[type[BaseModel]], key: str | int) -> list[type[BaseModel]]:
    """The parts that a key leads to; a key that is no field is the tag of a variant, or a place in a list."""
    below = [
        inner
        for part in parts
        for name, field in part.model_fields.items()
        if (field.alias or name) == key
        for inner in _parts(field.annotation)
    ]
    tag = str(key).strip("<>")
    tagged = [part for part in parts if tag in _aliases(part) or tag in _type_words(part)]
    return below or tagged or parts


def _aliases(part: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in part.model_fields.items()]


def _type_words(part: type[BaseModel]) -> tuple[str, ...]:
    kind = part.model_fields.get("type")
    return (part.__name__.lower(), *(get_args(kind.annotation) if kind else ()))


def _parts(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401
    """The parts inside `tuple[Part, ...]`, `Part | None`, `Annotated[Part, …]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for option in get_args(annotation) for part in _parts(option)]


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
