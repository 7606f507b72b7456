"""The real engine on a project, and what it said that it did."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NOTHING_DONE = frozenset({"same", "read", "refresh", "create-replacement", "delete-replaced", "discard-replaced", ""})
_SAID = 40
_OWN = ("pulumi:",)


class EngineError(Exception):
    """A command that has to succeed did not; the message is what the engine said."""


@dataclass(frozen=True, order=True, kw_only=True)
class Step:
    """One thing done, or planned, to one resource of the cloud."""

    operation: str
    """`create`, `update`, `replace`, `delete` or `import`."""
    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.operation} {self.name} ({self.type.removeprefix('azure-native:')})"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One command of the engine."""

    code: int
    steps: tuple[Step, ...]
    errors: str
    text: str

    @property
    def clean(self) -> bool:
        """Whether it succeeded without any change."""
        return self.code == 0 and not self.steps


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Pulumi's command line, in one project folder with one set of variables."""

    project: Path
    variables: Mapping[str, str]
    stack: str
    pack: str = ""
    """A policy pack's folder; empty for none."""

    def changed(self, command: str, *options: str) -> Ran:
        """Run `up`, `preview`, `refresh` or `destroy`."""
        own = ["--stack", self.stack, "--json", "--non-interactive", *options]
        if command != "preview":
            own += ["--yes", "--skip-preview"]
        if self.pack and command in {"up", "preview"}:
            own += ["--policy-pack", self.pack]
        return self._ran(command, *own, more={"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"})

    def told(self, *arguments: str) -> str:
        """Run another command; returns what it printed.  Raises EngineError."""
        done = self._process(*arguments, "--non-interactive")
        if done.returncode:
            raise EngineError(f"pulumi {' '.join(arguments)}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _ran(self, *arguments: str, more: Mapping[str, str]) -> Ran:
        done = self._process(*arguments, more=more)
        events = tuple(_events(done.stdout))
        steps = sorted({step for event in events if (step := _step(event)) is not None})
        errors = "\n".join(_errors(events)) or (done.stderr.strip() if done.returncode else "")
        text = done.stdout + done.stderr
        said = errors if errors or not done.returncode else "\n".join(text.splitlines()[-_SAID:])
        return Ran(code=done.returncode, steps=tuple(steps), errors=said, text=text)

    def _process(self, *arguments: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments],  # noqa: S607 - found where the environment's variables say
            cwd=self.project,
            env={**self.variables, **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def _events(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _step(event: Mapping[str, Any]) -> Step | None:
    metadata = (event.get("resourcePreEvent") or {}).get("metadata")
    if metadata is None or metadata["op"] in _NOTHING_DONE or _is_ours(metadata["type"]):
        return None
    return Step(operation=metadata["op"], type=metadata["type"], name=metadata["urn"].rsplit("::", 1)[1])


def _is_ours(kind: str) -> bool:
    """Stacks, providers and components: no request to a cloud makes them."""
    return kind.startswith(_OWN) or (kind.count(":") == 2 and not kind.startswith(("azure-native:", "kubernetes:")))  # noqa: PLR2004


def _errors(events: tuple[dict[str, Any], ...]) -> Iterator[str]:
    seen = set()
    for event in events:
        said = event.get("diagnosticEvent") or event.get("policyEvent") or {}
        severe = said.get("severity") == "error" or said.get("enforcementLevel") == "mandatory"
        message = str(said.get("message", "")).strip()
        if severe and message and message not in seen:
            seen.add(message)
            yield f"{str(said.get('urn') or '').rsplit('::', 1)[-1]}: {message}".removeprefix(": ")
