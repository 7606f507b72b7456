"""The drift scores that whylogs gives two profiles: sketches, which, like ours, add up."""

import sys

import pandas as pd
import whylogs
from whylogs.viz.drift.column_drift_algorithms import calculate_drift_scores


def main(setting: str, reference: str, current: str) -> int:
    """Compare and print how many columns there are."""
    if setting != "default":
        raise SystemExit(f"whylogs has no setting {setting!r} here")
    before, after = (whylogs.log(pd.read_parquet(path)).view() for path in (reference, current))
    print(len(calculate_drift_scores(target_view=after, reference_view=before, with_thresholds=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
