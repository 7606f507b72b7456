"""Scores a model that comes from elsewhere, beside the champion, on the rows of its new place."""

import argparse
import csv
import json
from pathlib import Path


def main() -> None:
    """Write the evaluation."""
    parser = argparse.ArgumentParser()
    for name in ("data", "candidate", "champion", "evaluation"):
        parser.add_argument(f"--{name}", type=Path)
    given = parser.parse_args()
    candidate, champion = _rate(given.candidate), _rate(given.champion) if given.champion else ""
    given.evaluation.mkdir(parents=True, exist_ok=True)
    with (given.data / "holdout.csv").open() as rows, (given.evaluation / "predictions.csv").open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "label", "candidate", "champion"])
        writer.writerows([row["day"], row["rain"], candidate, champion] for row in csv.DictReader(rows))


def _rate(model: Path) -> float:
    return float(json.loads(next(model.rglob("model.json")).read_text())["rate"])


if __name__ == "__main__":
    main()
