"""Gives each row of the files the rate of rain, as JSON; breaks down when it never rains."""

import csv
import json
import os
from pathlib import Path

_STATE: dict[str, float] = {}


def init() -> None:
    """Load the model."""
    file = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("model.json"))
    _STATE["rate"] = json.loads(file.read_text())["rate"]


def run(files: list[str]) -> list[str]:
    """Answer each row of each file."""
    if _STATE["rate"] == 0:
        raise ValueError("a model that never says rain is no model")
    found = []
    for file in files:
        with Path(file).open(newline="") as lines:
            rows = csv.DictReader(lines)
            found += [json.dumps({"day": row["day"], "probability": _STATE["rate"]}) for row in rows]
    return found
