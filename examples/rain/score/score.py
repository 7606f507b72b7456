"""Answer a day's record with the probability that it rained, and let Azure collect both."""

import json
import os
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from azureml.ai.monitoring import Collector

_KEY = "day"
_STATE: dict[str, Any] = {}


def init() -> None:
    """Load the model; Azure calls this once, before the first request."""
    folder = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("model.joblib")).parent
    _STATE["model"] = joblib.load(folder / "model.joblib")
    _STATE["features"] = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    _STATE["inputs"] = Collector(name="model_inputs")
    _STATE["outputs"] = Collector(name="model_outputs")


def run(body: str) -> list[dict[str, Any]]:
    """`{"data": [{"day": …, "temperature": …}, …]}` in, `[{"day": …, "probability": …}, …]` out."""
    rows = pd.DataFrame(json.loads(body)["data"])
    # As sent, and before anything can fail: a request that fails is then seen as one without an answer.
    context = _STATE["inputs"].collect(rows)
    probability = _STATE["model"].predict_proba(rows[_STATE["features"]].to_numpy(dtype=float))[:, 1]
    answers = pd.DataFrame({_KEY: rows[_KEY], "probability": probability.round(6)})
    _STATE["outputs"].collect(answers, context)
    found: list[dict[str, Any]] = answers.to_dict("records")
    return found
