"""Those who press what is not theirs, and what must be the same after they have tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from dialogs.authority import anyone_of_staff, managers
from dialogs.catalogue import DIALOGS
from domain.people import STAFF_ROLES, Role, serves
from service.ports import Sender
from storage import absences, customers, people
from storage.schema import METADATA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from domain.people import Queue
    from tests.service.front_door import FrontDoor

STRANGER, CUSTOMER, ELSEWHERE = "a stranger", "another customer", "a colleague without the role"
DISMISSED, ABSENT = "one whose role was taken away", "somebody absent whose substitute holds it"
STOOD_IN = "a substitute whose time is over"
FORGERS = (STRANGER, CUSTOMER, ELSEWHERE, DISMISSED, ABSENT, STOOD_IN)
IN_VAIN = ("people", "inbox", "audit")  # whom we met, which updates we saw, what was tried
BY_THE_WAY = (*IN_VAIN, "conversations", "timers", "outbox", "copies")
"""What an answer may change: a card is shown again, a question asked again. Everything else is the trade's."""

_numbers = count(70_001)


@dataclass(frozen=True, slots=True)
class Forger:
    """Somebody with no right to what they press; `staff` as long as they hold any role at all."""

    kind: str
    who: Sender
    person: int
    staff: bool


def role_elsewhere(door: FrontDoor, dialog: str, queue: Queue | None) -> Role:
    """A role that opens none of the dialog's buttons, but those that are anybody's of the staff."""
    if queue is None:
        return Role.ADVISOR
    clerks, heads = (Role.FOLLOW_UP_CLERK, Role.ADVISOR), (Role.PARTS_MANAGER, Role.SALES_MANAGER)
    candidates = clerks if managers in DIALOGS[dialog].authority.values() else heads
    return next(one for one in candidates if not serves((one,), queue, door.house.store.staff.desks))


def role_within(door: FrontDoor, queue: Queue | None) -> Role:
    """A role that serves the desk."""
    return door.house.store.staff.desks[queue][0] if queue else Role.GENERAL_MANAGER


async def arrive(door: FrontDoor, dialog: str, queue: Queue | None) -> list[Forger]:
    """One of each kind, whom nobody has seen before."""
    now, holder = door.clock.now(), Sender(next(_numbers), "持")
    senders = {kind: Sender(next(_numbers), "伪") for kind in FORGERS}
    rows: list[dict[str, Any]] = [
        {"user_id": one.user_id, "first_name": one.first_name, "username": "", "reachable": True,
         "opted_out": False, "first_seen": now}
        for one in (holder, *senders.values())
    ]  # fmt: skip
    elsewhere, within = role_elsewhere(door, dialog, queue), role_within(door, queue)
    async with door.house.books.unit() as unit:
        await people.meet(unit, rows)
        found = await people.load(unit, now, user_ids=[row["user_id"] for row in rows])
        known = {each.user_id: each.id for each in found}
        person = {kind: known[one.user_id] for kind, one in senders.items()}
        file = await customers.open_file(unit, person[CUSTOMER], now)
        await customers.change_file(
            unit, file, name="钱芳", surname="钱", salutation="女士", phone="13912345678"
        )
        await people.give_role(unit, known[holder.user_id], within, now)
        for kind in (ELSEWHERE, ABSENT, STOOD_IN):
            await people.give_role(unit, person[kind], elsewhere, now)
        await people.give_role(unit, person[DISMISSED], within, now)
        await people.take_roles(unit, person[DISMISSED])
        away = now - timedelta(hours=2), now + timedelta(days=1), known[holder.user_id]
        await absences.write(unit, person[ABSENT], known[holder.user_id], *away)
        over = now - timedelta(hours=2), now, known[holder.user_id]
        await absences.write(unit, known[holder.user_id], person[STOOD_IN], *over)
    staff = (ELSEWHERE, ABSENT, STOOD_IN)
    return [Forger(kind, senders[kind], person[kind], kind in staff) for kind in FORGERS]


async def give_every_role(door: FrontDoor, who: Sender) -> None:
    """Whatever `who` is refused now is not for want of a role."""
    number = (await door.person(who)).id
    async with door.house.books.unit() as unit:
        for role in STAFF_ROLES:
            await people.give_role(unit, number, role, door.clock.now())


def not_theirs(forger: Forger, dialog: str, keys: Collection[str]) -> Iterator[str]:
    """Of `keys`, those that are not for `forger`: what any colleague may press, a colleague may."""
    for key in sorted(keys):
        if not (forger.staff and DIALOGS[dialog].authority.get(key) is anyone_of_staff):
            yield key


async def kept(door: FrontDoor, *, but: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the books, without the tables `but`."""
    async with door.house.books.glance() as unit:
        return {
            name: sorted((tuple(row) for row in await unit.rows(table.select())), key=repr)
            for name, table in METADATA.tables.items()
            if name not in but
        }
