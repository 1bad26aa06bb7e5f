"""What conversations are about: complaints, orders, follow-ups, questions, locked before the conversations themselves.

Whoever has the case may then touch all of its conversations, and two processes never wait for each other in a
circle. Always in one order: people, complaints, repair orders, follow-ups, questions, conversations. SQLite has one
writer at a time anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Select, or_, select

from domain.complaints import PREFIX as COMPLAINT
from domain.customer_questions import PREFIX as QUESTION
from domain.follow_ups import PREFIX as FOLLOW_UP
from domain.repair_orders import PREFIX as ORDER
from storage.complaints import COMPLAINTS
from storage.conversations import CONVERSATIONS, OVER
from storage.customer_questions import CUSTOMER_QUESTIONS
from storage.engine import Unit
from storage.follow_ups import FOLLOW_UPS
from storage.orders import REPAIR_ORDERS
from storage.schema import among

_NUMBERS = {
    COMPLAINT: COMPLAINTS.c.number,
    ORDER: REPAIR_ORDERS.c.number,
    FOLLOW_UP: FOLLOW_UPS.c.number,
    QUESTION: CUSTOMER_QUESTIONS.c.number,
}

_CONCERNED = (
    select(CONVERSATIONS.c.subject)
    .distinct()
    .where(
        or_(
            among(CONVERSATIONS.c.person_id, "people") & (CONVERSATIONS.c.status != OVER),
            among(CONVERSATIONS.c.id, "ids"),
        ),
        CONVERSATIONS.c.subject != "",
    )
)


def is_case(subject: str) -> bool:
    """Whether it is a complaint, an order, a follow-up or a question: locked before the conversations about it."""
    return subject.startswith(tuple(_NUMBERS))


async def lock(unit: Unit, subjects: Collection[str]) -> None:
    """Lock what of `subjects` is a case of ours, in one order; others, like appointments, need no lock."""
    if unit.is_postgres:
        for found in _cases(subjects):
            await unit.rows(found.with_for_update())


async def lock_concerned(unit: Unit, people: Collection[int], ids: Collection[int]) -> None:
    """Lock everything that the conversations of `people` and those numbered `ids` are about."""
    if unit.is_postgres and (people or ids):
        found = await unit.rows(_CONCERNED, {"people": list(people), "ids": list(ids)})
        await lock(unit, [row.subject for row in found])


async def taken(unit: Unit, subjects: Collection[str]) -> set[str]:
    """Those of `subjects` that somebody works on just now; the others are locked (PostgreSQL)."""
    busy: set[str] = set()
    for found in _cases(subjects):
        known = {row.number for row in await unit.rows(found)}
        free = await unit.rows(found.with_for_update(skip_locked=True)) if known else []
        busy |= known - {row.number for row in free}
    return busy


def _cases(subjects: Collection[str]) -> Iterator[Select[tuple[str]]]:
    """What finds the cases among `subjects`, complaints before repair orders before the others; nothing for none."""
    for prefix, number in _NUMBERS.items():
        wanted = sorted(subject for subject in subjects if subject.startswith(prefix))
        if wanted:
            yield select(number).where(number.in_(wanted)).order_by(number)
