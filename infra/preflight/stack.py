"""A stack file, read as the engine reads it, without the engine: what is encrypted stays encrypted."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from infra import settings
from infra.settings import NAMESPACE, Settings, SettingsError

FOLDER = Path(__file__).resolve().parents[2] / "environments"
_FOLDERS = (FOLDER / "scenarios", FOLDER)
_SUBSCRIPTION = "azure-native:subscriptionId"


class StackError(Exception):
    """There is no such stack file, or it is no stack file; one sentence."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A stack file as it is written."""

    stack: str
    path: Path
    config: Mapping[str, str]
    """As Pulumi would send it: scalars as text, the rest as JSON."""
    encrypted: tuple[str, ...]
    """Keys whose values only the engine can read."""

    @property
    def subscription(self) -> str | None:
        """The subscription that the file names, if it does."""
        return self.config.get(_SUBSCRIPTION)


def find(wanted: str) -> Path:
    """Tell where a stack's file is: a path to one, or the name of one of `environments/`.  Raises StackError."""
    if "/" in wanted or wanted.endswith((".yaml", ".yml")):
        path = Path(wanted)
        if not path.is_file():
            raise StackError(f"there is no file {wanted}")
        return path
    known = {file.name.split(".")[1]: file for folder in _FOLDERS for file in folder.glob("Pulumi.*.yaml")}
    if wanted not in known:
        there = ", ".join(sorted(known))
        raise StackError(
            f"there is no stack {wanted!r}: environments/ has {there}; a file elsewhere is given by its path"
        )
    return known[wanted]


def load(path: Path) -> Document:
    """Read a stack file.  Raises StackError when it is none."""
    named = path.name.split(".")
    if len(named) != 3 or named[0] != "Pulumi":  # noqa: PLR2004  Pulumi.NAME.yaml
        raise StackError(f"{path} is not called Pulumi.NAME.yaml, so Pulumi would not take it for a stack's file")
    config = _config(path)
    plain = {key: _sent(value) for key, value in config.items() if not any(_secrets(key, value))}
    hidden = tuple(found for key, value in config.items() for found in _secrets(key, value))
    return Document(stack=named[1], path=path, config=plain, encrypted=hidden)


def problems(document: Document) -> tuple[str, ...]:
    """Tell what `up` would refuse in the file, a line each."""
    try:
        read(document)
    except SettingsError as error:
        return tuple(line.removeprefix("  - ") for line in str(error).splitlines()[1:])
    return ()


def read(document: Document) -> Settings:
    """Make settings of it, by the one reader there is.  Raises SettingsError."""
    return settings.read(document.stack, document.config)


def sealed(document: Document) -> tuple[str, ...]:
    """Tell which of our own keys are encrypted; the provider's (`azure-native:clientSecret`, say) are left to it."""
    return tuple(key for key in document.encrypted if key.startswith(f"{NAMESPACE}:"))


def _config(path: Path) -> dict[str, Any]:
    try:
        read = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise StackError(f"{where}: not YAML: {error.problem}") from error
    except (YAMLError, ValueError, OSError) as error:
        raise StackError(f"{path} cannot be read: {str(error).partition(chr(10))[0]}") from error
    config = read.get("config") if isinstance(read, dict) else None
    if not isinstance(config, dict) or not all(isinstance(key, str) for key in config):
        raise StackError(f"{path} has no `config:` with keys below it")
    return config


def _sent(value: object) -> str:
    if value is None:
        return ""  # as the engine does
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _secrets(at: str, value: object) -> Iterator[str]:
    """Tell where a value, or a part of it, is `{secure: …}`."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            yield at
        for key, part in value.items():
            yield from _secrets(f"{at}.{key}", part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _secrets(f"{at}[{index}]", part)
