"""What operators see of the passes: traces, metrics and logs that agree with the decisions, and hold no secret."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from mlops.backends.redaction import hide, remember
from mlops.backends.telemetry import traces_wanted
from mlops.backends.telemetry.logs import JsonLog
from mlops.backends.telemetry.metrics import Metrics
from mlops.backends.telemetry.page import Page
from mlops.backends.telemetry.traces import Traces
from mlops.flows import commands
from mlops.flows.inbox import drain
from mlops.flows.reconcile import reconcile
from mlops.flows.watching import Several
from mlops.ports import OutsideError, StateError
from mlops.post import Figures
from tests.fakes.channels import FakeChannel
from tests.fakes.events import FakeSource, grid
from tests.mlops.flows.test_inbox import SOURCED
from tests.mlops.flows.test_outbox import TELLING
from tests.mlops.rig import PLATFORM, Rig

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLANTED = 'hunter2 "planted"'


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def rig(tmp_path: Path, log: io.StringIO, spans: InMemorySpanExporter) -> Iterator[Rig]:
    rig = Rig(folder=tmp_path, text=TELLING, state=tmp_path / "state.sqlite3")
    traces = Traces(spans)
    metrics = Metrics(lambda: rig.store.figures(rig.world.clock.now()))
    rig.watching = Several(traces, metrics, JsonLog(log))  # a line is written within its span
    rig.metrics = metrics  # type: ignore[attr-defined]
    rig.traces = traces  # type: ignore[attr-defined]
    yield rig
    traces.close()


def samples(text: bytes) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_traces_metrics_and_logs_agree_with_the_decisions(
    rig: Rig, log: io.StringIO, spans: InMemorySpanExporter
) -> None:
    rig.settle()
    rig.traces.close()  # type: ignore[attr-defined]
    story = rig.story()[1:]  # the first was the apply's, not a pass's
    found = samples(rig.metrics.text())  # type: ignore[attr-defined]
    finished = spans.get_finished_spans()

    assert len(story) > 10
    assert [event.name for span in finished for event in span.events] == story
    written = [f"{said['subject']} {said['what']}" for line in lines(log) for said in line["decisions"]]
    assert written == story
    counted = {key[2:]: int(value) for key, value in found.items() if key[0] == "aml_kit_decisions_total"}
    assert counted == {(*each.split(" ", 1),): story.count(each) for each in story}
    assert sum(value for key, value in found.items() if key[0] == "aml_kit_passes_total") == len(finished)
    assert found["aml_kit_pass_seconds_count",] == len(finished)
    assert {span.attributes["aml_kit.project"] for span in finished if span.attributes} == {"rain"}
    ids = {f"{span.context.trace_id:032x}" for span in finished if span.context}
    assert {line["trace_id"] for line in lines(log)} <= ids


def test_the_loops_lag_is_how_long_the_longest_project_waits(rig: Rig) -> None:
    store, now = rig.store, rig.world.clock.now()
    (claim,) = store.claim("me", now)
    store.release(claim, now + timedelta(minutes=10))
    assert store.figures(now) == Figures(projects=1)
    late = now + timedelta(minutes=11)
    assert store.figures(late) == Figures(projects=1, due=1, lag=60.0)
    store.claim("me", late)
    assert store.figures(late) == Figures(projects=1)


def test_what_waits_in_the_inbox_and_the_outbox_is_counted_and_how_old_it_is(tmp_path: Path) -> None:
    rig = Rig(folder=tmp_path, platform=replace(PLATFORM, queues={"events": "workspace-events"}))
    notify = "  notifications: [{name: a, webhook: {url: 'https://a'}, on: [project]}]\n  rollout:\n    steps"
    rig.apply(SOURCED.replace("  rollout:\n    steps", notify))
    source = FakeSource()
    rig.sources = {"workspace": source}
    source.put(grid("1", "Microsoft.Storage.BlobCreated", "a"))
    drain(rig.context)
    rig.world.clock.advance(timedelta(minutes=1))
    found = rig.store.figures(rig.world.clock.now())

    assert found == Figures(projects=1, due=1, lag=60.0, events=1, notices=1, oldest=60.0)


def test_a_store_that_cannot_be_read_is_said_and_the_rest_still_shown() -> None:
    def broken() -> Figures:
        raise StateError("locked")

    found = samples(Metrics(broken).text())
    assert found["aml_kit_store_up",] == 0
    assert ("aml_kit_projects",) not in found


def test_the_page_for_prometheus_is_on_loopback(rig: Rig) -> None:
    page = Page(0, rig.metrics.text)  # type: ignore[attr-defined]
    try:
        url = f"http://127.0.0.1:{page.server_port}"
        read = httpx.get(f"{url}/metrics", trust_env=False)
        assert (read.status_code, samples(read.content)["aml_kit_projects",]) == (200, 1)
        assert read.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert httpx.get(url, trust_env=False).status_code == 404
    finally:
        page.close()


def test_no_secret_stands_in_a_log_a_span_a_metric_or_a_row(
    rig: Rig, log: io.StringIO, spans: InMemorySpanExporter
) -> None:
    """One that was shown to this process, and some that only look like one."""
    remember(PLANTED)
    looks = "https://a.blob.core.windows.net/c?sv=1&sig=planted2&x Bearer planted3planted3 https://me:planted4@host"

    class Leaky(FakeChannel):
        def send(self, _: object) -> None:
            raise OutsideError(f"no entry with {PLANTED}; {looks}")

    rig.settle()
    commands.pause(rig.context, "ada", "a holiday")
    rig.channels = {"team": Leaky(), "other": Leaky()}
    reconcile(rig.context)
    rows = str(rig.store.outbox.kept("rain"))
    with rig.store._engine.begin() as connection:
        connection.exec_driver_sql("drop table outbox")
    with pytest.raises(StateError):
        reconcile(rig.context)
    rig.traces.close()  # type: ignore[attr-defined]

    said = rows + log.getvalue() + "".join(span.to_json() for span in spans.get_finished_spans())
    said += rig.metrics.text().decode()  # type: ignore[attr-defined]
    assert [line["event"] for line in lines(log)][-2:] == ["pass", "pass failed"]
    assert "no entry with ***" in said
    for secret in ("hunter2", "planted"):
        assert secret not in said


def test_what_is_hidden_is_the_secret_and_not_the_words_around_it() -> None:
    remember("s3cr3t-value\nolder-value")
    text = "a s3cr3t-value b older-value; sig=abc&se=1; password=x y; Basic YWJjZGVmZ2g= z"

    assert hide(text) == "a *** b ***; sig=***&se=1; password=*** y; *** z"
    remember("ab")
    assert hide("able") == "able"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}, False),
    ],
)
def test_traces_are_made_when_opentelemetrys_variables_ask_for_them(
    environment: dict[str, str], *, expected: bool
) -> None:
    assert traces_wanted(environment) is expected
