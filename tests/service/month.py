"""A month of a busy store, made up: opening hours, cars, and what their people and the workshop are going to do.

Nothing here knows a rule of the bot. Times are in store time, China's one zone; people act at whole minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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


def half_an_hour_later(promised: datetime, now: datetime) -> datetime:
    """What the workshop promises by 晚30分: full five minutes, at the next opening where nobody is there then."""
    later = max(promised, now) + 30 * MINUTE
    if later.minute % 5 or later.second:
        later = later.replace(second=0) + (5 - later.minute % 5) * MINUTE
    return later if is_open(later) else opening_after(later)


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

    `answers` to the pickup notice, `decides` about additional work; `workshop` says how it goes, `advisor` what becomes
    of a promise in danger.
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
    decides: Answer = Answer()
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
        decides=Answer(chance.choice(("agree", "agree", "refuse", "")), GRID * chance.randint(1, 5)),
        workshop=Answer(chance.choice(("on_time", "on_time", "late", "")), GRID * chance.randint(1, 2)),
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


WAYS = {
    "early": 46, "button": 9, "to the second": 3, "after notice": 10, "late": 8, "changed": 10, "asked": 6, "added": 8,
}  # fmt: skip
"""In which ways visits go, and how many of a hundred do."""


@dataclass
class _Course:
    """How one visit goes: when the car is ready, what happens on the way, until when it is promised in the end."""

    ready: datetime
    until: datetime
    between: list[Deed] = field(default_factory=list)
    advisor: Answer = Answer()


def _course(way: str, start: datetime, promised: datetime, usual: datetime, chance: Random) -> _Course:
    """`usual`: when a notice would leave."""
    match way:
        case "to the second":
            return _Course(usual, promised)
        case "after notice":
            return _Course(_on_grid(usual, promised, chance), promised)
        case "late":
            return _Course(_on_grid(promised, promised + timedelta(hours=9), chance), promised)
        case "changed":
            change = while_open(_on_grid(start + GRID, promised, chance))
            until = while_open(max(change, promised) + GRID * chance.randint(-12, 200))
            until = max(until, while_open(change + 8 * GRID))
            return _Course(_on_grid(change, until, chance), until, [Deed(change, "promise", until)])
        case "asked":
            until = while_open(promised + GRID * chance.randint(1, 100))
            answer = Answer("promise", GRID * chance.randint(1, 4), until)
            return _Course(_on_grid(promised - GRID, until, chance), until, advisor=answer)
        case "added":
            proposed = while_open(_on_grid(start + GRID, usual, chance))
            until = while_open(max(proposed, promised) + GRID * chance.randint(6, 60))
            later = chance.choice((None, until))
            return _Course(_on_grid(proposed, until, chance), until, [Deed(proposed, "propose", later)])
    return _Course(_on_grid(start, usual, chance), promised)


def _deeds(signs: datetime, promised: datetime, chance: Random) -> tuple[tuple[Deed, ...], Answer]:
    """From the start of work to leaving; what the advisor says when asked."""
    start = signs + GRID * chance.randint(0, 2)
    lead = timedelta(hours=4 if promised - signs >= TWO_DAYS else 1)
    [way] = chance.choices(tuple(WAYS), tuple(WAYS.values()))
    course = _course(way, start, promised, promised - lead, chance)
    between = course.between
    ready = while_open(max(course.ready, start + 3 * GRID, *(deed.at + 2 * GRID for deed in between)))
    inspected = max(start + GRID, *(deed.at for deed in between), ready - 2 * GRID)
    after = [Deed(ready + GRID, "early")] if way == "button" else []
    left = while_open(max(ready, course.until, *(deed.at for deed in after)) + GRID * chance.randint(3, 14))
    settled = max(left - GRID, ready + 2 * GRID)
    way_on = Deed(start, "start"), *between, Deed(inspected, "inspect"), Deed(ready, "ready"), *after
    return (*way_on, Deed(settled, "settle"), Deed(max(left, settled + GRID), "leave")), course.advisor


def _on_grid(since: datetime, until: datetime, chance: Random) -> datetime:
    """Some moment between the two."""
    steps = max((until - since) // GRID, 1)
    return since + GRID * chance.randrange(steps)
