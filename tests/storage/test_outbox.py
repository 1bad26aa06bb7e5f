"""Letters: each is carried by one courier at a time, and what became of it is written down."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import outbox
from storage.outbox import LetterState, Receipt
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_letter

if TYPE_CHECKING:
    from storage.engine import Books, Unit

MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=5)
LATER = MONDAY_TEN + timedelta(hours=1)


async def _claim(unit: Unit, now: datetime = MONDAY_TEN, courier: str = "one", limit: int = 50) -> list[int]:
    return [row["id"] for row in await outbox.claim_due(unit, now, courier, now + LEASE, limit)]


async def _find(unit: Unit, letter: int) -> Any:
    found = await outbox.find(unit, letter)
    assert found is not None
    return found


async def test_numbers_come_back_in_the_order_of_the_letters(books: Books) -> None:
    async with books.unit() as unit:
        ids = await outbox.post(unit, [a_letter(script=f"script/{number}") for number in range(120)])
        assert [(await _find(unit, letter)).script for letter in ids] == [
            f"script/{number}" for number in range(120)
        ]
        assert ids == sorted(ids)
        assert await outbox.post(unit, []) == []


async def test_what_is_due_is_claimed_in_the_order_it_was_posted(books: Books) -> None:
    async with books.unit() as unit:
        first, second, third = await outbox.post(
            unit, [a_letter(due_at=MONDAY_TEN), a_letter(due_at=MONDAY_TEN - MINUTE), a_letter(due_at=LATER)]
        )
        assert await _claim(unit) == [first, second]
        assert await _claim(unit) == []
        assert (await _find(unit, third)).state == LetterState.PENDING.value


async def test_no_more_than_the_limit(books: Books) -> None:
    async with books.unit() as unit:
        ids = await outbox.post(unit, [a_letter() for _ in range(5)])
        assert await _claim(unit, limit=3) == ids[:3]
        assert await _claim(unit, limit=3) == ids[3:]


@pytest.mark.parametrize("state", list(LetterState))
async def test_which_states_wait_for_a_courier(books: Books, state: LetterState) -> None:
    waiting = {LetterState.PENDING, LetterState.RETRY, LetterState.HELD}
    async with books.unit() as unit:
        await outbox.post(unit, [a_letter(state=state.value, courier="other", lease_until=LATER)])
        assert bool(await _claim(unit)) == (state in waiting)


async def test_a_claimed_letter_says_how_it_was_found(books: Books) -> None:
    async with books.unit() as unit:
        await outbox.post(unit, [a_letter(state=LetterState.RETRY.value)])
        found = await outbox.claim_due(unit, MONDAY_TEN, "one", MONDAY_TEN + LEASE, 5)
        assert [row["state"] for row in found] == [LetterState.RETRY.value]
        kept = await _find(unit, found[0]["id"])
        assert (kept.state, kept.courier, kept.lease_until) == (
            LetterState.SENDING.value,
            "one",
            MONDAY_TEN + LEASE,
        )


async def test_a_vanished_courier_loses_its_letters_after_the_lease(books: Books) -> None:
    async with books.unit() as unit:
        ids = await outbox.post(unit, [a_letter()])
        await _claim(unit)
        assert await _claim(unit, MONDAY_TEN + LEASE - MINUTE, "two") == []
        assert not await outbox.anything_due(unit, MONDAY_TEN + LEASE - MINUTE, "two")
        assert await _claim(unit, MONDAY_TEN + LEASE, "one") == [], "it is still at it"
        assert not await outbox.anything_due(unit, MONDAY_TEN + LEASE, "one")
        assert await outbox.anything_due(unit, MONDAY_TEN + LEASE, "two")
        found = await outbox.claim_due(unit, MONDAY_TEN + LEASE, "two", LATER, 5)
        assert [(row["id"], row["state"], row["courier"]) for row in found] == [
            (ids[0], LetterState.SENDING.value, "one")
        ]


async def test_a_courier_that_lives_keeps_its_letters(books: Books) -> None:
    async with books.unit() as unit:
        await outbox.post(unit, [a_letter()])
        await _claim(unit)
        await outbox.keep_lease(unit, "one", LATER + LEASE)
        assert await _claim(unit, LATER, "two") == []
        await outbox.keep_lease(unit, "two", LATER)
        assert await _claim(unit, LATER + MINUTE, "two") == [], "two cannot prolong what one carries"


async def test_the_only_process_takes_over_at_once(books: Books) -> None:
    async with books.unit() as unit:
        ids = await outbox.post(
            unit, [a_letter(), a_letter(state=LetterState.SENT.value, courier="before", lease_until=None)]
        )
        await _claim(unit, courier="before")
        assert await outbox.abandon(unit, MONDAY_TEN) == 1
        assert await _claim(unit, courier="after") == ids[:1]


async def test_never_the_same_letter_twice(books: Books) -> None:
    """Couriers side by side share what is due."""
    async with books.unit() as unit:
        ids = await outbox.post(unit, [a_letter() for _ in range(60)])
    claimed: list[int] = []

    async def courier(name: str) -> None:
        while True:
            async with books.unit() as unit:
                found = await _claim(unit, courier=name, limit=7)
            if not found:
                return
            claimed.extend(found)

    await asyncio.gather(*(courier(f"courier {number}") for number in range(6)))
    assert sorted(claimed) == ids


async def test_a_second_courier_does_not_wait_for_the_first(postgres_books: Books) -> None:
    """SKIP LOCKED: while one transaction is open the other takes the rest."""
    async with postgres_books.unit() as unit:
        ids = await outbox.post(unit, [a_letter() for _ in range(6)])
    async with asyncio.timeout(20), postgres_books.unit() as one, postgres_books.unit() as two:
        assert await _claim(one, courier="one", limit=3) == ids[:3]
        assert await _claim(two, courier="two", limit=6) == ids[3:]


async def test_receipts_are_written_down(books: Books) -> None:
    async with books.unit() as unit:
        sent, again, failed = await outbox.post(unit, [a_letter(chat_id=7) for _ in range(3)])
        await _claim(unit)
        await outbox.settle(
            unit,
            [
                Receipt(failed, LetterState.FAILED, LATER, reason="blocked" + "!" * 300),
                Receipt(sent, LetterState.SENT, LATER, message_id=2**40),
                Receipt(again, LetterState.RETRY, LATER, reason="flood", due_at=LATER + MINUTE, tried=False),
            ],
        )
        one = await _find(unit, sent)
        assert (one.state, one.message_id, one.settled_at, one.attempts) == ("sent", 2**40, LATER, 1)
        assert (one.courier, one.lease_until) == ("", None)
        two = await _find(unit, again)
        assert (two.state, two.reason, two.due_at, two.attempts) == ("retry", "flood", LATER + MINUTE, 0)
        three = await _find(unit, failed)
        assert (three.state, three.reason[:8], len(three.reason)) == ("failed", "blocked!", 200)
        assert await outbox.messages(unit, [sent, again, failed]) == {sent: (7, 2**40)}
        assert await outbox.messages(unit, []) == {}
        assert await _claim(unit, LATER) == []
        assert await _claim(unit, LATER + MINUTE) == [again]
        await outbox.settle(unit, [])


async def test_what_is_under_way(books: Books) -> None:
    """A topic is asked for once: whatever has neither arrived nor failed is still under way."""
    async with books.unit() as unit:
        for state in LetterState:
            letter = a_letter(script="shared/topic", chat_id=-5, queue=state.value, state=state.value)
            await outbox.post(unit, [letter, letter | {"script": "shared/other", "chat_id": -6}])
        found = await outbox.under_way(unit, "shared/topic")
    assert found == {(-5, state) for state in ("pending", "sending", "retry", "held")}


async def test_how_many_of_a_kind_somebody_got(books: Books) -> None:
    """K5: what is about to leave counts as well, whenever it was written; what never will does not."""
    care = {"kind": "care", "person_id": 1}
    async with books.unit() as unit:
        await outbox.post(
            unit,
            [
                *(a_letter(state=state.value, **care) for state in LetterState),
                a_letter(created_at=MONDAY_TEN - MINUTE, **care),
                a_letter(person_id=1),
                a_letter(kind="care", person_id=2),
                a_letter(kind="care", person_id=3),
            ],
        )
        assert await outbox.sent_since(unit, [1, 2, 9], "care", MONDAY_TEN) == {1: 6, 2: 1}
        assert await outbox.sent_since(unit, [], "care", MONDAY_TEN) == {}


async def test_the_letter_behind_a_message(books: Books) -> None:
    async with books.unit() as unit:
        _, edited, elsewhere = await outbox.post(
            unit,
            [a_letter(chat_id=chat, message_id=33, state=LetterState.SENT.value) for chat in (-100, -100, 5)],
        )
        assert (await outbox.find_message(unit, -100, 33)).id == edited  # type: ignore[union-attr]
        assert (await outbox.find_message(unit, 5, 33)).id == elsewhere  # type: ignore[union-attr]
        assert await outbox.find_message(unit, 5, 34) is None
        assert await outbox.find(unit, elsewhere + 1) is None


async def test_when_the_next_letter_is_due(books: Books) -> None:
    async with books.unit() as unit:
        assert await outbox.next_due(unit) is None
        await outbox.post(
            unit,
            [
                a_letter(due_at=LATER),
                a_letter(due_at=LATER - MINUTE, state=LetterState.HELD.value),
                a_letter(due_at=MONDAY_TEN, state=LetterState.SENT.value),
            ],
        )
        assert await outbox.next_due(unit) == LATER - MINUTE
        assert not await outbox.anything_due(unit, LATER - 2 * MINUTE, "one")
        assert await outbox.anything_due(unit, LATER - MINUTE, "one")


async def test_a_new_address(books: Books) -> None:
    async with books.unit() as unit:
        moved, stays = await outbox.post(unit, [a_letter(chat_id=-5, thread_id=1) for _ in range(2)])
        await outbox.address(unit, [{"id": moved, "chat_id": -1005, "thread_id": None}])
        assert [(row.chat_id, row.thread_id) for row in [await _find(unit, moved)]] == [(-1005, None)]
        assert [(row.chat_id, row.thread_id) for row in [await _find(unit, stays)]] == [(-5, 1)]
        await outbox.address(unit, [])


async def _post(unit: Unit, **changes: Any) -> int:
    [letter] = await outbox.post(unit, [a_letter(**changes)])
    return letter


async def test_the_last_face_of_a_card_is_its_newest_change(books: Books) -> None:
    """Other letters of the conversation are no faces of its card; what was dropped was still the newest words."""
    async with books.unit() as unit:
        card = await _post(unit, conversation_id=5)
        await _post(unit, conversation_id=5, edits_letter=card)
        change = await _post(unit, conversation_id=5, edits_letter=card, state="dropped")
        await _post(unit, conversation_id=5)
        await _post(unit, conversation_id=6, edits_letter=card + 100)
        assert {one: row.id for one, row in (await outbox.last_faces(unit, {5: card})).items()} == {5: change}
        assert await outbox.last_faces(unit, {}) == {}


async def test_what_waits_to_show_a_card_is_superseded(books: Books) -> None:
    """The card and its changes that still wait are let go; what a courier carries, and other letters, are not."""
    async with books.unit() as unit:
        card = await _post(unit, conversation_id=5, state="sent")
        waiting = await _post(unit, conversation_id=5, edits_letter=card, state="held")
        carried = await _post(unit, conversation_id=5, edits_letter=card, state="sending")
        other = await _post(unit, conversation_id=5)
        assert await outbox.newest_edits(unit, {card: 5}) == {card: carried}
        await outbox.supersede(unit, {5: card}, LATER)
        states = [(await _find(unit, letter)).state for letter in (card, waiting, carried, other)]
        assert states == ["sent", "dropped", "sending", "pending"]
        assert (await _find(unit, waiting)).reason == outbox.SUPERSEDED
