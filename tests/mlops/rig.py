"""A whole loop on fakes: project file, world, store and a clock in the test's hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from mlops.backends.store.database import Database, in_memory, open_sqlite
from mlops.domain.loop import Loop
from mlops.domain.project import Platform, Project
from mlops.domain.records.decision import Decision
from mlops.flows.apply import Wanted, apply
from mlops.flows.context import Context, Generation
from mlops.flows.reconcile import Pass, reconcile
from mlops.flows.watching import Nobody, Watching
from mlops.post import Channel, EventSource
from mlops.spec.read import parse_project
from mlops.wiring import read_card
from tests.fakes.azure import World, write_project_folder

DAY = timedelta(days=1)

PROJECT = """\
apiVersion: aml-kit/v1alpha1
kind: Project
metadata: {name: rain}
spec:
  model: {name: rain}
  data:
    history: azureml:rain-history:1
    labels: azureml://datastores/workspaceblobstore/paths/labels
    key: day
    time: day
    features: [temperature, minimum, maximum]
    label: rain
    prediction: probability
    delay: P5D
    grace: P1D
  pipeline: {job: pipeline.yml, compute: cpu, window: P1000D, holdout: P300D, minRows: 500, timeout: PT6H}
  deployment: {endpoint: rain, code: score, runtime: conda.yml, checkEvery: P7D}
  monitors:
    - name: sensor
      signal: data_quality
      metric: out_of_bounds_rate
      expression: {temperature: 1, minimum: -0.5, maximum: -0.5}
      bounds: [-1.2, 1.2]
      window: P7D
      every: P7D
      minSamples: 5
      limit: {success: "<= 0.1"}
      quarantine: true
    - {name: drift, signal: data_drift, metric: population_stability_index, window: P28D, every: P7D, minSamples: 20}
    - {name: accuracy, signal: model_performance, metric: accuracy, window: P28D, every: P7D, minSamples: 10}
  triggers:
    - {name: drift, when: {monitor: drift, enter: "> 0.25", exit: "< 0.15", for: {atLeast: 2, of: 3}}}
    - {name: decay, when: {monitor: accuracy, enter: "< champion - 0.1", exit: ">= champion - 0.05"}}
  triggerPolicy: {cooldown: P60D, circuitBreaker: {failures: 3, holdFor: P90D}}
  gates:
    - {name: evaluation, type: compare, minSamples: 200, metrics: [{name: accuracy, atLeast: 0.5}]}
  rollout:
    steps:
      - {smoke: {requests: smoke.jsonl}}
      - {shadow: {percent: 50, for: P2D, minSamples: 10, analysis: [serves]}}
      - {setWeight: 10, for: P2D, minSamples: 10, analysis: [serves]}
      - {setWeight: 50, for: P2D, minSamples: 10, analysis: [serves]}
      - {setWeight: 100, for: P2D, minSamples: 10, analysis: [serves]}
    bake: {for: P5D, minSamples: 50, analysis: [serves], keepPrevious: P2D}
    measureEvery: P1D
    keepFailed: P1D
    analysis:
      serves:
        - {metric: error_rate, success: "<= 0.05", failure: "> 0.2", minSamples: 5}
"""

PLATFORM = Platform(
    environment="local",
    subscription_id="s",
    tenant_id="t",
    location="eastus",
    resource_group="rg",
    workspace="ws",
    registry="",
    storage_account="store",
    compute={"cpu": "cpu"},
    endpoints={"rain": "rain-local"},
    containers={},
)

BATCH_STEPS = """\
    steps:
      - {compare: {input: holdout, minSamples: 50, analysis: [alike]}}
    bake: {for: P2D, analysis: [jobs], keepPrevious: P2D}
    measureEvery: P1D
    keepFailed: P1D
    analysis:
      alike:
        - {metric: prediction_disagreement, success: "<= 0.1", failure: "> 0.3", minSamples: 50}
      jobs:
        - {metric: error_rate, success: "<= 0.1", minSamples: 1}
"""


def as_batch(text: str) -> str:
    """The same project on a batch endpoint."""
    return text[: text.index("    steps:")].replace("{endpoint: rain,", "{kind: batch, endpoint: rain,") + BATCH_STEPS


ON_BATCH = replace(PLATFORM, endpoints={}, batch_endpoints={"rain": "rain-local"})

OUTPUTS: dict[str, Any] = {  # the same platform, as `pulumi stack output --json` says it
    "environment": "local",
    "subscriptionId": "s",
    "tenantId": "t",
    "location": "eastus",
    "resourceGroupName": "rg",
    "workspaceName": "ws",
    "storageAccountName": "store",
    "containers": {},
    "computeClusters": {"cpu": {"name": "cpu"}},
    "onlineEndpoints": {"rain": {"name": "rain-local"}},
}


@dataclass
class Rig:
    """One project's loop in one world."""

    folder: Path
    text: str = PROJECT
    world: World = field(default_factory=World)
    state: Path | None = None  # None: in memory
    platform: Platform = PLATFORM
    decisions: list[Decision] = field(default_factory=list)
    parsed: dict[int, Project] = field(default_factory=dict)
    sources: dict[str, EventSource] = field(default_factory=dict)  # of events
    channels: dict[str, Channel] | None = None  # of notices; None: nobody is told
    watching: Watching = field(default_factory=Nobody)

    def __post_init__(self) -> None:
        write_project_folder(self.folder)
        self.store = self.opened()
        self.apply(self.text)

    def opened(self) -> Database:
        """The store, as a fresh process opens it."""
        return in_memory() if self.state is None else open_sqlite(self.state)

    def apply(self, text: str) -> Loop:
        """Apply a project file."""
        path = self.folder / "project.yaml"
        path.write_text(text, encoding="utf-8")
        wanted = Wanted(
            project=parse_project(text, path), text=text, path=str(path), platform=self.platform, actor="author"
        )
        return apply(wanted, self.store, self.world.clock.now())

    @property
    def context(self) -> Context:
        """As the flows take it."""
        return Context(
            name="rain",
            clock=self.world.clock,
            store=self.store,
            generation=self._generation,
            sources=self._sources,
            channels=self._channels,
            watching=self.watching,
        )

    @property
    def _channels(self) -> Callable[[Generation], Mapping[str, Channel]] | None:
        channels = self.channels
        return None if channels is None else lambda _: channels

    def _sources(self, _: Generation) -> dict[str, EventSource]:
        return self.sources

    def _generation(self, number: int) -> Generation:
        if number not in self.parsed:
            applied = self.store.applied("rain", number)
            self.parsed[number] = _parsed(applied.text, Path(applied.path))
        return Generation(
            project=self.parsed[number], platform=self.platform, backends=self.world.backends(), read_card=read_card
        )

    @property
    def project(self) -> Project:
        """The newest generation."""
        return self._generation(self.loop.generation).project

    @property
    def loop(self) -> Loop:
        """Where it stands."""
        found = self.store.load("rain")
        assert found is not None
        return found

    def settle(self, passes: int = 300) -> Pass:
        """Pass until nothing is to be done at this moment of the clock."""
        context = self.context
        for _ in range(passes):
            done = reconcile(context)
            self.decisions.extend(done.decisions)
            if not done.acted and (done.waiting_for != "operation" or done.trouble):
                return done
        raise AssertionError(f"still acting after {passes} passes: {done}")

    def days(self, count: int) -> None:
        """Let days pass, settling after each."""
        for _ in range(count):
            self.world.clock.advance(DAY)
            self.settle()

    def until(self, what: str, days: int = 400) -> Decision:
        """Let days pass until a decision of that kind ('rollout advanced') is made."""
        for _ in range(days):
            found = next((said for said in self.new() if f"{said.subject.value} {said.what}" == what), None)
            if found:
                return found
            self.world.clock.advance(DAY)
            self.settle()
        raise AssertionError(f"no decision {what!r} in {days} days; last: {self.story()[-10:]}")

    def new(self) -> Iterator[Decision]:
        """Decisions that `until` has not looked at yet."""
        while self.decisions:
            yield self.decisions.pop(0)

    def story(self) -> list[str]:
        """All decisions, in a word or two each."""
        return [f"{each.decision.subject.value} {each.decision.what}" for each in self.store.decisions("rain")]


@cache
def _parsed(text: str, path: Path) -> Project:
    return parse_project(text, path)
