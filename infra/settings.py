"""What one environment is: the only reader of Pulumi's config, typed and checked before anything is built."""

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from infra.vm_sizes import VM_SIZES, VmSize

NAMESPACE = "aml-kit"
_OTHER_NAMESPACES = ("azure-native", "pulumi")  # the provider's and the engine's own keys

_WORD = r"^[a-z][a-z0-9]{1,11}$"
_CLUSTER = r"^[a-z][a-z0-9]{1,15}$"  # Azure's older APIs stop at 16, and a name may not end in "-" and digits
_DASHED = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_REGION = r"^[a-z]+[0-9]?$"
_HOST = r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
_IDLE = r"^PT[1-9][0-9]*[SMH]$"
IN_WORDS = {
    _WORD: "2 to 12 lower-case letters and digits, first a letter",
    _CLUSTER: "2 to 16 lower-case letters and digits, first a letter",
    _DASHED: "lower-case letters and digits, first a letter, single dashes between",
    _REGION: "a region's short name, such as `eastus` or `westeurope`",
    _HOST: "a host name, such as `packages.example.com` or `*.example.com`",
    _IDLE: "an ISO 8601 duration of one unit, such as `PT15M`",
}

Word = Annotated[str, StringConstraints(pattern=_WORD)]
ClusterName = Annotated[str, StringConstraints(pattern=_CLUSTER)]
EnvironmentName = Annotated[str, StringConstraints(pattern=_DASHED, max_length=16)]
EndpointName = Annotated[str, StringConstraints(pattern=_DASHED, max_length=20)]
Region = Annotated[str, StringConstraints(pattern=_REGION)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Host = Annotated[str, StringConstraints(pattern=_HOST)]
IdleTime = Annotated[str, StringConstraints(pattern=_IDLE)]


class SettingsError(Exception):
    """A stack file says something that cannot be built; the message names file, key and what is allowed."""


class _Values(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class Cluster(_Values):
    """A pool of machines that scales to zero when nothing runs on it."""

    vm_size: str = Field(description="Azure's name of the machine size, such as `Standard_DS3_v2`.")
    max_nodes: int = Field(ge=1, le=100, description="How many machines it may grow to; the policy pack caps it.")
    min_nodes: int = Field(default=0, ge=0, le=100, description="Machines that always run, and always cost.")
    priority: Literal["Dedicated", "LowPriority"] = Field(
        default="Dedicated", description="`LowPriority` is cheap and may be taken away in the middle of a job."
    )
    idle_time: IdleTime = Field(
        default="PT5M", description="How long a machine idles before it is given back (ISO 8601)."
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.vm_size not in VM_SIZES:
            raise ValueError(f"vmSize {self.vm_size!r} is not known{_near(self.vm_size, tuple(VM_SIZES))}")
        if self.min_nodes > self.max_nodes:
            raise ValueError(f"minNodes {self.min_nodes} is more than maxNodes {self.max_nodes}")
        return self

    @property
    def size(self) -> VmSize:
        """What Azure's size table says of it."""
        return VM_SIZES[self.vm_size]


class Endpoint(_Values):
    """An address that a project deploys its models behind; ``mlops`` owns deployments and traffic."""

    description: str = Field(default="", max_length=256, description="What it answers, for people.")


class Settings(_Values):
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
        description="How sensitive the data is. A tag; from `confidential` on, a workspace of high business impact.",
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
        default="Standard_ZRS", description="How often, and how far apart, data is kept."
    )
    soft_delete_days: int = Field(
        default=30, ge=7, le=90, description="How long deleted blobs and secrets can be had back."
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
    registry_locations: tuple[Region, ...] = Field(
        default=(), description="Further regions of the Azure ML registry; `location` is always the first."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.public_network_access and self.container_registry_sku != "Premium":
            raise ValueError(
                f"containerRegistrySku {self.container_registry_sku!r} cannot be closed to the internet: "
                "set it to 'Premium', or publicNetworkAccess to true"
            )
        if self.image_build_cluster is not None and self.image_build_cluster not in self.compute_clusters:
            raise ValueError(
                f"imageBuildCluster {self.image_build_cluster!r} is none of computeClusters"
                f"{_near(self.image_build_cluster, tuple(self.compute_clusters))}"
            )
        if self.outbound_hosts and self.isolation_mode != "AllowOnlyApprovedOutbound":
            raise ValueError(
                f"outboundHosts means nothing with isolationMode {self.isolation_mode!r}: "
                "take them away, or set it to 'AllowOnlyApprovedOutbound'"
            )
        if len(set(self.outbound_hosts)) < len(self.outbound_hosts):
            raise ValueError("outboundHosts names a host twice")
        if self.location in self.registry_locations or len(set(self.registry_locations)) < len(self.registry_locations):
            raise ValueError("registryLocations names a region twice; 'location' is in it already")
        return self


def read(stack: str, config: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a stack; raise SettingsError with all that is wrong, one line each.

    Pulumi hands a scalar over as its text and anything else as JSON; ``config`` stands in for what the engine sent.
    """
    values, problems = _parsed(_engine_config() if config is None else config)
    problems += _errors(TypeAdapter(EnvironmentName), json.dumps(stack), at="the stack's name")
    problems += _errors(TypeAdapter(Settings), json.dumps(values), at=NAMESPACE)
    if problems:
        raise SettingsError("\n".join((f"environments/Pulumi.{stack}.yaml cannot be used:", *_bullets(problems))))
    # As JSON, because a stack file has lists where the settings have tuples.
    return Settings.model_validate_json(json.dumps(values))


def _engine_config() -> dict[str, str]:
    # Pulumi's public reader must be asked key by key, which would never see a misspelt one.
    from pulumi.runtime import config  # noqa: PLC0415  reading settings elsewhere needs no Pulumi

    return {**config.get_config_env(), **config.CONFIG.get()}


def _parsed(config: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    texts = {key for key, schema in Settings.model_json_schema()["properties"].items() if _is_text(schema)}
    values: dict[str, Any] = {}
    problems = []
    for name, value in sorted(config.items()):
        namespace, _, key = name.partition(":")
        if namespace == NAMESPACE:
            values[key] = value if key in texts else _json(value)
        elif namespace not in _OTHER_NAMESPACES:
            problems.append(f"{name}: no such namespace{_near(namespace, (NAMESPACE, *_OTHER_NAMESPACES))}")
    return values, problems


def _is_text(schema: Mapping[str, Any]) -> bool:
    return any(option.get("type") == "string" for option in schema.get("anyOf", (schema,)))


def _json(value: str) -> object:
    try:
        parsed: object = json.loads(value)
    except json.JSONDecodeError:
        return value
    return parsed


def _errors(adapter: TypeAdapter[Any], document: str, at: str) -> list[str]:
    try:
        adapter.validate_json(document)
    except ValidationError as error:
        return [_told(at, problem) for problem in error.errors(include_url=False)]
    return []


def _told(at: str, problem: Any) -> str:  # noqa: ANN401  pydantic's own ErrorDetails has no stable type for loc
    path = [str(step) for step in problem["loc"] if step != "[key]"]
    where = f"{at}:{'.'.join(path)}" if path else at
    match problem["type"]:
        case "extra_forbidden":
            return f"{where}: no such key{_near(path[-1], _keys_at(path))}"
        case "missing":
            return f"{where}: is required, and missing"
        case "string_pattern_mismatch":
            return f"{where}: {problem['input']!r} is not {IN_WORDS[problem['ctx']['pattern']]}"
        case "value_error":
            return f"{where}: {problem['ctx']['error']}"
    return f"{where}: {problem['msg'].removeprefix('Input ')}, not {problem['input']!r}"


def _keys_at(path: list[str]) -> tuple[str, ...]:
    below: dict[str, type[BaseModel]] = {"computeClusters": Cluster, "onlineEndpoints": Endpoint}
    model = below.get(path[0], Settings)
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _near(word: str, known: Iterable[str]) -> str:
    known = tuple(known)
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(word.lower(), tuple(lower), n=1)
    return f"; did you mean {lower[close[0]]!r}?" if close else f"; known are {', '.join(sorted(known)) or 'none'}"


def _bullets(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"  - {line}" for line in lines)
