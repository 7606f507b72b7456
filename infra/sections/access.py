"""Which people and which outside programs may do something, as a stack file says it."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.sections.compute import ObjectId
from infra.sections.values import IN_WORDS, Values

_MOST = 20  # federated credentials of one identity ("Important considerations and restrictions")

_REPOSITORY = r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$"
_PROTECTED = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_ISSUER = r"^https://(login\.microsoftonline\.com/[0-9a-f-]{36}/v2\.0|vstoken\.dev\.azure\.com/[0-9a-f-]{36})$"
_SUBJECT = r"^(sc://[^/*\s]+/[^/*\s]+/[^/*\s]+|/eid1/[^*\s]+/sc/[^*\s]+)$"
IN_WORDS |= {
    _REPOSITORY: "`OWNER/REPOSITORY`",
    _PROTECTED: "the exact name of a protected environment, without any wildcard",
    _ISSUER: "the issuer that the service connection shows: `https://login.microsoftonline.com/TENANT/v2.0` or "
    "`https://vstoken.dev.azure.com/ORGANIZATION`",
    _SUBJECT: "the subject that the service connection shows (`/eid1/…/sc/…` or `sc://ORGANIZATION/PROJECT/NAME`), "
    "without any wildcard",
}

Repository = Annotated[str, StringConstraints(pattern=_REPOSITORY)]
ProtectedEnvironment = Annotated[str, StringConstraints(pattern=_PROTECTED)]
Issuer = Annotated[str, StringConstraints(pattern=_ISSUER)]
Subject = Annotated[str, StringConstraints(pattern=_SUBJECT)]


class GitHub(Values):
    """Workflows of one repository, in one protected environment of it; never a branch or a pattern of branches."""

    repository: Repository = Field(description="The repository.")
    environment: ProtectedEnvironment = Field(description="Its environment, whose reviewers guard the identity.")

    @property
    def issuer(self) -> str:
        """Who makes the tokens of GitHub Actions."""
        return "https://token.actions.githubusercontent.com"

    @property
    def subject(self) -> str:
        """Whom they are made for."""
        return f"repo:{self.repository}:environment:{self.environment}"


class AzureDevOps(Values):
    """Pipelines with one service connection, whose own checks guard the identity."""

    issuer: Issuer = Field(description="As the service connection shows it.")
    subject: Subject = Field(description="As the service connection shows it.")


class Ci(Values):
    """Outside programs that act as one identity, without any secret."""

    git_hub: tuple[GitHub, ...] = Field(default=(), description="Workflows of GitHub Actions.")
    azure_dev_ops: tuple[AzureDevOps, ...] = Field(default=(), description="Pipelines of Azure DevOps.")

    @property
    def trusted(self) -> tuple[tuple[str, str], ...]:
        """Issuer and subject of each."""
        workflows = tuple((each.issuer, each.subject) for each in self.git_hub)
        return workflows + tuple((each.issuer, each.subject) for each in self.azure_dev_ops)

    def contradictions(self) -> Iterator[str]:
        """None, too many, or one twice."""
        if not self.trusted:
            yield "names nobody: add to gitHub or azureDevOps, or take the section away"
        if len(self.trusted) > _MOST:
            yield f"names {len(self.trusted)} outside programs; one identity takes {_MOST} at most"
        if len(set(self.trusted)) < len(self.trusted):
            yield "names an outside program twice"


class Access(Values):
    """People, by group, and outside programs, by their own tokens; nobody has a secret."""

    people: Literal["read", "work", "experiment"] = Field(
        default="read",
        description="What people may do: look (prod); run jobs and, for ML engineers, deploy (staging); try everything "
        "(dev).",
    )
    data_scientists: ObjectId | None = Field(default=None, description="The group of data scientists.")
    ml_engineers: ObjectId | None = Field(default=None, description="The group of ML engineers.")
    auditors: ObjectId | None = Field(default=None, description="The group of auditors: they see all, change nothing.")
    registry_readers: ObjectId | None = Field(
        default=None, description="The group that uses the shared registry's models elsewhere."
    )
    platform_ci: Ci | None = Field(
        default=None, description="What previews this program; to let it change anything is done outside of it."
    )
    models_ci: Ci | None = Field(default=None, description="What registers and publishes models.")
