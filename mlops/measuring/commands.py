"""What the commands do: count files, add profiles up, compare, propose, draw."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.measuring.files import both, counted, given, kept, load, save, write
from mlops.measuring.tables import comparison_table, plain, show

if TYPE_CHECKING:
    from mlops.monitors.compare import Judging
    from mlops.monitors.profile import Profile

DONE, MOVED, BAD_INPUT, UNDECIDED = 0, 1, 2, 4
_SELDOM = 100_000
"""So many new objects before Python looks for circles among them: imports make tens of thousands, and none."""
_PARTS = 12
"""Consecutive parts of a reference that say how much it varies by itself."""
Run = Callable[[argparse.Namespace], int]


def told(run: Run, options: argparse.Namespace) -> int:
    """Run a command; what is wrong with its files is one line and an exit code."""
    gc.set_threshold(_SELDOM)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the threads are ours: numpy's own would only wait for them
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415 - numpy and pyarrow wait until they are needed
    from mlops.monitors.profile import DoesNotFitError  # noqa: PLC0415

    try:
        return run(options)
    except (DataError, DoesNotFitError) as error:
        print(f"mlops: {error}", file=sys.stderr)
        return BAD_INPUT


def profile(options: argparse.Namespace) -> int:
    """Count files into a saved profile."""
    like = load(options.reference) if options.reference else None
    found = kept(options.files, like, options.rows) if options.rows else counted(options.files, like)
    size = save(options.out, found)
    said = {"file": str(options.out), "rows": found.rows, "columns": len(found.columns), "bytes": size}
    show(options, said, f"{options.out}: {found.rows:,} rows of {len(found.columns)} columns in {size / 1024:.0f} kB")
    return DONE


def merge(options: argparse.Namespace) -> int:
    """Add saved profiles up."""
    from mlops.monitors.profile import merge  # noqa: PLC0415

    found = merge([load(path) for path in options.profiles])
    size = save(options.out, found)
    said = {"file": str(options.out), "rows": found.rows, "profiles": len(options.profiles), "bytes": size}
    show(
        options, said, f"{options.out}: {found.rows:,} rows of {len(options.profiles)} profiles in {size / 1024:.0f} kB"
    )
    return DONE


def compare(options: argparse.Namespace) -> int:
    """Say which columns moved."""
    from mlops.domain.data.measurement import Verdict  # noqa: PLC0415
    from mlops.monitors.compare import compare  # noqa: PLC0415

    reference, current = both(options.reference, options.current)
    exact = _exact(options, reference, current) if options.exact else None
    found = compare(reference, current, _judging(options), exact)
    show(options, plain(found), "" if options.output == "json" else comparison_table(found))
    if found.verdict is Verdict.PASS:
        return DONE
    return UNDECIDED if found.verdict is Verdict.INCONCLUSIVE else MOVED


def _exact(options: argparse.Namespace, reference: "Profile", current: "Profile") -> "Mapping[str, float]":
    from mlops.backends.tables import exact  # noqa: PLC0415
    from mlops.domain.data.data_error import DataError  # noqa: PLC0415
    from mlops.monitors.saved import is_saved  # noqa: PLC0415

    if saved := [str(path) for path in (options.reference, options.current) if path.is_file() and is_saved(path)]:
        raise DataError(f"--exact needs the rows themselves, and {', '.join(saved)} is a saved profile: name the files")
    return exact.kolmogorov_smirnov(([options.reference], reference), ([options.current], current))


def init(options: argparse.Namespace) -> int:
    """Propose monitors."""
    from mlops.backends.tables.count import parts  # noqa: PLC0415
    from mlops.monitors.suggest import propose  # noqa: PLC0415

    if options.azure:
        text = _from_azure(options.azure)
    else:
        whole = counted(options.reference, None)
        text = propose(whole, parts(options.reference, whole, _PARTS), rows_per_day=options.rows_per_day)
    if options.out is None:
        print(text, end="")
        return DONE
    size = write(options.out, text.encode())
    show(options, {"file": str(options.out), "bytes": size}, f"{options.out}: read each limit before you keep it")
    return DONE


def _from_azure(path: Path) -> str:
    from mlops.monitors.proposal import written  # noqa: PLC0415
    from mlops.spec.azure_monitor import read  # noqa: PLC0415

    found = read(path)
    remarks = (f"# Not read: {remark}." for remark in found.remarks)
    lines = (line for one in found.monitors for line in written(one))
    return "\n".join((f"# Read from {path.name}.", *remarks, "monitors:", *lines)) + "\n"


def report(options: argparse.Namespace) -> int:
    """Draw what moved."""
    from mlops.monitors.compare import compare  # noqa: PLC0415
    from mlops.report.moved import Looked, render  # noqa: PLC0415

    reference = given(options.reference, None)
    looked = []
    for path in options.windows:
        current = given(path, reference)
        looked.append(
            Looked(name=path.stem, comparison=compare(reference, current, _judging(options)), profile=current)
        )
    size = write(options.out, render(reference, looked).encode())
    said = {"file": str(options.out), "windows": len(looked), "bytes": size}
    show(options, said, f"{options.out}: {len(looked)} window{'s' if len(looked) > 1 else ''}, {size / 1024:.0f} kB")
    return DONE


def _judging(options: argparse.Namespace) -> "Judging":
    from mlops.monitors.calibration import spent  # noqa: PLC0415
    from mlops.monitors.compare import Judging  # noqa: PLC0415

    alpha = spent(options.alpha, options.look) if options.look else options.alpha
    return Judging(alpha=alpha, limits=dict(options.limit) or None, min_samples=options.min_samples)
