"""A discount 优惠: who asked for how much on which version of a bill, who may grant it, what became of it (D1–D5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from domain.people import Role
from domain.settlement import Settlement, SettlementFigures, bill_of, floor_of

LADDER = (Role.BUSINESS_SUPERVISOR, Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER)
"""Who decides, from below (D4)."""

_LIMITS: Mapping[Role, str] = MappingProxyType(
    {
        Role.BUSINESS_SUPERVISOR: "business_supervisor_limit",
        Role.AFTER_SALES_MANAGER: "after_sales_manager_limit",
        Role.GENERAL_MANAGER: "general_manager_limit",
    }
)


class DiscountState(StrEnum):
    """What became of it."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    OUTDATED = "outdated"  # the lines changed: it was asked for another version of the bill
    WITHDRAWN = "withdrawn"  # the visit ended before anybody decided


@dataclass(frozen=True, slots=True)
class Discount:
    """One request. Shares as 0.05 for 5 %, money in yuan; `asked_by` 0: the customer. `total`: what was due before.

    `level`: the role that is asked now. `granted` and `amount` once it is granted; `reason` why it was asked,
    `refusal` why not granted.
    """

    number: str
    order: str
    version: int
    asked: Decimal
    asked_at: datetime
    level: Role
    total: Decimal
    customer_id: int
    asked_by: int = 0
    asked_name: str = ""
    tier: str = ""
    reason: str = ""
    state: DiscountState = DiscountState.OPEN
    decided_by: int = 0
    decided_name: str = ""
    decided_at: datetime | None = None
    granted: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    refusal: str = ""


def limit_of(roles: Collection[Role], figures: SettlementFigures) -> Decimal:
    """The largest share that somebody with `roles` may grant; 0: none at all (D4)."""
    limits = [getattr(figures, _LIMITS[role]) for role in LADDER if role in roles]
    return max(limits, default=Decimal(0))


def level_for(share: Decimal, figures: SettlementFigures) -> Role | None:
    """The lowest role that may grant `share` (D4); None when nobody may."""
    return next((role for role in LADDER if getattr(figures, _LIMITS[role]) >= share), None)


def next_level(level: Role) -> Role | None:
    """Who is asked when `level` does not answer (D5); None at the top."""
    place = LADDER.index(level) + 1
    return LADDER[place] if place < len(LADDER) else None


def is_allowed(share: Decimal, settlement: Settlement, figures: SettlementFigures) -> bool:
    """Whether `share` off leaves the bill at or above its floor; nothing is granted on insurance repairs.

    A bill that the terms by rule have brought below the floor already leaves no room.
    """
    if settlement.insurance or not 0 < share < 1:
        return False
    return bill_of(replace(settlement, discount=share), figures).due >= floor_of(settlement, figures)


def steps_for(
    roles: Collection[Role], settlement: Settlement, figures: SettlementFigures
) -> tuple[Decimal, ...]:
    """The shares that somebody with `roles` may grant on this bill, the smallest first (D2, D4)."""
    limit = limit_of(roles, figures)
    return tuple(
        share for share in sorted(figures.steps) if share <= limit and is_allowed(share, settlement, figures)
    )


def most_similar(discount: Discount, others: Iterable[Discount], count: int = 3) -> tuple[Discount, ...]:
    """The decided requests most like this one: as much asked, as large a bill, the same class of customer."""
    decided = (DiscountState.GRANTED, DiscountState.REFUSED)

    def distance(other: Discount) -> tuple[Decimal, str]:
        asked = abs(other.asked - discount.asked) * 10
        larger, smaller = max(other.total, discount.total), min(other.total, discount.total)
        size = 1 - smaller / larger if larger else Decimal(0)
        return asked + size + (other.tier != discount.tier), other.number

    found = (each for each in others if each.state in decided and each.order != discount.order)
    return tuple(sorted(found, key=distance)[:count])


def discount_number(asked_on: datetime, conversation: int) -> str:
    """The number of a request: YH, the day (store time), and the conversation in which it was asked."""
    return f"YH{asked_on:%y%m%d}-{conversation:03d}"
