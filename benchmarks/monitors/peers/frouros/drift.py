"""Frouros' drift detectors, a column at a time without its nulls; levels only where the detector knows them."""

import sys

import pandas as pd
from frouros.detectors.data_drift import EMD, JS, PSI, ChiSquareTest, KSTest

_NUMBERS = {"EMD": EMD, "KS": KSTest, "PSI": PSI, "JS": JS}
_WITH_LEVELS = ("KS", "EMD")


def main(setting: str, reference: str, current: str) -> int:
    """Compare and print how many columns there are."""
    before, after = pd.read_parquet(reference), pd.read_parquet(current)
    results = []
    for name in before.columns:
        first, second = before[name].dropna().to_numpy(), after[name].dropna().to_numpy()
        if before[name].dtype.kind == "f":
            detector = _NUMBERS[setting]()
        elif setting in _WITH_LEVELS:
            detector = ChiSquareTest()
        else:
            continue
        detector.fit(X=first)
        results.append(detector.compare(X=second))
    print(len(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
