"""Online endpoints: deployments, traffic and mirror on endpoints that the platform owns."""

from __future__ import annotations

import functools
import json
import uuid
from typing import TYPE_CHECKING, Any

from azure.ai.ml.entities import (
    CodeConfiguration,
    DataCollector,
    DeploymentCollection,
    Environment,
    ManagedOnlineDeployment,
)
from azure.core import PipelineClient
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.core.polling.base_polling import LROBasePolling
from azure.core.rest import HttpRequest

from mlops.backends.azure_ml.references import short_reference, state_word
from mlops.backends.drive import Reply, drive
from mlops.backends.errors import code_of, said
from mlops.domain.data.measurement import Measurement
from mlops.domain.world import DeploymentPhase, DeploymentPlan, DeploymentState, EndpointState
from mlops.ports import EndpointMissingError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure.ai.ml import MLClient
    from azure.ai.ml.entities import OnlineEndpoint
    from azure.core.polling import LROPoller

    from mlops.domain.project import Deployment
    from mlops.ports import Load

TAG = "aml-kit-project"
"""On each deployment of ours; what lacks it is never touched."""

_LINES = 60
_ALL = 100
_MOST_MIRRORED = 50
"""Percent that Azure ML mirrors at most; its SDK does not check it."""
_TIMEOUT = 30
"""Seconds for one smoke request; Azure's own limit for a scoring request is 180."""
UNDER_WAY = frozenset({"creating", "updating", "deleting"})
PHASES = {
    "creating": DeploymentPhase.CREATING,
    "updating": DeploymentPhase.CREATING,
    "scaling": DeploymentPhase.CREATING,
    "succeeded": DeploymentPhase.READY,
    "failed": DeploymentPhase.FAILED,
    "canceled": DeploymentPhase.FAILED,
    "deleting": DeploymentPhase.DELETING,
}


class AzureEndpoints:
    """The port `Endpoints` on Azure ML's managed online endpoints."""

    def __init__(self, client: MLClient, project: str, deployment: Deployment) -> None:
        self._client = client
        self._project = project
        self._deployment = deployment
        self._operations: dict[tuple[str, str], LROPoller[Any]] = {}
        self._requests: PipelineClient[Any, Any] = PipelineClient("", policies=[])

    def observe(self, endpoint: str) -> EndpointState:
        """See Endpoints.observe."""
        found = self._get(endpoint)
        with said(f"listing the deployments of {endpoint}"):
            deployments = list(self._client.online_deployments.list(endpoint))
        return EndpointState(
            traffic=_shares(found.traffic),
            mirror=_shares(found.mirror_traffic),
            updating=state_word(found.provisioning_state) in UNDER_WAY,
            deployments=tuple(self._state(endpoint, one) for one in sorted(deployments, key=lambda one: str(one.name))),
        )

    def ensure_deployment(self, plan: DeploymentPlan) -> None:
        """See Endpoints.ensure_deployment."""
        if plan.name != plan.name.lower():
            raise RefusedError(f"deployment {plan.name!r}: the SDK lower-cases traffic keys, so names are lower case")
        with said(f"creating the deployment {plan.name} on {plan.endpoint}"):
            if any(one.name == plan.name for one in self._client.online_deployments.list(plan.endpoint)):
                return
            poller = self._client.online_deployments.begin_create_or_update(self._entity(plan))
        self._operations[plan.endpoint, plan.name] = _quiet(poller)

    def delete_deployment(self, endpoint: str, name: str) -> None:
        """See Endpoints.delete_deployment."""
        found = self._get(endpoint)
        if name in _shares(found.traffic) or name in _shares(found.mirror_traffic):
            raise RefusedError(f"deployment {name} of {endpoint} still has traffic: take it away first")
        with said(f"deleting the deployment {name} of {endpoint}"):
            try:
                self._client.online_deployments.begin_delete(name, endpoint)
            except ResourceNotFoundError:
                return
        self._operations.pop((endpoint, name), None)

    def set_traffic(self, endpoint: str, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """See Endpoints.set_traffic.  Read, change, write: Azure ML's SDK has no way to say `if unchanged`."""
        wanted, mirrored = _shares(traffic), _shares(mirror)
        _check(wanted, mirrored)
        found = self._get(endpoint)
        if (_shares(found.traffic), _shares(found.mirror_traffic)) == (wanted, mirrored):
            return
        # A deployment that neither gets nor mirrors traffic is left out; the SDK would send its zero otherwise.
        found.traffic, found.mirror_traffic = wanted, mirrored
        with said(f"setting the traffic of {endpoint}"):
            self._client.online_endpoints.begin_create_or_update(found)

    def smoke(self, endpoint: str, deployment: str, requests: tuple[str, ...]) -> Measurement:
        """See Endpoints.smoke."""
        if not requests:
            return Measurement(monitor="error_rate", value=None, samples=0, why="there are no smoke requests")
        send = self._sender(endpoint, deployment)
        failures = [reply.wrong for body in requests if (reply := send(body)).wrong]
        rate = len(failures) / len(requests)
        why = failures[0] if failures else ""
        return Measurement(monitor="error_rate", value=rate, samples=len(requests), why=why)

    def load(self, endpoint: str, deployment: str, load: Load) -> tuple[Measurement, ...]:
        """See Endpoints.load."""
        return drive(self._sender(endpoint, deployment), load)

    def logs(self, endpoint: str, deployment: str) -> str:
        """See Endpoints.logs."""
        with said(f"reading the log of {deployment} on {endpoint}"):
            try:
                return str(self._client.online_deployments.get_logs(deployment, endpoint, lines=_LINES)).strip()
            except ResourceNotFoundError:
                return ""

    def _get(self, endpoint: str) -> OnlineEndpoint:
        with said(f"looking at the endpoint {endpoint}"):
            try:
                found: OnlineEndpoint = self._client.online_endpoints.get(endpoint)
            except ResourceNotFoundError as error:
                raise EndpointMissingError(
                    f"there is no endpoint {endpoint!r}: the platform builds it (pulumi up), mlops does not"
                ) from error
        return found

    def _state(self, endpoint: str, found: Any) -> DeploymentState:  # noqa: ANN401 - the SDK's
        name = str(found.name).lower()
        # A state that is new to us is no proof of being ready.
        phase = PHASES.get(state_word(found.provisioning_state), DeploymentPhase.CREATING)
        reason = self._why(endpoint, name) if phase is DeploymentPhase.FAILED else ""
        ours = (found.tags or {}).get(TAG) == self._project
        return DeploymentState(name=name, phase=phase, model=short_reference(found.model), ours=ours, reason=reason)

    def _why(self, endpoint: str, name: str) -> str:
        """Give what the operation said, where this process began it, else the end of the deployment's log."""
        poller = self._operations.get((endpoint, name))
        said_so = ""
        if poller is not None and poller.done():
            try:
                poller.result()
            except AzureError as error:
                said_so = f"{code_of(error)}: {error.message}".strip(": ")
        log = self.logs(endpoint, name)
        return "\n".join(part for part in (said_so, log) if part)

    def _entity(self, plan: DeploymentPlan) -> ManagedOnlineDeployment:
        asked = self._deployment
        collected = {name: DeploymentCollection(enabled="true") for name in ("model_inputs", "model_outputs")}
        return ManagedOnlineDeployment(
            name=plan.name,
            endpoint_name=plan.endpoint,
            model=plan.model.reference,
            environment=Environment(image=asked.image, conda_file=str(asked.runtime)),
            code_configuration=CodeConfiguration(code=str(asked.code), scoring_script=asked.scoring_script),
            instance_type=asked.instance_type,
            instance_count=asked.instances,
            data_collector=DataCollector(collections=collected, rolling_rate=asked.rolling_rate.capitalize()),
            tags={**plan.tags, TAG: self._project},
        )

    def _sender(self, endpoint: str, deployment: str) -> Callable[[str], Reply]:
        """Give what asks a deployment by name."""
        uri = str(self._get(endpoint).scoring_uri)
        with said(f"getting the right to call {endpoint}"):
            keys = self._client.online_endpoints.get_keys(endpoint)
        token = str(getattr(keys, "access_token", None) or getattr(keys, "primary_key", ""))
        return functools.partial(self._send, uri, token, deployment)

    def _send(self, uri: str, token: str, deployment: str, body: str) -> Reply:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "azureml-model-deployment": deployment,
            "x-request-id": f"smoke-{uuid.uuid4()}",
        }
        request = HttpRequest("POST", uri, headers=headers, content=body.encode())
        try:
            response = self._requests.send_request(request, connection_timeout=_TIMEOUT, read_timeout=_TIMEOUT)
            text = response.text()
        except AzureError as error:
            return Reply(wrong=f"no answer: {error.message}", text="")
        if not 200 <= response.status_code < 300:  # noqa: PLR2004 - HTTP's successes
            return Reply(wrong=f"{response.status_code}: {text[:300]}", text=text)
        return Reply(wrong="" if _is_json(text) else f"the answer is not JSON: {text[:300]}", text=text)


def _shares(split: Mapping[str, int] | None) -> dict[str, int]:
    """Normalise: the SDK fills in zeros, and names come in the case somebody wrote them in."""
    return {name.lower(): int(share) for name, share in (split or {}).items() if share}


def _check(traffic: Mapping[str, int], mirror: Mapping[str, int]) -> None:
    """Refuse what Azure ML refuses late or not at all."""
    if sum(traffic.values()) not in (0, _ALL):
        raise RefusedError(f"traffic must add up to 0 or 100, not {sum(traffic.values())}: {dict(traffic)}")
    if any(not 0 < share <= _ALL for share in (*traffic.values(), *mirror.values())):
        raise RefusedError(f"a share is a whole number of percent up to 100: {dict(traffic)}, mirrored {dict(mirror)}")
    if len(mirror) > 1 or sum(mirror.values()) > _MOST_MIRRORED:
        raise RefusedError(f"Azure ML mirrors to one deployment, at most {_MOST_MIRRORED} %, not {dict(mirror)}")
    if both := sorted(set(traffic) & set(mirror)):
        raise RefusedError(f"{both[0]} would get live and mirrored traffic; Azure ML allows a deployment one of them")


def _quiet(poller: LROPoller[Any]) -> LROPoller[Any]:
    """Keep the SDK's poller, which knows how the operation ends, from writing a dot to stdout at each look."""
    method = poller.polling_method()
    if isinstance(method, LROBasePolling):
        setattr(method, "update_status", functools.partial(LROBasePolling.update_status, method))  # noqa: B010 - mypy
    return poller


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
