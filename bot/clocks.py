"""The clocks: the wall clock, and one that the demo's time machine sets forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class WallClock:
    """The machine's own time; whoever needs the time asks a Clock, and only this one asks the machine."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place


class ShiftedClock:
    """The wall clock, set forward by whatever the time machine was asked for."""

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._wall = WallClock()
        self._shift = shift

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._wall.now() + self._shift

    def forward(self, by: timedelta) -> None:
        """Let `by` pass at once; time never runs backwards here."""
        self._shift += max(by, timedelta(0))
