"""A year of a busy store that follows up, made up: which cars leave when, and what sort of people their owners are.

Nothing here knows a rule of the bot. Times are in store time; people act at whole ticks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice
from random import Random

from tests.service.month import STORE_TIME

TICK = timedelta(minutes=30)
"""So often the house looks at what is due, and people act at such moments."""

FIRST_DAY = date(2026, 1, 4)
SHUT = (
    (date(2026, 2, 15), date(2026, 2, 23)),  # 春节
    (date(2026, 4, 4), date(2026, 4, 6)),  # 清明节
    (date(2026, 5, 1), date(2026, 5, 5)),  # 劳动节
    (date(2026, 6, 19), date(2026, 6, 21)),  # 端午节
    (date(2026, 9, 25), date(2026, 9, 27)),  # 中秋节
    (date(2026, 10, 1), date(2026, 10, 7)),  # 国庆节
)


def open_days(first: date, how_many: int) -> list[date]:
    """So many days on which cars leave, holidays left out."""
    days = (first + timedelta(days=ahead) for ahead in count())
    return list(islice((day for day in days if not any(a <= day <= b for a, b in SHUT)), how_many))


class Manner(StrEnum):
    """How somebody takes being asked."""

    ANSWERS = "answers"  # everything, and is content
    HALF = "half"  # the first question, then nothing more
    LATER = "later"  # 稍后, and then everything
    ANOTHER_TIME = "another_time"  # 不方便, one of the times that are offered, and then everything
    NUDGED = "nudged"  # only when reminded
    IGNORES = "ignores"
    DISSATISFIED = "dissatisfied"  # a bad answer
    COMPLAINS = "complains"  # in their own words, at some time after the visit
    TIRED = "tired"  # 不再打扰 on the card
    STOPS = "stops"  # 退订, at some time after the visit
    BLOCKS = "blocks"  # has blocked the bot
    NO_CHAT = "no_chat"
    COLLEAGUE = "colleague"
    HOUSE = "house"  # the house's own car


SHARES = {
    Manner.ANSWERS: 300, Manner.HALF: 80, Manner.LATER: 60, Manner.ANOTHER_TIME: 50, Manner.NUDGED: 60,
    Manner.IGNORES: 230, Manner.DISSATISFIED: 45, Manner.COMPLAINS: 30, Manner.TIRED: 25, Manner.STOPS: 20,
    Manner.BLOCKS: 30, Manner.NO_CHAT: 50, Manner.COLLEAGUE: 10, Manner.HOUSE: 10,
}  # fmt: skip
"""Of a thousand owners."""

WITHOUT_CHAT = (Manner.NO_CHAT, Manner.HOUSE)
NEVER_ASKED = (Manner.COLLEAGUE, Manner.HOUSE)
CALLED = (Manner.NO_CHAT, Manner.BLOCKS)


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody with one car, or two."""

    number: int
    manner: Manner
    has_two: bool

    @property
    def user(self) -> int:
        """Their number at the messaging service."""
        return 1_000_000 + self.number

    @property
    def has_chat(self) -> bool:
        return self.manner not in WITHOUT_CHAT

    def plate(self, car: int) -> str:
        return f"粤{'BC'[car]}{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A car leaves the shop under the order `number`. `writes`: what its owner types some time later, and when."""

    number: str
    owner: Owner
    plate: str
    at: datetime
    writes: tuple[datetime, str] | None = None
    closed: datetime | None = None  # when a complaint that comes of it is closed


def owners(how_many: int, seed: int) -> list[Owner]:
    """The people of the year; one in twelve has two cars."""
    chance = Random(seed)
    manners = chance.choices(tuple(SHARES), tuple(SHARES.values()), k=how_many)
    return [Owner(number, manner, chance.random() < 1 / 12) for number, manner in enumerate(manners, start=1)]


def leavings(people: Sequence[Owner], days: Sequence[date], a_day: int, seed: int) -> Iterator[list[Leaving]]:
    """The cars that leave on each of `days`: one owner after the other, and from the beginning again.

    The second car of an owner leaves on the same day.
    """
    chance, visits = Random(seed), count(1)
    in_turn = _in_turn(people, chance)
    for day in days:
        left: list[Leaving] = []
        while len(left) < a_day:
            owner = next(in_turn)
            for car in range(1 + owner.has_two):
                left.append(_leaving(next(visits), owner, car, day, chance))
        yield left


def _in_turn(people: Sequence[Owner], chance: Random) -> Iterator[Owner]:
    """Everybody once in an order of chance, then everybody again."""
    while True:
        yield from chance.sample(people, len(people))


def _leaving(visit: int, owner: Owner, car: int, day: date, chance: Random) -> Leaving:
    at = datetime.combine(day, time(9), STORE_TIME) + TICK * chance.randrange(17)
    wait = timedelta(hours=chance.randrange(1, 14 * 24))
    writes = {Manner.STOPS: "退订", Manner.COMPLAINS: "我要投诉！修了两次还是有异响"}.get(owner.manner)
    return Leaving(
        f"JC{day:%y%m%d}-{visit:03d}",
        owner,
        owner.plate(car),
        at,
        (at + wait, writes) if writes and not car else None,
        at + wait + timedelta(hours=chance.randrange(12, 12 * 24))
        if owner.manner is Manner.COMPLAINS
        else None,
    )


def days_until_closed(owner: Owner) -> int:
    """How long a complaint that came of a bad answer stays open."""
    return 1 + owner.number % 11
