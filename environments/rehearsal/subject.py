"""What is rehearsed: a stack of the project, one of its scenarios, or anybody's own stack file."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from environments.local.settings import Settings

_KEPT_BY_ENGINE = ("encryptionsalt", "secretsprovider", "encryptedkey")
_ACCOUNT = tuple(f"azure-native:{key}" for key in ("subscriptionId", "tenantId", "clientId", "clientSecret"))
_SUBSCRIPTION = re.compile(r"^/subscriptions/[^/]+(?=/)", re.IGNORECASE)
PLANTED = "planted-by-the-rehearsal"
"""What each encrypted value of a stack file is replaced by; it must be seen nowhere."""

Json = Any


class SubjectError(Exception):
    """There is nothing such to rehearse; the message says what there is."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One stack, by its name and what its file says."""

    stack: str
    file: Path
    project: Path
    """The folder with `Pulumi.yaml`."""
    document: dict[str, Json]
    """The stack file, fit for the local environment."""
    remarks: tuple[str, ...] = ()
    """What had to be left out of the file, and why."""

    @property
    def config(self) -> dict[str, Json]:
        """The file's keys and values."""
        found: dict[str, Json] = self.document.get("config") or {}
        return found

    @property
    def config_folder(self) -> str:
        """Where the project keeps its stack files, from its root."""
        return str(_yaml(self.project / "Pulumi.yaml").get("stackConfigDir") or ".")


def find(wanted: str, project: Path) -> Subject:
    """Find a stack by its name, a scenario's name or the path of a stack file.  Raises SubjectError."""
    if not (project / "Pulumi.yaml").is_file():
        raise SubjectError(f"{project} holds no Pulumi.yaml; give the project's folder with --project")
    known = _known(project)
    path = Path(wanted)
    if wanted not in known and (path.suffix in {".yaml", ".yml"} or "/" in wanted) and not path.is_file():
        raise SubjectError(f"there is no stack file {wanted}")
    if wanted not in known and not path.is_file():
        close = difflib.get_close_matches(wanted, known, n=1)
        meant = f"; did you mean {close[0]!r}" if close else ""
        raise SubjectError(
            f"there is no stack or scenario {wanted!r}{meant}; known are {', '.join(sorted(known))}, or a file's path"
        )
    file = known.get(wanted, path).resolve()
    document, remarks = _fit(_yaml(file))
    return Subject(stack=_name(file), file=file, project=project, document=document, remarks=remarks)


def _known(project: Path) -> dict[str, Path]:
    folder = project / str(_yaml(project / "Pulumi.yaml").get("stackConfigDir") or ".")
    files = [*sorted((folder / "scenarios").glob("Pulumi.*.yaml")), *sorted(folder.glob("Pulumi.*.yaml"))]
    return {_name(file): file for file in files}


def _name(file: Path) -> str:
    return file.stem.removeprefix("Pulumi.")


def _yaml(file: Path) -> dict[str, Json]:
    try:
        found = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise SubjectError(f"{file} cannot be read: {error}") from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise SubjectError(f"{file} is no mapping of keys")
    return found


def _fit(document: dict[str, Json]) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The file without what only the real subscription and its secrets provider understand."""
    remarks = []
    kept = {key: value for key, value in document.items() if key not in _KEPT_BY_ENGINE}
    config = dict(kept.get("config") or {})
    if left_out := [key for key in _ACCOUNT if config.pop(key, None) is not None]:
        remarks.append(f"left out: {', '.join(left_out)} (the local environment has an account of its own)")
    secrets = [key for key, value in config.items() if _is_secret(value)]
    config = {key: PLANTED if key in secrets else value for key, value in config.items()}
    if secrets:
        remarks.append(f"encrypted values stand in by {PLANTED!r}: {', '.join(secrets)}")
    moved = _moved(config)
    if moved != config:
        remarks.append("ids of other subscriptions are read as the same in the local environment's")
    return {**kept, "config": moved}, tuple(remarks)


def _is_secret(value: Json) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"}


def _moved(value: Json) -> Json:
    """The value with every resource id in the local environment's subscription."""
    if isinstance(value, dict):
        return {key: _moved(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each) for each in value]
    return _SUBSCRIPTION.sub(f"/subscriptions/{Settings().subscription}", value) if isinstance(value, str) else value
