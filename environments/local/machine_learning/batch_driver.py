"""Run a batch deployment's scoring script over the files of a folder: started with the deployment's own Python.

It uses nothing but the standard library, because the deployment's runtime holds only what the user asked for.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import traceback
from pathlib import Path
from typing import Any


def main() -> int:
    """Score every mini-batch; exit code 1 when more files failed than the error threshold allows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--script", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--score", type=Path, required=True)
    parser.add_argument("--size", type=int, default=10)
    parser.add_argument("--threshold", type=int, default=-1)
    parser.add_argument("--retries", type=int, default=3)
    parser.add_argument("--append", default="")
    given = parser.parse_args()
    script = _load(given.script)
    script.init()
    failed = 0
    files = [given.data] if given.data.is_file() else sorted(path for path in given.data.rglob("*") if path.is_file())
    for start in range(0, len(files), given.size):
        batch = [str(path) for path in files[start : start + given.size]]
        found = _score(script, batch, given.retries)
        if found is None:
            failed += len(batch)
            if 0 <= given.threshold < failed:
                print(f"{failed} files failed: more than the error threshold of {given.threshold}.", file=sys.stderr)
                return 1
        elif given.append:
            _append(given.score / given.append, found)
    print(f"scored {len(files) - failed} of {len(files)} files", flush=True)
    return 0


def _load(name: str) -> Any:  # noqa: ANN401 - the user's own module
    sys.path.insert(0, str(Path(name).resolve().parent))
    spec = importlib.util.spec_from_file_location("entry_module", name)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _score(script: Any, batch: list[str], retries: int) -> Any:  # noqa: ANN401 - the user's own module and rows
    for attempt in range(retries + 1):
        try:
            return script.run(batch)
        except Exception:  # noqa: BLE001 - the user's code may raise anything
            traceback.print_exc()
            print(f"attempt {attempt + 1} of {retries + 1} failed: {', '.join(batch)}", file=sys.stderr, flush=True)
    return None


def _append(target: Path, rows: Any) -> None:  # noqa: ANN401 - a data frame or a sequence
    target.parent.mkdir(parents=True, exist_ok=True)
    if hasattr(rows, "to_csv"):
        rows.to_csv(target, mode="a", header=False, index=False, sep=" ")
        return
    with target.open("a", encoding="utf-8") as file:
        file.writelines(f"{row if isinstance(row, str) else json.dumps(row, default=str)}\n" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
