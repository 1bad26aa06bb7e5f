"""Questions of customers: written as they stand now, the open ones by age, and who has which (Q2, F5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.customer_questions import CustomerQuestion, question_number
from storage import customer_questions
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from storage.engine import Books

HOUR = timedelta(hours=1)
ASKED = CustomerQuestion(
    "ZX261123-001", "冬天要换防冻液吗？" * 200, MONDAY_TEN, 4, 7, "王先生", "+8613800138000", "HF261123-002.1"
)


async def keep(books: Books, *questions: CustomerQuestion) -> None:
    async with books.unit() as unit:
        for each in questions:
            await customer_questions.keep(unit, each)


async def load(books: Books, number: str) -> CustomerQuestion | None:
    async with books.glance() as unit:
        return await customer_questions.load(unit, number)


async def test_q2_it_is_read_as_it_was_written(books: Books) -> None:
    bare = CustomerQuestion("ZX261123-002", "能上门取车吗？", MONDAY_TEN)
    await keep(books, ASKED, bare)
    assert await load(books, ASKED.number) == ASKED
    assert await load(books, bare.number) == bare
    assert await load(books, "ZX261123-999") is None


async def test_q2_it_stands_as_it_was_written_last(books: Books) -> None:
    answered = replace(
        ASKED, owner=3, owner_name="林顾问", promised=True, answered_at=MONDAY_TEN + HOUR, answer="要换。"
    )
    await keep(books, ASKED, answered)
    assert await load(books, ASKED.number) == answered


async def test_f5_the_open_ones_come_by_age(books: Books) -> None:
    older = replace(ASKED, number="ZX261122-009", asked_at=MONDAY_TEN - HOUR)
    twin = replace(ASKED, number="ZX261123-000")
    over = replace(ASKED, number="ZX261121-001", answered_at=MONDAY_TEN)
    await keep(books, ASKED, older, twin, over)
    async with books.glance() as unit:
        found = await customer_questions.still_open(unit)
    assert [each.number for each in found] == [older.number, twin.number, ASKED.number]


async def test_r4_the_open_ones_that_somebody_has(books: Books) -> None:
    mine = replace(ASKED, owner=3)
    other = replace(ASKED, number="ZX261123-002", owner=5)
    over = replace(ASKED, number="ZX261123-003", owner=3, answered_at=MONDAY_TEN)
    await keep(books, mine, other, over)
    async with books.glance() as unit:
        assert await customer_questions.owned(unit, 3) == [mine.number]


async def test_q2_a_very_long_name_is_cut(books: Books) -> None:
    await keep(books, replace(ASKED, address="王" * 200, owner=3, owner_name="林" * 200))
    kept = await load(books, ASKED.number)
    assert kept is not None
    assert (len(kept.address), len(kept.owner_name)) == (64, 128)


def test_q2_the_number_says_the_day_and_the_conversation() -> None:
    assert question_number(MONDAY_TEN, 7) == "ZX261123-007"
