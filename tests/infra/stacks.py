"""The stack files of this checkout, as the engine would hand them over."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra import settings
from infra.environment import build
from infra.parts.plan import Place
from tests.infra.recorder import SUBSCRIPTION, TENANT, Graph, Unmade, record

LEAST = {"aml-kit:location": "eastus", "aml-kit:owner": "team", "aml-kit:costCenter": "42"}
ROOT = Path(__file__).resolve().parents[2]
STACKS = ("local", "dev", "staging", "prod")
SCENARIOS = ("minimal", "typical", "private", "regulated")


def document(stack: str) -> dict[str, Any]:
    """A stack file as it is written."""
    folder = ROOT / "environments" / ("scenarios" if stack in SCENARIOS else "")
    read: dict[str, Any] = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text())
    return read


def config(stack: str) -> dict[str, str]:
    """A stack file's config: scalars as text, the rest as JSON, which is how Pulumi sends it."""
    return sent(document(stack)["config"])


def sent(config: Mapping[str, object]) -> dict[str, str]:
    """A config as Pulumi sends it."""
    return {key: _sent(value) for key, value in config.items()}


def _sent(value: object) -> str:
    if value is None:
        return ""  # as the engine does
    return value if isinstance(value, str) else json.dumps(value)


def graph(stack: str, **changed: object) -> Graph:
    """What a stack would ask Azure for; ``changed`` replaces single settings."""
    return _graph(stack, tuple((key, _sent(value)) for key, value in changed.items()))


@cache
def _graph(stack: str, changed: tuple[tuple[str, str], ...]) -> Graph:
    return built(stack, config(stack) | {f"aml-kit:{key}": value for key, value in changed})


def built(stack: str, config: dict[str, str], unmade: Unmade | None = None) -> Graph:
    """What a stack with this config would ask Azure for; `unmade` makes it a preview."""
    read = settings.read(stack, config)
    place = Place(environment=stack, subscription_id=SUBSCRIPTION, tenant_id=TENANT)
    return record(lambda: build(place, read), stack=stack, unmade=unmade)
