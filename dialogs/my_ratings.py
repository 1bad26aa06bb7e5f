"""我的评价: what customers gave a colleague this month, together only: no single answer, no customer (F7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dialogs.core import Dialog, Event, Kind, Say, Turn, done
from dialogs.facts import OWN_RATINGS
from domain.questionnaires import RATINGS

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class Wanted:
    """Nothing has to be remembered: the result is shown at once."""


def show(wanted: Wanted, event: Event, facts: Facts) -> Turn:
    """Average and how often each rating was given; of a few answers one could guess whose they are."""
    ratings, least = facts.own_ratings, facts.store.follow_ups.results_from
    words = {"count": len(ratings), "least": least, "now": facts.now}
    if len(ratings) < least:
        # How many there are is not said either: the next one could be told from the difference.
        return done(Say("my_ratings/too_few", {"least": least}, kind=Kind.STAFF))
    given = Counter(ratings)
    spread = tuple((int(code), given[int(code)]) for code in reversed(RATINGS))
    average = (Decimal(sum(ratings)) / len(ratings)).quantize(Decimal("0.1"))
    return done(Say("my_ratings/result", words | {"average": average, "spread": spread}, kind=Kind.STAFF))


MY_RATINGS = Dialog("my_ratings", Wanted, steps=(show,), needs=frozenset({OWN_RATINGS}), patient=True)
