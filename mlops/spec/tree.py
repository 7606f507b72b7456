"""YAML with the lines of its keys, so that whatever is wrong can be pointed at."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mlops.spec.errors import Finding, ProjectFileError

Where = tuple[str | int, ...]
"""The path of keys to a place."""


def parse_tree(text: str, path: Path, what: str) -> Any:  # noqa: ANN401 - YAML may hold anything
    """The mapping in a text; `what` says in errors what it should have been.  Raises ProjectFileError."""
    try:
        tree = YAML(typ="rt").load(StringIO(text))
    except (YAMLError, ValueError) as error:  # a date that is none is a ValueError
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        said = error.problem if isinstance(error, MarkedYAMLError) else error
        line = mark.line + 1 if mark else 1
        raise ProjectFileError(Finding(file=path, line=line, key="", what=f"no YAML: {said}")) from error
    if not isinstance(tree, dict):
        raise ProjectFileError(Finding(file=path, line=1, key="", what=what))
    return tree


def read_text(path: Path) -> str:
    """A text file.  Raises ProjectFileError."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise ProjectFileError(Finding(file=path, line=None, key="", what=what)) from error
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text: {error.reason} at byte {error.start}"
        raise ProjectFileError(Finding(file=path, line=None, key="", what=what)) from error


def line_of(tree: Any, where: Sequence[str | int]) -> int:  # noqa: ANN401
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


def dotted(where: Sequence[str | int]) -> str:
    """As people write a place: spec.gates[0].name."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in where).lstrip(".") or "project"
