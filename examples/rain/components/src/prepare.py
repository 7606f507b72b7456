"""Check the rows of a training set and turn them into arrays that the next steps load at once."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which column means what."""

    key: str
    label: str
    features: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Complete rows, in the file's order, and how many were left out."""

    keys: NDArray[np.str_]
    features: NDArray[np.float64]
    labels: NDArray[np.int8]
    incomplete: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Read train.csv and holdout.csv, write train.npz, holdout.npz and summary.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--label", required=True)
    parser.add_argument("--features", required=True)
    parser.add_argument("--prepared", type=Path, required=True)
    options = parser.parse_args(arguments)
    columns = Columns(key=options.key, label=options.label, features=tuple(options.features.split(",")))
    summary: dict[str, dict[str, object]] = {}
    options.prepared.mkdir(parents=True, exist_ok=True)
    for part in ("train", "holdout"):
        try:
            rows = read_rows(options.data / f"{part}.csv", columns)
        except (OSError, ValueError) as error:
            sys.exit(f"prepare: {error}")
        np.savez(
            options.prepared / f"{part}.npz",
            keys=rows.keys,
            features=rows.features,
            labels=rows.labels,
            names=np.array(columns.features),
        )
        summary[part] = describe(rows)
        print(f"{part}: {summary[part]}")
    (options.prepared / "summary.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")


def read_rows(path: Path, columns: Columns) -> Rows:
    """Read a CSV file; rows with an empty or unreadable number are left out.

    Raises:
        ValueError: a column is missing, or a label is neither 0 nor 1.
    """
    keys: list[str] = []
    features: list[list[float]] = []
    labels: list[float] = []
    incomplete = 0
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = {columns.key, columns.label, *columns.features} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}; it has {reader.fieldnames}")
        for line in reader:
            try:
                numbers = [float(line[name]) for name in (*columns.features, columns.label)]
            except ValueError:
                incomplete += 1
                continue
            if not np.isfinite(numbers).all():
                incomplete += 1
                continue
            keys.append(line[columns.key])
            features.append(numbers[:-1])
            labels.append(numbers[-1])
    if other := set(labels) - {0.0, 1.0}:
        raise ValueError(f"{path}: column {columns.label} must be 0 or 1, it also has {sorted(other)}")
    table = np.array(features, dtype=np.float64).reshape(len(keys), len(columns.features))
    return Rows(
        keys=np.array(keys, dtype=np.str_),
        features=table,
        labels=np.array(labels, dtype=np.int8),
        incomplete=incomplete,
    )


def describe(rows: Rows) -> dict[str, object]:
    """How many rows, from when to when, how many positive."""
    return {
        "rows": len(rows.keys),
        "incomplete": rows.incomplete,
        "first": str(rows.keys[0]) if len(rows.keys) else None,
        "last": str(rows.keys[-1]) if len(rows.keys) else None,
        "positive": int(rows.labels.sum()),
    }


if __name__ == "__main__":
    main()
