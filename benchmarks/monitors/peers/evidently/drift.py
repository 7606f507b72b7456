"""Evidently's drift report of two files, as JSON: `default` (Wasserstein and Jensen-Shannon) or one method for all."""

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def main(setting: str, reference: str, current: str) -> int:
    """Compare and print how many metrics there are."""
    method = None if setting == "default" else setting
    report = Report([DataDriftPreset(method=method)])
    found = report.run(pd.read_parquet(current), pd.read_parquet(reference))
    print(len(found.json()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
