"""One thing that is wrong with a body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SHOWN = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Where (`properties.scaleSettings.maxNodeCount`, empty for the whole body), what, and what is allowed there."""

    path: str
    what: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in one sentence."""
        more = f" (and {len(self.allowed) - _SHOWN} more)" if len(self.allowed) > _SHOWN else ""
        allowed = f"; allowed: {', '.join(self.allowed[:_SHOWN])}{more}" if self.allowed else ""
        where = f"'{self.path}'" if self.path else "The body"
        return f"{where} {self.what}{allowed}"


def below(path: str, name: str | int) -> str:
    """The path of a property or of an item of a list."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    if "." in name or "[" in name:
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name


_STEP = re.compile(r'\["(?P<quoted>.*?)"\]|\[(?P<index>\d+)\]|(?P<name>[^.\[]+)')


def value_at(body: Any, path: str) -> Any:  # noqa: ANN401 - anything that JSON holds
    """What stands at the path of a problem; None for nothing."""
    for step in _STEP.finditer(path):
        if step["index"] is not None:
            index = int(step["index"])
            body = body[index] if isinstance(body, list) and index < len(body) else None
        else:
            body = body.get(step["quoted"] or step["name"]) if isinstance(body, dict) else None
    return body


def quoted(value: Any) -> str:  # noqa: ANN401 - anything that JSON holds
    """A value as an error may show it: short."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
