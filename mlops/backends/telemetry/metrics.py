"""Metrics for Prometheus: what passes did since this process began, and how the store stands when it is asked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from mlops.flows.watching import outcome
from mlops.ports import StateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from mlops.flows.reconcile import Pass
    from mlops.flows.watching import Ended
    from mlops.post import Figures

_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)


class Metrics:
    """Keeps the promises of `flows.watching.Watching`, and prints what it saw."""

    def __init__(self, figures: Callable[[], Figures]) -> None:
        """`figures` looks at the store; it may raise StateError."""
        self._registry = CollectorRegistry()
        self._registry.register(_Standing(figures))
        names = ("project", "outcome")
        self._passes = Counter("aml_kit_passes", "Passes, by how they ended", names, registry=self._registry)
        self._seconds = Histogram(
            "aml_kit_pass_seconds", "How long passes took", buckets=_SECONDS, registry=self._registry
        )
        self._decisions = Counter(
            "aml_kit_decisions",
            "Decisions; attempts' outcomes are those about attempts",
            ("project", "subject", "what"),
            registry=self._registry,
        )
        self._troubles = Counter(
            "aml_kit_troubles", "What had trouble in passes", ("project",), registry=self._registry
        )

    @contextmanager
    def a_pass(self, project: str) -> Iterator[Ended]:
        """See Watching.a_pass."""
        began = time.perf_counter()
        try:
            yield lambda done: self._passed(project, done)
        except Exception:
            self._passes.labels(project, "failed").inc()
            raise
        finally:
            self._seconds.observe(time.perf_counter() - began)

    def _passed(self, project: str, done: Pass) -> None:
        self._passes.labels(project, outcome(done)).inc()
        for said in done.decisions:
            self._decisions.labels(project, said.subject.value, said.what).inc()
        if done.trouble:
            self._troubles.labels(project).inc(len(done.trouble))

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self._registry)


class _Standing:
    """The store's figures, read when they are asked for."""

    def __init__(self, figures: Callable[[], Figures]) -> None:
        self._figures = figures

    def describe(self) -> list[Metric]:
        """Nothing is read before the first question."""
        return []

    def collect(self) -> Iterator[Metric]:
        """What the store holds now; only `up` when it cannot be read."""
        try:
            found = self._figures()
        except StateError:
            yield GaugeMetricFamily("aml_kit_store_up", "Whether the store can be read", value=0)
            return
        yield GaugeMetricFamily("aml_kit_store_up", "Whether the store can be read", value=1)
        for name, words, value in (
            ("projects", "Projects", found.projects),
            ("projects_due", "Projects that wait for a pass and that nobody works on", found.due),
            ("loop_lag_seconds", "For how long the longest of them waits", found.lag),
            ("inbox_waiting", "Events whose outcome is open", found.events),
            ("outbox_waiting", "Notices that were not told yet", found.notices),
            ("outbox_oldest_seconds", "How old the oldest of them is", found.oldest),
            ("outbox_given_up", "Notices that were given up", found.given_up),
        ):
            yield GaugeMetricFamily(f"aml_kit_{name}", words, value=value)
