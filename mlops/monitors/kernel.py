"""The compiled sweeps of `kernel.c`, where a C compiler was there when the kit was set up; as a program, builds them.

Loaded by ctypes, which lets other threads run meanwhile.  Without it the sweeps of `sweeps.py` give the same bits.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
_COMPILERS = ("cc", "gcc", "clang")
_OPTIONS = ("-O3", "-ffp-contract=off", "-shared", "-fPIC")
"""No fused multiply-add, which rounds once where numpy rounds twice."""
_P, _I, _D = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
_ARGUMENTS = {
    "count": (_P, _I, _D, _P, _P),
    "settle": (_P, _P, _I, _P),
    "codes": (_P, _P, _I, _I, _P, _I),
    "present": (_P, _P, _I, _I, _P),
    "watch": (_P, _I, _D, _P, _I, _P, _P, _P, _P),
}
_GIVE = ("settle", "codes", "present")
"""Those that give a number."""


def built() -> Path:
    """Say where the library of this source lies in this environment, if it was built."""
    kind = f"{platform.system()}-{platform.machine()}"
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join([kind, *_OPTIONS]).encode()).hexdigest()[:16]
    return Path(sys.prefix) / "lib" / "aml-kit" / f"kernel-{digest}.so"


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load what was built; None where nothing was, or where it cannot be loaded."""
    if sys.byteorder != "little" or not SOURCE.is_file() or not built().is_file():
        return None  # a job of Azure ML imports this package from an archive, which has no source to know it by
    try:
        found = ctypes.CDLL(str(built()))
    except OSError:
        return None
    for name, kinds in _ARGUMENTS.items():
        getattr(found, name).argtypes = kinds
        getattr(found, name).restype = _I if name in _GIVE else None
    return found


def build() -> str:
    """Compile, unless that was done.  Returns what stands in the way; empty: it stands."""
    target = built()
    if target.is_file():
        return ""
    compiler = next((found for name in _COMPILERS if (found := shutil.which(name))), None)
    if compiler is None:
        return f"no C compiler is here ({', '.join(_COMPILERS)})"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / target.name
        done = subprocess.run([compiler, *_OPTIONS, "-o", made, SOURCE], capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{compiler} cannot compile {SOURCE.name}: {(done.stderr or 'it says nothing').splitlines()[0]}"
        made.replace(target)
    return ""


if __name__ == "__main__":
    if reason := build():
        print(f"setup: {reason}; monitors count by numpy alone, which takes longer", file=sys.stderr)
