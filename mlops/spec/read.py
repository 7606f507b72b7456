"""Read a project file; what is wrong is said with file and line, what is allowed and what was probably meant."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from mlops.domain.project import Project
from mlops.spec import batch, files, meaning, policies, possible, superseding
from mlops.spec.document import Document, Spec
from mlops.spec.errors import Finding, ProjectFileError
from mlops.spec.problem import Check
from mlops.spec.translate import to_project
from mlops.spec.tree import dotted, line_of, parse_tree, read_text


def read_project(path: Path) -> Project:
    """Read, check and translate a project file.  Raises `ProjectFileError` with all that was found."""
    return parse_project(read_text(path), path)


def parse_project(text: str, path: Path) -> Project:
    """As `read_project`, of a text that is at hand; `path` is where relative paths start and what errors name."""
    own = (*meaning.CHECKS, *batch.CHECKS, *possible.CHECKS, *policies.CHECKS, *superseding.CHECKS)
    return _project(text, path, (*own, *files.CHECKS))


def applied_project(text: str, path: Path) -> Project:
    """A project that was checked when it was applied: what a newer program finds in it must not stop its loop."""
    return _project(text, path, meaning.CHECKS)


def checked_project(text: str, path: Path) -> Project:
    """A project that was checked elsewhere: the files that it points at are not here."""
    return _project(text, path, ())


def _project(text: str, path: Path, checks: tuple[Check, ...]) -> Project:
    tree = parse_tree(text, path, "a project file is a mapping with apiVersion, kind, metadata and spec")
    folder = path.resolve().parent
    try:
        document = Document.model_validate(tree, by_alias=True, by_name=False)
    except ValidationError as error:
        spec = tree.get("spec")
        parts = _sound_parts(spec if isinstance(spec, dict) else {})
        sound = Spec.model_construct(**parts)
        runnable = tuple(check for check in checks if parts.keys() >= set(check.needs))
        raise ProjectFileError(*explained(error, tree, path, Document), *_found(runnable, sound, tree, path)) from error
    found = tuple(_found(checks, document.spec, tree, path))
    if found:
        raise ProjectFileError(*found)
    return to_project(document, folder)


def _sound_parts(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that are well-formed, so that one section's fault does not hide another's."""
    parts = {}
    for name, field in Spec.model_fields.items():
        written = tree.get(field.alias or name)
        shape: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        kind: TypeAdapter[Any] = TypeAdapter(shape)
        try:
            if written is not None:
                parts[name] = kind.validate_python(written, by_alias=True, by_name=False)
            elif not field.is_required():
                parts[name] = field.default
        except ValidationError:
            continue
    return parts


def _found(checks: tuple[Check, ...], spec: Spec, tree: Any, path: Path) -> Iterator[Finding]:  # noqa: ANN401
    for check in checks:
        for each in check.find(spec, path.resolve().parent):
            yield each if isinstance(each, Finding) else _finding(path, tree, each.where, each.what)


def _finding(path: Path, tree: Any, where: Sequence[str | int], what: str) -> Finding:  # noqa: ANN401
    return Finding(file=path, line=line_of(tree, where), key=dotted(where), what=what)


def explained(error: ValidationError, tree: Any, path: Path, root: type[BaseModel]) -> Iterator[Finding]:  # noqa: ANN401
    """What is wrong with a file of that shape: each with its line, what is allowed and what was probably meant."""
    details = error.errors(include_url=False)
    misspelt = {
        (*detail["loc"][:-1], _meant(detail, root)) for detail in details if detail["type"] == "extra_forbidden"
    }
    for detail in details:
        follows = detail["type"] == "missing" and detail["loc"] in misspelt
        # A list whose only entry is wrong is also "too short": that is no second fault.
        shadowed = detail["type"] == "too_short" and any(
            other is not detail and other["loc"][: len(detail["loc"])] == detail["loc"] for other in details
        )
        if follows or shadowed:
            continue
        where = _where(detail["loc"], tree)
        yield _finding(path, tree, where, _what(detail, root))


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


def _what(detail: ErrorDetails, root: type[BaseModel]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            meant = _meant(detail, root)
            guess = f"; did you mean {meant!r}?" if meant else "."
            return f"unknown key{guess} Allowed: {', '.join(_allowed(detail['loc'], root))}"
        case "missing":
            return "is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "which_variant":
            return detail["msg"]
    return f"{detail['msg'][0].lower()}{detail['msg'][1:]} (it is {detail['input']!r})"


def _meant(detail: ErrorDetails, root: type[BaseModel]) -> str | None:
    return next(iter(difflib.get_close_matches(str(detail["loc"][-1]), _allowed(detail["loc"], root), n=1)), None)


def _allowed(location: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    """The keys of the part that `location` leads into."""
    parts: list[type[BaseModel]] = [root]
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
