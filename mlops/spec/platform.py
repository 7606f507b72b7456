"""What `infra` built: its stack outputs, read strictly, so that a renamed output is an error here and not in a job."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from mlops.domain.project import Platform
from mlops.spec.errors import PlatformFileError


class _Part(BaseModel):
    # Outputs may grow: what mlops does not read, it ignores.
    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")


class _Compute(_Part):
    name: str


class _Endpoint(_Part):
    name: str
    scoring_uri: str = ""


class _Outputs(_Part):
    environment: str
    subscription_id: str
    tenant_id: str
    location: str
    resource_group_name: str
    workspace_name: str
    registry_name: str = ""
    storage_account_name: str
    containers: dict[str, str]
    compute_clusters: dict[str, _Compute]
    online_endpoints: dict[str, _Endpoint]
    queues: dict[str, str] = {}
    batch_endpoints: dict[str, _Endpoint] = {}


def read_platform(path: Path) -> Platform:
    """Read `pulumi stack output --json`.  Raises PlatformFileError."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PlatformFileError(f"{path}: cannot be read: {error.strerror}") from error
    return parse_platform(text, str(path))


def parse_platform(text: str, where: str) -> Platform:
    """As `read_platform`, of a text at hand; `where` is named in errors."""
    try:
        tree: Any = json.loads(text)
        found = _Outputs.model_validate(tree)
    except json.JSONDecodeError as error:
        raise PlatformFileError(f"{where}:{error.lineno}: no JSON: {error.msg}") from error
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, detail['loc']))}: {detail['msg'].lower()}" for detail in error.errors()]
        raise PlatformFileError(f"{where}: not the outputs of infra: {'; '.join(wrong)}") from error
    return Platform(
        environment=found.environment,
        subscription_id=found.subscription_id,
        tenant_id=found.tenant_id,
        location=found.location,
        resource_group=found.resource_group_name,
        workspace=found.workspace_name,
        registry=found.registry_name,
        storage_account=found.storage_account_name,
        compute={key: cluster.name for key, cluster in found.compute_clusters.items()},
        endpoints={key: endpoint.name for key, endpoint in found.online_endpoints.items()},
        containers=found.containers,
        queues=found.queues,
        batch_endpoints={key: endpoint.name for key, endpoint in found.batch_endpoints.items()},
        endpoint_uris={key: endpoint.scoring_uri for key, endpoint in found.online_endpoints.items()},
    )
