"""The model registry: a job's output becomes a version, with its lineage and the digest of its files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from azure.ai.ml.entities import Model
from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.azure_ml.digests import digest
from mlops.backends.azure_ml.jobs import download_output
from mlops.backends.errors import said
from mlops.backends.signatures import read_signature
from mlops.domain.world import ModelPlan, ModelVersion, Signature
from mlops.ports import OutsideError, RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

    from mlops.backends.blobs.reader import Find

DIGEST = "aml-kit-digest"
_JOB = "aml-kit-job"


class AzureModels:
    """The port `Models` on the workspace's model registry."""

    def __init__(self, client: MLClient, find: Find) -> None:
        self._client = client
        self._find = find

    def ensure(self, plan: ModelPlan) -> ModelVersion:
        """See Models.ensure.

        Raise RefusedError when the version is there from another job: versions are immutable, so it stays that one.
        """
        return self._registered(plan) or self._register(plan)

    def signature(self, job: str) -> Signature | None:
        """See Models.signature: that of MLflow's file, which the output may hold in any folder."""
        with tempfile.TemporaryDirectory() as folder:
            files = download_output(self._client, self._find, job, "model", Path(folder))
            found = next(iter(sorted(files.rglob("MLmodel"))), None)
            return None if found is None else read_signature(found.read_text(encoding="utf-8"))

    def _registered(self, plan: ModelPlan) -> ModelVersion | None:
        with said(f"looking for the model {plan.name} version {plan.version}"):
            try:
                found = self._client.models.get(plan.name, version=plan.version)
            except ResourceNotFoundError:
                return None
        tags = found.tags or {}
        if tags.get(_JOB) != plan.job or DIGEST not in tags:
            raise RefusedError(
                f"model {plan.name}:{plan.version} exists and is not from job {plan.job}: choose another version"
            )
        return ModelVersion(name=plan.name, version=plan.version, digest=tags[DIGEST])

    def _register(self, plan: ModelPlan) -> ModelVersion:
        with tempfile.TemporaryDirectory() as folder:
            files = download_output(self._client, self._find, plan.job, "model", Path(folder))
            if not any(path.is_file() for path in files.rglob("*")):
                raise OutsideError(f"job {plan.job} has no output 'model', or it is empty")
            found = digest([("model", files)])
            kind = "mlflow_model" if (files / "MLmodel").exists() else "custom_model"
        lineage = {**plan.tags, _JOB: plan.job, DIGEST: found}
        entity = Model(
            name=plan.name,
            version=plan.version,
            path=f"azureml://jobs/{plan.job}/outputs/model/paths/",
            type=kind,
            tags=lineage,
            properties=lineage,
        )
        with said(f"registering the model {plan.name} version {plan.version}"):
            self._client.models.create_or_update(entity)
        return ModelVersion(name=plan.name, version=plan.version, digest=found)
