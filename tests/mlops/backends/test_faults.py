"""Azure misbehaves at each request of a call: the call says so or gets through; made again, all is as asked."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from environments.local.arm.faults import Fault, Kind
from mlops.domain.world import (
    DatasetPlan,
    DeploymentPhase,
    DeploymentPlan,
    EndpointState,
    JobPhase,
    JobPlan,
    ModelPlan,
    ModelVersion,
    Window,
)
from mlops.ports import OutsideError, RefusedError
from tests.mlops.backends.azure import ENDPOINT, OnAzure, as_deployer
from tests.mlops.backends.collector import DATA, day
from tests.mlops.backends.test_contracts import HALF, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: tuple[Kind, ...] = ("throttle", "error", "internal", "conflict", "lose-reply")
"""429 with Retry-After, 503, 500, 409, and a connection that is closed after the request was carried out."""
MOST_REQUESTS = 40
PATIENCE = 60
"""Seconds that a call may take whose operation never ends: it begins the operation, and passes of the loop look."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the calls are about: made once."""

    subject: Subject
    job: str
    model: ModelVersion
    serving: str  # a deployment that is ready

    @property
    def azure(self) -> OnAzure:
        found = self.subject.real
        assert found is not None
        return found


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of a port: `act` may fail; `settled`, after it was made again without faults, says what is wrong."""

    act: Callable[[], object]
    settled: Callable[[], object]
    right: object


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest) -> Iterator[Standing]:
    real: OnAzure = request.getfixturevalue("on_azure")
    with as_deployer(real.azure):
        subject = Subject(backends=real.backends, real=real)
        job = subject.job()
        subject.ended(job)
        version = str(int(uuid.uuid4().hex[:7], 16))
        model = subject.backends.models.ensure(ModelPlan(name="rain", version=version, job=job))
        serving = subject.deployed(model).name
        yield Standing(subject=subject, job=job, model=model, serving=serving)
        subject.backends.endpoints.set_traffic(ENDPOINT, {}, {})
        subject.settle()
        subject.backends.endpoints.delete_deployment(ENDPOINT, serving)


def observe(standing: Standing) -> Call:
    look = partial(standing.subject.backends.endpoints.observe, ENDPOINT)
    return Call(act=look, settled=lambda: look().deployment(standing.serving) is not None, right=True)


def dataset(standing: Standing) -> Call:
    train, holdout = (Window(start=day(first), end=day(end)) for first, end in (HALF, ("1974-06-01", "1974-06-04")))
    version = uuid.uuid4().hex[:8]
    plan = DatasetPlan(name="rain-training", version=version, train=train, holdout=holdout, without=())
    undisturbed = standing.subject.dataset()
    ensure = partial(standing.subject.backends.datasets.ensure, DATA, plan)
    right = (undisturbed.digest, undisturbed.train_rows, [version])

    def settled() -> object:
        found = ensure()
        versions = [one.version for one in standing.azure.client.data.list("rain-training")]
        return found.digest, found.train_rows, [one for one in versions if one == version]

    return Call(act=ensure, settled=settled, right=right)


def submit(standing: Standing) -> Call:
    training = standing.subject.backends.training
    name = f"rain-{uuid.uuid4().hex[:8]}"
    plan = JobPlan(name=name, dataset=standing.subject.dataset(), champion=None, timeout=timedelta(hours=1))

    def settled() -> object:
        training.submit(plan)
        known = training.state(name).phase is not JobPhase.MISSING
        training.cancel(name)
        return known

    return Call(act=lambda: training.submit(plan), settled=settled, right=True)


def cancel(standing: Standing) -> Call:
    training, name = standing.subject.backends.training, standing.subject.job()

    def settled() -> object:
        training.cancel(name)
        return standing.subject.ended(name).phase in {JobPhase.CANCELLED, JobPhase.SUCCEEDED}

    return Call(act=lambda: training.cancel(name), settled=settled, right=True)


def state(standing: Standing) -> Call:
    look = partial(standing.subject.backends.training.state, standing.job)
    return Call(act=look, settled=lambda: look().phase, right=JobPhase.SUCCEEDED)


def model(standing: Standing) -> Call:
    version = str(int(uuid.uuid4().hex[:7], 16))
    plan = ModelPlan(name="rain", version=version, job=standing.job, tags={"attempt": "7"})
    ensure = partial(standing.subject.backends.models.ensure, plan)

    def settled() -> object:
        found = ensure()
        return found.version, found.digest, standing.azure.client.models.get("rain", version=version).tags["attempt"]

    return Call(act=ensure, settled=settled, right=(version, standing.model.digest, "7"))


def traffic(standing: Standing) -> Call:
    endpoints = standing.subject.backends.endpoints
    endpoints.set_traffic(ENDPOINT, {}, {})
    standing.subject.settle()
    shift = partial(endpoints.set_traffic, ENDPOINT, {standing.serving: 100}, {})

    def settled() -> object:
        standing.subject.settle()
        shift()
        standing.subject.settle()
        return endpoints.observe(ENDPOINT).traffic

    return Call(act=shift, settled=settled, right={standing.serving: 100})


def deployment(standing: Standing) -> Call:
    endpoints = standing.subject.backends.endpoints
    plan = DeploymentPlan(endpoint=ENDPOINT, name=f"m-{uuid.uuid4().hex[:8]}", model=standing.model)
    ensure = partial(endpoints.ensure_deployment, plan)

    def phase() -> DeploymentPhase:
        ensure()
        return standing.subject.deployment(plan.name).phase

    def settled() -> object:
        ended = standing.subject.until(phase, lambda found: found is not DeploymentPhase.CREATING, 300)
        names = [one.name for one in endpoints.observe(ENDPOINT).deployments]
        endpoints.delete_deployment(ENDPOINT, plan.name)
        return ended, names.count(plan.name)

    return Call(act=ensure, settled=settled, right=(DeploymentPhase.READY, 1))


def deletion(standing: Standing) -> Call:
    endpoints = standing.subject.backends.endpoints
    name = standing.subject.deployed(standing.model).name

    def there() -> bool:
        with suppress(OutsideError):  # busy with the deletion before
            endpoints.delete_deployment(ENDPOINT, name)
        return endpoints.observe(ENDPOINT).deployment(name) is not None

    def settled() -> object:
        return standing.subject.until(there, lambda found: not found)

    return Call(act=lambda: endpoints.delete_deployment(ENDPOINT, name), settled=settled, right=False)


CALLS = (observe, dataset, submit, cancel, state, model, traffic, deployment, deletion)


def disturbed(standing: Standing, make: Callable[[Standing], Call], fault: Fault) -> tuple[str, str, object, object]:
    """What became of one call under one fault: how it ended, what was hit, and what was and should be in the end."""
    faults = standing.azure.azure.context.faults
    call = make(standing)
    faults.clear()
    faults.order(fault)
    ended = "done"
    try:
        call.act()
    except RefusedError as error:
        ended = f"refused: {error}"
    except OutsideError:
        ended = "trouble"
    hit = " ".join(line for kind, line in faults.happened() if kind == fault.kind)
    faults.clear()
    return ended, hit, call.settled(), call.right


def play(standing: Standing, make: Callable[[Standing], Call], kind: Kind, numbers: range) -> int:
    """Hit the requests of these numbers; returns how many there were to hit."""
    for number in numbers:
        ended, hit, found, right = disturbed(standing, make, Fault(kind=kind, after=number, seconds=1.0))
        assert ended in {"done", "trouble"}, (make.__name__, kind, hit, ended)
        assert found == right, (make.__name__, kind, hit)
        if not hit:
            return number
    return len(numbers)


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", CALLS, ids=lambda make: make.__name__)
def test_every_request_of_a_call_may_fail(standing: Standing, make: Callable[[Standing], Call], kind: Kind) -> None:
    hit = play(standing, make, kind, range(MOST_REQUESTS))

    assert 0 < hit < MOST_REQUESTS
    print(f"{make.__name__} {kind}: {hit} requests hit")


def begun(standing: Standing, make: Callable[[Standing], Call]) -> tuple[float, EndpointState, Call]:
    """A call whose operations do not end, and what a look at the endpoint says meanwhile."""
    faults = standing.azure.azure.context.faults
    call = make(standing)
    faults.clear()
    faults.order(Fault(kind="endless-operation", times=MOST_REQUESTS))
    since = time.monotonic()
    call.act()
    return time.monotonic() - since, standing.subject.backends.endpoints.observe(ENDPOINT), call


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("make", CALLS, ids=lambda make: make.__name__)
def test_no_call_waits_for_an_operation_that_never_ends(standing: Standing, make: Callable[[Standing], Call]) -> None:
    took, seen, call = begun(standing, make)
    happened = standing.azure.azure.context.faults.happened()
    standing.azure.azure.context.faults.clear()

    assert took < PATIENCE
    print(f"{make.__name__}: {took:.1f} s, {len(happened)} operations without end")
    phases = {one.phase for one in seen.deployments}
    assert seen.updating == (make is traffic)
    assert (DeploymentPhase.CREATING in phases) == (make is deployment)
    assert (DeploymentPhase.DELETING in phases) == (make is deletion)
    assert call.settled() == call.right


@pytest.mark.parametrize(
    ("make", "kind", "number"), [(model, "lose-reply", 1), (traffic, "lose-reply", 1), (dataset, "throttle", 0)]
)
def test_a_sample_of_requests_may_fail(
    standing: Standing, make: Callable[[Standing], Call], kind: Kind, number: int
) -> None:
    assert play(standing, make, kind, range(number, number + 1)) == 1
