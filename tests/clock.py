"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_TEN = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""An ordinary Monday, 10:00 in the store (Asia/Shanghai): open, bays free, no holiday near."""


class FakeClock:
    """Keeps service.ports.Clock: `now()` answers aware UTC, and only `advance` and `set` change it."""

    def __init__(self, start: datetime = MONDAY_TEN) -> None:
        self.set(start)

    def now(self) -> datetime:
        """The moment that was set last, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move on (or back, as a wall clock sometimes does) and say what time it is then."""
        self._now += by
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, aware in any zone. ValueError when it is naive."""
        if moment.tzinfo is None:
            raise ValueError("The clock takes aware times only: add tzinfo to the moment.")
        self._now = moment.astimezone(UTC)
