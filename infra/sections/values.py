"""What all sections of a stack file have in common: strict values, texts by pattern, checks that tell all at once."""

import difflib
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

CONTRADICTIONS = "contradictions"  # the kind of error that holds what `Values.contradictions` told

_WORD = r"^[a-z][a-z0-9]{1,11}$"
_CLUSTER = r"^[a-z][a-z0-9]{1,15}$"  # Azure's older APIs stop at 16, and a name may not end in "-" and digits
_DASHED = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
_REGION = r"^[a-z]+[0-9]?$"
_HOST = r"^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
_IDLE = r"^PT[1-9][0-9]*[SMH]$"
IN_WORDS = {
    _WORD: "2 to 12 lower-case letters and digits, first a letter",
    _CLUSTER: "2 to 16 lower-case letters and digits, first a letter",
    _DASHED: "lower-case letters and digits, first a letter, single dashes between",
    _REGION: "a region's short name, such as `eastus` or `westeurope`",
    _HOST: "a host name, such as `packages.example.com` or `*.example.com`",
    _IDLE: "an ISO 8601 duration of one unit, such as `PT15M`",
}

Word = Annotated[str, StringConstraints(pattern=_WORD)]
ClusterName = Annotated[str, StringConstraints(pattern=_CLUSTER)]
EnvironmentName = Annotated[str, StringConstraints(pattern=_DASHED, max_length=16)]
EndpointName = Annotated[str, StringConstraints(pattern=_DASHED, max_length=20)]
Region = Annotated[str, StringConstraints(pattern=_REGION)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Host = Annotated[str, StringConstraints(pattern=_HOST)]
IdleTime = Annotated[str, StringConstraints(pattern=_IDLE)]


class Values(BaseModel):
    """A value of a stack file: frozen, camelCase outside, and nothing in it that nobody knows."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    def contradictions(self) -> Iterable[str]:
        """Tell what cannot be together, each with its keys and what to do; the fields by themselves are valid."""
        return ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = tuple(self.contradictions())
        if found:
            raise PydanticCustomError(CONTRADICTIONS, "{told}", {"told": "; ".join(found), "found": found})
        return self


def near(word: str, known: Iterable[str]) -> str:
    """What was probably meant, or else all that is known, as the end of a sentence."""
    known = tuple(known)
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(word.lower(), tuple(lower), n=1)
    return f"; did you mean {lower[close[0]]!r}?" if close else f"; known are {', '.join(sorted(known)) or 'none'}"
