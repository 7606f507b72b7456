"""Where models answer, as a stack file asks for it."""

from pydantic import Field

from infra.sections.values import Values


class Endpoint(Values):
    """An address that a project deploys its models behind; ``mlops`` owns deployments and traffic."""

    description: str = Field(default="", max_length=256, description="What it answers, for people.")
