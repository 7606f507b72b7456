"""Install what aml-kit runs on: the virtual environment, Azurite, and the Pulumi engine where there is none.

Run by `make`, before anything else exists, so it needs nothing but Python itself.  Each step is said aloud once and
skipped, silently, when it is done already; what many checkouts can share lies in a cache outside of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"

_ENGINE = ROOT / "environments" / "local" / "engine"
_AZURITE = ROOT / "environments" / "local" / "azurite"
_ENGINE_VERSION = "v3.259.0"
_OLDEST_ENGINE = (3, 259)
_OLDEST_NODE = (18,)
_PYTHON = (3, 11)
_LANGUAGE_HOST = """#!{python}
import sys

from environments.local.engine.language_host import main

sys.exit(main())
"""


class MissingError(Exception):
    """Something that set-up needs cannot be had; the text says what, and how to get it."""


def main() -> int:
    """Install what is missing.  Returns the exit code."""
    try:
        install()
    except MissingError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 3
    return 0


def install() -> None:
    """Bring the checkout's tools up to date.  Raises MissingError."""
    missing = [*_missing_python(), *_missing_node(), *_missing_engine()]
    if missing:  # said together and first: nobody likes to wait minutes for the second complaint
        raise MissingError("\nsetup: ".join(missing))
    with _locked(_cache() / "setup.lock"):
        _install_python_packages()
        _install_azurite()
        _install_engine()
        _build_kernel()


def azurite() -> Path:
    """Where Azurite's program lies once it is installed."""
    return _azurite_folder() / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"


def engine() -> Path | None:
    """The `pulumi` to use: the user's own if it is new enough, else the one that set-up built."""
    own = _own_engine()
    built = VENV / "bin" / "pulumi"
    return own or (built if built.exists() else None)


def _missing_python() -> Iterator[str]:
    if sys.version_info < _PYTHON:
        yield f"aml-kit needs Python 3.11 or newer and got {sys.version.split()[0]}; run `make PYTHON=python3.11 …`."
    if importlib.util.find_spec("ensurepip") is None:
        yield "this Python lacks its venv module; on Debian: apt-get install python3-venv."


def _missing_node() -> Iterator[str]:
    node = shutil.which("node")
    if azurite().exists() and node:
        return
    if node is None or shutil.which("npm") is None:
        yield "Azurite needs Node.js 18 or newer with npm; on Debian: apt-get install nodejs npm."
    elif _version([node, "--version"]) < _OLDEST_NODE:
        yield f"Azurite needs Node.js 18 or newer; {node} is older."


def _missing_engine() -> Iterator[str]:
    if _own_engine() is None and not _built_engine().exists() and shutil.which("go") is None:
        yield (
            f"there is no Pulumi engine: install pulumi {_ENGINE_VERSION} or newer "
            "(https://www.pulumi.com/docs/install/), or Go 1.25 or newer, with which set-up builds it."
        )


def _install_python_packages() -> None:
    requirements = ROOT / "requirements.txt"
    digest = _digest(requirements, ROOT / "pyproject.toml")
    stamp = VENV / "aml-kit.digest"
    if stamp.exists() and stamp.read_text() == f"{digest} {ROOT}":
        return
    _say("Python packages (a few minutes the first time)")
    if not (VENV / "bin" / "python").exists():
        venv.create(VENV, with_pip=False, symlinks=True)
    uv = _bootstrap_uv(requirements)
    environment = {**os.environ, "VIRTUAL_ENV": str(VENV), **index_settings()}
    _run([uv, "pip", "sync", "--quiet", "--require-hashes", str(requirements)], environment, "Python packages")
    editable = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    _run([uv, *editable], environment, "aml-kit itself")
    stamp.write_text(f"{digest} {ROOT}")


def _bootstrap_uv(requirements: Path) -> str:
    """Install uv with the machine's pip, from the same hashes, once for all checkouts."""
    pinned = re.search(r"^uv==\S+ \\\n(?:    --hash=.*\n?)+", requirements.read_text(), re.MULTILINE)
    if pinned is None:
        raise MissingError("requirements.txt pins no uv; run `make requirements`.")
    folder = _cache() / "uv" / hashlib.sha256(pinned[0].encode()).hexdigest()[:16]
    uv = folder / "bin" / "uv"
    if not uv.exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True, symlinks=True)
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
            only_uv.write(pinned[0].rstrip(" \\\n") + "\n")
            only_uv.flush()
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
            _run([*pip, "-r", only_uv.name], dict(os.environ), "the package installer (uv)")
    return str(uv)


def index_settings() -> dict[str, str]:
    """Point uv at the package index that the machine's pip is configured for, where it is."""
    pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    found = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL") or found
    return {"UV_DEFAULT_INDEX": index} if index and "UV_DEFAULT_INDEX" not in os.environ else {}


def _install_azurite() -> None:
    if azurite().exists():
        return
    _say("Azurite, Azure's own storage emulator")
    with _fresh(_azurite_folder()) as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_AZURITE / name, folder / name)
        clean = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run(clean, dict(os.environ), "Azurite", cwd=folder)


def _install_engine() -> None:
    if _own_engine() is not None:
        return
    built = _built_engine()
    if not built.exists():
        _say("the Pulumi engine, built once with Go (about four minutes)")
        with _fresh(built.parent) as folder:
            version = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={_ENGINE_VERSION}"
            build = ["go", "build", "-mod=readonly", "-trimpath", "-tags", "osusergo,grpcnotrace"]
            package = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
            command = [*build, "-ldflags", f"-s -w {version}", "-o", str(folder / "pulumi"), package]
            _run(command, {**os.environ, "CGO_ENABLED": "0"}, "the Pulumi engine", cwd=_ENGINE)
    _put_beside_python(built)


def _put_beside_python(built: Path) -> None:
    """Put the engine and our language host side by side: the engine looks for its hosts next to itself."""
    target = VENV / "bin" / "pulumi"
    if not target.exists() or not target.samefile(built):
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(built)
        except OSError:  # another file system
            shutil.copy2(built, target)
    host = VENV / "bin" / "pulumi-language-python"
    wanted = _LANGUAGE_HOST.format(python=VENV / "bin" / "python")
    if not host.exists() or host.read_text() != wanted:
        host.write_text(wanted)
        host.chmod(0o755)


def _built_engine() -> Path:
    pins = _digest(_ENGINE / "go.mod", _ENGINE / "go.sum")
    return _cache() / "pulumi" / f"{_ENGINE_VERSION}-{pins}" / "pulumi"


def _build_kernel() -> None:
    """Compile what monitors count with; where that cannot be, its own line says so, and they count without."""
    subprocess.run([VENV / "bin" / "python", ROOT / "mlops" / "monitors" / "kernel.py"], check=False)


def _own_engine() -> Path | None:
    """Find the user's own engine, never the one that set-up put beside Python."""
    folders = [f for f in os.environ.get("PATH", "").split(os.pathsep) if Path(f).resolve() != VENV / "bin"]
    found = shutil.which("pulumi", path=os.pathsep.join(folders))
    if found is None or _version([found, "version"]) < _OLDEST_ENGINE:
        return None
    return Path(found)


def _version(command: list[str]) -> tuple[int, ...]:
    try:
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    numbers = re.match(r"v?(\d+)\.(\d+)", printed.strip())
    return tuple(int(part) for part in numbers.groups()) if numbers else (0,)


def _run(command: list[str], environment: dict[str, str], what: str, cwd: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n  ".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise MissingError(f"could not install {what}: `{Path(command[0]).name} {command[1]}` said\n  {said}")


@contextlib.contextmanager
def _fresh(target: Path) -> Iterator[Path]:
    """Fill a folder aside and move it into place when it is whole, so that an interrupted run leaves nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield aside
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one set-up run at a time: two checkouts share the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _azurite_folder() -> Path:
    return _cache() / "azurite" / _digest(_AZURITE / "package-lock.json")


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "aml-kit"


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _say(what: str) -> None:
    print(f"setup: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
