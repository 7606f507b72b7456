"""Who watches the passes of a command: logs, metrics and traces, as its options and the environment ask."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

from mlops.backends.telemetry import traces_wanted
from mlops.flows.watching import Several, Watching
from mlops.ports import Clock, StateError, Store


@contextmanager
def observed(store: Store, clock: Clock, *, log: TextIO | None = None, port: int | None = None) -> Iterator[Watching]:
    """Lines of JSON to `log`, metrics on a `port` of loopback, traces where OpenTelemetry's variables say.

    Raises StateError where the port is taken.
    """
    watching: list[Watching] = []
    with ExitStack() as ends:
        if traces_wanted():
            from mlops.backends.telemetry.traces import Traces  # noqa: PLC0415 - each takes a while to import

            made = Traces()
            ends.callback(made.close)
            watching.append(made)
        if port is not None:
            watching.append(_served(store, clock, port, ends))
        if log is not None:
            from mlops.backends.telemetry.logs import JsonLog  # noqa: PLC0415

            watching.append(JsonLog(log))  # last, so that its lines are written within their spans
        yield Several(*watching)


def _served(store: Store, clock: Clock, port: int, ends: ExitStack) -> Watching:
    from mlops.backends.telemetry.metrics import Metrics  # noqa: PLC0415
    from mlops.backends.telemetry.page import Page  # noqa: PLC0415

    metrics = Metrics(lambda: store.figures(clock.now()))
    try:
        page = Page(port, metrics.text)
    except (OSError, OverflowError) as error:
        raise StateError(f"port {port} of 127.0.0.1 cannot be listened on: {error}: choose another") from error
    ends.callback(page.close)
    return metrics


def metrics_text(store: Store, clock: Clock) -> str:
    """How the store stands now, in Prometheus's text format."""
    from mlops.backends.telemetry.metrics import Metrics  # noqa: PLC0415

    return Metrics(lambda: store.figures(clock.now())).text().decode()
