"""Questions of customers 咨询 that an advisor answers (Q2)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text, select

from domain.customer_questions import CustomerQuestion
from storage.engine import Unit
from storage.schema import METADATA, Instant

CUSTOMER_QUESTIONS = Table(
    "customer_questions",
    METADATA,
    Column("number", String(24), primary_key=True),
    Column("text", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("person_id", BigInteger),
    Column("customer_id", BigInteger),
    Column("address", String(64), nullable=False, default=""),
    Column("phone", String(20), nullable=False, default=""),
    Column("follow_up", String(32), nullable=False, default=""),
    Column("owner_id", BigInteger),
    Column("owner_name", String(128), nullable=False, default=""),
    Column("promised", Boolean, nullable=False, default=False),
    Column("answered_at", Instant),
    Column("answer", Text, nullable=False, default=""),
    Index("ix_customer_questions_answered_at", "answered_at", "asked_at"),
)

_COLUMNS = tuple(column.name for column in CUSTOMER_QUESTIONS.columns if not column.primary_key)
MOST_LISTED = 200


async def keep(unit: Unit, question: CustomerQuestion) -> None:
    """Write it as it stands now, new or known."""
    fields = {
        "number": question.number,
        "text": question.text,
        "asked_at": question.asked_at,
        "person_id": question.person_id or None,
        "customer_id": question.customer_id or None,
        "address": question.address[:64],
        "phone": question.phone,
        "follow_up": question.follow_up,
        "owner_id": question.owner or None,
        "owner_name": question.owner_name[:128],
        "promised": question.promised,
        "answered_at": question.answered_at,
        "answer": question.answer,
    }
    await unit.run_many(unit.upsert(CUSTOMER_QUESTIONS, ("number",), _COLUMNS), [fields])


async def load(unit: Unit, number: str) -> CustomerQuestion | None:
    """The question with this number."""
    row = await unit.one(select(CUSTOMER_QUESTIONS).where(CUSTOMER_QUESTIONS.c.number == number))
    return None if row is None else _read(row)


async def still_open(unit: Unit) -> list[CustomerQuestion]:
    """Those without an answer, the oldest first."""
    found = select(CUSTOMER_QUESTIONS).where(CUSTOMER_QUESTIONS.c.answered_at.is_(None))
    oldest = CUSTOMER_QUESTIONS.c.asked_at, CUSTOMER_QUESTIONS.c.number
    return [_read(row) for row in await unit.rows(found.order_by(*oldest).limit(MOST_LISTED))]


async def owned(unit: Unit, person: int) -> list[str]:
    """The numbers of the open questions that `person` has taken, in order."""
    number = CUSTOMER_QUESTIONS.c.number
    mine = CUSTOMER_QUESTIONS.c.owner_id == person, CUSTOMER_QUESTIONS.c.answered_at.is_(None)
    return [row.number for row in await unit.rows(select(number).where(*mine).order_by(number))]


def _read(row: Any) -> CustomerQuestion:
    return CustomerQuestion(
        number=row.number,
        text=row.text,
        asked_at=row.asked_at,
        person_id=row.person_id or 0,
        customer_id=row.customer_id or 0,
        address=row.address,
        phone=row.phone,
        follow_up=row.follow_up,
        owner=row.owner_id or 0,
        owner_name=row.owner_name,
        promised=row.promised,
        answered_at=row.answered_at,
        answer=row.answer,
    )
