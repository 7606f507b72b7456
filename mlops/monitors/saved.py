"""The compact form in which a profile is kept: occupied cells only, deflated, with a version that is checked."""

from __future__ import annotations

import json
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.monitors import cells
from mlops.monitors.categorical import CategoricalState
from mlops.monitors.numeric import NumericState
from mlops.monitors.profile import Bounds, Broken, DoesNotFitError, Profile, Schema, numeric_column

if TYPE_CHECKING:
    from pathlib import Path

    from mlops.monitors.profile import State

VERSION = 2
_MARK = b"aml-kit profile\n"


def to_bytes(one: Profile) -> bytes:
    """Write a profile; equal profiles give equal bytes."""
    header = {
        "version": VERSION,
        "rule": cells.RULE,
        "rows": one.rows,
        "sources": one.sources,
        "types": dict(one.types),
        "times": one.schema.times,
        "lengths": one.schema.lengths,
        "numeric": [_scalars(name, numeric_column(one, name)) for name, _ in one.schema.centres],
        "categorical": [
            {
                "name": name,
                "levels": state.levels,
                "nulls": state.nulls,
                "mistyped": state.mistyped,
                "folded": state.folded,
            }
            for name, state in one.columns.items()
            if isinstance(state, CategoricalState)
        ],
        "bounds": [_bounds(rule, one.rules[rule.name]) for rule in one.schema.bounds],
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    arrays = b"".join(_arrays(numeric_column(one, name)) for name, _ in one.schema.centres)
    return _MARK + zlib.compress(len(text).to_bytes(4, "little") + text + arrays, level=6)


def is_saved(path: Path) -> bool:
    """Say whether a file holds a saved profile; its first bytes tell."""
    with path.open("rb") as file:
        return file.read(len(_MARK)) == _MARK


def from_bytes(data: bytes) -> Profile:
    """Read a profile back.

    Raise DoesNotFitError when it is none, damaged, or of a version or cell rule that this release does not know.
    """
    if not data.startswith(_MARK):
        raise DoesNotFitError("this is no saved profile: build it from the rows")
    try:
        plain = zlib.decompress(data[len(_MARK) :])
        length = int.from_bytes(plain[:4], "little")
        header = json.loads(plain[4 : 4 + length])
    except (zlib.error, ValueError) as error:
        raise DoesNotFitError(f"the saved profile is damaged ({error}): rebuild it from the rows") from error
    if (header.get("version"), header.get("rule")) != (VERSION, cells.RULE):
        raise DoesNotFitError(
            f"the saved profile is of version {header.get('version')} and cell rule {header.get('rule')!r}, "
            f"this release reads {VERSION} and {cells.RULE!r}: rebuild it from the rows"
        )
    try:
        return _read(header, plain[4 + length :])
    except (KeyError, TypeError, ValueError) as error:
        raise DoesNotFitError(f"the saved profile is damaged ({error}): rebuild it from the rows") from error


def _read(header: dict[str, Any], arrays: bytes) -> Profile:
    states: dict[str, State] = {}
    for column in header["numeric"]:
        size = column["cells"] * _CELL
        states[column["name"]] = _numeric(column, arrays[:size])
        arrays = arrays[size:]
    if arrays:
        raise ValueError("bytes left over")
    for column in header["categorical"]:
        levels = tuple((level, count) for level, count in column["levels"])
        states[column["name"]] = CategoricalState(
            levels=levels, nulls=column["nulls"], mistyped=column["mistyped"], folded=column["folded"]
        )
    if any(state.rows != header["rows"] for state in states.values()):
        raise ValueError("columns and rows do not agree")
    return Profile(
        schema=Schema(
            centres=tuple((column["name"], column["centre"]) for column in header["numeric"]),
            times=tuple(header["times"]),
            lengths=tuple(header["lengths"]),
            categorical=tuple(column["name"] for column in header["categorical"]),
            bounds=tuple(_rule(rule) for rule in header["bounds"]),
        ),
        rows=header["rows"],
        columns=states,
        rules={rule["name"]: Broken(asked=rule["asked"], broken=rule["broken"]) for rule in header["bounds"]},
        sources=tuple(header["sources"]),
        types={name: tuple(kinds) for name, kinds in header["types"].items()},
    )


_SCALARS = ("centre", "low", "high", "nulls", "nans", "below", "above", "mistyped")
_CELL = 2 + 8 + 8


def _scalars(name: str, state: NumericState) -> dict[str, object]:
    scalars: dict[str, object] = {field: getattr(state, field) for field in _SCALARS}
    return {"name": name, "cells": len(state.cells), "sums": [state.offsets, state.squares], **scalars}


def _arrays(state: NumericState) -> bytes:
    """Write steps between cells in two bytes, counts and proven values in eight; what repeats costs almost nothing."""
    steps = np.diff(state.cells, prepend=0).astype("<u2")
    return steps.tobytes() + state.counts.astype("<i8").tobytes() + state.atoms.astype("<f8").tobytes()


def _numeric(column: dict[str, Any], data: bytes) -> NumericState:
    number = column["cells"]
    if len(data) != number * _CELL:
        raise ValueError("bytes missing")
    offsets, squares = (tuple(part) for part in column["sums"])
    return NumericState(
        cells=np.cumsum(np.frombuffer(data, dtype="<u2", count=number), dtype=np.intp),
        counts=np.frombuffer(data, dtype="<i8", count=number, offset=2 * number).astype(np.int64),
        atoms=np.frombuffer(data, dtype="<f8", count=number, offset=10 * number).astype(np.float64),
        offsets=offsets,
        squares=squares,
        **{field: column[field] for field in _SCALARS},
    )


def _bounds(rule: Bounds, found: Broken) -> dict[str, object]:
    low, high = (None if math.isinf(end) else end for end in (rule.low, rule.high))
    weights = {"name": rule.name, "weights": rule.weights, "low": low, "high": high}
    return {**weights, "asked": found.asked, "broken": found.broken}


def _rule(saved: dict[str, Any]) -> Bounds:
    return Bounds(
        name=saved["name"],
        weights=tuple((name, weight) for name, weight in saved["weights"]),
        low=-math.inf if saved["low"] is None else saved["low"],
        high=math.inf if saved["high"] is None else saved["high"],
    )
