"""What is said of a bill: its lines as the order gives them, its sums, what a benefit is worth (B12, D1, D7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.bill_line import guessed_kind
from domain.order_line import LONGEST_NAME, plain_name
from domain.settlement import Benefit, Bill, Line, LineKind, Settlement, bill_of
from domain.store import ServiceGroup, Store

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.repair_orders import RepairOrder


def lines_of(order: RepairOrder, store: Store, most: int) -> tuple[Line, ...]:
    """A line for each item and for additional work that was agreed to, at the order's prices.

    More than `most`: the last ones are one line for each kind, so that the sum stays the same.
    """
    paint = {plain_name(each.name) for each in store.services if each.group is ServiceGroup.BODYWORK}

    def kind(name: str) -> LineKind:
        painted = plain_name(name) in paint or guessed_kind(name) is LineKind.PAINT_LABOUR
        return LineKind.PAINT_LABOUR if painted else LineKind.LABOUR

    lines = tuple(Line(each.name, kind(each.name), each.price) for each in (*order.items, *order.agreed))
    if len(lines) <= most:
        return lines
    kept, rest = lines[: most - 2], lines[most - 2 :]
    kinds = dict.fromkeys(each.kind for each in rest)
    return (*kept, *(_together([each for each in rest if each.kind is one]) for one in kinds))


def _together(lines: list[Line]) -> Line:
    names = " + ".join(line.name for line in lines)
    short = names if len(names) <= LONGEST_NAME else names[: LONGEST_NAME - 1] + "…"
    return Line(short, lines[0].kind, sum((line.price for line in lines), Decimal(0)))


def bill_said(settlement: Settlement, facts: Facts) -> dict[str, Any]:
    """The bill worked out, the sum for each kind of line that it has, and what each benefit would be worth."""
    bill = bill_of(settlement, facts.store.settlement)
    kinds = dict.fromkeys(each.line.kind for each in bill.lines)
    return {
        "bill": bill,
        "lines": [(kind, bill.of(kind)) for kind in LineKind if kind in kinds],
        "offers": _offers(bill, facts) if settlement.benefits and not settlement.insurance else {},
    }


def _offers(bill: Bill, facts: Facts) -> dict[str, Decimal]:
    """In yuan: the vouchers for the next visit, or what comes off the parts of this bill (B12)."""
    figures = facts.store.settlement
    plain, voucher, parts = (
        bill_of(replace(bill.settlement, benefit=each), figures)
        for each in (Benefit.NONE, Benefit.VOUCHER, Benefit.PARTS)
    )
    return {"voucher": voucher.voucher, "parts": plain.due - parts.due}
