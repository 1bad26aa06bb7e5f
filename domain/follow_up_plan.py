"""When a customer is asked (F1, F2): due moments, nudges, other times, and the end of it.

Customers are asked at convenient times only: from `from_time` until `until_time`, store time, every day of the week.
Moments that come out are aware, in store time; sums are made in UTC. Whoever is asked on their own is spread over the
day by the number of their contact: eighty cars that leave at once are not eighty messages at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from itertools import islice

from domain.follow_ups import FollowUp, FollowUpFigures
from domain.questionnaires import FollowUpEvent, Questionnaire, Start

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SATURDAY = 5
_MORNING, _AFTERNOON, _EVENING = time(10), time(15), time(19)
# A time that is nearly now is no other time.
_SOONEST_OFFER = timedelta(hours=1)
_FURTHEST_WISH = timedelta(weeks=4)
# Clocks that are put forward can take a short convenient time away on one day, never on two in a row.
_LONGEST_SEARCH = 3

_Stretch = tuple[datetime, datetime]
"""A convenient stretch of time in UTC, its end outside it."""


def first_convenient(moment: datetime, figures: FollowUpFigures, zone: tzinfo) -> datetime:
    """`moment` itself when it is convenient, else the next opening (F2).

    Raises ValueError when the figures leave no convenient time in any day.
    """
    begins, _ = _next_stretch(moment, figures, zone)
    return max(begins, moment.astimezone(UTC)).astimezone(zone)


def due(
    start: Start, occurred_at: datetime, key: str, figures: FollowUpFigures, zone: tzinfo
) -> tuple[datetime, datetime]:
    """When somebody is asked, and the end of the time for it (F1).

    The moment lies evenly spread, by `key` alone, over the convenient parts of the time from `earliest` to `latest`
    after `occurred_at`. Where these hold none, it is spread over as long a time from the next opening on.
    """
    begins = occurred_at.astimezone(UTC) + start.earliest
    ends = occurred_at.astimezone(UTC) + start.latest
    stretches = tuple(_stretches(begins, ends, figures, zone))
    if not stretches:
        opens, closes = _next_stretch(ends, figures, zone)
        opens = max(opens, ends)
        stretches = ((opens, min(closes, opens + (ends - begins))),)
    return _spread(stretches, key).astimezone(zone), ends.astimezone(zone)


def planned(
    sheets: Iterable[Questionnaire],
    event: FollowUpEvent,
    draft: FollowUp,
    figures: FollowUpFigures,
    zone: tzinfo,
    number_of: Callable[[int], str],
) -> tuple[FollowUp, ...]:
    """The contacts that follow an event, by when they are due: one for each sheet that starts with it (F1).

    `draft` has what they share, its `occurred_at` is the event's; `number_of` makes the number of the first (1), the
    second (2) and so on, the sheet that may be due first having the first.
    """
    starting = (sheet for sheet in sheets if sheet.start.event is event)
    return _counted_from(draft.occurred_at, starting, replace(draft, event=event), figures, zone, number_of)


def following(
    sheets: Iterable[Questionnaire],
    ended: FollowUp,
    now: datetime,
    figures: FollowUpFigures,
    zone: tzinfo,
    number_of: Callable[[int], str],
) -> tuple[FollowUp, ...]:
    """The contacts that come after `ended`, counted from `now`: one for each sheet that says so (F6).

    They are about the same event, car and customer as `ended`, which they name in `after`; `number_of` as above.
    """
    starting = (sheet for sheet in sheets if sheet.start.after == ended.questionnaire)
    # Written out, so that nothing of what became of the one before can come along.
    draft = FollowUp(
        number="",
        questionnaire="",
        event=ended.event,
        customer_id=ended.customer_id,
        occurred_at=ended.occurred_at,
        due_at=now,
        latest_at=now,
        subject=ended.subject,
        after=ended.number,
        person_id=ended.person_id,
        address=ended.address,
        phone=ended.phone,
        plate=ended.plate,
        work=ended.work,
        advisor=ended.advisor,
        advisor_name=ended.advisor_name,
    )
    return _counted_from(now, starting, draft, figures, zone, number_of)


def _counted_from(
    begins: datetime,
    sheets: Iterable[Questionnaire],
    draft: FollowUp,
    figures: FollowUpFigures,
    zone: tzinfo,
    number_of: Callable[[int], str],
) -> tuple[FollowUp, ...]:
    """One contact for each of `sheets`, which are due a time after `begins`."""
    made: list[FollowUp] = []
    for place, sheet in enumerate(sorted(sheets, key=_order), start=1):
        number = number_of(place)
        due_at, latest_at = due(sheet.start, begins, number, figures, zone)
        made.append(
            replace(draft, number=number, questionnaire=sheet.id, due_at=due_at, latest_at=latest_at),
        )
    return tuple(sorted(made, key=_due_at))


def next_nudge(
    follow_up: FollowUp, asked_at: datetime, figures: FollowUpFigures, zone: tzinfo
) -> datetime | None:
    """When somebody who has not answered is reminded, `asked_at` being our last message to them (F2).

    None when they were reminded often enough, or when it would come as the sheet expires.
    """
    if follow_up.nudges >= figures.nudges:
        return None
    wait = timedelta(hours=max(figures.nudge_after, figures.nudge_gap))
    moment = _moved(asked_at.astimezone(UTC) + wait, follow_up.number, figures, zone)
    invited = follow_up.invited_at or asked_at
    return None if moment.astimezone(UTC) >= expires_at(invited, figures).astimezone(UTC) else moment


def expires_at(invited_at: datetime, figures: FollowUpFigures) -> datetime:
    """When a sheet that nobody has finished is over, in the zone of `invited_at`."""
    return (invited_at.astimezone(UTC) + timedelta(days=figures.expires_days)).astimezone(invited_at.tzinfo)


def gives_up_at(follow_up: FollowUp, figures: FollowUpFigures) -> datetime:
    """When a contact that was always hindered is dropped, in the zone of its `latest_at`."""
    return expires_at(follow_up.latest_at, figures)


def tomorrow(moment: datetime, key: str, figures: FollowUpFigures, zone: tzinfo) -> datetime:
    """When somebody who could not be asked today is tried again: the day after, spread over it by `key`."""
    midnight = datetime.combine(_day(moment, zone) + _DAY, time(), zone)
    return _spread((_next_stretch(midnight, figures, zone),), key).astimezone(zone)


def later(now: datetime, figures: FollowUpFigures, zone: tzinfo) -> datetime:
    """When somebody who pressed 稍后 is asked again (F2)."""
    return first_convenient(now.astimezone(UTC) + timedelta(hours=figures.later), figures, zone)


def offers(now: datetime, figures: FollowUpFigures, zone: tzinfo) -> tuple[datetime, ...]:
    """Other times to choose from, in order (F2): this evening, tomorrow, and a day at the week's end.

    Saturday, or the day after tomorrow when Saturday is tomorrow or a whole week away. Only convenient times; the
    next opening alone where none of these is.
    """
    today = _day(now, zone)
    until_saturday = (_SATURDAY - today.weekday()) % 7
    leisure = until_saturday if until_saturday > 1 else 2
    wanted = (
        datetime.combine(today + days * _DAY, clock, zone)
        for days, clock in ((0, _EVENING), (1, _MORNING), (1, _AFTERNOON), (leisure, _MORNING))
    )
    soonest = now.astimezone(UTC) + _SOONEST_OFFER
    found = tuple(
        each for each in wanted if each.astimezone(UTC) >= soonest and _is_convenient(each, figures, zone)
    )
    return found or (first_convenient(soonest, figures, zone),)


def wished(moment: datetime, now: datetime, figures: FollowUpFigures, zone: tzinfo) -> datetime:
    """The time at which a customer who named `moment` is asked: convenient, not past, at most four weeks ahead.

    An evening hour that is too late becomes the next morning's opening.
    """
    # Compared before it is brought to another zone: a typed year 9999 cannot be.
    earliest = now.astimezone(UTC)
    return first_convenient(min(max(moment, earliest), earliest + _FURTHEST_WISH), figures, zone)


def _moved(moment: datetime, key: str, figures: FollowUpFigures, zone: tzinfo) -> datetime:
    """`moment` when it is convenient, else spread over the next convenient day: no crowd at its opening."""
    stretch = _next_stretch(moment, figures, zone)
    inside = stretch[0] <= moment.astimezone(UTC)
    return moment.astimezone(zone) if inside else _spread((stretch,), key).astimezone(zone)


def _spread(stretches: tuple[_Stretch, ...], key: str) -> datetime:
    """The moment of `stretches` that belongs to `key`, whole minutes after the begin of one, in UTC.

    Each minute is as likely as any other, and a key has always the same one.
    """
    share = int.from_bytes(sha256(key.encode()).digest()[:8])
    whole = sum((ends - begins for begins, ends in stretches), timedelta())
    left = timedelta(microseconds=(whole // timedelta(microseconds=1) * share) >> 64)
    for begins, ends in stretches:
        if left < ends - begins:
            return begins + left // _MINUTE * _MINUTE
        left -= ends - begins
    return stretches[-1][0]  # of no length at all


def _is_convenient(moment: datetime, figures: FollowUpFigures, zone: tzinfo) -> bool:
    return _next_stretch(moment, figures, zone)[0] <= moment.astimezone(UTC)


def _next_stretch(moment: datetime, figures: FollowUpFigures, zone: tzinfo) -> _Stretch:
    """The convenient time of the day that `moment` lies in, or else the next one."""
    day = _day(moment, zone)
    for stretch in islice(_days(day, figures, zone), _LONGEST_SEARCH):
        if moment.astimezone(UTC) < stretch[1] and stretch[0] < stretch[1]:
            return stretch
    raise ValueError(
        f"customers are asked from {figures.from_time:%H:%M} until {figures.until_time:%H:%M}, which is at no time: "
        "set follow_ups.from_time before follow_ups.until_time in the store file"
    )


def _stretches(
    begins: datetime, ends: datetime, figures: FollowUpFigures, zone: tzinfo
) -> Iterator[_Stretch]:
    """The convenient parts of a span of time."""
    for opens, closes in _days(_day(begins, zone), figures, zone):
        if opens >= ends:
            return
        part = max(opens, begins), min(closes, ends)
        if part[0] < part[1]:
            yield part


def _days(first: date, figures: FollowUpFigures, zone: tzinfo) -> Iterator[_Stretch]:
    """The convenient time of each day from `first` on; midnight as its end is the end of the day."""
    day = first
    while True:
        last = day if figures.until_time > time() else day + _DAY
        opens = datetime.combine(day, figures.from_time, zone).astimezone(UTC)
        yield opens, datetime.combine(last, figures.until_time, zone).astimezone(UTC)
        day += _DAY


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def _due_at(follow_up: FollowUp) -> datetime:
    return follow_up.due_at.astimezone(UTC)


def _order(sheet: Questionnaire) -> tuple[timedelta, timedelta, str]:
    return sheet.start.earliest, sheet.start.latest, sheet.id
