"""The projects of the hub, and what is told of the workspaces beside the first."""

from typing import Any

from infra import names
from infra.components.diagnostics import Diagnostics, DiagnosticsArgs
from infra.components.project import Project, ProjectArgs
from infra.grants import Who
from infra.parts.ground import Ground
from infra.parts.plan import Declared


def projected(ground: Ground) -> Declared:
    """Declare the projects; hub and feature store are told of only where they are."""
    told: dict[str, Any] = {}
    for key, name in (("hub", "hub"), ("featureStore", "feature-store")):
        if name in ground.others:
            told[key] = {"id": ground.others[name].id, "name": ground.others[name].name}
    if ground.plan.settings.hub:
        projects = {name: _project(ground, name) for name in ground.plan.settings.hub.projects}
        told["hub"]["projects"] = {name: {"id": each.id, "name": each.name} for name, each in projects.items()}
    return Declared(told=told)


def _project(ground: Ground, name: str) -> Project:
    plan, hub = ground.plan, ground.plan.settings.hub
    project = Project(
        f"{name}-project",
        ProjectArgs(
            resource_group_name=plan.group,
            location=plan.settings.location,
            name=plan.names.of(names.WORKSPACE, name),
            hub_id=ground.others["hub"].id,
            identity_id=ground.foundation.identities[Who.WORKSPACE].id,
            description=hub.projects[name].description if hub else "",
            public=plan.settings.public_network_access,
            protect=plan.settings.delete_protection,
            tags=plan.tags,
        ),
    )
    Diagnostics(
        f"{name}-project-diagnostics",
        DiagnosticsArgs(resource_id=project.id, logs_id=ground.foundation.observability.logs_id),
    )
    return project
