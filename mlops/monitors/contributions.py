"""What each column contributed to a model's answer on a row: Shapley values, exact for trees and for linear models.

LightGBM computes them for trees (`pred_contrib`: TreeSHAP; Lundberg and others, From local explanations to global
understanding with explainable AI for trees, 2020).  Of a linear model that of column j is w_j * (x_j - m_j), with m_j
its mean on the reference (the same authors, of independent columns).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops.monitors.table import UnfitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlops.monitors.table import Encoded, Floats

_SCALERS = frozenset({"StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"})
"""Steps before a linear model that change each column by itself."""
_LARGE = 5_000_000
"""Values from which a second thread is worth its while."""
_HEAD = b"tree\n"
"""How a model that LightGBM saved as text begins."""


@dataclass(frozen=True)
class Linear:
    """A linear model of the columns as they are: what a row answers is the sum of weight times value."""

    weights: Mapping[str, float]

    def of(self, names: Sequence[str]) -> SimpleNamespace:
        """Give it with its weights in the order of the columns.  Raise UnfitError where it is of others."""
        if sorted(self.weights) != sorted(names):
            raise UnfitError(f"the model is of the columns {', '.join(self.weights)}; given are {', '.join(names)}")
        return SimpleNamespace(coef_=[self.weights[name] for name in names])


def load(path: Path) -> object:
    """Read a model that LightGBM saved as text, or the weights of a linear one: {"linear": {"temperature": 0.7}}.

    Other files are refused: pickle, joblib and their like run whatever code they hold.

    Raises:
        UnfitError: the file cannot be read, or is another kind of model.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnfitError(f"the model {path} cannot be read ({error.strerror})") from error
    return parse(content, str(path))


def parse(content: bytes, name: str) -> object:
    """Read a model of that content, as `load` does; `name` is what errors call it."""
    if content.lstrip().startswith(b"{"):
        return _linear(content, name)
    if not content.startswith(_HEAD):
        what = "only models that LightGBM saved as text, and JSON of a linear model's weights, are read, since reading"
        what += " others runs code that they hold"
        raise UnfitError(f"{name}: {what}; let the scoring script answer with columns of attributions instead")
    lightgbm = needed()
    try:
        return lightgbm.Booster(model_str=content.decode())
    except (lightgbm.basic.LightGBMError, UnicodeDecodeError, ValueError) as error:
        raise UnfitError(f"{name}: LightGBM cannot read it ({error})") from error


def _linear(content: bytes, name: str) -> Linear:
    try:
        weights = json.loads(content)["linear"]
        found = {str(column): float(weight) for column, weight in weights.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = 'a linear model is {"linear": {COLUMN: WEIGHT, …}} in JSON'
        raise UnfitError(f"{name}: {what}, and this is not ({type(error).__name__}: {error})") from error
    if not found or not all(map(math.isfinite, found.values())):
        raise UnfitError(f"{name}: a linear model has weights, and each is a finite number")
    return Linear(found)


def needed() -> Any:  # noqa: ANN401  it ships no types
    """Import LightGBM.  Raise UnfitError where it is not installed."""
    try:
        import lightgbm  # noqa: PLC0415  only attributions pay for it
    except ImportError as error:
        raise UnfitError(f"attributions of trees need LightGBM ({error}): pip install lightgbm") from error
    return lightgbm


def threads(both: Encoded) -> int:
    """Give LightGBM's number of threads, where 0 is all: of small tables they mostly wait for each other."""
    return 0 if both.reference.size + both.current.size > _LARGE else 1


def of_model(model: Any, both: Encoded) -> tuple[Floats, Floats]:  # noqa: ANN401  LightGBM's or scikit-learn's
    """Give the contributions on the reference and on the window, a column for each column of `both`.

    The model is a LightGBM booster or its scikit-learn form, a linear model of scikit-learn, with scalers before it, or
    one of known weights.

    Raises:
        UnfitError: it is another kind of model, or of other columns.
    """
    if isinstance(model, Linear):
        model = model.of(both.names)
    booster = getattr(model, "booster_", model)
    if hasattr(booster, "feature_name") and hasattr(booster, "num_model_per_iteration"):
        return of_trees(booster, both, both.reference), of_trees(booster, both, both.current)
    *scalers, last = [step for _, step in model.steps] if hasattr(model, "steps") else [model]
    known = all(type(step).__name__ in _SCALERS for step in scalers)
    if not known or not hasattr(last, "coef_"):
        kind = type(last if known else next(step for step in scalers if type(step).__name__ not in _SCALERS)).__name__
        what = "LightGBM's models and linear ones of scikit-learn"
        raise UnfitError(f"contributions are computed of {what}, not of a {kind}")
    return _of_lines(scalers, last, both)


def of_trees(booster: Any, both: Encoded, rows: Floats) -> Floats:  # noqa: ANN401
    """Give the sizes of the contributions on some rows of `both`; of several classes their mean.

    Raises:
        UnfitError: the trees are of other columns.
    """
    wanted = list(booster.feature_name())
    if sorted(wanted) != sorted(both.names):
        raise UnfitError(f"the model is of the columns {', '.join(wanted)}; given are {', '.join(both.names)}")
    order = [both.names.index(name) for name in wanted]
    found = np.asarray(booster.predict(rows[:, order], pred_contrib=True, num_threads=threads(both)))
    classes = int(booster.num_model_per_iteration())
    # A block of columns for each class, the last of each the model's own mean answer.
    sizes = np.abs(found.reshape(len(rows), classes, len(wanted) + 1)[:, :, :-1]).mean(axis=1)
    contributed: Floats = sizes[:, np.argsort(order)]
    return contributed


def _of_lines(scalers: list[Any], last: Any, both: Encoded) -> tuple[Floats, Floats]:  # noqa: ANN401
    sizes = np.abs(np.atleast_2d(np.asarray(last.coef_, dtype=float)))
    if sizes.shape[1] != len(both.names):
        raise UnfitError(f"the model has {sizes.shape[1]} columns; given are {len(both.names)}")
    sides = [both.reference, both.current]
    for scaler in scalers:
        sides = [scaler.transform(side) for side in sides]
    middle = np.nanmean(sides[0], axis=0)
    reference, current = (np.abs(side - middle) * sizes.mean(axis=0) for side in sides)
    return reference, current
