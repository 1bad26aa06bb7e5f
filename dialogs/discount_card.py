"""What the card of a discount shows whoever decides, and which buttons it has (D1, D2). Masked in every place (A3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dialogs.core import Button, Home, Kind, Rows, Say
from dialogs.keyboard import in_rows
from dialogs.order_moves import order_words
from domain.discounts import LADDER, Discount, DiscountState, is_allowed, limit_of, steps_for
from domain.settlement import Bill, LineKind, Settlement, bill_of, floor_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts
    from domain.repair_orders import RepairOrder

REFUSALS: Mapping[str, str] = MappingProxyType(
    {"margin": "margin", "terms": "terms", "budget": "budget", "other": "other_reason"}
)
"""Why a discount is refused, of `discount_refusal` in phrases.yaml, and the label that says so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request `number`, and what its card asks just now (`face`: ``steps``, ``refuse``; "": nothing).

    `begun`: somebody was asked already. `repeats`: how often the top was asked again.
    """

    number: str
    face: str = ""
    begun: bool = False
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of lines comes to, in yuan: at list prices, and by the terms that hold (D1)."""

    kind: LineKind
    listed: Decimal
    due: Decimal


def request(held: Asked, facts: Facts) -> Discount | None:
    """The request that the card is about; None while its car is back in work, and no bill is looked at."""
    return next((each for each in facts.discounts if each.number == held.number), None)


def card(
    held: Asked,
    discount: Discount,
    order: RepairOrder,
    bill: Settlement,
    facts: Facts,
    *,
    fresh: bool = False,
    to: int = 0,
) -> Say:
    """The card as it is now: at home in place of the old one, or a live copy for the colleague `to`."""
    words = words_of(discount, order, bill, facts) | {"face": held.face, "repeats": held.repeats}
    rows = buttons(held, discount, bill, facts)
    if to:
        return Say("discount_desk/card", words, rows, to=Home(person=to), kind=Kind.STAFF, copy=True)
    return Say("discount_desk/card", words, rows, kind=Kind.STAFF, fresh=fresh, in_place=not fresh)


def last_face(discount: Discount, order: RepairOrder, facts: Facts) -> Say:
    """The card of a request that is over: who decided what, when; every copy shows it too (D2, D3)."""
    words = order_words(order, facts) | {"discount": discount}
    return Say("discount_desk/decided", words, kind=Kind.STAFF, in_place=True)


def shown(held: Asked, discount: Discount, bill: Settlement, facts: Facts) -> frozenset[tuple[str, str]]:
    """Key and value of every button of the card as it is now: nothing else may be pressed, whatever a press claims."""
    rows = buttons(held, discount, bill, facts)
    return frozenset((button.key, button.value) for row in rows for button in row)


def words_of(discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts) -> dict[str, Any]:
    """Everything the card may say, for somebody who has to decide in half a minute."""
    figures = facts.store.settlement
    now, then = bill_of(bill, figures), bill_of(replace(bill, discount=discount.asked), figures)
    possible = steps_for(LADDER, bill, figures)
    tier = next((each.name for each in facts.store.tiers if each.code == order.tier), "")
    return order_words(order, facts) | {
        "discount": discount,
        "bill": now,
        "after": then,
        "split": _split(now),
        "tier": tier,
        "terms": _terms(bill, facts),
        "floor": floor_of(bill, figures),
        "room": possible[-1] if possible else None,
        "limit": limit_of((discount.level,), figures),
        "appraisal": facts.appraisal,
    }


def _split(bill: Bill) -> tuple[Part, ...]:
    """The bill by kind of lines, without the kinds that it has none of (D1)."""
    found: list[Part] = []
    for kind in LineKind:
        lines = [each for each in bill.lines if each.line.kind is kind]
        if lines:
            listed = sum((each.line.price for each in lines), Decimal(0))
            found.append(Part(kind, listed, sum((each.by_rule for each in lines), Decimal(0))))
    return tuple(found)


def _terms(bill: Settlement, facts: Facts) -> tuple[tuple[LineKind, Decimal], ...]:
    """What a fleet agreement takes off each kind, as shares; nothing for everybody else (D6)."""
    if not bill.fleet:
        return ()
    return tuple((kind, 1 - facts.store.settlement.fleet_rate(kind)) for kind in LineKind)


# ---------------------------------------------------------------- buttons


def buttons(held: Asked, discount: Discount, bill: Settlement, facts: Facts) -> Rows:
    """What may be pressed now, by whoever the rows of the dialog let."""
    back = (Button("back"),)
    match held.face:
        case "steps":
            offered = other_steps(discount, bill, facts)
            return in_rows((_step(each) for each in offered), 2, back)
        case "refuse":
            return in_rows((Button("because", reason, label) for reason, label in REFUSALS.items()), 2, back)
    others = (Button("other"),) if other_steps(discount, bill, facts) else ()
    may_be = is_allowed(discount.asked, bill, facts.store.settlement)
    approve = ((Button("approve", words={"share": discount.asked}),),) if may_be else ()
    return *approve, (*others, Button("refuse"))


def other_steps(discount: Discount, bill: Settlement, facts: Facts) -> tuple[Decimal, ...]:
    """同意其他折扣: what the role that is asked may grant instead; never less than the bill has off already (D2)."""
    possible = steps_for((discount.level,), bill, facts.store.settlement)
    return tuple(each for each in possible if each != discount.asked and each > bill.discount)


def _step(share: Decimal) -> Button:
    return Button("step", str(share), words={"share": share})


# ---------------------------------------------------------------- what becomes of it


def closed(discount: Discount, state: DiscountState, facts: Facts) -> Discount:
    """The request once it is over without anybody's decision: outdated or withdrawn."""
    return replace(discount, state=state, decided_at=facts.now)


def refused(discount: Discount, reason: str, facts: Facts) -> Discount:
    """The request once whoever acts has refused it for `reason`, one of `REFUSALS`."""
    return replace(_decided(discount, facts), state=DiscountState.REFUSED, refusal=reason)


def granted(discount: Discount, share: Decimal, bill: Settlement, facts: Facts) -> Discount:
    """The request once whoever acts has granted `share` on `bill`.

    `amount` is what that takes off besides what an earlier discount had taken off already.
    """
    amount = discount.total - bill_of(replace(bill, discount=share), facts.store.settlement).due
    return replace(_decided(discount, facts), state=DiscountState.GRANTED, granted=share, amount=amount)


def _decided(discount: Discount, facts: Facts) -> Discount:
    who = facts.who
    return replace(discount, decided_by=who.person_id, decided_name=who.first_name, decided_at=facts.now)
