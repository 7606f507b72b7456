"""All checks, in the order of the report."""

from collections.abc import Mapping
from typing import Any

from infra.preflight.check import Check
from infra.preflight.checks import (
    costs,
    database,
    deleted,
    encryption,
    names,
    network,
    outbound,
    policies,
    providers,
    quota,
    regions,
    rights,
    sizes,
)

SETTINGS, ACCESS = "settings", "access"
"""The two that come first: without good settings there is nothing to look for, without Azure nobody to ask."""

CHECKS: tuple[Check[Any], ...] = (
    names.CHECK,
    deleted.CHECK,
    providers.CHECK,
    regions.CHECK,
    sizes.CHECK,
    quota.CHECK,
    rights.CHECK,
    policies.CHECK,
    network.CHECK,
    outbound.CHECK,
    encryption.CHECK,
    database.CHECK,
    costs.CHECK,
)
FIRST: Mapping[str, tuple[str, str]] = {
    SETTINGS: ("a stack file that `up` would refuse: all findings of the settings at once", "nothing"),
    ACCESS: ("no login, no network, or a subscription that is not yours", "the subscription"),
}
"""What each finds and asks."""
HELD = tuple(check.id for check in CHECKS)
"""Those that can be bypassed."""
IDS = (*FIRST, *HELD)
