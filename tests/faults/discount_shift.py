"""A counter full of customers who ask for a discount, and managers who all press at once (D1–D5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from dialogs.catalogue import DIALOGS
from dialogs.core import Kind
from dialogs.discount_card import REFUSALS, Asked
from dialogs.discount_form import DiscountForm
from domain.discounts import LADDER, Discount, steps_for
from domain.people import Queue, Role
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder
from domain.settlement import Line, LineKind, Settlement
from service.letters import payload
from storage import discounts, orders, settlements, states
from storage.conversations import CONVERSATIONS, OPEN
from storage.copies import COPIES
from storage.customers import CUSTOMERS
from storage.outbox import OUTBOX, LetterState
from tests.faults.duty import shop
from tests.faults.presses import Card, Presses, cards_of
from tests.faults.shift import FIRST_CUSTOMER
from tests.faults.shop import GROUP, in_some_days

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from random import Random

    from service.ports import Incoming
    from storage.engine import Books, Unit
    from tests.faults.duty import Task

MANAGERS = {
    401: Role.BUSINESS_SUPERVISOR,
    402: Role.BUSINESS_SUPERVISOR,
    403: Role.AFTER_SALES_MANAGER,
    404: Role.AFTER_SALES_MANAGER,
    405: Role.GENERAL_MANAGER,
}
ADVISORS = tuple(range(411, 431))
COUNTER = {**MANAGERS, **dict.fromkeys(ADVISORS, Role.ADVISOR)}
"""The colleagues, by their number."""

FIRST_NUMBER = 9_000_000  # of conversations, letters and messages that are there before anybody asks
CARDS_OF = (
    5  # one order in so many has its own card at the workshop: it costs as much as all the rest together
)
BEFORE = "shared/menu"  # whatever these letters said is of no importance
PARTS = "前刹车片", "机油", "空调滤芯", "雨刮片"

Moves = list[tuple[str, str]]
"""Key and value of each button that one manager presses, one after the other."""


@dataclass(frozen=True)
class Wish:
    """A car that is ready, its bill, and the discount that `asked_by` (0: the customer) is about to send off."""

    order: RepairOrder
    bill: Settlement
    share: Decimal
    asked_by: int


@dataclass(frozen=True)
class Waiting:
    """An undecided request: its card, and the number of the copy that each manager has of it."""

    request: Discount
    card: Card
    face: str
    copies: Mapping[int, int]


# ---------------------------------------------------------------- who stands at the counter


def wishes(rng: Random, customers: int, now: datetime) -> list[Wish]:
    """So many customers, each with a bill of their own and a discount that somebody might grant on it."""
    return [_wish(rng, customer, now) for customer in range(FIRST_CUSTOMER, FIRST_CUSTOMER + customers)]


def _wish(rng: Random, customer: int, now: datetime) -> Wish:
    advisor = rng.choice(ADVISORS)
    happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
        (OrderHappening.OPENED, {}),
        (OrderHappening.PROMISED, {"at": in_some_days(3, now=now).isoformat(), "reason": ""}),
        (OrderHappening.CONFIRMED, {"how": "phone"}),
        (OrderHappening.MOVED, {"state": OrderState.READY.value}),
    )
    history = tuple(OrderEntry(now, each, 0, "", details) for each, details in happened)
    order = RepairOrder(
        f"JC261123-{customer}", f"粤B{customer:05d}", customer, customer, "林先生", advisor, "小林", now,
        OrderState.READY, history=history,
    )  # fmt: skip
    lines = [Line("更换刹车片", LineKind.LABOUR, _yuan(rng, 300, 900))]
    lines += [Line(part, LineKind.PARTS, _yuan(rng, 20, 300)) for part in PARTS[: rng.randint(0, 4)]]
    bill = Settlement(order.number, lines=tuple(lines))
    share = rng.choice(steps_for(LADDER, bill, shop().settlement))
    asked_by = 0 if rng.random() < 0.8 else rng.choice(ADVISORS)
    return Wish(order, bill, share, asked_by)


def _yuan(rng: Random, least: int, most: int) -> Decimal:
    return Decimal(rng.randint(least * 100, most * 100)).scaleb(-2)


async def line_up(books: Books, wanted: Sequence[Wish], now: datetime) -> None:
    """The customers' files, orders and bills, and what lies before people: sheets, cards, forms to be sent off."""
    async with books.unit() as unit:
        files = ({"id": wish.order.customer_id, "person_id": wish.order.person_id, "opened_at": now,
                  "name": "林强", "surname": "林", "salutation": "先生"} for wish in wanted)  # fmt: skip
        await unit.run_many(insert(CUSTOMERS), files)
        for wish in wanted:
            assert await orders.file(unit, wish.order, None)
            await orders.note(unit, wish.order.number, wish.order.history)
            await settlements.save(unit, wish.bill, now, 0)
        talks = [talk for wish in wanted for talk in _talks(wish)]
        await unit.run_many(insert(CONVERSATIONS), talks)
        await unit.run_many(insert(OUTBOX), (_card_of(talk) for talk in talks))


def _talks(wish: Wish) -> Iterator[dict[str, Any]]:
    """Each as it is when it has asked; the order's own card, which is no party to a decision, of some orders only."""
    asked_by, number = wish.asked_by, FIRST_NUMBER + 10 * wish.order.customer_id
    sheet = replace(DIALOGS["order_sheet"].state(), billed=True)
    yield _talk(number, "order_sheet", sheet, wish, person_id=wish.order.person_id)
    if not wish.order.customer_id % CARDS_OF:
        yield _talk(number + 1, "order_desk", DIALOGS["order_desk"].state(), wish, queue=Queue.WORKSHOP.value)
    form = DiscountForm(not asked_by, wish.share, "regular", reasoned=True, version=wish.bill.version)
    asker = asked_by or wish.order.person_id
    yield _talk(number + 2, "discount_form", form, wish, person_id=asker, step="check")


def _talk(number: int, dialog: str, state: Any, wish: Wish, **at: Any) -> dict[str, Any]:
    found, opened = DIALOGS[dialog], wish.order.opened_at
    return {
        "id": number, "dialog": dialog, "subject": wish.order.number, "person_id": None, "queue": "", "status": OPEN,
        "step": found.first.__name__, "state": states.write(state), "version": found.version, "turn": 1,
        "misses": 0, "trail": "[]", "card_letter": number, "asked_at": opened, "opened_at": opened,
    } | at  # fmt: skip


def _card_of(talk: Mapping[str, Any]) -> dict[str, Any]:
    """The letter that has brought its card: of the same number, like the message that it became."""
    return {
        "id": talk["id"], "conversation_id": talk["id"], "turn": talk["turn"], "person_id": talk["person_id"],
        "queue": talk["queue"], "chat_id": talk["person_id"] or GROUP, "kind": Kind.ANSWER.value, "script": BEFORE,
        "payload": payload(""), "state": LetterState.SENT.value, "message_id": talk["id"],
        "due_at": talk["opened_at"], "created_at": talk["opened_at"],
    }  # fmt: skip


# ---------------------------------------------------------------- what waits


async def waiting(unit: Unit, numbers: Collection[str]) -> list[Waiting]:
    """The undecided requests on the orders `numbers`, each with its card as it lies before people now."""
    cards = await cards_of(unit, numbers)
    living: dict[int, dict[int, int]] = {}
    for row in await unit.rows(select(COPIES)):
        living.setdefault(row.conversation_id, {})[row.person_id] = row.letter_id
    found, desk = [], DIALOGS["discount_desk"]
    for request in await discounts.open_requests(unit):
        (card,) = cards[request.order, desk.name]
        held = states.read(desk, card.state, desk.version)
        assert isinstance(held, Asked)
        found.append(Waiting(request, card, held.face, living.get(card.conversation, {})))
    return found


class DiscountShift(Presses):
    """What people press about discounts; `outsiders` counts the presses of those who must not."""

    def __init__(self, rng: Random, wanted: Sequence[Wish]) -> None:
        super().__init__(rng)
        self._bills = {wish.bill.number: wish.bill for wish in wanted}
        self._askers = {wish.bill.number: wish.asked_by or wish.order.person_id for wish in wanted}
        self.outsiders = 0

    @property
    def orders(self) -> Collection[str]:
        """The numbers of the orders that it is about."""
        return self._bills.keys()

    async def submits(self, unit: Unit, at_once: int = 25) -> list[tuple[Task, ...]]:
        """Everybody sends off their form; so many arrive together."""
        forms = await cards_of(unit, self._askers)
        sent = [
            self.press(asker, asker, forms[number, "discount_form"][0], "submit")
            for number, asker in self._askers.items()
        ]
        return [(tuple(sent[first : first + at_once]),) for first in range(0, len(sent), at_once)]

    def hands(self, cases: Sequence[Waiting], processes: int) -> list[list[Task]]:
        """What arrives at each process at the same instant: managers press the same cards, in another order each.

        Of some cases everything arrives at one process in one batch.
        """
        rng = self.rng
        at_first: list[list[list[Incoming]]] = [[] for _ in range(processes)]
        afterwards: list[list[Incoming]] = [[] for _ in range(processes)]
        for case in cases:
            managers = rng.sample(list(MANAGERS), rng.randint(2, 4))
            place, apart = rng.randrange(processes), rng.random() > 0.2
            for number, manager in enumerate(managers):
                process = (place + number * apart) % processes
                pressed = list(self._presses(case, manager))
                now = len(pressed) if rng.random() < 0.7 else 1
                at_first[process].append(pressed[:now])
                afterwards[process] += pressed[now:]
            if rng.random() < 0.1:
                at_first[place].append([self._outsider(case)])
        for thumbs in at_first:
            rng.shuffle(thumbs)
        return [
            [tuple(press for thumb in first for press in thumb), tuple(then)]
            for first, then in zip(at_first, afterwards, strict=True)
        ]

    def _presses(self, case: Waiting, manager: int) -> Iterator[Incoming]:
        """One manager's own way to a decision, on their copy or on the card in the group."""
        copy = case.copies.get(manager) if self.rng.random() < 0.7 else None
        card = replace(case.card, message=copy) if copy else case.card
        for later, (key, value) in enumerate(self._moves(case)):
            yield self.press(manager, manager if copy else GROUP, card, key, value, later)
            if self.rng.random() < 0.05:  # a double tap
                yield self.press(manager, manager if copy else GROUP, card, key, value, later)

    def _moves(self, case: Waiting) -> Moves:
        """同意, 同意其他折扣 or 驳回, at random."""
        rng, request = self.rng, case.request
        possible = steps_for((request.level,), self._bills[request.order], shop().settlement)
        steps = [step for step in possible if step != request.asked]
        back = [("back", "")] if case.face else []
        match rng.randrange(3):
            case 0:
                return [*back, ("approve", "")]
            case 1 if steps:
                return [*back, ("other", ""), ("step", str(rng.choice(steps)))]
            case _:
                return [*back, ("refuse", ""), ("because", rng.choice(list(REFUSALS)))]

    def _outsider(self, case: Waiting) -> Incoming:
        """Who asked, or an advisor, presses 同意 themselves (R2)."""
        self.outsiders += 1
        who = self.rng.choice((*ADVISORS, self._askers[case.request.order]))
        return self.press(who, GROUP, case.card, "approve")
