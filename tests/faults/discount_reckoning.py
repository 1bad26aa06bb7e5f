"""What must be true of all discounts afterwards, read from the books and the couriers' diary (D2–D4, R5)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from domain.discounts import Discount, DiscountState, limit_of
from domain.settlement import bill_of
from storage import discounts, settlements
from storage.audit import AUDIT
from storage.conversations import CONVERSATIONS, OVER
from storage.copies import COPIES
from storage.dead_letters import DEAD_LETTERS
from storage.outbox import OUTBOX
from storage.settlements import SETTLEMENTS
from storage.timers import TIMERS
from tests.faults.discount_shift import ADVISORS, BEFORE, MANAGERS, Wish
from tests.faults.duty import shop

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from storage.engine import Unit

CARD, DECIDED, HEARD = "discount_desk/card", "discount_desk/decided", "discount_desk/heard"
TO_CUSTOMER = {
    DiscountState.GRANTED: "order_sheet/bill",
    DiscountState.REFUSED: "order_sheet/no_discount",
}


class DiscountReckoning:
    """The books of a run in which everything has been decided."""

    def __init__(self, wanted: Sequence[Wish]) -> None:
        self._wishes = {wish.bill.number: wish for wish in wanted}
        self.requests: list[Discount] = []
        self._letters: dict[int, list[Any]] = {}
        self._desks: dict[str, int] = {}
        self._sheets: dict[str, int] = {}

    async def read(self, unit: Unit) -> None:
        """Everything there is."""
        for number in self._wishes:
            self.requests += await discounts.of_order(unit, number)
        self._bills = {number: await settlements.load(unit, number) for number in self._wishes}
        self._savers = {row.number: row.saved_by for row in await unit.rows(select(SETTLEMENTS))}
        self._talks = await unit.rows(select(CONVERSATIONS))
        for row in self._talks:
            if row.dialog == "discount_desk":
                assert row.subject not in self._desks, "one card for one request"
                self._desks[row.subject] = row.id
            elif row.dialog == "order_sheet":
                self._sheets[row.subject] = row.id
        self._posted = await unit.rows(select(OUTBOX).where(OUTBOX.c.script != BEFORE).order_by(OUTBOX.c.id))
        for letter in self._posted:
            self._letters.setdefault(letter.conversation_id, []).append(letter)
        self._audit = await unit.rows(select(AUDIT).order_by(AUDIT.c.id))
        self._timers = await unit.rows(select(TIMERS))
        self._copies = await unit.rows(select(COPIES))
        self._dead = await unit.rows(select(DEAD_LETTERS))

    def holds(self, diary: Path) -> None:
        """All of it."""
        assert [row.error for row in self._dead] == []
        assert {row.state for row in self._posted} <= {"sent", "dropped"}
        assert {row.reason for row in self._posted if row.state == "dropped"} <= {"superseded"}
        assert sorted(each.order for each in self.requests) == sorted(self._wishes), "one request each"
        self._recorded_once()
        self._diary = diary.read_text(encoding="utf-8").splitlines()
        last = self._last_faces()
        for request in self.requests:
            self._decided_once(request)
            self._customer_reads_once(request)
            self._colleagues_read_once(request)
            self._shown_everywhere(request, last)
        over = {row.id for row in self._talks if row.status == OVER}
        assert set(self._desks.values()) <= over
        assert [row.name for row in self._timers if row.conversation_id in over or row.attempts] == []
        assert self._copies == []

    def letters_sent(self) -> set[int]:
        """The numbers of the letters that the books call sent."""
        return {row.id for row in self._posted if row.state == "sent"}

    def audited(self, action: str) -> list[Any]:
        """The lines of the audit with that action."""
        return [row for row in self._audit if row.action == action]

    # ------------------------------------------------------------ one decision, one effect

    def _recorded_once(self) -> None:
        """Each was asked once and decided once, by whom and on which card the request itself says (R5)."""
        asked = Counter(row.subject for row in self.audited("discount.asked"))
        assert asked == Counter(each.number for each in self.requests)
        decisions = [*self.audited("discount.granted"), *self.audited("discount.refused")]
        recorded = Counter((row.subject, row.action, row.person_id, row.conversation_id) for row in decisions)
        assert recorded == Counter(
            (each.number, f"discount.{each.state.value}", each.decided_by, self._desks[each.order])
            for each in self.requests
        )

    def _decided_once(self, request: Discount) -> None:
        """The bill has off what was granted, to the fen, and whoever granted it may grant as much (D3, D4)."""
        wish, bill = self._wishes[request.order], self._bills[request.order]
        assert request.decided_by in MANAGERS, request
        assert request.asked == wish.share, request
        assert bill == replace(wish.bill, discount=request.granted), request
        if request.state is DiscountState.GRANTED:
            figures = shop().settlement
            assert 0 < request.granted <= limit_of((MANAGERS[request.decided_by],), figures), request
            assert request.amount == bill_of(wish.bill, figures).due - bill_of(bill, figures).due, request
            assert (self._savers[request.order], request.refusal) == (request.decided_by, ""), request
        else:
            assert request.state is DiscountState.REFUSED, request
            assert (request.granted, request.amount) == (Decimal(0), Decimal(0)), request
            assert self._savers[request.order] is None, request
            assert request.refusal, request

    # ------------------------------------------------------------ one message to each party

    def _customer_reads_once(self, request: Discount) -> None:
        """D2: one new message, in the customer's own chat, of what became of it."""
        new = [each for each in self._letters[self._sheets[request.order]] if _is_new(each)]
        person = self._wishes[request.order].order.person_id
        told = [(each.script, each.person_id, each.state) for each in new]
        assert told == [(TO_CUSTOMER[request.state], person, "sent")], (told, request)

    def _colleagues_read_once(self, request: Discount) -> None:
        """D2: the advisor and the colleague who asked, each once."""
        wish = self._wishes[request.order]
        heard = [each for each in self._letters[self._desks[request.order]] if each.script == HEARD]
        assert {each.person_id for each in heard} <= set(ADVISORS)
        expected = sorted({wish.order.advisor, wish.asked_by} - {0})
        told = sorted((each.person_id, each.state) for each in heard)
        assert told == [(person, "sent") for person in expected], request

    def _shown_everywhere(self, request: Discount, last: dict[int, str]) -> None:
        """D2: the card in the group and the newest copy of everybody who had one say once that it is decided."""
        letters = self._letters[self._desks[request.order]]
        cards = [each for each in letters if each.script == CARD and _is_new(each)]
        newest = {each.person_id: each.id for each in cards}
        assert None in newest, "the card in the group"
        assert len(newest) > 1, "somebody has a copy"
        for card in cards:
            expected = DECIDED if newest[card.person_id] == card.id else "shared/card_moved"
            assert last[card.id] == expected, self._story(card.id)
        decided = Counter(each.edits_letter for each in letters if each.script == DECIDED)
        assert decided == Counter(newest.values()), request

    def _story(self, card: int) -> list[tuple[Any, ...]]:
        """Everything that was written for one message, and who brought what of it in which order."""
        written = {row.id: row for row in self._posted if card in (row.id, row.edits_letter)}
        brought = (line.split()[:2] for line in self._diary)
        order = [(name, int(letter)) for name, letter in brought if int(letter) in written]
        rows = [(row.id, row.script, row.state, row.reason, row.turn) for row in written.values()]
        return [*rows, *order]

    def _last_faces(self) -> dict[int, str]:
        """By the letter that brought it: what every message showed last, in the order of the couriers' diary."""
        by_number = {row.id: row for row in self._posted}
        faces: dict[int, str] = {}
        for line in self._diary:
            letter = by_number[int(line.split()[1])]
            faces[letter.edits_letter or letter.id] = letter.script
        return faces


def _is_new(letter: Any) -> bool:
    """Whether it is a message of its own, not another face of one."""
    return letter.edits_letter is None and letter.edits_message is None
