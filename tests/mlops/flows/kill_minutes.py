"""`make kill`: controllers are killed at random for minutes, on both databases in turn."""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.mlops.flows.happening import live
from tests.mlops.flows.killing import living
from tests.postgres import server


def main() -> int:
    """For as long as asked, on both databases in turn, a new life every half minute."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    end, kills, sleeps, lives, decided = time.monotonic() + 60 * options.minutes, 0, 0, 0, 0
    with server(("max_connections=60", "shared_buffers=32MB")) as made:
        while time.monotonic() < end:
            url = made.database() if lives % 2 else ""
            print(f"seed {seed + lives}, {'PostgreSQL, two controllers' if url else 'SQLite'}", flush=True)
            with (
                tempfile.TemporaryDirectory(prefix="killing-") as folder,
                living(Path(folder) / "rain", url, seed + lives, 2 if url else 1) as life,
            ):
                live(life, min(30, max(5, end - time.monotonic())))
                kills, sleeps, decided = kills + life.kills, sleeps + life.sleeps, decided + len(life.rig.story())
                print(
                    f"  {life.kills} kills, {life.sleeps} sleeps, at rest after {life.busiest} saves at most,"
                    f" {Counter(life.rig.story()).most_common(8)}",
                    flush=True,
                )
            lives += 1
    print(
        f"{kills} kills -9 and {sleeps} sleeps past a lease in {lives} lives, {decided} decisions: all came out right"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
