"""A PostgreSQL server of the distribution's package: started once a session, as its own user, gone with the session."""

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

_PROGRAMS = Path("/usr/lib/postgresql")  # where Debian has them, by version
_QUICK = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=32MB")


class MissingError(Exception):
    """There is no PostgreSQL on this machine; the text says how to get it."""


@dataclass
class Server:
    """A server that listens on a socket in its own folder, and nowhere else."""

    programs: Path
    folder: Path
    user: str  # whom it runs as; PostgreSQL refuses to run as root
    settings: tuple[str, ...] = _QUICK
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{os.getpid()}_{next(self._numbers)}"
        self.sql(f"create database {name} template template0")
        return self.url(name)

    def url(self, name: str, user: str = "tester") -> str:
        """How a program is told of a database."""
        return f"postgresql://{user}@/{name}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What psql answers."""
        command = [
            str(self.programs / "psql"),
            "-h",
            str(self.folder),
            "-U",
            "tester",
            "-qtA",
            "-c",
            statement,
            database,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def place(self, folder: Path) -> Path:
        """A new folder that is the server's."""
        folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(folder, self.user)
        return folder

    def start(self) -> None:
        """Start it and wait until it answers."""
        said = " ".join(f"-c {each}" for each in (*self.settings, "listen_addresses="))
        self._control("start", "-o", f"{said} -k {self.folder}", "-l", str(self.folder / "log"))

    def stop(self, how: str = "fast") -> None:
        """Stop it; `immediate` is as though it had been killed."""
        self._control("stop", "-m", how)

    def make(self) -> None:
        """Make its files: whoever may reach the socket is trusted; the role `identity` has a password."""
        made = ["-D", self.folder / "data", "-U", "tester", "--no-sync", "--auth=trust", "-E", "UTF8", "--locale=C"]
        self._run("initdb", *map(str, made))
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("local all identity scram-sha-256\nlocal all all trust\n", encoding="utf-8")

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", *words)

    def _run(self, program: str, *words: str) -> None:
        other = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        command = [*other, str(self.programs / program), *words]
        with (self.folder / "said").open("a") as said:  # a file: the server would hold a pipe open as long as it lives
            done = subprocess.run(
                command, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=self.folder
            )
        assert done.returncode == 0, f"{program}: {(self.folder / 'said').read_text()[-2000:]}"


@contextmanager
def server(settings: tuple[str, ...] = _QUICK) -> Iterator[Server]:
    """A running server with its data in a throw-away folder.  Raises MissingError."""
    programs = _installed()
    folder = Path(tempfile.mkdtemp(prefix="aml-kit-pg-"))  # short: a socket's path has at most 107 characters
    made = Server(programs=programs, folder=folder, user="postgres", settings=settings)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(made.user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        made.make()
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def _installed() -> Path:
    """The folder of its programs; installs the distribution's package where that is possible."""
    found = _programs()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with (Path(tempfile.gettempdir()) / "aml-kit-apt.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of several test processes one installs it
            if _programs() is None:
                quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
                install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql"]
                subprocess.run(install, check=False, capture_output=True, env=quiet)
        found = _programs()
    if found is None:
        raise MissingError("PostgreSQL is not installed, and tests of the store need it: apt-get install postgresql")
    return found


def _programs() -> Path | None:
    versions = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    other = shutil.which("initdb")
    return versions[-1].parent if versions else Path(other).parent if other else None
