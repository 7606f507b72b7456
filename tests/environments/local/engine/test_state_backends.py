"""Where the engine keeps its state: in a local file, in Azure Blob storage, in S3; the same life in each."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import textwrap
import urllib.request
from typing import TYPE_CHECKING

import pytest
from azure.storage.blob import BlobServiceClient

from environments.local import environment, install, supervisor
from environments.local.home import Home
from tests.environments.local.engine.pulumi_project import project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACCOUNT, KEY = "statestore", "c3RhdGUta2VwdC1pbi1ibG9icw=="
PLANTED = "planted-in-the-config"
PROGRAM = textwrap.dedent("""
    import pulumi

    pulumi.export("told", "what was built")
    pulumi.export("word", pulumi.Config().require_secret("word"))
""")


@contextlib.contextmanager
def _file(folder: Path) -> Iterator[Mapping[str, str]]:
    yield {"PULUMI_BACKEND_URL": environment.state(folder / "state")}


@contextlib.contextmanager
def _azure_blob(folder: Path) -> Iterator[Mapping[str, str]]:
    ports = {service: supervisor.free_port() for service in ("blob", "queue", "table")}
    command = [str(shutil.which("node")), str(install.azurite()), "--silent", "--skipApiVersionCheck"]
    command += ["--disableTelemetry", "--location", str(folder / "blobs")]
    for service, port in ports.items():
        command += [f"--{service}Host", "127.0.0.1", f"--{service}Port", str(port)]
    with _running(folder, command, ports, {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}):
        client = BlobServiceClient(f"http://127.0.0.1:{ports['blob']}/{ACCOUNT}", credential=KEY)
        client.create_container("state")
        client.close()
        yield {
            "PULUMI_BACKEND_URL": f"azblob://state?domain=127.0.0.1:{ports['blob']}&protocol=http&localemu=true",
            "AZURE_STORAGE_ACCOUNT": ACCOUNT,
            "AZURE_STORAGE_KEY": KEY,
        }


@contextlib.contextmanager
def _s3(folder: Path) -> Iterator[Mapping[str, str]]:
    port = supervisor.free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(folder, command, {"http": port}, {}):
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/state", method="PUT"), timeout=30)
        yield {
            "PULUMI_BACKEND_URL": f"s3://state?endpoint=127.0.0.1:{port}&disableSSL=true&s3ForcePathStyle=true",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@pytest.mark.parametrize("backend", [_file, _azure_blob, _s3], ids=["local file", "Azure Blob", "S3"])
def test_a_stack_lives_and_goes_in_every_backend(tmp_path: Path, backend: object) -> None:
    assert callable(backend)
    with backend(tmp_path) as settings:
        made = project(tmp_path, PROGRAM, settings=settings)
        for command in (("config", "set", "--secret", "word", PLANTED, "--stack", "local"), ("stack", "ls", "--json")):
            ran = made.pulumi(*command)
            assert ran.code == 0, ran.text
        assert '"name": "local"' in ran.text

        assert made.changes("up") == {"create": 1}
        assert made.changes("up") == {}
        # S3 has the engine warn about a checksum on every command, after what it prints.
        told, _ = json.JSONDecoder().raw_decode(made.pulumi("stack", "output", "--json", "--stack", "local").text)
        assert told == {"told": "what was built", "word": "[secret]"}
        exported = made.pulumi("stack", "export", "--stack", "local")
        assert (exported.code, PLANTED in exported.text) == (0, False)

        assert made.changes("destroy") == {"delete": 1}
        assert made.pulumi("stack", "rm", "local", "--yes").code == 0
        assert made.pulumi("stack", "ls", "--json").text.startswith("[]")


@contextlib.contextmanager
def _running(folder: Path, command: list[str], ports: dict[str, int], environment: dict[str, str]) -> Iterator[None]:
    home = Home(folder / "server")
    supervisor.start(home, "store", command, environment={"PATH": os.environ["PATH"], **environment}, ports=ports)
    try:
        yield
    finally:
        supervisor.stop(home, "store")
