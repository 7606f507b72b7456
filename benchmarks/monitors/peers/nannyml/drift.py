"""NannyML's univariate drift of two files, the second as one chunk: one distance for numbers, one for levels."""

import sys

import nannyml
import pandas as pd

# The nearest for levels where a distance is for numbers only.
_LEVELS = {
    "jensen_shannon": "jensen_shannon",
    "kolmogorov_smirnov": "chi2",
    "wasserstein": "l_infinity",
}


def main(setting: str, reference: str, current: str) -> int:
    """Compare and print how many columns there are."""
    before, after = pd.read_parquet(reference), pd.read_parquet(current)
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=list(before.columns),
        continuous_methods=[setting],
        categorical_methods=[_LEVELS[setting]],
        chunk_number=1,
    )
    calculator.fit(before)
    print(calculator.calculate(after).to_df().shape[1])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
