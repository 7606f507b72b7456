"""The part of the Pulumi engine that runs Python: programs and policy packs.

Python's own language host cannot be built from a Go module, so where set-up builds the engine this one stands beside
it as `pulumi-language-python`.  It serves `LanguageRuntime` on 127.0.0.1 and says its port on the first line.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from environments.local.engine.program import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grpc import ServicerContext as Context

_PROGRAM = Path(__file__).with_name("program.py")
_LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; what the engine itself allows
_CALLS_AT_ONCE = 16
_CHUNK = 64 * 1024  # bytes
_PATIENCE = 3.0  # seconds that a program gets to end before it is killed


class MissingInterpreterError(Exception):
    """The project names a virtual environment that is not there; the text says which and what to do."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """`pulumirpc.LanguageRuntime` for Python."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._running: set[subprocess.Popen[bytes]] = set()

    def Handshake(  # noqa: N802  # the protocol's name, as all below
        self, request: language_pb2.LanguageHandshakeRequest, _context: Context
    ) -> language_pb2.LanguageHandshakeResponse:
        """Learn the engine's address from an engine that attached."""
        self._engine = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def Run(  # noqa: N802
        self, request: language_pb2.RunRequest, context: Context
    ) -> language_pb2.RunResponse:
        """Run a program to its end, in a process and an interpreter of its own."""
        try:
            python = interpreter(request.info)
        except MissingInterpreterError as error:
            return language_pb2.RunResponse(error=str(error))
        asked = language_pb2.RunRequest()
        asked.CopyFrom(request)
        asked.args.insert(0, self._engine)  # where the SDK's own server looks for it
        process = self._start([python, "-u", str(_PROGRAM)], context, stdin=subprocess.PIPE)
        process.communicate(asked.SerializeToString())
        self._running.discard(process)
        if process.returncode == SHOWN:
            return language_pb2.RunResponse(bail=True)
        if process.returncode:
            return language_pb2.RunResponse(error=f"the program ended with exit code {process.returncode}")
        return language_pb2.RunResponse()

    def RunPlugin(  # noqa: N802
        self, request: language_pb2.RunPluginRequest, context: Context
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Run a policy pack (or another plugin written in Python) and pass on what it prints, then its exit code."""
        try:
            python = interpreter(request.info)
        except MissingInterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        folder = request.info.program_directory
        pack = request.kind == "analyzer"
        tail = ["-m", "pulumi.policy", *request.args[:1], folder] if pack else [folder, *request.args]
        environment = dict(line.split("=", 1) for line in request.env) or None
        process = self._start([python, "-u", *tail], context, cwd=request.pwd, env=environment, stdout=subprocess.PIPE)
        yield from _printed(process)
        self._running.discard(process)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())

    def _start(
        self,
        command: list[str],
        context: Context,
        *,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process that ends with its call, in a group of its own: the engine's interrupt is for the host."""
        process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=stdout, cwd=cwd or None, env=env, process_group=0
        )
        self._running.add(process)
        context.add_callback(lambda: _end(process))
        return process

    def stop(self) -> None:
        """End what still runs."""
        for process in tuple(self._running):
            _end(process)

    def GetRequiredPackages(self, _request: object, _context: Context) -> language_pb2.GetRequiredPackagesResponse:  # noqa: N802, D102
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, _request: object, _context: Context) -> language_pb2.GetRequiredPluginsResponse:  # noqa: N802, D102
        return language_pb2.GetRequiredPluginsResponse()

    def GetProgramDependencies(  # noqa: N802, D102
        self, _request: object, _context: Context
    ) -> language_pb2.GetProgramDependenciesResponse:
        return language_pb2.GetProgramDependenciesResponse()

    def InstallDependencies(  # noqa: N802
        self, _request: object, _context: Context
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing: set-up did."""
        return iter(())

    def RuntimeOptionsPrompts(self, _request: object, _context: Context) -> language_pb2.RuntimeOptionsResponse:  # noqa: N802, D102
        return language_pb2.RuntimeOptionsResponse()

    def GetPluginInfo(self, _request: object, _context: Context) -> plugin_pb2.PluginInfo:  # noqa: N802, D102
        return plugin_pb2.PluginInfo(version="1.0.0")

    def About(self, request: language_pb2.AboutRequest, context: Context) -> language_pb2.AboutResponse:  # noqa: N802
        """Say which Python runs the program."""
        try:
            python = interpreter(request.info)
        except MissingInterpreterError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        asked = [python, "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        return language_pb2.AboutResponse(executable=python, version=version)

    def Cancel(self, _request: object, _context: Context) -> Empty:  # noqa: N802
        """End what runs; the calls that started it then end with an error."""
        self.stop()
        return Empty()


def interpreter(info: language_pb2.ProgramInfo) -> str:
    """The Python that the project asks for (`runtime.options.virtualenv`), else ours.

    Raises MissingInterpreterError.
    """
    named = dict(info.options).get("virtualenv")
    if not named:
        return sys.executable
    folder = Path(info.root_directory, str(named))
    python = folder / "bin" / "python"
    if not python.exists():
        raise MissingInterpreterError(
            f"the project's runtime option `virtualenv` names {folder}, which is no virtual environment: "
            "create it (`make setup` makes .venv), or take the option away to use the Python of this engine."
        )
    return str(python)


def main() -> int:
    """Serve until the engine interrupts.  Returns the exit code."""
    engine = sys.argv[-1] if len(sys.argv) > 1 else ""  # the address is the engine's last argument
    host = LanguageHost(engine)
    stopped = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stopped.set())
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(_CALLS_AT_ONCE), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    stopped.wait()
    host.stop()
    server.stop(0).wait()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(0)  # quietly: a thread that still waits for a program must not print a trace


def _printed(process: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    """Pass on both streams in the order in which they come, until both end."""
    lines: queue.SimpleQueue[language_pb2.RunPluginResponse | None] = queue.SimpleQueue()

    def read(name: str, stream: IO[bytes] | None) -> None:
        while stream is not None and (chunk := os.read(stream.fileno(), _CHUNK)):
            lines.put(
                language_pb2.RunPluginResponse(stdout=chunk)
                if name == "stdout"
                else language_pb2.RunPluginResponse(stderr=chunk)
            )
        lines.put(None)

    for name in ("stdout", "stderr"):
        threading.Thread(target=read, args=(name, getattr(process, name)), daemon=True).start()
    for _ in range(2):
        while (line := lines.get()) is not None:
            yield line


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that may have ended already."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
