"""Collected data is read the same however much time one blob of it holds: the deployment's rolling rate."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mlops.backends.blobs import rows
from mlops.domain.data.measurement import Measurement
from mlops.domain.declared.monitor import Signal
from mlops.domain.project import DAY, RollingRate
from tests.mlops.backends.collected import World, ask, ask_served, span
from tests.mlops.backends.collector import DATA, ROOT, day, line

_FOLDERS = {
    RollingRate.MINUTE: "%Y/%m/%d/12/30",
    RollingRate.HOUR: "%Y/%m/%d/12",
    RollingRate.DAY: "%Y/%m/%d",
    RollingRate.MONTH: "%Y/%m",
}
each_rate = pytest.mark.parametrize("folder", [_FOLDERS[rate] for rate in RollingRate], ids=list(RollingRate))


@dataclass
class Sender:
    """Files a day's record where the rate says, each later in real time than the one before."""

    world: World
    folder: str
    sent: int = 0

    def send(self, moment: str, deployment: str = "m-2", answer: float | None = 0.5) -> None:
        self.sent += 1
        request, sent = f"{deployment}-{moment}", f"2026-01-01T00:{self.sent // 60:02}:{self.sent % 60:02}Z"
        for collection, row in (
            ("model_inputs", {"day": moment, "temperature": 1.0, "wind": 1}),
            ("model_outputs", {"day": moment, "probability": answer}),
        ):
            name = f"{ROOT}/{deployment}/{collection}/{day(moment).strftime(self.folder)}/i-1.jsonl"
            if collection == "model_inputs" or answer is not None:
                self.world.blobs.append(name, line(collection, request, [row], sent))


@each_rate
def test_a_step_counts_what_was_sent_since_it_began(world: World, folder: str) -> None:
    sender = Sender(world, folder)
    for number in range(1, 32):
        sender.send(f"1975-01-{number:02}", answer=None if number in (5, 9, 31) else 0.5)
    sender.send("1975-02-01")
    assert ask_served(world, "requests", since="1975-01-09") == Measurement(monitor="requests", value=24.0, samples=24)
    assert ask_served(world, "error_rate", since="1975-01-09") == Measurement(
        monitor="error_rate", value=2 / 24, samples=24
    )


@each_rate
def test_the_deployment_that_was_there_first_gave_the_real_answer(world: World, folder: str) -> None:
    sender = Sender(world, folder)
    sender.send("1975-01-03", deployment="m-9", answer=0.9)
    sender.send("1975-01-04", deployment="m-1", answer=0.1)  # mirrored
    sender.send("1975-01-04", deployment="m-9", answer=0.8)
    world.data().measure(DATA, ask(Signal.DATA_QUALITY, "row_count"))
    assert [(one.key, one.deployment) for one in rows.answers(world.cache, span())] == [
        ("1975-01-03", "m-9"),
        ("1975-01-04", "m-9"),
    ]


@each_rate
def test_what_is_added_day_by_day_is_found_by_the_next_look(world: World, folder: str) -> None:
    sender, data = Sender(world, folder), world.data(under_way=0)
    count = ask(Signal.DATA_QUALITY, "row_count", span("1975-01-01", "1976-01-01"))
    found = []
    for week in range(16):
        for number in range(7):
            sender.send(f"{day('1975-01-01') + (week * 7 + number) * DAY:%Y-%m-%d}")
        world.clock.moment = day("1975-01-01") + (week + 1) * 7 * DAY
        found.append(data.measure(DATA, count).value)
    assert found == [7 * (week + 1) for week in range(16)]


@each_rate
def test_a_deployment_in_use_is_looked_at_to_the_end_of_its_folder(world: World, folder: str) -> None:
    sender, data = Sender(world, folder), world.data(under_way=0)
    count = ask(Signal.DATA_QUALITY, "row_count", span("1975-01-01", "1976-01-01"))
    sender.send("1975-01-01")
    world.clock.moment = day("1975-01-01")
    assert data.measure(DATA, count).value == 1
    sender.send("1975-01-29")
    world.clock.moment = day("1975-01-30")
    assert data.measure(DATA, count).value == 2
    sender.send("1975-02-27")
    world.clock.moment = day("1975-02-28")
    assert data.measure(DATA, count).value == 3


def test_a_month_in_a_blob_is_read_twice_a_month_not_sixty_times(world: World) -> None:
    sender, data = Sender(world, _FOLDERS[RollingRate.MONTH]), world.data(under_way=0)
    count = ask(Signal.DATA_QUALITY, "row_count", span("1975-01-01", "1976-01-01"))
    for number in range(30):
        sender.send(f"1975-01-{number + 1:02}")
        if number % 15 == 14:
            world.clock.moment = day(f"1975-01-{number + 1:02}") + DAY
            data.measure(DATA, count)
    assert sorted(name for name in world.blobs.reads if name.startswith(ROOT)) == [
        f"{ROOT}/m-2/{collection}/1975/01/i-1.jsonl"
        for collection in ("model_inputs", "model_outputs")
        for _ in range(2)
    ]
