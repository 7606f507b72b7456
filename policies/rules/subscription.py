"""Which subscription a resource is deployed to: by its own id, its provider, the stack's config, the environment."""

import os
import re
from collections.abc import Mapping
from typing import Any

from rules.props import UNKNOWN, Absent, Props, Unknown

OWN = "own"
"""Among subscriptions of a setting: the one that the resource is deployed to."""

Subscription = str | Unknown
"""In lower case; empty where nobody says which it is."""

_KEY = "azure-native:subscriptionId"
_VARIABLES = ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")
_IN_ID = re.compile(r"/?subscriptions/([^/]+)(/|$)", re.IGNORECASE)


def in_id(azure_id: object) -> str:
    """Tell the subscription that an Azure id names; empty where it names none."""
    found = _IN_ID.match(azure_id) if isinstance(azure_id, str) else None
    return found[1].lower() if found else ""


def of_stack(config: Mapping[str, Any]) -> str:
    """Tell what a stack deploys to: its config comes first, as Azure's provider reads it; the environment after."""
    said = (config.get(_KEY), *map(os.environ.get, _VARIABLES))
    return next((one.lower() for one in said if isinstance(one, str) and one), "")


def of_provider(inputs: Mapping[str, Any] | None, otherwise: Subscription) -> Subscription:
    """Tell what a provider deploys to: what it is told, or else what its stack does."""
    match Absent() if inputs is None else Props(inputs).at("subscriptionId"):
        case Unknown():
            return UNKNOWN
        case str() as said if said:
            return said.lower()
    return otherwise


def at_home(settings: Mapping[str, Any], own: Subscription) -> Mapping[str, Any]:
    """Put the subscription that is deployed to in the place of ``own``; what is not known yet stays so."""
    if OWN not in (listed := settings.get("subscriptions", ())):
        return settings
    return {**settings, "subscriptions": [*(one for one in listed if one != OWN), *([own] if own else [])]}
