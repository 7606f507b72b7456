"""The three ways to come by a resource: have one made, bring one's own, or do without."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import StringConstraints

from infra.sections.values import IN_WORDS

CREATE = "create"
NONE = "none"

_ID = r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/[^/]+(/[^/]+/[^/]+)+"
_ANY = rf"^(create|none|{_ID})$"
_SOME = rf"^(create|{_ID})$"
_MINE = rf"^{_ID}$"
IN_WORDS |= {
    _ANY: "`create`, `none` or the ARM id of one's own",
    _SOME: "`create` or the ARM id of one's own",
    _MINE: "an ARM id (`/subscriptions/…/resourceGroups/…/providers/…`)",
}

Choice = Annotated[str, StringConstraints(pattern=_ANY)]
CreateOrMine = Annotated[str, StringConstraints(pattern=_SOME)]
ArmId = Annotated[str, StringConstraints(pattern=_MINE)]


def mine(choice: str) -> str | None:
    """The id of the resource that was brought along, if one was."""
    return None if choice in (CREATE, NONE) else choice


def misfits(key: str, choice: str | None, kind: str) -> Iterator[str]:
    """Tell if what was brought is something else than a ``kind``, such as ``Microsoft.Storage/storageAccounts``."""
    brought = mine(choice) if choice else None
    if brought and kind_of(brought).lower() != kind.lower():
        yield f"{key} must be the id of a {kind}, not of a {kind_of(brought)}"


def kind_of(resource_id: str) -> str:
    """The type of the resource an ARM id is of: its last provider and each second step after it."""
    provider, _, steps = re.split("/providers/", resource_id, flags=re.IGNORECASE)[-1].partition("/")
    return "/".join((provider, *steps.split("/")[::2]))
