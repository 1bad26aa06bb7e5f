"""The discounts of a month (R5): every decision, and what they come to by manager, by reason and by customer tier.

A decision belongs to the month in which it was made. What was granted on a bill that changed afterwards is void (D2):
it stays in the list, and its amount counts nowhere, for it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import ceil
from statistics import median

from domain.discounts import Discount, DiscountState

NO_REASON, TYPED = "", "*"
"""In place of one of the usual reasons: none was given; somebody typed their own words."""
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """A request that was decided, on the car `plate`. `stands`: the bill is still as it was when it was decided."""

    discount: Discount
    plate: str
    stands: bool

    @property
    def is_granted(self) -> bool:
        """Whether it was, be it void by now."""
        return self.discount.state is DiscountState.GRANTED

    @property
    def is_void(self) -> bool:
        """Granted, and the bill changed afterwards."""
        return self.is_granted and not self.stands

    @property
    def amount(self) -> Decimal:
        """What counts, in yuan."""
        return self.discount.amount if self.is_granted and self.stands else Decimal(0)

    @property
    def minutes(self) -> int:
        """How long it was waited for; a minute that is begun counts."""
        assert self.discount.decided_at is not None
        return -((self.discount.asked_at - self.discount.decided_at) // A_MINUTE)


@dataclass(frozen=True, slots=True)
class Total:
    """What several decisions come to; `minutes` is the median time that was waited for them, `amount` in yuan."""

    name: str
    granted: int
    void: int
    refused: int
    amount: Decimal
    minutes: int


@dataclass(frozen=True, slots=True)
class MonthOfDiscounts:
    """All decisions of a month and their totals; `waiting`: what nobody has decided yet, with the plate of its car.

    `goodwill` is what the store wanted to grant at most, `left` what remains of it; negative: how much it is over.
    """

    decisions: tuple[Decision, ...]
    total: Total
    by_manager: tuple[Total, ...]
    by_reason: tuple[Total, ...]
    by_tier: tuple[Total, ...]
    waiting: tuple[tuple[Discount, str], ...]
    goodwill: Decimal

    @property
    def left(self) -> Decimal:
        """Of the month's goodwill, in yuan."""
        return self.goodwill - self.total.amount


def month_of(
    decided: Iterable[Discount],
    waiting: Iterable[Discount],
    bills: Mapping[str, tuple[str, int]],
    usual: Collection[str],
    goodwill: Decimal,
) -> MonthOfDiscounts:
    """The figures of what was `decided` in a month, the oldest first, and of what is still `waiting`.

    `bills`: plate and present version of the bill of each order; `usual`: the codes of the usual reasons.
    """
    decisions = tuple(
        Decision(each, bills[each.order][0], bills[each.order][1] == each.version) for each in decided
    )

    def reason(of: Decision) -> str:
        said = of.discount.reason
        return said if said in usual or said == NO_REASON else TYPED

    return MonthOfDiscounts(
        decisions,
        _total("", decisions),
        # By person, not by name: two colleagues may have the same one.
        _totals(decisions, lambda each: each.discount.decided_by, lambda each: each.discount.decided_name),
        _totals(decisions, reason, reason),
        _totals(decisions, lambda each: each.discount.tier, lambda each: each.discount.tier),
        tuple((each, bills[each.order][0]) for each in waiting),
        goodwill,
    )


def _totals(
    decisions: Iterable[Decision], key: Callable[[Decision], Hashable], name: Callable[[Decision], str]
) -> tuple[Total, ...]:
    """A total for each `key`, named as in its last decision; the largest amount first."""
    groups: dict[Hashable, list[Decision]] = {}
    for each in decisions:
        groups.setdefault(key(each), []).append(each)
    totals = (_total(name(group[-1]), group) for group in groups.values())
    return tuple(sorted(totals, key=lambda each: (-each.amount, each.name)))


def _total(name: str, decisions: Collection[Decision]) -> Total:
    granted = sum(each.is_granted for each in decisions)
    return Total(
        name,
        granted,
        sum(each.is_void for each in decisions),
        len(decisions) - granted,
        sum((each.amount for each in decisions), Decimal(0)),
        ceil(median(each.minutes for each in decisions)) if decisions else 0,
    )
