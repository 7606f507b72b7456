"""Score candidate and champion on the same held-out rows; whoever compares them is the loop's gate."""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray


def main(arguments: Sequence[str] | None = None) -> None:
    """Write predictions.csv and metrics.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepared", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--champion", type=Path, help="none at the first training")
    parser.add_argument("--evaluation", type=Path, required=True)
    options = parser.parse_args(arguments)
    with np.load(options.prepared / "holdout.npz") as rows:
        keys, features, labels, names = rows["keys"], rows["features"], rows["labels"], [str(n) for n in rows["names"]]
    if not len(keys):
        sys.exit("evaluate: no held-out rows, so nothing can be compared; is the pipeline's holdout too short?")
    scores = {"candidate": probabilities(options.model, features, names)}
    if options.champion:
        scores["champion"] = probabilities(options.champion, features, names)
    options.evaluation.mkdir(parents=True, exist_ok=True)
    write_predictions(options.evaluation / "predictions.csv", keys, labels, scores)
    metrics = {name: measure(labels, score) for name, score in scores.items()}
    (options.evaluation / "metrics.json").write_text(json.dumps(metrics, indent=2), encoding="utf-8")
    print(json.dumps(metrics))


def probabilities(folder: Path, features: NDArray[np.float64], names: list[str]) -> NDArray[np.float64]:
    """What the model in that folder says of each row.

    A registered model arrives as the folder that holds what was registered, so its files may lie one level deeper.
    """
    found = sorted(folder.rglob("model.joblib"))
    if len(found) != 1:
        sys.exit(f"evaluate: {len(found)} files model.joblib under {folder}; exactly one is needed")
    order = json.loads((found[0].parent / "features.json").read_text(encoding="utf-8"))
    if missing := set(order) - set(names):
        sys.exit(f"evaluate: the model in {folder} needs columns that the rows lack: {', '.join(sorted(missing))}")
    columns = [names.index(name) for name in order]
    scores: NDArray[np.float64] = joblib.load(found[0]).predict_proba(features[:, columns])[:, 1]
    return scores


def write_predictions(
    path: Path, keys: NDArray[np.str_], labels: NDArray[np.int8], scores: dict[str, NDArray[np.float64]]
) -> None:
    """One line a row; the champion's column is empty at the first training."""
    champion = [f"{score:.6f}" for score in scores["champion"]] if "champion" in scores else [""] * len(keys)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("key", "label", "candidate", "champion"))
        writer.writerows(
            (key, int(label), f"{score:.6f}", other)
            for key, label, score, other in zip(keys, labels, scores["candidate"], champion, strict=True)
        )


def measure(labels: NDArray[np.int8], scores: NDArray[np.float64]) -> dict[str, float]:
    """Accuracy at one half, and Brier's score (mean squared error of the probability; always 0.5 scores 0.25)."""
    return {
        "samples": len(labels),
        "accuracy": float(np.mean((scores >= 0.5) == (labels == 1))),  # noqa: PLR2004 -- one half
        "brier_score": float(np.mean((scores - labels) ** 2)),
    }


if __name__ == "__main__":
    main()
