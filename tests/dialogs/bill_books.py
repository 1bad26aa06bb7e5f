"""Bills and discounts in memory: refused and kept as the real books do it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from dialogs.effects import AskDiscount, Decide, RaiseDiscount, SaveSettlement
from dialogs.facts import Appraisal
from domain.discounts import Discount, DiscountState
from domain.settlement import Settlement

NEVER_BEFORE = Appraisal(Decimal(0), Decimal(0), (), Decimal(20000))

BillEffect = SaveSettlement | AskDiscount | Decide | RaiseDiscount


@dataclass(frozen=True)
class BillBooks:
    """The bill of the one order there is, and what was asked on it."""

    settlement: Settlement | None = None
    discounts: tuple[Discount, ...] = ()

    def after(self, effect: BillEffect) -> BillBooks | str:
        """The books after `effect`, or why they refuse it: one open request, and one decision for each."""
        waiting = {each.number: each for each in self.discounts if each.state is DiscountState.OPEN}
        match effect:
            case SaveSettlement(settlement):
                return replace(self, settlement=settlement)
            case AskDiscount(discount):
                return "open" if waiting else replace(self, discounts=(*self.discounts, discount))
            case RaiseDiscount(number, level):
                return self._kept(replace(waiting[number], level=level)) if number in waiting else "decided"
            case Decide(discount):
                if discount.number not in waiting:
                    return "decided"
                return self._kept(discount)._granted(discount)

    def _granted(self, discount: Discount) -> BillBooks | str:
        if discount.state is not DiscountState.GRANTED:
            return self
        if self.settlement is None or self.settlement.version != discount.version:
            return "outdated"
        return replace(self, settlement=replace(self.settlement, discount=discount.granted))

    def _kept(self, discount: Discount) -> BillBooks:
        kept = (discount if each.number == discount.number else each for each in self.discounts)
        return replace(self, discounts=tuple(kept))
