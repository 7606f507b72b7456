"""Clocks: the system's, and one that is served over HTTP and may be driven."""

import weakref
from datetime import UTC, datetime

import httpx

from mlops.ports import OutsideError

_TIMEOUT_SECONDS = 10


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


class UrlClock:
    """A clock at a URL that answers {"now": "1975-01-01T00:00:00Z"}, as the local environment's does."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._web = httpx.Client(timeout=_TIMEOUT_SECONDS)  # kept: the time is asked for several times a pass
        weakref.finalize(self, self._web.close)

    def now(self) -> datetime:
        """The present moment, UTC.  Raises OutsideError when the clock does not answer."""
        try:
            said = self._web.get(self._url).raise_for_status().json()["now"]
            return datetime.fromisoformat(said).astimezone(UTC)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise OutsideError(f"the clock at {self._url} did not say the time: {error}") from error


def open_clock(name: str) -> SystemClock | UrlClock:
    """`system`, or a URL.  Raises ValueError for anything else."""
    if name == "system":
        return SystemClock()
    if name.startswith(("http://", "https://")):
        return UrlClock(name)
    raise ValueError(f"{name!r} is no clock: use 'system' or a URL that answers {{\"now\": …}}")
