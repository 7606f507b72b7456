"""What Azure itself refuses or reports in an environment, whoever asks, as a stack file asks for it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from infra.initiative import InitiativeError, load
from infra.sections.values import Text, Values

BuiltIn = Literal[
    "public-access",
    "private-link",
    "customer-managed-key",
    "user-assigned-identity",
    "approved-outbound",
    "resource-logs",
    "compute-local-auth",
    "instance-idle-shutdown",
    "approved-models",
]


class ApprovedModels(Values):
    """Which models of shared registries may be deployed."""

    publishers: tuple[Text, ...] = Field(default=(), description="Publishers all of whose models are allowed.")
    assets: tuple[Text, ...] = Field(default=(), description="Asset ids of single models that are allowed.")

    def contradictions(self) -> Iterator[str]:
        """A list that allows nothing."""
        if not self.publishers and not self.assets:
            yield "publishers and assets are both empty, which allows no model at all: name one"


class Guardrails(Values):
    """Assignments of Azure Policy on the environment's resource group."""

    enforcement: Literal["Default", "DoNotEnforce"] = Field(
        default="Default", description="`DoNotEnforce` reports what would be refused, and refuses nothing."
    )
    effect: Literal["Audit", "Deny"] | None = Field(
        default=None,
        description="`Deny` refuses, where a policy can; begin with `Audit` and read what it says. "
        "Unsaid: Azure's own policies audit, and those of `initiative` do as its file says.",
    )
    built_ins: tuple[BuiltIn, ...] = Field(
        default=(
            "public-access",
            "private-link",
            "user-assigned-identity",
            "approved-outbound",
            "resource-logs",
            "compute-local-auth",
            "instance-idle-shutdown",
        ),
        description="Azure's own policies that are in force, by our names (`infra/guardrails.py`).",
    )
    approved_models: ApprovedModels | None = Field(default=None, description="What `approved-models` allows.")
    initiative: Text | None = Field(
        default=None,
        description="A file with policies of one's own (`infra/initiative.py`), seen from the folder of `Pulumi.yaml`.",
    )

    def contradictions(self) -> Iterator[str]:
        """A policy without what it is about, one that is named twice, and a file that cannot be used."""
        if len(set(self.built_ins)) < len(self.built_ins):
            yield "builtIns names a policy twice"
        if ("approved-models" in self.built_ins) != (self.approved_models is not None):
            yield "'approved-models' of builtIns and approvedModels go together: name both, or neither"
        if self.initiative is not None:
            try:
                allowed = load(self.initiative).parameters.get("effect", {}).get("allowedValues", [self.effect])
            except InitiativeError as error:
                yield from error.findings
                return
            if self.effect is not None and self.effect not in allowed:
                words = ", ".join(map(str, allowed))
                yield f"effect is {self.effect!r}, and the policies of {self.initiative} take {words}"
