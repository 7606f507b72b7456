"""Where models answer, as a stack file asks for it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.values import IN_WORDS, Values, near
from infra.vm_sizes import VM_SIZES

_DEPLOYMENT = r"^[a-z][a-z0-9-]{1,30}[a-z0-9]$"
# A version is named by its number: a label such as `latest` means something else tomorrow.
_PINNED = (
    r"^(azureml://registries/[A-Za-z0-9_-]+/(models|environments|codes)/[A-Za-z0-9._-]+/versions/[0-9][A-Za-z0-9._-]*"
    r"|[A-Za-z0-9][A-Za-z0-9._-]*:[0-9][A-Za-z0-9._-]*)$"
)
_SECONDS = r"^PT[1-9][0-9]*S$"
IN_WORDS |= {
    _DEPLOYMENT: "3 to 32 lower-case letters, digits and dashes, first a letter",
    _PINNED: "`name:3` of this workspace, or `azureml://registries/…/versions/3`; no label such as `latest`",
    _SECONDS: "an ISO 8601 duration in seconds, such as `PT30S`",
}
_ALL = 100

DeploymentName = Annotated[str, StringConstraints(pattern=_DEPLOYMENT)]
Pinned = Annotated[str, StringConstraints(pattern=_PINNED)]
Seconds = Annotated[str, StringConstraints(pattern=_SECONDS)]


class Endpoint(Values):
    """An address that a project deploys its models behind; ``mlops`` owns deployments and traffic."""

    description: str = Field(default="", max_length=256, description="What it answers, for people.")


class BatchEndpoint(Values):
    """An address for work in bulk; ``mlops`` owns its deployments."""

    description: str = Field(default="", max_length=256, description="What it answers, for people.")
    default_deployment: DeploymentName | None = Field(
        default=None,
        description="Which deployment answers when none is named. Only once it is there; without it `mlops` says.",
    )


class FixedDeployment(Values):
    """One model that stays as it is; another model is another deployment under another name."""

    model: Pinned = Field(description="The model and its version.")
    instance_type: str = Field(description="Azure's name of the machine size, such as `Standard_DS3_v2`.")
    instances: int = Field(default=3, ge=1, le=50, description="How many machines answer; fewer than 3 is a choice.")
    environment: Pinned | None = Field(
        default=None, description="What it runs in, and the version; an MLflow model brings its own."
    )
    code: Pinned | None = Field(default=None, description="The scoring code and its version; with `scoringScript`.")
    scoring_script: str | None = Field(default=None, min_length=1, description="The script in `code` that answers.")
    request_timeout: Seconds = Field(default="PT30S", description="How long an answer may take.")

    def contradictions(self) -> Iterator[str]:
        """A size that nobody knows, and half of what a scoring script needs."""
        if self.instance_type not in VM_SIZES:
            yield f"instanceType {self.instance_type!r} is not known{near(self.instance_type, tuple(VM_SIZES))}"
        if (self.code is None) != (self.scoring_script is None):
            yield "code and scoringScript go together: name both, or neither for an MLflow model"
        if self.code is not None and self.environment is None:
            yield "code needs an environment to run in: name environment too"


class FixedModel(Values):
    """Deployments as code behind an endpoint of the same name, for a model that no loop replaces."""

    deployments: dict[DeploymentName, FixedDeployment] = Field(description="Deployments by name.")
    traffic: dict[DeploymentName, Annotated[int, Field(ge=0, le=_ALL)]] = Field(
        default_factory=dict,
        description="Percent by deployment, once they are there: a second `up`. None leaves it to `mlops`.",
    )

    def contradictions(self) -> Iterator[str]:
        """No deployment, traffic to what is not there, and shares that do not make a whole."""
        if not self.deployments:
            yield "deployments is empty: name one, or take the model away"
        for name in self.traffic:
            if name not in self.deployments:
                yield f"traffic names {name!r}, none of deployments{near(name, tuple(self.deployments))}"
        if self.traffic and sum(self.traffic.values()) not in (0, _ALL):
            yield f"traffic adds up to {sum(self.traffic.values())}: make it 100, or 0 to stop answering"


class Autoscale(Values):
    """How many machines one deployment may have; ``mlops`` or this program makes the deployment."""

    endpoint: str = Field(description="One of `onlineEndpoints`.")
    deployment: DeploymentName = Field(description="A deployment of it, which has to be there.")
    minimum: int = Field(default=3, ge=1, le=50, description="Machines that always answer.")
    maximum: int = Field(default=6, ge=1, le=50, description="How many there may be at most.")
    metric: Literal["CpuUtilizationPercentage", "GpuUtilizationPercentage"] = Field(
        default="CpuUtilizationPercentage", description="What is measured."
    )
    above: int = Field(default=70, ge=2, le=99, description="Percent from which one machine is added.")
    below: int = Field(default=30, ge=1, le=98, description="Percent below which one machine is taken away.")

    def contradictions(self) -> Iterator[str]:
        """A least above the most, and limits between which it would swing for ever."""
        if self.minimum > self.maximum:
            yield f"minimum {self.minimum} is more than maximum {self.maximum}"
        if self.above <= self.below:
            yield f"above {self.above} is not more than below {self.below}: it would add and take away for ever"
