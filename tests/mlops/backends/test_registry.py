"""What the port `Registry` promises, kept by the fake and by the SDK on the local environment."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from azure.ai.ml import MLClient, Output, command
from azure.ai.ml.entities import AmlCompute, Environment, Model
from azure.identity import DefaultAzureCredential

from mlops.backends.azure_ml.digests import digest
from mlops.backends.azure_ml.locations import Locations
from mlops.backends.azure_ml.models import DIGEST, AzureModels
from mlops.backends.azure_ml.references import state_word
from mlops.backends.azure_ml.registry import AzureRegistry
from mlops.domain.promotions.offer import Offer
from mlops.domain.world import ModelPlan, ModelVersion
from mlops.ports import RefusedError, WrongBytesError
from tests.fakes.azure import World
from tests.fakes.registry import FakeRegistry, Shelf
from tests.mlops.backends.azure import as_deployer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlops.registry import Registry as Port
    from tests.mlops.backends.sharing import Shared

SIGNED = """\
signature:
  inputs: '[{"type": "double", "name": "temperature", "required": true}]'
"""


@dataclass(frozen=True, kw_only=True)
class Two:
    """Two workspaces and the registry that they share."""

    source: Port
    target: Port
    make: Callable[[str, str], ModelVersion]  # a version in the source, with that content
    spoil: Callable[[ModelVersion], None]  # other bytes under that version in the registry
    stands: Callable[[ModelVersion], bool]  # it is in the target
    real: Shared | None = None


@pytest.fixture(params=["fake", "azure"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Two]:
    if request.param == "fake":
        yield _fake()
        return
    real: Shared = request.getfixturevalue("shared")
    with as_deployer(real.azure):
        yield _real(real, tmp_path)


def _fake() -> Two:
    shelf, source, target = Shelf(), World(), World()

    def make(version: str, content: str) -> ModelVersion:
        made = ModelVersion(name="rain", version=version, digest=hashlib.sha256(content.encode()).hexdigest())
        return source.models.setdefault(f"rain:{version}", made)

    def spoil(model: ModelVersion) -> None:
        shelf.models[f"rain:{model.version}"] = replace(model, digest="0" * 64)

    return Two(
        source=FakeRegistry(source, shelf),
        target=FakeRegistry(target, shelf),
        make=make,
        spoil=spoil,
        stands=lambda model: f"rain:{model.version}" in target.models,
    )


def _registry(client: MLClient) -> AzureRegistry:
    credential = DefaultAzureCredential()
    return AzureRegistry(client, Locations(client, credential).find, credential, "shared")


def _real(shared: Shared, folder: Path) -> Two:
    def make(version: str, content: str) -> ModelVersion:
        place = _files(folder / "made", content)
        found = digest([("model", place)])
        entity = Model(name="rain", version=version, path=str(place), type="custom_model", tags={DIGEST: found})
        shared.source.models.create_or_update(entity)
        return ModelVersion(name="rain", version=version, digest=found)

    def spoil(model: ModelVersion) -> None:
        entity = Model(name="rain", version=model.version, path=str(_files(folder / "spoilt", "other")))
        shared.registry.models.create_or_update(entity)

    def stands(model: ModelVersion) -> bool:
        return any(each.version == model.version for each in shared.target.models.list(name="rain"))

    return Two(
        source=_registry(shared.source),
        target=_registry(shared.target),
        make=make,
        spoil=spoil,
        stands=stands,
        real=shared,
    )


def _files(folder: Path, content: str) -> Path:
    """A model of several files; one lies deeper."""
    place = folder / "model"
    (place / "deep").mkdir(parents=True, exist_ok=True)
    (place / "deep" / "weights.bin").write_bytes(content.encode())
    (place / "MLmodel").write_text(SIGNED)
    return place


def _offer(model: ModelVersion, record: str) -> Offer:
    return Offer(
        model=model.name,
        version=model.version,
        digest=model.digest,
        source="dev",
        target="prod",
        record=hashlib.sha256(record.encode()).hexdigest(),
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


def _new() -> str:
    return str(int(uuid.uuid4().hex[:7], 16))


def test_a_version_comes_with_its_record_and_the_same_bytes_however_often_it_is_asked_for(two: Two) -> None:
    model = two.make(_new(), "one")
    offer = _offer(model, '{"a":1}')
    for _ in range(2):
        two.source.publish(model)
        two.source.offer(offer, '{"a":1}')

    (found,) = [each for each in two.target.offers("rain") if each.version == model.version]
    assert (found, two.target.record(found)) == (offer, '{"a":1}')
    assert [two.target.take(found) for _ in range(2)] == [model, model]
    assert two.stands(model)
    # What stands in the target under that name is looked at, too.
    with pytest.raises(WrongBytesError, match="other bytes"):
        two.target.take(replace(offer, digest="1" * 64))
    if two.real:
        signature = two.target.signature(model)
        assert (signature and signature.required) == ("temperature",)
        two.real.registry.models.archive("rain-records", version=offer.record[:30])
        assert offer not in two.target.offers("rain")  # withdrawn


def test_other_bytes_in_the_registry_are_not_taken_and_nothing_is_registered(two: Two) -> None:
    model = two.make(_new(), "one")
    two.spoil(model)

    with pytest.raises(WrongBytesError, match=f"rain:{model.version} has other bytes than were offered"):
        two.target.take(_offer(model, "{}"))
    assert not two.stands(model)


def test_a_version_that_the_registry_has_with_other_bytes_is_not_published(two: Two) -> None:
    model = two.make(_new(), "one")
    two.spoil(model)

    with pytest.raises(RefusedError, match=f"the registry has other bytes under rain:{model.version}"):
        two.source.publish(model)


def test_a_version_of_the_workspace_with_other_bytes_than_were_judged_is_not_published(two: Two) -> None:
    model = replace(two.make(_new(), "one"), digest="1" * 64)

    with pytest.raises(RefusedError, match=f"the workspace has .*rain:{model.version}"):
        two.source.publish(model)


def test_what_is_not_there_is_said(two: Two) -> None:
    missing = ModelVersion(name="rain", version=_new(), digest="1" * 64)

    assert two.target.offers("nobody-offers-it") == ()
    with pytest.raises(RefusedError, match="is not in the registry"):
        two.target.take(_offer(missing, "{}"))
    with pytest.raises(RefusedError, match="is not in the registry"):
        two.source.offer(_offer(missing, "{}"), "{}")


def test_a_version_that_a_job_made_goes_the_way_of_one_that_was_uploaded(shared: Shared) -> None:
    """As the loop registers them: the SDK's own download takes a job's output for a datastore."""
    client = shared.source
    with as_deployer(shared.azure):
        client.compute.begin_create_or_update(
            AmlCompute(name="makes", size="Standard_DS3_v2", max_instances=1)
        ).result()
        job = client.jobs.create_or_update(
            command(
                command="echo one > ${{outputs.model}}/weights.bin",
                environment=Environment(image="python:3.11"),
                compute="makes",
                outputs={"model": Output(type="uri_folder")},
            )
        )
        deadline = time.monotonic() + 60
        while state_word(client.jobs.get(job.name).status) != "completed":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        models = AzureModels(client, Locations(client, DefaultAzureCredential()).find)
        model = models.ensure(ModelPlan(name="of-a-job", version="1", job=job.name))

        _registry(client).publish(model)
        _registry(client).offer(_offer(model, "{}"), "{}")

        assert _registry(shared.target).take(_offer(model, "{}")) == model
