"""The console script `policies`: puts this folder on the path, as Pulumi does for the pack, and runs `cli.py` there.

Everything else of this folder is imported by its own names (`rules`, `audit`), never as `policies.…`, so that nothing
loads twice.
"""

import sys
from pathlib import Path


def main() -> int:
    """Run the command line; returns the exit code."""
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from cli import main as run  # noqa: PLC0415  the path has to be there first

    return run()
