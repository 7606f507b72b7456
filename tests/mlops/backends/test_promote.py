"""`mlops promote` against Azure's protocol: from a workspace through a registry into another, to what answers there."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from azure.ai.ml.entities import AmlCompute, ManagedOnlineEndpoint, Model
from azure.ai.ml.entities import Data as DataAsset

from mlops import wiring
from mlops.__main__ import main
from mlops.backends.azure_ml.digests import digest
from mlops.domain.world import ModelVersion
from tests.fakes.azure import World
from tests.fakes.clock import FakeClock
from tests.mlops.backends.azure import FOLDER, ROOT, as_deployer
from tests.mlops.rig import PLATFORM, Rig

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.mlops.backends.sharing import Shared

TEXT = """\
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
    features: [temperature, wind]
    label: rain
    prediction: probability
  pipeline: {job: pipeline.yml, compute: cpu, window: P60D, holdout: P20D}
  deployment: {endpoint: rain, code: score, runtime: conda.yml}
  gates:
    - {name: evaluation, type: compare, minSamples: 10, metrics: [{name: brier_score, atMost: 0.5}]}
  rollout:
    steps: [{setWeight: 100}]
  promotion:
    order: [dev, prod]
    via: {registry: shared}
    evaluate: evaluate.yml
"""


def test_what_was_approved_in_one_workspace_answers_in_the_next(
    shared: Shared, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_deployer(shared.azure):
        dev, prod = _dev(shared, tmp_path / "dev"), tmp_path / "prod"
        records = tmp_path / "records"

        assert _mlops(dev, "promote", "--records", str(records)) == 0
        assert "missing: 0 of 1 approvals of sha256:" in capsys.readouterr().out
        assert _mlops(dev, "promote", "--records", str(records), "--yes") == 1
        assert "rain:1 may not leave for prod: 0 of 1 approvals" in capsys.readouterr().err
        assert _mlops(dev, "records", "export", "--to", "prod", "-o", str(records)) == 0
        assert (
            _mlops(dev, "records", "approve", str(records / "rain-1-prod.json"), "--as", "ada", "--reason", "ok") == 0
        )
        for line in ("offered: prod takes it", "it is there: offered on"):
            assert _mlops(dev, "promote", "--records", str(records), "--yes") == 0
            said = capsys.readouterr()
            assert line in said.out
            assert said.err == ""  # the SDK tells of its downloads there

        _apply_prod(shared, prod)
        loop = _until_it_serves(prod)

        found = loop.state().champion
        assert found
        assert found.came
        assert (found.model.reference, found.came.source) == ("azureml:rain:1", "dev")
        tags = shared.target.models.get("rain", version="1").tags
        assert (tags["aml-kit-digest"], tags["aml-kit-source"]) == (found.model.digest, "dev")
        assert found.model.digest == digest([("model", dev / "model")])
        assert found.metrics == {"brier_score": 0.25}  # on the rows of prod
        uri = shared.target.online_endpoints.get("rain-prod").scoring_uri
        with shared.azure.http("https://ml.azure.com") as http:
            sent = http.post(uri, json={"data": [{"day": "2026-01-01", "temperature": 1.0, "wind": 1}]})
        assert sent.json() == [{"day": "2026-01-01", "probability": 0.5}]


def _mlops(folder: Path, *arguments: str) -> int:
    return main(["--home", str(folder / ".mlops"), *arguments])


def _dev(shared: Shared, folder: Path) -> Path:
    """A loop whose champion lies in the source's workspace; how it was trained is not what this is about."""
    place = folder / "model"
    place.mkdir(parents=True)
    (place / "model.json").write_text('{"rate": 0.5}')
    shared.source.models.create_or_update(Model(name="rain", version="1", path=str(place), type="custom_model"))
    (folder / ".mlops").mkdir()
    world = World(clock=FakeClock(datetime.now(UTC)))
    world.models["rain:1"] = ModelVersion(name="rain", version="1", digest=digest([("model", place)]))
    platform = replace(
        PLATFORM,
        environment="dev",
        subscription_id=shared.source.subscription_id,
        resource_group=shared.source.resource_group_name,
        workspace=shared.source.workspace_name,
    )
    rig = Rig(folder=folder, text=TEXT, world=world, state=folder / ".mlops" / wiring.STATE_FILE, platform=platform)
    rig.settle()
    assert rig.loop.champion
    return folder


def _apply_prod(shared: Shared, folder: Path) -> None:
    """What infra would build there, and the same project file."""
    client = shared.target
    client.compute.begin_create_or_update(AmlCompute(name="cpu", size="Standard_DS3_v2", max_instances=2)).result()
    endpoint = ManagedOnlineEndpoint(name="rain-prod", auth_mode="aad_token")
    client.online_endpoints.begin_create_or_update(endpoint).result()
    shutil.copytree(FOLDER, folder)
    shutil.copy(ROOT / "examples" / "rain" / "environment" / "conda.yml", folder)
    history = folder / "history.csv"
    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(100, 0, -1)]
    rows = (f"{day},1.0,1,{at % 2}\n" for at, day in enumerate(days))
    history.write_text("day,temperature,wind,rain\n" + "".join(rows))
    client.data.create_or_update(DataAsset(name="rain-history", version="1", type="uri_file", path=str(history)))
    (folder / "project.yaml").write_text(TEXT)
    outputs: dict[str, Any] = {
        "environment": "prod",
        "subscriptionId": client.subscription_id,
        "tenantId": shared.azure.context.settings.tenant,
        "location": "eastus",
        "resourceGroupName": client.resource_group_name,
        "workspaceName": client.workspace_name,
        "storageAccountName": "",
        "containers": {},
        "computeClusters": {"cpu": {"name": "cpu"}},
        "onlineEndpoints": {"rain": {"name": "rain-prod"}},
    }
    (folder / "outputs.json").write_text(json.dumps(outputs))
    files = ["-f", str(folder / "project.yaml"), "--platform", str(folder / "outputs.json"), "--as", "grace"]
    assert _mlops(folder, "apply", *files) == 0


def _until_it_serves(folder: Path) -> wiring.OpenLoop:
    loop = wiring.open_loop(folder / ".mlops")
    end = time.monotonic() + 300
    while loop.state().champion is None:
        done = loop.reconcile()
        assert time.monotonic() < end, (done, loop.state())
        assert not _went_wrong(loop), _went_wrong(loop)
        time.sleep(0 if done.acted else 0.3)
    return loop


def _went_wrong(loop: wiring.OpenLoop) -> list[str]:
    rows = (row.decision for row in loop.decisions())
    return [each.why for each in rows if each.what in {"refused", "failed", "rejected"}]
