"""Batch endpoints: deployments and the default, on endpoints that the platform owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.ai.ml.constants import BatchDeploymentOutputAction
from azure.ai.ml.entities import (
    CodeConfiguration,
    Environment,
    ModelBatchDeployment,
    ModelBatchDeploymentSettings,
    ResourceConfiguration,
)
from azure.core.exceptions import ResourceNotFoundError

from mlops.backends.azure_ml.endpoints import PHASES, TAG, UNDER_WAY
from mlops.backends.azure_ml.references import short_reference, state_word
from mlops.backends.errors import said
from mlops.domain.world import DeploymentPhase, DeploymentPlan, DeploymentState, EndpointState
from mlops.ports import EndpointMissingError, RefusedError

if TYPE_CHECKING:
    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import BatchEndpoint

    from mlops.domain.data.measurement import Measurement
    from mlops.domain.project import Deployment
    from mlops.ports import Load

OUTPUT = "predictions.csv"
_ALL = 100


class AzureBatchEndpoints:
    """The port `Endpoints` on Azure ML's batch endpoints: the default deployment has all, and there is nothing else."""

    def __init__(self, client: MLClient, project: str, deployment: Deployment, compute: str) -> None:
        self._client = client
        self._project = project
        self._deployment = deployment
        self._compute = compute

    def observe(self, endpoint: str) -> EndpointState:
        """See Endpoints.observe."""
        found = self._get(endpoint)
        with said(f"listing the deployments of {endpoint}"):
            deployments = list(self._client.batch_deployments.list(endpoint))
        default = _default(found)
        return EndpointState(
            traffic={default: _ALL} if default else {},
            mirror={},
            updating=state_word(found.provisioning_state) in UNDER_WAY,
            deployments=tuple(self._state(one) for one in sorted(deployments, key=lambda one: str(one.name))),
        )

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        """See Endpoints.ensure_deployment."""
        with said(f"creating the deployment {plan.name} on {plan.endpoint}"):
            if any(one.name == plan.name for one in self._client.batch_deployments.list(plan.endpoint)):
                return
            self._client.batch_deployments.begin_create_or_update(self._entity(plan))

    def delete_deployment(self, endpoint: str, name: str) -> None:
        """See Endpoints.delete_deployment."""
        if name == _default(self._get(endpoint)):
            raise RefusedError(f"deployment {name} of {endpoint} is the default: make another one that first")
        with said(f"deleting the deployment {name} of {endpoint}"):
            try:
                self._client.batch_deployments.begin_delete(name, endpoint)
            except ResourceNotFoundError:
                return

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """See Endpoints.set_traffic: one request that changes the default."""
        wanted = next(iter(traffic), "")
        if mirror or len(traffic) > 1 or any(share != _ALL for share in traffic.values()):
            raise RefusedError(f"a batch endpoint has one default and no split: {traffic}, mirrored {mirror}")
        found = self._get(endpoint)
        if _default(found) == wanted:
            return
        with said(f"listing the deployments of {endpoint}"):
            names = {str(one.name) for one in self._client.batch_deployments.list(endpoint)}
        if wanted and wanted not in names:
            raise RefusedError(f"{endpoint} has no deployment {wanted} to make the default")
        found.defaults.deployment_name = wanted or None
        with said(f"setting the default deployment of {endpoint}"):
            self._client.batch_endpoints.begin_create_or_update(found)

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        """Refused: it answers no requests."""
        del requests
        raise RefusedError(f"{deployment} of the batch endpoint {endpoint} answers no requests")

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        """Refused: it answers no requests."""
        del load
        raise RefusedError(f"{deployment} of the batch endpoint {endpoint} answers no requests")

    def logs(self, endpoint: str, deployment: str) -> str:
        """Say nothing: jobs have logs, a batch deployment has none."""
        del endpoint, deployment
        return ""

    def _get(self, endpoint: str) -> BatchEndpoint:
        with said(f"looking at the batch endpoint {endpoint}"):
            try:
                found: BatchEndpoint = self._client.batch_endpoints.get(endpoint)
            except ResourceNotFoundError as error:
                raise EndpointMissingError(
                    f"there is no batch endpoint {endpoint!r}: the platform builds it (pulumi up), mlops does not"
                ) from error
        return found

    def _state(self, found: Any) -> DeploymentState:  # noqa: ANN401 - the SDK's
        phase = PHASES.get(state_word(found.provisioning_state), DeploymentPhase.CREATING)
        ours = (found.tags or {}).get(TAG) == self._project
        reason = "Azure ML could not make it; it says no more" if phase is DeploymentPhase.FAILED else ""
        model = short_reference(found.model)
        return DeploymentState(name=str(found.name).lower(), phase=phase, model=model, ours=ours, reason=reason)

    def _entity(self, plan: DeploymentPlan) -> ModelBatchDeployment:
        asked = self._deployment
        settings = ModelBatchDeploymentSettings(
            mini_batch_size=asked.mini_batch_size,
            error_threshold=asked.error_threshold,
            output_action=BatchDeploymentOutputAction.APPEND_ROW,
            output_file_name=OUTPUT,
        )
        return ModelBatchDeployment(
            name=plan.name,
            endpoint_name=plan.endpoint,
            model=plan.model.reference,
            environment=Environment(image=asked.image, conda_file=str(asked.runtime)),
            code_configuration=CodeConfiguration(code=str(asked.code), scoring_script=asked.scoring_script),
            compute=self._compute,
            resources=ResourceConfiguration(instance_count=asked.instances),
            settings=settings,
            tags={**plan.tags, TAG: self._project},
        )


def _default(found: BatchEndpoint) -> str:
    return str(getattr(found.defaults, "deployment_name", None) or "").lower()
