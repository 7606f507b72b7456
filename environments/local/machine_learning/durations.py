"""ISO 8601 durations, as Azure writes timeouts: `PT30S`, `P1DT2H`."""

from __future__ import annotations

import re
from datetime import timedelta

_FORM = re.compile(
    r"^P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)


def read_duration(text: object, default: float) -> float:
    """Seconds; `default` for nothing.  Raises ValueError for what is no duration."""
    if not text:
        return default
    found = _FORM.match(str(text))
    if found is None or not any(found.groups()):
        raise ValueError(f"`{text}` is no duration; write it as PT30S")
    return timedelta(**{unit: float(value) for unit, value in found.groupdict().items() if value}).total_seconds()
