"""A new project from a few answers: its file, which `validate` finds sound, and what really trains and scores."""

import json
import math
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from mlops.domain.project import Task
from mlops.spec.fields import written_duration

SKELETON = Path(__file__).with_name("skeleton")
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What somebody said of the project."""

    name: str
    task: Task
    key: str
    time: str
    features: tuple[str, ...]
    label: str
    history: str
    labels: str
    endpoint: str
    compute: str
    delay: timedelta
    rows_per_day: float
    good_enough: float  # the first model must be as good as this
    owner: str = ""


def files(answers: Answers) -> dict[str, str]:
    """Every file of the new project, by its place in the folder."""
    words = _words(answers)
    row = {answers.key: "smoke", answers.time: "2024-01-31T00:00:00Z", **dict.fromkeys(answers.features, 0.0)}
    return {
        "project.yaml": _filled("project.yaml", words),
        "pipeline.yml": _filled("pipeline.yml", words),
        "components/train.yml": _filled("train.yml", words),
        "components/src/train.py": _filled("train.py", words),
        "score/score.py": _filled("score.py", words),
        "environment/conda.yml": _filled("conda.yml", words),
        "smoke.jsonl": json.dumps({"data": [row]}) + "\n",
    }


def _filled(name: str, words: dict[str, str]) -> str:
    text = (SKELETON / f"{name}.txt").read_text(encoding="utf-8")
    return re.sub(r"@@([A-Z_]+)@@", lambda found: words[found[1]], text)


@dataclass(frozen=True, kw_only=True)
class Scales:
    """How long things take at a rate of rows, so that every count can be reached, with half of the rows missing."""

    look: timedelta  # a monitor's window
    every: timedelta
    samples: int
    holdout: timedelta
    judged: int
    window: timedelta
    min_rows: int


def scales(rows_per_day: float) -> Scales:
    """Windows as short as the rate allows, and never so short that they hold too little."""
    look = max(7, math.ceil(200 / rows_per_day))
    holdout = max(30, math.ceil(400 / rows_per_day))
    window = max(365, 5 * holdout)
    return Scales(
        look=look * DAY,
        every=max(1, look // 7) * DAY,
        samples=max(1, min(2000, int(look * rows_per_day / 2))),
        holdout=holdout * DAY,
        judged=max(1, min(5000, int(holdout * rows_per_day / 2))),
        window=window * DAY,
        min_rows=max(1, min(1000, int(window * rows_per_day / 2))),
    )


_FEW_ROWS = 20  # a day: then a small share is no share, and everything takes long
_MANY = (("shadow", 20), ("setWeight", 5), ("setWeight", 25), ("setWeight", 100))
_FEW = (("shadow", 50), ("setWeight", 50), ("setWeight", 100))


def _steps(rows_per_day: float) -> list[tuple[str, int, timedelta, int]]:
    """Kind, share, how long, and how many requests: enough at each share that gross failures show."""
    found = []
    for kind, share in _MANY if rows_per_day >= _FEW_ROWS else _FEW:
        a_request = timedelta(days=100 / (rows_per_day * share))
        # For a hundred requests twice as long, but a fortnight at most, as long as two come in it.
        hold = max(min(200 * a_request, 14 * DAY), 2 * a_request, timedelta(hours=1))
        hours = timedelta(hours=math.ceil(hold / timedelta(hours=1)))
        found.append((kind, share, hours, max(1, min(100, int(rows_per_day * share / 100 * (hours / DAY) / 2)))))
    return found


def _words(answers: Answers) -> dict[str, str]:
    rate, classes = answers.rows_per_day, answers.task is Task.CLASSIFICATION
    scale, steps = scales(rate), _steps(rate)
    prediction = "probability" if classes else "prediction"
    bake = max(steps[-1][2], DAY)  # as long as the last step
    served = max(1, min(50, *(count for _, _, _, count in steps)))
    floor = f"{'atLeast' if classes else 'atMost'}: {answers.good_enough:g}"
    return {
        "NAME": answers.name,
        "IDENTIFIER": answers.name.replace("-", "_"),
        "OWNER": f"  owner: {json.dumps(answers.owner)}" if answers.owner else "  # owner: …\n  # intendedUse: …",
        "TASK": answers.task.value,
        "HISTORY": answers.history,
        "LABELS": answers.labels,
        "KEY": json.dumps(answers.key),
        "TIME": json.dumps(answers.time),
        "FEATURES": json.dumps(list(answers.features), ensure_ascii=False),
        "LABEL": json.dumps(answers.label),
        "PREDICTION": json.dumps(prediction),
        "PREDICT": "model.predict_proba(values)[:, 1]" if classes else "model.predict(values)",
        "LEARNER": f"HistGradientBoosting{'Classifier' if classes else 'Regressor'}",
        "DELAY": written_duration(answers.delay),
        "ROWS": f"{rate:g}",
        "COMPUTE": answers.compute,
        "ENDPOINT": answers.endpoint,
        "WINDOW": written_duration(scale.window),
        "HOLDOUT": written_duration(scale.holdout),
        "MIN_ROWS": str(scale.min_rows),
        "LOOK": written_duration(scale.look),
        "EVERY": written_duration(scale.every),
        "SAMPLES": str(scale.samples),
        "JUDGED": str(scale.judged),
        "METRIC": "roc_auc" if classes else "mean_absolute_error",
        "WORSE": "< champion - 0.02" if classes else "> champion * 1.1",
        "FINE": "> champion - 0.01" if classes else "< champion * 1.05",
        "FLOOR": floor,
        "COOLDOWN": written_duration(max(DAY, scale.every)),
        "STEPS": "\n".join(_step(*step) for step in steps),
        "BAKE": written_duration(bake),
        "BAKED": str(max(1, min(1000, int(rate * (bake / DAY) / 2)))),
        "MEASURE": written_duration(timedelta(minutes=5) if steps[0][2] < DAY else DAY),
        "SERVED": str(served),
    }


def _step(kind: str, share: int, hold: timedelta, count: int) -> str:
    inner = f"for: {written_duration(hold)}, minSamples: {count}, analysis: [serves]"
    if kind == "shadow":
        return f"      - {{shadow: {{percent: {share}, {inner}}}}}"
    return f"      - {{setWeight: {share}, {inner}}}"
