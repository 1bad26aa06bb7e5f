"""The settlement 结算单 of an order: its lines, the terms that hold by rule, the arithmetic line by line (B12, D6, D7).

Rounding: every line by itself, to the fen, half up; sums are sums of rounded lines, so they always agree. Two terms
never add up: for each line the one that is better for the customer holds, so that the order of the rules does not
matter. What a manager grants comes off what is left then, line by line again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

FEN = Decimal("0.01")
NOTHING = Decimal(0)


class LineKind(StrEnum):
    """What a line is paid for; the value is what storage keeps (D1)."""

    LABOUR = "labour"  # 工时
    PARTS = "parts"  # 配件
    PAINT_LABOUR = "paint_labour"  # 钣喷工时
    ACCESSORIES = "accessories"  # 精品附件


class Benefit(StrEnum):
    """What an appointment made in time is worth at settlement: the customer chooses one (B12)."""

    NONE = "none"
    VOUCHER = "voucher"  # labour vouchers for the next visit; this bill stays as it is
    PARTS = "parts"  # the parts of this bill at a reduced price


class Rule(StrEnum):
    """Why a line costs less than its list price."""

    NONE = "none"
    FLEET = "fleet"  # the terms of a fleet agreement (D6, V1)
    BENEFIT = "benefit"  # the appointment's benefit (B12)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill; `price` is its list price in yuan, whole fen, not negative."""

    name: str
    kind: LineKind
    price: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """The bill of order `number`. `version` grows with every change: an approval is for one version (D2).

    `fleet`: the terms of a fleet agreement hold for this customer. `benefits`: the order came from an appointment made
    in time; `benefit` is what the customer chose. `discount` is the share that a manager granted, 0.05 for 5 %.
    """

    number: str
    version: int = 1
    lines: tuple[Line, ...] = ()
    insurance: bool = False
    fleet: bool = False
    benefits: bool = False
    benefit: Benefit = Benefit.NONE
    discount: Decimal = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementFigures:
    """Figures of B12, D4–D6; shares of the price, yuan, minutes.

    `floor_…`: the least share of its list price that a line counts with in the floor of the whole bill. `…_limit`:
    the largest share that a role may grant. `steps`: the shares that are offered as buttons. `goodwill_month`: yuan
    that the store wants to grant in a month at most; it is shown to whoever decides.
    """

    fleet_labour: Decimal = Decimal("0.70")
    fleet_parts: Decimal = Decimal("0.95")
    fleet_paint_labour: Decimal = Decimal("0.80")
    fleet_accessories: Decimal = Decimal("0.90")
    benefit_parts: Decimal = Decimal("0.90")
    voucher_per: Decimal = Decimal(100)
    voucher: Decimal = Decimal(20)
    floor_labour: Decimal = Decimal("0.60")
    floor_parts: Decimal = Decimal("0.85")
    floor_paint_labour: Decimal = Decimal("0.65")
    floor_accessories: Decimal = Decimal("0.75")
    business_supervisor_limit: Decimal = Decimal("0.10")
    after_sales_manager_limit: Decimal = Decimal("0.20")
    general_manager_limit: Decimal = Decimal("0.40")
    steps: tuple[Decimal, ...] = field(
        default=tuple(map(Decimal, ("0.03", "0.05", "0.08", "0.10", "0.15", "0.20", "0.30")))
    )
    answer_minutes: int = 10
    goodwill_month: Decimal = Decimal(20000)

    def fleet_rate(self, kind: LineKind) -> Decimal:
        """What a fleet pays of the list price (D6)."""
        rate: Decimal = getattr(self, f"fleet_{kind.value}")
        return rate

    def floor_rate(self, kind: LineKind) -> Decimal:
        """The least share of the list price."""
        rate: Decimal = getattr(self, f"floor_{kind.value}")
        return rate


@dataclass(frozen=True, slots=True)
class WorkedLine:
    """The arithmetic of one line: `price` × `rate` = `by_rule`; less the discount = `due`. All in yuan, whole fen."""

    line: Line
    rule: Rule
    rate: Decimal
    by_rule: Decimal
    due: Decimal


@dataclass(frozen=True, slots=True)
class Bill:
    """A settlement worked out. Sums are sums of the lines, in yuan; `voucher` is handed out, not taken off."""

    settlement: Settlement
    lines: tuple[WorkedLine, ...]
    voucher: Decimal

    @property
    def listed(self) -> Decimal:
        """At list prices."""
        return sum((each.line.price for each in self.lines), NOTHING)

    @property
    def by_rule(self) -> Decimal:
        """After the terms that hold by rule, before what a manager granted."""
        return sum((each.by_rule for each in self.lines), NOTHING)

    @property
    def due(self) -> Decimal:
        """What the customer pays."""
        return sum((each.due for each in self.lines), NOTHING)

    @property
    def granted(self) -> Decimal:
        """What a manager's discount takes off."""
        return self.by_rule - self.due

    def of(self, kind: LineKind) -> Decimal:
        """What is due for one kind of lines (D1)."""
        return sum((each.due for each in self.lines if each.line.kind is kind), NOTHING)


def rounded(yuan: Decimal) -> Decimal:
    """To the fen, half up (D7)."""
    return yuan.quantize(FEN, ROUND_HALF_UP)


def bill_of(settlement: Settlement, figures: SettlementFigures) -> Bill:
    """The arithmetic of `settlement`, line by line (D6, D7, B12)."""
    lines = tuple(_worked(line, settlement, figures) for line in settlement.lines)
    due = sum((each.due for each in lines), NOTHING)
    voucher = NOTHING
    if _benefit(settlement) is Benefit.VOUCHER:
        voucher = due // figures.voucher_per * figures.voucher
    return Bill(settlement, lines, voucher)


def _worked(line: Line, settlement: Settlement, figures: SettlementFigures) -> WorkedLine:
    rates = [(Decimal(1), Rule.NONE)]
    if settlement.fleet and not settlement.insurance:
        rates.append((figures.fleet_rate(line.kind), Rule.FLEET))
    if line.kind is LineKind.PARTS and _benefit(settlement) is Benefit.PARTS:
        rates.append((figures.benefit_parts, Rule.BENEFIT))
    rate, rule = min(rates, key=lambda each: each[0])
    by_rule = rounded(line.price * rate)
    return WorkedLine(line, rule, rate, by_rule, rounded(by_rule * (1 - settlement.discount)))


def _benefit(settlement: Settlement) -> Benefit:
    """The one that holds: none for whom none is due, and none where an insurer pays."""
    return settlement.benefit if settlement.benefits and not settlement.insurance else Benefit.NONE


def floor_of(settlement: Settlement, figures: SettlementFigures) -> Decimal:
    """The least that a manager may let the whole bill come to, in yuan; fractions of a fen up."""
    shares = (line.price * figures.floor_rate(line.kind) for line in settlement.lines)
    return sum((share.quantize(FEN, ROUND_CEILING) for share in shares), NOTHING)
