"""Follow-ups in the books: what was planned, answered and called comes back whole (F4), on either database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from domain.complaints import Complainant, Complaint, Origin
from domain.follow_ups import NO_MORE, CallMade, CallOutcome, FollowUp, FollowUpState
from domain.questionnaires import Answer, FollowUpEvent, Questionnaire, Start
from storage import complaints, follow_ups
from tests.clock import MONDAY_TEN
from tests.storage.test_orders import an_owner

if TYPE_CHECKING:
    from storage.engine import Books

A_DAY = timedelta(days=1)
NUMBER = "HF261123-001.1"
SHEET = Questionnaire(
    "check", "回访", "3a9f12c0", Start(A_DAY, 2 * A_DAY), "您好", "谢谢", (), source='{"id": "check"}'
)


def a_contact(owner: int, number: str = NUMBER, **more: Any) -> FollowUp:
    """Due the day after; a test names only what it is about."""
    plain = FollowUp(
        number, "check", FollowUpEvent.LEFT, owner, MONDAY_TEN, MONDAY_TEN + A_DAY, MONDAY_TEN + 2 * A_DAY
    )
    return replace(plain, **more)


@pytest.fixture
async def owner(books: Books) -> int:
    """Somebody with a file."""
    async with books.unit() as unit:
        return await an_owner(unit)


async def test_a_contact_comes_back_whole(books: Books, owner: int) -> None:
    """F4: every field, every answer in the order given, every call."""
    full = a_contact(
        owner, version="3a9f12c0", subject="JC261123-001", after="HF261122-001.1", person_id=7, address="王先生",
        phone="+8613812345678", plate="粤B12345", work="小保养", advisor=3, advisor_name="孙小敏",
        state=FollowUpState.ANSWERED, reason="declined", nudges=2, invited_at=MONDAY_TEN, ended_at=MONDAY_TEN + A_DAY,
        call_at=MONDAY_TEN, by_phone=True, complaint="TS261123-001", caller=3, taken_at=MONDAY_TEN,
    )  # fmt: skip
    answers = (
        Answer("overall", ("2",), "等太久", (("voice", "f1"),), bad=True, at=MONDAY_TEN, by=3),
        Answer("wishes", at=MONDAY_TEN + timedelta(minutes=1)),
    )
    calls = (
        CallMade(MONDAY_TEN, 3, "孙小敏", CallOutcome.NO_ANSWER, "响了很久"),
        CallMade(MONDAY_TEN + A_DAY, 3, "孙小敏", CallOutcome.REACHED),
    )
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner))
        await follow_ups.change(unit, full)
        for answer in reversed(answers):
            await follow_ups.answer(unit, NUMBER, answer, MONDAY_TEN)
        for call in calls:
            await follow_ups.note_call(unit, NUMBER, call)
    async with books.glance() as unit:
        assert await follow_ups.load(unit, NUMBER) == replace(full, answers=answers, calls=calls)
        assert await follow_ups.of_events(unit, MONDAY_TEN, MONDAY_TEN + A_DAY) == [
            replace(full, answers=answers, calls=calls)
        ]


async def test_the_last_answer_to_a_question_counts(books: Books, owner: int) -> None:
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner))
        await follow_ups.answer(unit, NUMBER, Answer("overall", ("2",), bad=True, at=MONDAY_TEN), MONDAY_TEN)
        await follow_ups.answer(unit, NUMBER, Answer("overall", ("5",)), MONDAY_TEN + A_DAY)
        found = await follow_ups.load(unit, NUMBER)
    assert found is not None
    assert found.answers == (Answer("overall", ("5",), at=MONDAY_TEN + A_DAY),)


async def test_a_number_is_planned_once(books: Books, owner: int) -> None:
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner))
        await follow_ups.plan(unit, a_contact(owner, work="again"))
        assert await follow_ups.load(unit, NUMBER) == a_contact(owner)


async def test_a_month_begins_with_its_first_moment(books: Books, owner: int) -> None:
    """F7: the follow-ups of what happened from the first moment up to, and without, the last."""
    times = (MONDAY_TEN - A_DAY, MONDAY_TEN, MONDAY_TEN + A_DAY)
    async with books.unit() as unit:
        for place, at in enumerate(times):
            await follow_ups.plan(unit, a_contact(owner, f"HF{place}", occurred_at=at))
        found = await follow_ups.of_events(unit, MONDAY_TEN, MONDAY_TEN + A_DAY)
    assert [each.number for each in found] == ["HF1"]


async def test_who_waits_for_a_call(books: Books, owner: int) -> None:
    """F4: only those nobody can ask in the chat, not before they want it, the most urgent first."""
    waits = FollowUpState.TO_CALL
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner, "HF1"))
        await follow_ups.plan(unit, a_contact(owner, "HF2", state=waits))
        await follow_ups.plan(unit, a_contact(owner, "HF3", state=waits, latest_at=MONDAY_TEN))
        later = MONDAY_TEN + timedelta(microseconds=1)
        await follow_ups.plan(unit, a_contact(owner, "HF4", state=waits, call_at=later))
        assert [each.number for each in await follow_ups.to_call(unit, MONDAY_TEN)] == ["HF3", "HF2"]
        assert len(await follow_ups.to_call(unit, later)) == 3


async def test_a_call_is_taken_by_one(books: Books, owner: int) -> None:
    """Another colleague gets it once it has lain for long enough; whoever has it may take it again."""
    since = MONDAY_TEN
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner, state=FollowUpState.TO_CALL))
        assert await follow_ups.take_call(unit, NUMBER, 3, MONDAY_TEN, since - A_DAY)
        assert not await follow_ups.take_call(unit, NUMBER, 4, MONDAY_TEN, since - A_DAY)
        assert await follow_ups.take_call(unit, NUMBER, 3, MONDAY_TEN, since - A_DAY)
        assert await follow_ups.take_call(unit, NUMBER, 4, MONDAY_TEN + A_DAY, since)


async def test_ratings_are_those_of_the_advisor_and_the_month(books: Books, owner: int) -> None:
    """F7: neither a colleague's, nor what was chosen among options, nor another month's."""
    async with books.unit() as unit:
        for number, advisor in (("HF1", 3), ("HF2", 4)):
            await follow_ups.plan(unit, a_contact(owner, number, advisor=advisor))
        for number, question, code, at in (
            ("HF1", "a", "5", MONDAY_TEN),
            ("HF1", "b", "clear", MONDAY_TEN),
            ("HF1", "c", "1", MONDAY_TEN + A_DAY),
            ("HF2", "a", "2", MONDAY_TEN),
        ):
            await follow_ups.answer(unit, number, Answer(question, (code,), at=at), at)
        assert await follow_ups.ratings_of(unit, 3, MONDAY_TEN, MONDAY_TEN + A_DAY) == [5]


async def test_a_sheet_is_kept_as_it_was_first_asked(books: Books) -> None:
    async with books.unit() as unit:
        await follow_ups.keep_sheet(unit, SHEET, MONDAY_TEN)
        await follow_ups.keep_sheet(unit, replace(SHEET, source="{}"), MONDAY_TEN + A_DAY)
        assert await follow_ups.sheet(unit, "check", "3a9f12c0") == SHEET.source
        assert await follow_ups.sheet(unit, "check", "00000000") is None


async def test_who_wants_no_more_calls(books: Books, owner: int) -> None:
    async with books.unit() as unit:
        await follow_ups.plan(unit, a_contact(owner))
        assert not await follow_ups.wants_no_more(unit, owner)
        await follow_ups.change(unit, a_contact(owner, state=FollowUpState.SKIPPED, reason=NO_MORE))
        assert await follow_ups.wants_no_more(unit, owner)


@pytest.mark.parametrize(
    ("whose", "hinders"),
    [((7, 0, "", ""), True), ((0, 9, "", ""), True), ((0, 0, "粤B12345", ""), True),
     ((0, 0, "", "+8613812345678"), True), ((8, 8, "粤B54321", "+8613912345678"), False), ((0, 0, "", ""), False)],
)  # fmt: skip
async def test_an_open_complaint_hinders_by_person_file_car_or_number(
    books: Books, whose: tuple[int, int, str, str], hinders: bool
) -> None:
    """F2: and a closed one does not any more."""
    by = Complainant(7, 9, "王先生", "+8613812345678", "粤B12345")
    async with books.unit() as unit:
        await complaints.file(unit, Complaint("TS261123-001", Origin.CUSTOMER, by, MONDAY_TEN))
        assert await complaints.is_open_for(unit, *whose) is hinders
        await complaints.change(unit, "TS261123-001", state="closed")
        assert not await complaints.is_open_for(unit, *whose)
