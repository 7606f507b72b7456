"""What an MLflow model says that it takes and gives: the `signature` of its file MLmodel."""

from __future__ import annotations

import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mlops.domain.world import Signature
from mlops.ports import OutsideError


def read_signature(text: str) -> Signature | None:
    """Read it; None when the file has none.  Raise OutsideError when it cannot be read."""
    try:
        written = (YAML(typ="safe").load(text) or {}).get("signature")
        if not written or not written.get("inputs"):
            return None
        takes, gives = json.loads(written["inputs"]), json.loads(written.get("outputs") or "[]")
        named = all("name" in column for column in takes)
        return Signature(
            required=tuple(each["name"] for each in takes if named and each.get("required", True)),
            optional=tuple(each["name"] for each in takes if named and not each.get("required", True)),
            width=None if named else _width(takes),
            gives=tuple(each["name"] for each in gives if "name" in each),
        )
    except (YAMLError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise OutsideError(f"the signature in MLmodel cannot be read: {error}") from error


def _width(takes: list[dict[str, Any]]) -> int:
    """Give how many numbers a row without names has; -1 where it does not say."""
    if takes[0]["type"] != "tensor":
        return len(takes)
    shape = takes[0]["tensor-spec"]["shape"]
    return int(shape[-1]) if len(shape) > 1 else -1
