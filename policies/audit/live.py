"""Reading what is deployed, also what Pulumi did not make: which things are asked for, in which order."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from audit.arm import kind_of, subjects, type_in
from audit.azure import Azure, Body, UnansweredError
from audit.kinds import GROUPS, KINDS, SCOPED, WATCHED
from audit.subjects import Source, UnreadableError

_RESOURCES = "2021-04-01"
_DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
_ASSIGNMENTS = "Microsoft.Authorization/policyAssignments"
_SET = "Microsoft.Authorization/policySetDefinitions"


def read_live(subscription: str | None, groups: tuple[str, ...], azure: Azure | None = None) -> Source:
    """Read a subscription, or some resource groups of it.  Raises UnreadableError."""
    chosen = subscription or os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID")
    if not chosen:
        raise UnreadableError("no subscription is named; give --subscription, or set ARM_SUBSCRIPTION_ID")
    roots = [f"/subscriptions/{chosen}/resourceGroups/{group}" for group in groups] or [f"/subscriptions/{chosen}"]
    with azure or Azure() as asked:
        reading = _Reading(asked)
        found = [one for root in roots for one in reading.under(root)]
    bodies = sorted({str(one["id"]).lower(): one for one in found}.values(), key=lambda one: str(one["id"]).lower())
    return Source(
        kind="live",
        of=f"subscription {chosen}" + "".join(f", {group}" for group in groups),
        stack="",
        digest=hashlib.sha256(json.dumps(bodies, sort_keys=True).encode()).hexdigest(),
        subjects=subjects(bodies),
        unread=tuple(reading.unread),
    )


class _Reading:
    """One look at everything; what Azure refuses to say is noted and told, and what is gone meanwhile is gone."""

    def __init__(self, azure: Azure) -> None:
        self.unread: list[str] = []
        self._azure = azure

    def under(self, root: str) -> Iterator[Body]:
        """Read a subscription or a group.  Raises UnreadableError where not even the list can be had."""
        try:
            groups, listed = self._groups(root), self._azure.listed(f"{root}/resources", _RESOURCES)
        except UnansweredError as error:
            raise UnreadableError(f"Azure cannot be read: {error}") from error
        yield from groups
        for kind in SCOPED:
            for one in self._tried(f"{root}/providers/{kind}", KINDS[kind].version):
                yield _in_force_at(root, one) if kind == _ASSIGNMENTS else one
                yield from self._initiative(one)
        for one in listed:
            known = kind_of(str(one.get("type", "")))
            if known is None:
                yield one
            else:
                yield from self._whole(str(one["id"]), known)

    def _groups(self, root: str) -> list[Body]:
        if "/resourceGroups/" in root:
            return [self._azure.got(root, KINDS[GROUPS].version)]
        return self._azure.listed(f"{root}/resourceGroups", KINDS[GROUPS].version)

    def _initiative(self, assignment: Body) -> Iterator[Body]:
        """Read the set that is assigned: what it holds is in force, too."""
        named = str(_properties(assignment).get("policyDefinitionId", ""))
        if type_in(named).lower() == _SET.lower():
            yield from self._one(named, KINDS[_SET].version)

    def _whole(self, azure_id: str, kind: str) -> Iterator[Body]:
        for one in self._one(azure_id, KINDS[kind].version):
            yield one
            yield from self._around(azure_id, kind)

    def _around(self, azure_id: str, kind: str) -> Iterator[Body]:
        if kind in WATCHED:
            yield from self._tried(f"{azure_id}/providers/{_DIAGNOSTICS}", KINDS[_DIAGNOSTICS].version)
        for child in KINDS[kind].children:
            below = f"{kind}/{child}"
            for one in self._tried(f"{azure_id}/{child}", KINDS[below].version):
                yield one
                yield from self._around(str(one["id"]), below)

    def _one(self, azure_id: str, version: str) -> list[Body]:
        try:
            return [self._azure.got(azure_id, version)]
        except UnansweredError as error:
            return self._noted(error)

    def _tried(self, path: str, version: str) -> list[Body]:
        try:
            found = self._azure.listed(path, version)
        except UnansweredError as error:
            return self._noted(error)
        return [one for one in found if kind_of(type_in(str(one.get("id", "")))) is not None]

    def _noted(self, error: UnansweredError) -> list[Body]:
        """Nothing, and a note of it, unless Azure says that there is nothing."""
        if not error.is_absent:
            self.unread.append(str(error))
        return []


def _in_force_at(root: str, assignment: Body) -> Body:
    """Azure lists what holds at a scope; what is assigned above the subscription holds there as if assigned there."""
    if str(assignment.get("id", "")).lower().startswith("/subscriptions/"):
        return assignment
    return {**assignment, "properties": {**_properties(assignment), "scope": root}}


def _properties(body: Body) -> Mapping[str, Any]:
    found = body.get("properties")
    return found if isinstance(found, Mapping) else {}
