"""Requests at a steady rate, whether or not the ones before were answered; and what came of them."""

from __future__ import annotations

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops.domain.data.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlops.ports import Load

_AT_ONCE = 64
MEMORY = "memory_mb"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer: `wrong` says what was, and is empty for a good one."""

    wrong: str
    text: str


def drive(send: Callable[[str], Reply], load: Load) -> tuple[Measurement, ...]:
    """Send, wait for all answers, and give p95_ms, error_rate and memory_mb.

    A request's time runs from the moment at which it was due: one that had to wait for a place is as late as it is.
    """
    if not load.requests:
        why = "there are no requests to send"
        return tuple(Measurement(monitor=name, value=None, samples=0, why=why) for name in ("p95_ms", "error_rate"))
    count = max(int(load.rps * load.seconds), 1)
    start = time.monotonic()

    def one(at: int) -> tuple[float, Reply]:
        due = start + at / load.rps
        time.sleep(max(due - time.monotonic(), 0))
        reply = send(load.requests[at % len(load.requests)])
        return time.monotonic() - due, reply

    with ThreadPoolExecutor(max_workers=min(count, _AT_ONCE)) as pool:
        return _measured(list(pool.map(one, range(count))))


def _measured(found: Sequence[tuple[float, Reply]]) -> tuple[Measurement, ...]:
    count = len(found)
    wrong = [reply.wrong for _, reply in found if reply.wrong]
    times = sorted(taken * 1000 for taken, reply in found if not reply.wrong)
    p95 = times[max(math.ceil(0.95 * len(times)) - 1, 0)] if times else None
    memory = max((_memory(reply.text) for _, reply in found if not reply.wrong), default=math.nan)
    said = math.isfinite(memory)
    return (
        Measurement(monitor="p95_ms", value=p95, samples=count, why="" if times else "nothing was answered"),
        Measurement(monitor="error_rate", value=len(wrong) / count, samples=count, why=wrong[0] if wrong else ""),
        Measurement(
            monitor=MEMORY,
            value=memory if said else None,
            samples=count,
            why="" if said else f"no answer has a number {MEMORY!r}: let the scoring script put it there",
        ),
    )


def _memory(text: str) -> float:
    """The number in an answer, at its top or in its first row; below all others where there is none."""
    try:
        answer = json.loads(text)
    except ValueError:
        return -math.inf
    for _ in range(2):
        answer = answer[0] if isinstance(answer, list) and answer else answer
    value = answer.get(MEMORY) if isinstance(answer, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -math.inf
