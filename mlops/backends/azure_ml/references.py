"""Names of Azure ML's assets: the many ways in which it writes one, as the one that we use."""

from __future__ import annotations

import re

_LONG = re.compile(r"/(?:models|data)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)/?$")


def short_reference(written: object) -> str:
    """Give `azureml:NAME:VERSION` for an asset's ARM id; other texts stay, an asset's object gives its own name."""
    if written is None:
        return ""
    if not isinstance(written, str):
        return f"azureml:{getattr(written, 'name', '')}:{getattr(written, 'version', '')}"
    match = _LONG.search(written)
    return f"azureml:{match['name']}:{match['version']}" if match else written


def state_word(state: object) -> str:
    """A state in lower case: the SDK gives text for some kinds, for others an enum, whose `str` is no value."""
    return str(getattr(state, "value", state)).lower()
