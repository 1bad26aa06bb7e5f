"""`python bot.py routing-report`: what people corrected of the proposed topics, to tune routing.yaml (C2, C5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import typer

from bot.complaints import opened_between
from bot.opening import closed_house
from domain.complaints import Happening
from domain.privacy import masked
from scripts_zh.phrases import phrase
from storage import complaint_queries

if TYPE_CHECKING:
    from datetime import datetime

    from bot.settings import Settings
    from domain.complaint_routing import RoutingRules
    from domain.complaints import Complaint
    from domain.store import Store

GROUP = "routing_report"
FIRST_WORDS = 30  # signs of what was said


@dataclass(frozen=True, slots=True)
class Decided:
    """What the bot proposed a case to be about, what a person said in the end, and how the customer began."""

    number: str
    proposed: str
    decided: str
    words: str

    @property
    def corrected(self) -> bool:
        """Whether they differ."""
        return self.proposed != self.decided


async def report(settings: Settings, store: Store, first: datetime, last: datetime) -> None:
    """Print what was decided of the cases opened from `first` up to `last`. Raises CannotOpen."""
    async with closed_house(settings, store) as house, house.books.glance() as unit:
        await complaint_queries.stand_still(unit)
        found = await opened_between(unit, first, last)
    for line in lines(decisions(found), house.routing):
        typer.echo(line)


def decisions(complaints: Iterable[Complaint]) -> list[Decided]:
    """The cases that a colleague confirmed or corrected; words of customers about themselves do not count."""
    found = []
    for complaint in complaints:
        by_staff = [
            entry.details
            for entry in complaint.of(Happening.CLASSIFIED)
            if entry.person and not entry.details.get("by_customer")
        ]
        if by_staff:
            proposed = str(by_staff[0].get("proposed", ""))
            words = masked(complaint.words[0] if complaint.words else "")
            decided = str(by_staff[-1]["topic"])
            found.append(Decided(complaint.number, proposed, decided, _beginning(words)))
    return found


def lines(found: list[Decided], routing: RoutingRules) -> Iterator[str]:
    """The share that was right, then every correction with its cases, the most frequent first."""
    if not found:
        yield phrase(GROUP, "none")
        return
    corrected: dict[tuple[str, str], list[Decided]] = {}
    for each in found:
        if each.corrected:
            corrected.setdefault((each.proposed, each.decided), []).append(each)
    right = sum(not each.corrected for each in found)
    share = (Decimal(100 * right) / len(found)).quantize(Decimal(1), ROUND_HALF_UP)
    yield phrase(GROUP, "right", count=len(found), right=right, share=share)
    for (proposed, decided), cases in sorted(corrected.items(), key=lambda each: (-len(each[1]), each[0])):
        names = {"proposed": routing.topic(proposed).name, "decided": routing.topic(decided).name}
        yield phrase(GROUP, "correction", count=len(cases), **names)
        for case in cases:
            words = case.words or phrase(GROUP, "no_words")
            yield phrase(GROUP, "case", number=case.number, words=words)
    if corrected:
        yield phrase(GROUP, "cure")


def _beginning(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= FIRST_WORDS else f"{line[:FIRST_WORDS]}…"
