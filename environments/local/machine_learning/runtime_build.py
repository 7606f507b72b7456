"""Build a runtime: the virtual environment of one Python part, once for all checkouts, by the machine's own client."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from environments.local.machine_learning.runtime_spec import RuntimeRefusedError, RuntimeSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_FOUND = re.compile(
    r"[Bb]ecause (?P<name>[\w.-]+) was not found in the (?:package registry|provided package locations)"
)
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy", "NO_PROXY", "no_proxy")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_BUILD_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """A built runtime."""

    folder: Path
    log: str
    """What building it said, warnings first."""

    @property
    def programs(self) -> Path:
        """The folder with `python` and the packages' programs."""
        return self.folder / "bin"


def build(spec: RuntimeSpec, cache: Path, *, own_proxy: str = "") -> Runtime:
    """Build `spec` below `cache`, or find it there.

    `own_proxy` is the address of the local environment's proxy: builds go around it, never through.
    Raises RuntimeRefusedError, naming the package, where pip cannot have one; nothing half-built stays.
    """
    python, warning = find_python(spec.python)
    folder = cache / f"{spec.digest}-{python.name}"
    done = folder / "aml-kit.log"
    with _locked(folder.with_suffix(".lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            try:
                log = _install(spec, python.path, folder, _outside(os.environ, own_proxy))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            done.write_text(warning + log)
    return Runtime(folder=folder, log=done.read_text())


@dataclass(frozen=True, kw_only=True)
class Python:
    """An interpreter of this machine."""

    version: tuple[int, ...]
    path: str

    @property
    def name(self) -> str:
        """Such as `py311`."""
        return f"py{self.version[0]}{self.version[1]}"


def find_python(wanted: str) -> tuple[Python, str]:
    """Find the interpreter nearest to `wanted`, and a warning (empty when it is the very one)."""
    minor = tuple(int(part) for part in wanted.split(".")[:2] if part.isdigit())
    minor = minor if len(minor) == 2 else sys.version_info[:2]  # noqa: PLR2004 - major and minor
    own = Python(version=sys.version_info[:3], path=sys.executable)
    if own.version[:2] == minor:
        return own, ""
    at_hand = [own, *_interpreters()]
    nearest = min(at_hand, key=lambda p: (abs(p.version[0] - minor[0]), abs(p.version[1] - minor[1]), -p.version[1]))
    if nearest.version[:2] == minor:
        return nearest, ""
    used = ".".join(map(str, nearest.version))
    return nearest, f"warning: Python {wanted} is not on this machine; {used} is used instead.\n"


def _interpreters() -> list[Python]:
    listing = [_uv(), "python", "list", "--only-installed", "--no-python-downloads", "--output-format", "json"]
    found = subprocess.run(listing, capture_output=True, text=True, check=False, timeout=60)
    entries = json.loads(found.stdout or "[]")
    return [
        Python(version=tuple(int(part) for part in entry["version_parts"].values()), path=entry["path"])
        for entry in entries
        if entry["implementation"] == "cpython" and entry.get("variant") == "default"
    ]


def _install(spec: RuntimeSpec, python: str, folder: Path, environment: dict[str, str]) -> str:
    _run([_uv(), "venv", "--quiet", "--python", python, str(folder)], environment)
    if not spec.requirements:
        return ""
    lines = folder / "requirements.txt"
    lines.write_text("\n".join(spec.requirements) + "\n")
    pip = [
        _uv(),
        "pip",
        "install",
        "--python",
        str(folder / "bin" / "python"),
        "--no-progress",
        "--compile-bytecode",
        "-r",
        str(lines),
    ]
    return _run(pip, environment)


def _run(command: list[str], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=_BUILD_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeRefusedError(f"building the environment took longer than {_BUILD_SECONDS} s.") from error
    if done.returncode == 0:
        return done.stderr
    missing = sorted(set(_NOT_FOUND.findall(re.sub(r"\s+", " ", done.stderr))))
    if missing:
        raise RuntimeRefusedError(f"pip cannot have {', '.join(missing)}: there is no such package in its index.")
    said = "\n".join(done.stderr.strip().splitlines()[-15:])
    raise RuntimeRefusedError(f"the environment cannot be built; the package client said:\n{said}")


def _outside(environment: Mapping[str, str], own_proxy: str) -> dict[str, str]:
    """Undo what the local environment's `run` sets; the machine's own proxy, if any, stays."""
    kept = dict(environment)
    if own_proxy and own_proxy in {kept.get(name, "").rstrip("/") for name in _PROXIES}:
        for name in (*_PROXIES, *_CERTIFICATES):
            kept.pop(name, None)
    for name in ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"):  # without compiled code each start takes seconds more
        kept.pop(name, None)
    kept["UV_PYTHON_DOWNLOADS"] = "never"
    index = kept.get("PIP_INDEX_URL")
    if index:
        kept.setdefault("UV_DEFAULT_INDEX", index)
    links = kept.get("PIP_FIND_LINKS")
    if links:
        kept.setdefault("UV_FIND_LINKS", ",".join(links.split()))
    return kept


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise RuntimeRefusedError("the package client `uv` is missing; run `make setup`.")
    return found


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Build each runtime once, however many servers ask at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
