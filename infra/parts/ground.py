"""What every part that comes after the workspace stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import Output, Resource

from infra.components.workspace import Workspace
from infra.foundation import Foundation
from infra.grants import On
from infra.parts.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The plan, the foundation, the workspace on it, and what grants can be about."""

    plan: Plan
    foundation: Foundation
    workspace: Workspace
    others: Mapping[str, Workspace]  # hub and feature store, where they are
    artifacts: Output[str]  # the container of the workspace's default datastore
    scopes: Mapping[On, Output[str]]
    allowed: Sequence[Resource]  # what the workspaces' identity was granted

    def subnet(self, purpose: str) -> Output[str] | None:
        """The subnet for a purpose, if the environment's network has one."""
        stead = self.foundation.stead
        return stead.subnets.get(purpose) if stead else None
