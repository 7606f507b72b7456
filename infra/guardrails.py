"""Azure's own policies for Azure ML that match ours, and with which parameters each is put in force.

Left out on purpose: e413671a (demands the legacy mode), 7804b5c7 (does not see managed networks), cccc23c7 (does not
see computes of Azure ML) and the six `enforceSetting` policies, which do not work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.sections.guardrails import ApprovedModels, BuiltIn

_DEFINITIONS = "/providers/Microsoft.Authorization/policyDefinitions"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One of Azure's policies, by the GUID it has in every tenant ("Azure Policy built-in definitions")."""

    guid: str
    title: str
    effects: tuple[str, ...]  # the mildest first
    asks: Mapping[str, str] = field(default_factory=dict)  # parameters whose defaults are not what we mean

    @property
    def id(self) -> str:
        """What an assignment names it by."""
        return f"{_DEFINITIONS}/{self.guid}"

    def parameters(self, effect: str, models: ApprovedModels | None) -> Mapping[str, Any]:
        """The strictest effect that was asked for and that it has, and which models are allowed where it asks."""
        found: dict[str, Any] = {"effect": effect if effect in self.effects else self.effects[0], **self.asks}
        if models is not None and self.guid == BUILT_INS["approved-models"].guid:
            found |= {"allowedPublishers": list(models.publishers), "allowedAssetIds": list(models.assets)}
        return found


_LOOKS_OR_REFUSES = ("Audit", "Deny")

BUILT_INS: Mapping[BuiltIn, Policy] = {
    "public-access": Policy(
        guid="438c38d2-3772-465a-a9cc-7a6666a275ce",
        title="Workspaces do not answer to the internet",
        effects=_LOOKS_OR_REFUSES,
    ),
    "private-link": Policy(
        guid="45e05259-1eb5-4f70-9574-baf73e9d219b", title="Workspaces use private link", effects=("Audit",)
    ),
    "customer-managed-key": Policy(
        guid="ba769a63-b8cc-4b2d-abf6-ac33c7204be8",
        title="Workspaces are encrypted with a key of the customer's",
        effects=_LOOKS_OR_REFUSES,
    ),
    "user-assigned-identity": Policy(
        guid="5f0c7d88-c7de-45b8-ac49-db49e72eaa78",
        title="Workspaces have a user-assigned identity",
        effects=_LOOKS_OR_REFUSES,
    ),
    "approved-outbound": Policy(
        guid="6ddb1705-c8cf-450e-aa4b-19ad6703c440",
        title="Managed networks reach what is approved, and nothing else",
        effects=_LOOKS_OR_REFUSES,
        asks={"isolationMode": "AllowOnlyApprovedOutbound"},  # Azure's own default refuses every managed network
    ),
    "resource-logs": Policy(
        guid="afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        title="Workspaces send their logs somewhere",
        effects=("AuditIfNotExists",),
    ),
    "compute-local-auth": Policy(
        guid="e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
        title="Computes know no local accounts",
        effects=_LOOKS_OR_REFUSES,
    ),
    "instance-idle-shutdown": Policy(
        guid="679ddf89-ab8f-48a5-9029-e76054077449",
        title="Idle compute instances are shut down",
        effects=_LOOKS_OR_REFUSES,
    ),
    "approved-models": Policy(
        guid="12e5dd16-d201-47ff-849b-8454061c293d",
        title="Only approved models of registries are deployed",
        effects=_LOOKS_OR_REFUSES,
    ),
}
