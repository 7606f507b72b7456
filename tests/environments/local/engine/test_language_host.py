"""The language host, driven by the real engine."""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import subprocess
import sys
import textwrap
import time
import venv
from typing import TYPE_CHECKING

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.automation import _server
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from environments.local.install import VENV
from tests.environments.local.engine.pulumi_project import Project, project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOST = [sys.executable, "-m", "environments.local.engine.language_host"]

_PROGRAM = """
import sys
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("trial:index:Thing", name)
        self.register_outputs({})

config = pulumi.Config()
match config.get("fault"):
    case "exception":
        raise ValueError("something unforeseen")
    case "refusal":
        raise pulumi.RunError("set trial:word to a word")
    case "exit":
        sys.exit("the program has had enough")
Thing("one")
Thing("two")
pulumi.export("word", config.get("word"))
pulumi.export("secret", config.get_secret("password"))
pulumi.export("root", pulumi.runtime.get_root_directory())
pulumi.export("python", sys.prefix)
"""

_PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def no_second(args, report):
    if args.name == "two":
        report("there is a second thing")

rule = ResourceValidationPolicy("no-second", "One thing is enough.", no_second, EnforcementLevel.MANDATORY)
PolicyPack("trial", [rule])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("language-host")
    pack = folder / "project" / "pack"
    made = project(folder, _PROGRAM)
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(_PACK)
    return made


def test_a_program_gets_its_config_and_its_second_run_changes_nothing(made: Project) -> None:
    made.pulumi("config", "set", "word", "hello", "--stack", "local")
    made.pulumi("config", "set", "password", "hidden", "--secret", "--stack", "local")
    assert made.changes("up") == {"create": 3}
    assert made.changes("up") == {}
    assert made.outputs() == {
        "word": "hello",
        "secret": "[secret]",
        "root": str(made.folder),
        "python": sys.prefix,
    }


@pytest.mark.parametrize(
    ("fault", "expected", "trace"),
    [
        ("exception", "error: the program failed with an unhandled exception:", True),
        ("refusal", "error: set trial:word to a word", False),
        ("exit", "error: the program has had enough", False),
    ],
)
def test_a_failing_program_says_so_once(made: Project, fault: str, expected: str, *, trace: bool) -> None:
    ran = made.pulumi("preview", "--stack", "local", "--config", f"fault={fault}")
    made.pulumi("config", "rm", "fault", "--stack", "local")
    assert ran.code != 0
    said = ran.text[ran.text.index("Diagnostics:") :]
    assert said.count(expected) == 1
    assert ("Traceback" in said) == trace
    assert "language_host" not in said
    assert "engine/program.py" not in said
    assert "runpy" not in said


def test_a_policy_pack_refuses_what_its_rule_forbids(made: Project) -> None:
    ran = made.pulumi("preview", "--stack", "local", "--policy-pack", "pack")
    assert ran.code != 0
    assert "there is a second thing" in ran.text
    assert "Traceback" not in ran.text


def test_the_projects_virtual_environment_runs_the_program(tmp_path: Path) -> None:
    venv.create(tmp_path / "project" / "own", symlinks=True)
    (site,) = (tmp_path / "project" / "own").glob("lib/python*/site-packages")
    (packages,) = VENV.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(str(packages))
    made = project(tmp_path, _PROGRAM, runtime="{name: python, options: {virtualenv: own}}")
    made.changes("up")
    assert made.outputs()["python"] == str(made.folder / "own")


def test_a_missing_virtual_environment_is_named(tmp_path: Path) -> None:
    made = project(tmp_path, _PROGRAM, runtime="{name: python, options: {virtualenv: gone}}")
    ran = made.pulumi("preview", "--stack", "local")
    assert ran.code != 0
    assert f"names {made.folder / 'gone'}, which is no virtual environment" in ran.text


def test_an_interrupt_ends_the_host_without_a_word() -> None:
    host = subprocess.Popen([*_HOST, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert host.stdout is not None
    port = int(host.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = language_pb2_grpc.LanguageRuntimeStub(channel)
        assert stub.GetPluginInfo(Empty()).version == "1.0.0"
    host.send_signal(signal.SIGINT)
    assert host.communicate(timeout=10) == ("", "")
    assert host.returncode == 0


def test_a_plugins_output_and_exit_code_come_through_and_a_cancelled_one_is_ended(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    (plugin / "__main__.py").write_text(
        textwrap.dedent("""
        import os, sys, time
        os.write(1, f"{os.getpid()}".encode())
        os.write(2, sys.argv[1].encode())
        if sys.argv[1] == "wait":
            time.sleep(60)
        sys.exit(7)
        """)
    )
    with subprocess.Popen([*_HOST, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True) as host, _ended(host):
        assert host.stdout is not None
        port = int(host.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = language_pb2_grpc.LanguageRuntimeStub(channel)
            info = language_pb2.ProgramInfo(program_directory=str(plugin), root_directory=str(plugin), entry_point=".")
            environment = [f"PATH={os.environ['PATH']}"]
            ended = list(stub.RunPlugin(language_pb2.RunPluginRequest(args=["go"], env=environment, info=info)))
            assert [each.stderr for each in ended if each.HasField("stderr")] == [b"go"]
            assert ended[-1].exitcode == 7
            waiting = stub.RunPlugin(language_pb2.RunPluginRequest(args=["wait"], env=environment, info=info))
            pid = int(next(each for each in waiting if each.HasField("stdout")).stdout)
            waiting.cancel()
            _wait_for_the_end_of(pid)


def test_the_sdks_language_server_still_has_the_shape_that_the_host_relies_on() -> None:
    """It is a private name: an upgrade of the pinned SDK that moves it must fail here, not in a user's hands."""
    assert list(inspect.signature(_server.LanguageServer).parameters) == ["program"]
    assert list(inspect.signature(_server.LanguageServer.Run).parameters) == ["self", "request", "context"]


@contextlib.contextmanager
def _ended(host: subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        host.send_signal(signal.SIGINT)


def _wait_for_the_end_of(pid: int) -> None:
    for _ in range(200):
        if not psutil.pid_exists(pid):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs")
