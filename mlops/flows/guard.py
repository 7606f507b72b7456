"""Effects that are made only while a claim holds: a process that slept through its lease wakes up and does nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mlops.ports import Backends

_EFFECTS = frozenset(
    {"ensure", "submit", "cancel", "ensure_deployment", "delete_deployment", "set_traffic", "take", "start", "stop"}
)


def guarded(backends: Backends, check: Callable[[], None]) -> Backends:
    """The same, but `check` is called right before each effect, and may raise."""
    return replace(
        backends,
        datasets=_Guarded(backends.datasets, check),
        training=_Guarded(backends.training, check),
        models=_Guarded(backends.models, check),
        endpoints=_Guarded(backends.endpoints, check),
        registry=_Guarded(backends.registry, check) if backends.registry is not None else None,
        runs=_Guarded(backends.runs, check),
    )


class _Guarded:
    def __init__(self, inner: object, check: Callable[[], None]) -> None:
        self._inner = inner
        self._check = check

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has
        found = getattr(self._inner, name)
        if name not in _EFFECTS:
            return found

        def checked(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            self._check()
            return found(*arguments, **named)

        return checked
