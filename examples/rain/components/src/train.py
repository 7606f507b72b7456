"""Fit the candidate: a logistic regression on clipped features, their squares and their products."""

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

_FEWEST = 50  # of each class; with fewer the products of eight features are noise


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on train.npz alone; the held-out rows stay unseen until they judge the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--clip", type=float, required=True)
    parser.add_argument("--strength", type=float, required=True)
    parser.add_argument("--model", type=Path, required=True)
    options = parser.parse_args(arguments)
    with np.load(options.prepared / "train.npz") as rows:
        features, labels, names = rows["features"], rows["labels"], [str(name) for name in rows["names"]]
    positive = int(labels.sum())
    if min(positive, len(labels) - positive) < _FEWEST:
        sys.exit(f"train: {positive} rows with rain and {len(labels) - positive} without; {_FEWEST} of each are needed")
    model = recipe(options.clip, options.strength).fit(features, labels)
    options.model.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, options.model / "model.joblib")
    (options.model / "features.json").write_text(json.dumps(names), encoding="utf-8")
    facts = lineage(options.data, {"clip": options.clip, "strength": options.strength}, len(labels))
    (options.model / "lineage.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    print(f"trained on {len(labels)} rows, {positive} with rain")


def recipe(clip: float, strength: float) -> Pipeline:
    """The unfitted model.  All that serving needs is in it, so training and serving cannot differ."""
    return make_pipeline(
        FunctionTransformer(np.clip, kw_args={"a_min": -clip, "a_max": clip}),
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
        LogisticRegression(C=strength, max_iter=1000),
    )


def lineage(data: Path, parameters: dict[str, float], rows: int) -> dict[str, object]:
    """Where this model comes from: data, code, parameters, packages and run."""
    manifest = data / "manifest.json"
    return {
        "data": json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else None,
        "rows": rows,
        "code": _digest(Path(__file__).parent),
        "parameters": parameters,
        "packages": {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "run": os.environ.get("AZUREML_RUN_ID"),
    }


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    main()
