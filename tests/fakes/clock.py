"""A clock that stands still until it is told."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The loop's time, in the test's hand."""

    def __init__(self, start: datetime = datetime(1975, 1, 6, tzinfo=UTC)) -> None:
        self.moment = start

    def now(self) -> datetime:
        """What it was told."""
        return self.moment

    def advance(self, by: timedelta) -> None:
        """Go on, or back."""
        self.moment += by

    def forward_to(self, moment: datetime) -> None:
        """Go to a moment, never back."""
        self.moment = max(self.moment, moment)
