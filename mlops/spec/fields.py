"""How single values are written in a project file: durations, bounds, names."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, WithJsonSchema

from mlops.domain.data.measurement import Bound
from mlops.domain.declared.monitor import Signal
from mlops.domain.declared.rollout import Freeze, Hours
from mlops.spec.moments import freeze, hours

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_BOUND = re.compile(
    rf"(?P<comparison><=|>=|<|>)\s*"
    rf"(?:(?P<plain>-?{_NUMBER})"
    rf"|champion(?:\s*\*\s*(?P<factor>{_NUMBER}))?(?:\s*(?P<sign>[+-])\s*(?P<offset>{_NUMBER}))?)"
)


def duration(text: object) -> timedelta:
    """ISO 8601 in weeks, days, hours, minutes and seconds: P14D, PT6H.  Months and years differ in length."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is no duration: write ISO 8601 such as P14D or PT6H (weeks, days, hours, …)")
    return timedelta(**{unit: int(count) for unit, count in found.groupdict().items() if count})


def written_duration(value: timedelta) -> str:
    """The shortest spelling that `duration` reads back."""
    days, seconds = value.days, value.seconds
    parts = [(seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S")]
    time = "".join(f"{count}{unit}" for count, unit in parts if count)
    return "P" + (f"{days}D" if days or not time else "") + (f"T{time}" if time else "")


def moment(value: object) -> datetime:
    """A date or a moment; without a time zone it is UTC, as event time is."""
    text = value.isoformat() if isinstance(value, date) else value
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError(f"{value!r} is no date: write 2024-01-31, or 2024-01-31T06:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def bound(text: object) -> Bound:
    """`> 0.25`, `<= champion * 1.2`, `< champion - 0.02`."""
    found = _BOUND.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(
            f"{text!r} is no bound: write a comparison and a number ('> 0.25') or the champion's ('< champion - 0.02')"
        )
    if found["plain"]:
        return Bound(comparison=found["comparison"], offset=float(found["plain"]))
    offset = float(found["offset"] or 0) * (-1 if found["sign"] == "-" else 1)
    return Bound(comparison=found["comparison"], offset=offset, factor=float(found["factor"] or 1))


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", text):
        raise ValueError(f"{text!r} is no name: lower-case letters, digits and '-', letter first, at most 31")
    return text


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["P14D", "PT6H"]}),
]
Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    WithJsonSchema({"type": "string", "examples": ["2024-01-31", "2024-01-31T06:00:00Z"]}),
]
BoundText = Annotated[
    Bound,
    BeforeValidator(bound),
    WithJsonSchema({"type": "string", "examples": ["> 0.25", "<= champion * 1.2"]}),
]
SignalName = Annotated[
    str,
    WithJsonSchema({"anyOf": [{"enum": [signal.value for signal in Signal]}, {"type": "string"}]}),
]
"""A signal of ours, which an editor proposes, or one of an installed package, which it cannot know."""
Said = Annotated[str, Field(pattern=r"\S")]
"""A text that says something."""

Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": "^[a-z][a-z0-9-]{0,30}$"})]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR", "USD"])]
HoursText = Annotated[
    Hours,
    BeforeValidator(hours),
    WithJsonSchema({"type": "string", "examples": ["Mon-Thu 08:00-16:00 Europe/Berlin", "Sat,Sun 22:00-04:00 UTC"]}),
]
FreezeText = Annotated[
    Freeze,
    BeforeValidator(freeze),
    WithJsonSchema({"type": "string", "examples": ["2026-12-20/2027-01-04 Europe/Berlin", "2026-12-24"]}),
]
Percent = Annotated[int, Field(ge=1, le=100, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]


def by_key(*keys: str) -> Discriminator:
    """Tell the variants of a part by the key that only one of them has, so that an error names the variant meant.

    The tag is the key in angle brackets: in an error's place it cannot be taken for a key of the file.
    """

    def which(value: object) -> str | None:
        return next((f"<{key}>" for key in keys if isinstance(value, dict) and key in value), None)

    return Discriminator(
        which, custom_error_type="which_variant", custom_error_message=f"needs one of these keys: {', '.join(keys)}"
    )
