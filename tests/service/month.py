"""A month of a busy store, made up: opening hours, cars, and what their people and the workshop are going to do.

Nothing here knows a rule of the bot. Times are in store time, China's one zone; people act at whole minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from itertools import count, islice
from random import Random

STORE_TIME = timezone(timedelta(hours=8))
FIRST_DAY = date(2026, 9, 14)
MINUTE = timedelta(minutes=1)
GRID = 10 * MINUTE  # people look at the clock
TWO_DAYS = timedelta(hours=48)
HOLIDAYS = frozenset(
    {date(2026, 9, day) for day in (25, 26, 27)} | {date(2026, 10, day) for day in range(1, 8)}
)
"""中秋节 and 国庆节 2026, as the State Council published them."""


# ---------------------------------------------------------------- opening hours


def shift(day: date) -> tuple[datetime, datetime] | None:
    """From first opening to last closing of a day; None when the store is shut."""
    if day in HOLIDAYS:
        return None
    opens, closes = (time(9), time(17)) if day.weekday() == 6 else (time(8, 30), time(17, 30))
    return datetime.combine(day, opens, STORE_TIME), datetime.combine(day, closes, STORE_TIME)


def is_open(moment: datetime) -> bool:
    """Whether somebody is there; lunch counts, the second of closing does not."""
    hours = shift(moment.date())
    return hours is not None and hours[0] <= moment < hours[1]


def closing_before(moment: datetime) -> datetime:
    """The last closing that is not later than `moment`."""
    days = (moment.date() - timedelta(days=back) for back in count())
    return next(hours[1] for day in days if (hours := shift(day)) and hours[1] <= moment)


def opening_after(moment: datetime) -> datetime:
    """The first opening later than `moment`."""
    days = (moment.date() + timedelta(days=ahead) for ahead in count())
    return next(hours[0] for day in days if (hours := shift(day)) and hours[0] > moment)


def while_open(moment: datetime) -> datetime:
    """`moment` when the store is open, otherwise a while after the next opening."""
    return moment if is_open(moment) else opening_after(moment) + 2 * GRID


def open_days(how_many: int) -> list[date]:
    """The first open days of the month."""
    days = (FIRST_DAY + timedelta(days=ahead) for ahead in count())
    return list(islice((day for day in days if shift(day)), how_many))


# ---------------------------------------------------------------- what people do


class Reached(StrEnum):
    """How a customer is reached."""

    CHAT = "chat"
    BLOCKED = "blocked"  # known in the chat, and has blocked the bot
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody does `what` at `at`; `until` is the time that is promised by it, if one is."""

    at: datetime
    what: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody does `wait` after they were asked; `what` "" for nothing at all."""

    what: str = ""
    wait: timedelta = GRID
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Car:
    """A car, its owner, and everything that people will do about it, in order.

    `answers` to the pickup notice; `workshop` to the question how it goes; `advisor` to the question about a delay.
    """

    number: int
    plate: str
    surname: str
    salutation: str
    phone: str
    reached: Reached
    promised: datetime
    deeds: tuple[Deed, ...]
    answers: Answer = Answer()
    workshop: Answer = Answer()
    advisor: Answer = Answer()

    @property
    def user(self) -> int:
        """Their number at the messaging service."""
        return 100_000 + self.number


def month(days: Sequence[date], cars_a_day: int, seed: int) -> list[Car]:
    """The cars that come on these days."""
    chance, number = Random(seed), count(1)
    return [_car(next(number), day, chance) for day in days for _ in range(cars_a_day)]


def _car(number: int, day: date, chance: Random) -> Car:
    hours = shift(day)
    assert hours is not None
    latest = (hours[1] - hours[0] - timedelta(hours=1)) // GRID
    comes = hours[0] + GRID * chance.randrange(latest)
    signs = comes + GRID * chance.randint(1, 2)
    promised = _promise(signs, chance)
    reached = chance.choices(tuple(Reached), (88, 4, 8))[0]
    deeds, advisor = _deeds(signs, promised, chance)
    return Car(
        number,
        f"粤B{number:05d}",
        chance.choice("王李张刘陈杨黄赵周吴"),
        chance.choice(("先生", "女士")),
        f"+86139{number:08d}",
        reached,
        promised,
        (Deed(comes, "come"), Deed(signs, "sign"), *deeds),
        answers=Answer(chance.choice(("on_time", "on_time", "late", "")), GRID * chance.randint(1, 5)),
        workshop=Answer(chance.choice(("on_time", "on_time", "on_time", "")), GRID * chance.randint(1, 2)),
        advisor=advisor,
    )


def _promise(signs: datetime, chance: Random) -> datetime:
    """From forty minutes to six days ahead; two days to the minute, and a minute less, are among them."""
    minutes = chance.choices(
        (
            chance.randrange(40, 90, 10),
            chance.randrange(90, 300, 10),
            chance.randrange(300, 1440, 10),
            chance.randrange(1440, 2880, 10),
            chance.choice((2879, 2880, 2881)),
            chance.randrange(2890, 8640, 10),
        ),
        (10, 50, 18, 10, 3, 9),
    )[0]
    wanted = signs + minutes * MINUTE
    if is_open(wanted):
        return wanted
    return opening_after(wanted) + MINUTE * chance.choice((0, 10, 30, 60, 100))


def _deeds(signs: datetime, promised: datetime, chance: Random) -> tuple[tuple[Deed, ...], Answer]:
    """From the start of work to leaving, in one of the ways in which visits go; what the advisor says when asked."""
    start = signs + GRID * chance.randint(0, 2)
    lead = timedelta(hours=4 if promised - signs >= TWO_DAYS else 1)
    way = chance.choices(
        ("early", "button", "to the second", "after notice", "late", "changed", "asked"),
        (52, 9, 3, 10, 8, 12, 6),
    )[0]
    between: list[Deed] = []
    advisor = Answer()
    until = promised
    usual = promised - lead
    match way:
        case "early" | "button":
            ready = _on_grid(start, usual, chance)
        case "to the second":
            ready = usual
        case "after notice":
            ready = _on_grid(usual, promised, chance)
        case "late":
            ready = _on_grid(promised, promised + timedelta(hours=9), chance)
        case "changed":
            change = while_open(_on_grid(start + GRID, promised, chance))
            until = while_open(max(change, promised) + GRID * chance.randint(-12, 200))
            until = max(until, while_open(change + 8 * GRID))
            between.append(Deed(change, "promise", until))
            ready = _on_grid(change, until, chance)
        case _:
            until = while_open(promised + GRID * chance.randint(1, 100))
            advisor = Answer("promise", GRID * chance.randint(1, 4), until)
            ready = _on_grid(promised - GRID, until, chance)
    ready = while_open(max(ready, start + 3 * GRID, *(deed.at + GRID for deed in between)))
    if way == "button":
        between.append(Deed(ready + GRID, "early"))
    before = [Deed(start, "start"), *[deed for deed in between if deed.at < ready - GRID]]
    inspected = Deed(max(start + GRID, *(deed.at for deed in before), ready - 2 * GRID), "inspect")
    after = [deed for deed in between if deed.at > ready]
    left = while_open(max(ready, until, *(deed.at for deed in after)) + GRID * chance.randint(3, 14))
    settled = max(left - GRID, ready + 2 * GRID)
    left = max(left, settled + GRID)
    return (
        *before,
        inspected,
        Deed(ready, "ready"),
        *after,
        Deed(settled, "settle"),
        Deed(left, "leave"),
    ), advisor


def _on_grid(since: datetime, until: datetime, chance: Random) -> datetime:
    """Some moment between the two."""
    steps = max((until - since) // GRID, 1)
    return since + GRID * chance.randrange(steps)
