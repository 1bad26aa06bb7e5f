"""Whether the year went as it should: the plan is worked out from what people did alone, in the rulebook's own words.

Nothing of the bot's own arithmetic is used. Where the moment inside a window is the bot's to choose, the window is
what counts; a message has to leave in the tick that the plan written beforehand names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import time

from tests.service.follow_up_year import CALLED, NEVER_ASKED, TICK, Manner
from tests.service.follow_up_year_ledger import Contact, YearLedger, moment_of
from tests.service.month import STORE_TIME

HOUR, DAY = 60, 24 * 60
EACH_VISIT = {"check_48h": (0, 48 * HOUR), "satisfaction": (2 * DAY, 7 * DAY)}
SECOND = 7 * DAY, 14 * DAY  # after the one before it has ended
GRACE = 6 * DAY
MOST_NUDGES = 2
ONE_TICK = int(TICK.total_seconds()) // 60
MOVES = ("later", "at")
"""What puts the asking off at the customer's own wish: our next message is no nudge."""

Asks = Callable[[int], int]
"""When whoever is due in this minute is asked: at a tick, not while the bot is down, not in the evening."""


def sins(ledger: YearLedger) -> Counter[str]:
    """What must never happen, counted over everything that reached a customer by itself."""
    found: Counter[str] = Counter()
    a_day: Counter[tuple[int, int]] = Counter()
    for contact in ledger.contacts():
        found.update(_sins(contact))
        a_day.update((contact.owner, at // DAY) for at in _unwished(contact))
    found["two in a day"] = sum(number - 1 for number in a_day.values())
    found["planned twice"] = len(
        ledger.ask('SELECT "order", sheet, count(*) n FROM plans GROUP BY "order", sheet HAVING n > 1')
    )
    return +found


def _sins(contact: Contact) -> Iterator[str]:
    came = contact.came_by_itself
    for before, letter in zip([None, *came], came, strict=False):
        clock = moment_of(letter.at).astimezone(STORE_TIME).time()
        if not time(9) <= clock < time(20):
            yield "outside hours"
        if contact.stands_against("opted_out", letter.at):
            yield "after opting out"
        if contact.stands_against("complaint", letter.at):
            yield "during a complaint"
        if contact.manner in NEVER_ASKED:
            yield "to the house itself"
        if before is not None and letter.at - before.at < DAY and not _moved(contact, before.at, letter.at):
            yield "twice"
    if nudges(contact) > MOST_NUDGES:
        yield "a third nudge"


def nudges(contact: Contact) -> int:
    """Our messages after the first that the customer had not put off themselves."""
    return max(len(_unwished(contact)) - 1, 0)


def _unwished(contact: Contact) -> list[int]:
    """When we wrote without the customer having chosen that time."""
    came = contact.came_by_itself
    before = [None, *came]
    return [b.at for a, b in zip(before, came, strict=False) if a is None or not _moved(contact, a.at, b.at)]


def _moved(contact: Contact, since: int, until: int) -> bool:
    return any(since <= at <= until and what in MOVES for at, what in contact.deeds)


# ---------------------------------------------------------------- the plan


def unplanned(ledger: YearLedger) -> list[str]:
    """Visits without their contacts, contacts outside their time, second contacts that are missing or too many."""
    wrong = [
        f"{order}: {sheet} is not planned"
        for sheet in EACH_VISIT
        for (order,) in ledger.ask(
            'SELECT "order" FROM leavings EXCEPT SELECT "order" FROM plans WHERE sheet = ?', sheet
        )
    ]
    for contact in ledger.contacts():
        if contact.sheet in EACH_VISIT:
            earliest, latest = (contact.left + each for each in EACH_VISIT[contact.sheet])
            made_right = contact.made == contact.left
        else:
            earliest, latest = (contact.made + each for each in SECOND)
            made_right = bool(contact.after)
        if not (made_right and earliest <= contact.due < latest + DAY):
            wrong.append(
                f"{contact.number} {contact.sheet}: due {moment_of(contact.due)}, left {moment_of(contact.left)}"
            )
        if not time(9) <= moment_of(contact.due).time() < time(20):
            wrong.append(f"{contact.number}: planned for {moment_of(contact.due)}")
    return wrong


def most_in_a_tick(ledger: YearLedger) -> float:
    """The busiest ten minutes, as a share of what is planned for its day in the mean of all days (F2: spread)."""
    [(share,)] = ledger.ask(
        "SELECT max(n * 1.0 / of_day) FROM (SELECT due / 1440 day, due / 10 tick, count(*) n FROM plans GROUP BY tick)"
        " JOIN (SELECT due / 1440 each, count(*) of_day FROM plans GROUP BY each) ON each = day WHERE of_day >= 100"
    )
    return float(share or 0)


def unlike_the_plan(ledger: YearLedger, asks: Asks, down: Collection[int]) -> list[str]:
    """Contacts that nobody hindered and that did not leave when they were due, or that left although hindered.

    `down`: days on which the bot stood still for a while; whoever is tried again then may be asked when it is back.
    """
    heard: dict[tuple[int, int], set[str]] = {}
    for owner, day, contact in ledger.ask(
        "SELECT DISTINCT owner, at / 1440, contact FROM letters WHERE contact <> '' AND unasked AND fresh"
    ):
        heard.setdefault((owner, day), set()).add(contact)
    return [fault for contact in ledger.contacts() for fault in _faults(contact, asks, heard, down)]


Heard = Mapping[tuple[int, int], set[str]]
"""From which contacts somebody heard on a day."""


def _faults(contact: Contact, asks: Asks, heard: Heard, down: Collection[int]) -> Iterator[str]:
    name = f"{contact.number} {contact.sheet} {contact.manner}"
    came, due = contact.came_by_itself, asks(contact.due)
    if contact.manner in (*NEVER_ASKED, *CALLED) or contact.stands_against("opted_out", due):
        if came:
            yield f"{name}: asked at {moment_of(came[0].at)}"
        return
    if contact.sheet == "second_contact" and not came:
        return  # nothing was bad or open
    last = came[0].at // DAY if came else (contact.latest + GRACE) // DAY
    # A look late in the evening leaves it to the next morning, at nine sharp.
    last -= bool(came) and last > due // DAY and came[0].at % DAY == 9 * HOUR
    for day in range(contact.due // DAY, last):
        again = day > contact.due // DAY and day in down
        if not (again or _has_reason(contact, day, due, heard)):
            yield f"{name}: due {moment_of(contact.due)}, nothing stood against {moment_of(day * DAY).date()}"
            return
    if came and came[0].at // DAY == due // DAY == contact.due // DAY and came[0].at != due:
        yield f"{name}: due {moment_of(due)}, asked {moment_of(came[0].at)}"
    elif came and contact.manner is Manner.IGNORES and nudges(contact) != MOST_NUDGES:
        days = range(came[0].at // DAY + 1, came[0].at // DAY + GRACE // DAY)
        if sum(not _has_reason(contact, day, 0, heard) for day in days) > MOST_NUDGES:
            yield f"{name}: {nudges(contact)} nudges after {moment_of(came[0].at)}"


def _has_reason(contact: Contact, day: int, due: int, heard: Heard) -> bool:
    """Whether they were not to be asked on this day: another contact, a complaint, opted out, or too late by then."""
    others = heard.get((contact.owner, day), set()) - {contact.number}
    began, ended = day * DAY, (day + 1) * DAY
    stood = any(since < ended and began < until for _, since, until in contact.against)
    return bool(others) or stood or (contact.due < ended <= due)
