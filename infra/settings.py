"""What one environment is: the only reader of Pulumi's config, typed and checked before anything is built."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from infra.sections import consistency, mistakes
from infra.sections.access import Access
from infra.sections.compute import Cluster, Instance, Serverless
from infra.sections.control_plane import ControlPlane
from infra.sections.encryption import Encryption
from infra.sections.foundation import Choices
from infra.sections.guardrails import Guardrails
from infra.sections.kubernetes import Kubernetes
from infra.sections.network import Network
from infra.sections.operations import Alerts, Budget, Events
from infra.sections.outbound import Outbound
from infra.sections.preflight import CheckName
from infra.sections.serving import Autoscale, BatchEndpoint, Endpoint, FixedModel
from infra.sections.storage import DataLife
from infra.sections.values import (
    ClusterName,
    EndpointName,
    EnvironmentName,
    Host,
    Region,
    Text,
    Values,
    Word,
    near,
)
from infra.sections.workspaces import FeatureStore, Hub

NAMESPACE = "aml-kit"
_OTHER_NAMESPACES = ("azure-native", "pulumi")  # the provider's and the engine's own keys
_EMPTY = (None, "", "null")
"""What says nothing: the engine sends an explicit null as an empty text, `pulumi config set KEY null` as the word."""


class SettingsError(Exception):
    """A stack file says something that cannot be built; the message names file, key and what is allowed."""


class Settings(Values):
    """One environment's stack file, key by key."""

    location: Region = Field(description="Azure region, such as `eastus`.")
    owner: Text = Field(description="Who answers for this environment: a team or a mailbox. A tag on all resources.")
    cost_center: Text = Field(description="Who pays. A tag on all resources.")
    workload: Word = Field(default="amlkit", description="The short word that all names are made of.")
    generation: int = Field(
        default=1, ge=1, le=99, description="Raise it when deleted resources still hold the old names (soft delete)."
    )
    data_classification: Literal["public", "internal", "confidential", "restricted"] = Field(
        default="internal",
        description=(
            "How sensitive the data is. A tag; from `confidential` on, a workspace of high business impact, which "
            "Azure makes anew for it."
        ),
    )
    public_network_access: bool = Field(
        default=False, description="Whether workspace, storage, vault and registries answer to the internet."
    )
    isolation_mode: Literal["AllowOnlyApprovedOutbound", "AllowInternetOutbound", "Disabled"] = Field(
        default="AllowOnlyApprovedOutbound",
        description="What jobs and deployments may reach. Azure never turns a managed network back to `Disabled`.",
    )
    outbound_hosts: tuple[Host, ...] = Field(
        default=(), description="Hosts that may be reached where only what is approved may be: package sources, say."
    )
    firewall_sku: Literal["Basic", "Standard"] = Field(
        default="Standard", description="The managed network's firewall, paid for once a host name is approved."
    )
    storage_sku: Literal["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS"] = Field(
        default="Standard_ZRS", description="How often, and how far apart, data is kept; zones are for good."
    )
    soft_delete_days: int = Field(
        default=30,
        ge=7,
        le=90,
        description="How long deleted blobs and secrets can be had back; a vault keeps what it was made with.",
    )
    container_registry_sku: Literal["Basic", "Standard", "Premium"] = Field(
        default="Premium", description="A registry that is closed to the internet has to be `Premium`."
    )
    log_retention_days: int = Field(default=183, ge=30, le=730, description="How long logs are kept.")
    delete_protection: bool = Field(
        default=True, description="Whether Pulumi refuses to delete workspace, storage, vault and registry."
    )
    purge_protection: bool = Field(
        default=True, description="Whether a deleted vault must outlive its retention. Azure never takes this back."
    )
    compute_clusters: dict[ClusterName, Cluster] = Field(default_factory=dict, description="Clusters by name.")
    image_build_cluster: ClusterName | None = Field(
        default=None, description="The cluster that builds images, which a closed container registry needs."
    )
    online_endpoints: dict[EndpointName, Endpoint] = Field(
        default_factory=dict, description="Online endpoints by project."
    )
    batch_endpoints: dict[EndpointName, BatchEndpoint] = Field(
        default_factory=dict, description="Batch endpoints by project."
    )
    fixed_models: dict[EndpointName, FixedModel] = Field(
        default_factory=dict, description="Deployments as code, by the online endpoint they stand behind."
    )
    autoscale: dict[EndpointName, Autoscale] = Field(
        default_factory=dict, description="How deployments grow and shrink with their load, by a name of one's own."
    )
    registry_locations: tuple[Region, ...] = Field(
        default=(), description="Further regions of the Azure ML registry; `location` is always the first."
    )

    access: Access | None = Field(default=None, description="Who else may do something, see below.")
    compute_instances: dict[ClusterName, Instance] = Field(
        default_factory=dict, description="Machines of single people by name."
    )
    serverless: Serverless | None = Field(default=None, description="Machines for jobs that name no cluster.")
    kubernetes: Kubernetes | None = Field(default=None, description="A Kubernetes cluster that jobs run on, see below.")
    network: Network | None = Field(default=None, description="The virtual network it is reached from, see below.")
    outbound: Outbound | None = Field(default=None, description="What else its jobs may reach, see below.")
    foundation: Choices | None = Field(default=None, description="What is made and what is brought, see below.")
    encryption: Encryption | None = Field(default=None, description="A key of one's own, see below.")
    hub: Hub | None = Field(default=None, description="A workspace that projects share, see below.")
    feature_store: FeatureStore | None = Field(default=None, description="A workspace of features, see below.")
    diagnostics: Literal["workspace", "all"] = Field(
        default="workspace", description="Whose logs are kept: the workspace's, or of all that has logs."
    )
    delete_locks: bool = Field(
        default=False,
        description="Whether Azure itself refuses to delete storage and vaults, and to take back rights on them.",
    )
    data_life: DataLife | None = Field(default=None, description="What becomes of old data, see below.")

    events: Events | None = Field(default=None, description="A queue with the workspace's events, see below.")
    alerts: Alerts | None = Field(default=None, description="Mail when something is wrong, see below.")
    budget: Budget | None = Field(default=None, description="What it may cost, see below.")
    workbook: bool = Field(default=False, description="Whether Azure's portal has a page on how the environment is.")
    control_plane: ControlPlane | None = Field(default=None, description="What runs the controller, see below.")
    guardrails: Guardrails | None = Field(default=None, description="What Azure itself refuses, see below.")
    preflight_bypass: dict[CheckName, Text] = Field(
        default_factory=dict,
        description="Checks of `make preflight` that do not hold, each with its reason.",
    )

    @property
    def chosen(self) -> Choices:
        """What is made and what is brought along, said or not."""
        return self.foundation or Choices()

    @property
    def registry_public(self) -> bool:
        """Whether the Azure ML registry answers to the internet."""
        own = self.chosen.registry_public_network_access
        return self.public_network_access if own is None else own

    def contradictions(self) -> Iterator[str]:
        """Tell what two keys or sections cannot say together."""
        return consistency.contradictions(self)


def read(stack: str, config: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a stack; raise SettingsError with all that is wrong, one line each.

    Pulumi hands a scalar over as its text and anything else as JSON; ``config`` stands in for what the engine sent.
    """
    values, problems = _parsed(_engine_config() if config is None else config)
    problems += _told_all(TypeAdapter(EnvironmentName), json.dumps(stack), at="the stack's name")
    empty = {key for key, value in values.items() if value in _EMPTY and key in _schema()["properties"]}
    problems += [mistakes.no_value(NAMESPACE, key, _schema()) for key in sorted(empty)]
    said = {key: value for key, value in values.items() if key not in empty}
    found = [error for error in _errors(TypeAdapter(Settings), json.dumps(said)) if _key(error) not in {"", *empty}]
    problems += [line for error in found for line in mistakes.told(NAMESPACE, error, _schema())]
    problems += _contradictory(said, {_key(error) for error in found} | empty)
    if problems:
        raise SettingsError("\n".join((f"environments/Pulumi.{stack}.yaml cannot be used:", *_bullets(problems))))
    # As JSON, because a stack file has lists where the settings have tuples.
    return Settings.model_validate_json(json.dumps(said))


@cache
def _schema() -> dict[str, Any]:
    return Settings.model_json_schema()  # by far the slowest step of reading


def _engine_config() -> dict[str, str]:
    # Pulumi's public reader must be asked key by key, which would never see a misspelt one.
    from pulumi.runtime import config  # noqa: PLC0415  reading settings elsewhere needs no Pulumi

    return {**config.get_config_env(), **config.CONFIG.get()}


def _parsed(config: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    texts = {key for key, schema in _schema()["properties"].items() if _is_text(schema)}
    values: dict[str, Any] = {}
    problems = []
    for name, value in sorted(config.items()):
        namespace, _, key = name.partition(":")
        if namespace == NAMESPACE:
            values[key] = value if key in texts else _json(value)
        elif namespace not in _OTHER_NAMESPACES:
            problems.append(f"{name}: no such namespace{near(namespace, (NAMESPACE, *_OTHER_NAMESPACES))}")
    return values, problems


def _is_text(schema: Mapping[str, Any]) -> bool:
    return any(option.get("type") == "string" for option in schema.get("anyOf", (schema,)))


def _json(value: str) -> object:
    try:
        parsed: object = json.loads(value)
    except json.JSONDecodeError:
        return value
    return parsed


def _errors(adapter: TypeAdapter[Any], document: str) -> list[Any]:  # pydantic's ErrorDetails has no stable loc
    try:
        adapter.validate_json(document)
    except ValidationError as error:
        return list(error.errors(include_url=False))
    return []


def _told_all(adapter: TypeAdapter[Any], document: str, at: str) -> list[str]:
    return [line for error in _errors(adapter, document) for line in mistakes.told(at, error, _schema())]


def _key(error: Any) -> str:  # noqa: ANN401  as in _errors
    """The stack file's key that an error is about; empty for what contradicts."""
    return str(error["loc"][0]) if error["loc"] else ""


def _contradictory(values: Mapping[str, Any], bad: AbstractSet[str]) -> list[str]:
    """What contradicts among the keys that are valid: pydantic compares keys only once each of them is."""
    needed = dict.fromkeys(_schema()["required"], "unknown")
    rest = needed | {key: value for key, value in values.items() if key not in bad}
    lines = _told_all(TypeAdapter(Settings), json.dumps(rest), at=NAMESPACE)
    return [line for line in lines if not any(re.search(rf"\b{re.escape(key)}\b", line) for key in bad)]


def _bullets(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"  - {line}" for line in lines)
