"""What is measured on the message path. Here nobody listens; bot/metrics.py counts it all for Prometheus.

Nothing that is told here is anybody's name, number or word: it could not become part of a metric.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

    from service.ports import Delivery, Incoming


class Measures:
    """Told at a few points of the path what has happened there; takes microseconds and never raises."""

    def received(self, updates: Sequence[Incoming]) -> None:
        """These updates have come in."""

    def committed(
        self,
        updates: Sequence[Incoming],
        letters: Sequence[Mapping[str, Any]],
        toasts: int,
        late: Sequence[timedelta],
        seconds: float,
    ) -> None:
        """A transaction of the desk is committed that took `seconds`.

        In it `updates` were handled; `letters` (outbox rows) leave, `toasts` presses are answered. `late`: of each
        timer that fired, how long after its time.
        """

    def redone(self) -> None:
        """A batch failed as a whole and is now tried event by event."""

    def buried(self, source: str) -> None:
        """An update or a timer (`source`) was kept as a dead letter."""

    def brought(self, letter: int, answer: Delivery) -> None:
        """A courier has brought `letter`, and this is what the service said."""

    def called(self, method: str, status: int, seconds: float) -> None:
        """The messaging service was called, and answered with this HTTP status (0: not at all)."""
