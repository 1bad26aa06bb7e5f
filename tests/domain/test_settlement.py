"""B12, D6, D7: a bill to the fen, worked out a second time with fractions; nothing depends on an order of rules."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.settlement import (
    Benefit,
    Bill,
    Line,
    LineKind,
    Rule,
    Settlement,
    SettlementFigures,
    bill_of,
    floor_of,
    rounded,
)
from tests.domain.random_bills import settlements, shares, stores

FIGURES = SettlementFigures()
WHOLE = Decimal(1)
LABOUR, PARTS = LineKind.LABOUR, LineKind.PARTS
PAINT, ACCESSORIES = LineKind.PAINT_LABOUR, LineKind.ACCESSORIES


def bill(*lines: tuple[str, LineKind], figures: SettlementFigures = FIGURES, **terms: Any) -> Bill:
    """The bill of these prices; `terms` as in Settlement."""
    priced = tuple(Line(f"第{place}项", kind, Decimal(price)) for place, (price, kind) in enumerate(lines))
    return bill_of(Settlement("JC261123-001", lines=priced, **terms), figures)


def dues(worked: Bill) -> list[str]:
    return [str(each.due) for each in worked.lines]


# ---------------------------------------------------------------- worked out a second time


def fen(exact: Fraction) -> Fraction:
    """To whole fen, half up, of an amount in fen."""
    return Fraction(math.floor(exact + Fraction(1, 2)))


def fen_of(yuan: Decimal) -> Fraction:
    """Exactly, whether they are whole or not."""
    return Fraction(yuan) * 100


def second_opinion(settlement: Settlement, figures: SettlementFigures) -> list[tuple[Fraction, Fraction]]:
    """For each line the fen by rule and the fen due, written from the rulebook and without Decimal."""
    fleet = {
        LABOUR: figures.fleet_labour,
        PARTS: figures.fleet_parts,
        PAINT: figures.fleet_paint_labour,
        ACCESSORIES: figures.fleet_accessories,
    }
    found = []
    for line in settlement.lines:
        pays = Fraction(1)
        if not settlement.insurance:
            if settlement.fleet:
                pays = min(pays, Fraction(fleet[line.kind]))
            if settlement.benefits and settlement.benefit is Benefit.PARTS and line.kind is PARTS:
                pays = min(pays, Fraction(figures.benefit_parts))
        by_rule = fen(Fraction(line.price) * 100 * pays)
        found.append((by_rule, fen(by_rule * (1 - Fraction(settlement.discount)))))
    return found


@given(settlements(), stores())
def test_d7_another_calculation_comes_to_the_same_fen(
    settlement: Settlement, figures: SettlementFigures
) -> None:
    worked = bill_of(settlement, figures)
    expected = second_opinion(settlement, figures)
    assert [(fen_of(each.by_rule), fen_of(each.due)) for each in worked.lines] == expected
    assert fen_of(worked.due) == sum(due for _, due in expected)
    assert fen_of(worked.by_rule) == sum(by_rule for by_rule, _ in expected)


@given(settlements(), stores())
def test_d7_sums_are_the_sums_of_the_lines(settlement: Settlement, figures: SettlementFigures) -> None:
    """Whole fen everywhere; the split by kind and what was taken off add up to the same bill."""
    worked = bill_of(settlement, figures)
    assert [each.line for each in worked.lines] == list(settlement.lines)
    assert worked.listed == sum((line.price for line in settlement.lines), Decimal(0))
    assert sum((worked.of(kind) for kind in LineKind), Decimal(0)) == worked.due
    assert worked.due + worked.granted == worked.by_rule
    amounts = [worked.due, worked.by_rule, worked.granted, worked.voucher]
    assert all(amount * 100 % 1 == 0 for amount in amounts)


@given(settlements(), stores())
def test_d7_no_line_is_negative_or_dearer_than_its_list_price(
    settlement: Settlement, figures: SettlementFigures
) -> None:
    for each in bill_of(settlement, figures).lines:
        assert 0 <= each.due <= each.by_rule <= each.line.price


# ---------------------------------------------------------------- the terms


@given(settlements(), stores(), st.randoms(use_true_random=False))
def test_d7_the_order_of_the_lines_changes_no_line(
    settlement: Settlement, figures: SettlementFigures, chance: Any
) -> None:
    places = list(range(len(settlement.lines)))
    chance.shuffle(places)
    mixed = replace(settlement, lines=tuple(settlement.lines[place] for place in places))
    worked, again = bill_of(settlement, figures), bill_of(mixed, figures)
    assert again.lines == tuple(worked.lines[place] for place in places)
    assert (again.due, again.voucher) == (worked.due, worked.voucher)
    assert floor_of(mixed, figures) == floor_of(settlement, figures)


@given(settlements(), stores())
def test_two_terms_never_add_up(settlement: Settlement, figures: SettlementFigures) -> None:
    """Each line costs what the better of the two terms alone would make of it (B12, D6)."""
    both = replace(settlement, fleet=True, benefits=True, benefit=Benefit.PARTS)
    fleet_alone = bill_of(replace(both, benefits=False), figures).lines
    benefit_alone = bill_of(replace(both, fleet=False), figures).lines
    for each, one, other in zip(bill_of(both, figures).lines, fleet_alone, benefit_alone, strict=True):
        assert each.by_rule == min(one.by_rule, other.by_rule)
        assert each.rate == min(one.rate, other.rate)


@given(settlements(insurance=st.just(True)), stores())
def test_d6_insurance_repairs_are_at_list_prices(settlement: Settlement, figures: SettlementFigures) -> None:
    for each in bill_of(settlement, figures).lines:
        assert (each.rule, each.rate, each.by_rule) == (Rule.NONE, WHOLE, each.line.price)


@given(settlements(fleet=st.just(False)), stores())
def test_b12_the_benefit_touches_nothing_but_parts(
    settlement: Settlement, figures: SettlementFigures
) -> None:
    """Nor parts, unless the customer chose them and the appointment was made in time."""
    chosen = settlement.benefits and settlement.benefit is Benefit.PARTS
    for each in bill_of(settlement, figures).lines:
        if not chosen or each.line.kind is not PARTS:
            assert (each.rule, each.by_rule) == (Rule.NONE, each.line.price)


@given(settlements(), stores())
def test_b12_vouchers_are_for_whole_hundreds_and_take_nothing_off(
    settlement: Settlement, figures: SettlementFigures
) -> None:
    worked = bill_of(settlement, figures)
    if settlement.benefits and settlement.benefit is Benefit.VOUCHER and not settlement.insurance:
        hundreds = math.floor(Fraction(worked.due) / Fraction(figures.voucher_per))
        assert worked.voucher == hundreds * figures.voucher
    else:
        assert worked.voucher == 0
    without = bill_of(replace(settlement, benefits=False), figures)
    if settlement.benefit is not Benefit.PARTS:
        assert worked.lines == without.lines


@given(settlements(), stores(), shares(), shares())
def test_a_larger_discount_never_costs_more(
    settlement: Settlement, figures: SettlementFigures, one: Decimal, other: Decimal
) -> None:
    """Line by line, whatever rounding does: more off is not dearer, nothing off is the price by rule."""
    smaller, larger = sorted((one, other))
    less = bill_of(replace(settlement, discount=smaller), figures).lines
    more = bill_of(replace(settlement, discount=larger), figures).lines
    assert all(much.due <= little.due for much, little in zip(more, less, strict=True))
    for each in bill_of(replace(settlement, discount=Decimal(0)), figures).lines:
        assert each.due == each.by_rule


# ---------------------------------------------------------------- the floor


@given(settlements(), stores())
def test_d1_the_floor_is_that_of_the_list_prices(settlement: Settlement, figures: SettlementFigures) -> None:
    """Each line's share, up to the next fen; terms and discounts do not move it."""
    least = {
        LABOUR: figures.floor_labour,
        PARTS: figures.floor_parts,
        PAINT: figures.floor_paint_labour,
        ACCESSORIES: figures.floor_accessories,
    }
    exact = [Fraction(line.price) * 100 * Fraction(least[line.kind]) for line in settlement.lines]
    assert floor_of(settlement, figures) * 100 == sum(math.ceil(each) for each in exact)
    plain = replace(settlement, fleet=False, benefits=False, discount=Decimal(0))
    assert floor_of(plain, figures) == floor_of(settlement, figures)
    assert floor_of(settlement, figures) <= bill_of(plain, figures).listed


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize(
    ("yuan", "to_the_fen"),
    [
        ("0.005", "0.01"),
        ("0.0049999999999999999999", "0.00"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("2.675", "2.68"),
        ("1.005", "1.01"),
        ("99999.995", "100000.00"),
    ],
)
def test_d7_half_a_fen_goes_up(yuan: str, to_the_fen: str) -> None:
    """Neither to the even fen, nor by what a binary fraction would make of it."""
    assert str(rounded(Decimal(yuan))) == to_the_fen


def test_d7_every_line_is_rounded_by_itself() -> None:
    """Three times 0.10 yuan at 5 % off: 0.095 each is 0.10, so 0.30 and not 0.285."""
    worked = bill(("0.10", LABOUR), ("0.10", LABOUR), ("0.10", LABOUR), discount=Decimal("0.05"))
    assert dues(worked) == ["0.10", "0.10", "0.10"]
    assert (worked.due, worked.granted) == (Decimal("0.30"), Decimal(0))


def test_d7_the_discount_comes_off_the_rounded_price_by_rule() -> None:
    """0.05 yuan at 90 % is 0.045, so 0.05; half of that is 0.025, so 0.03. Half of 0.045 would have been 0.02."""
    worked = bill(("0.05", ACCESSORIES), fleet=True, discount=Decimal("0.5"))
    assert ([str(each.by_rule) for each in worked.lines], dues(worked)) == (["0.05"], ["0.03"])


def test_d6_the_four_rates_of_a_fleet() -> None:
    """工时 7 折, 配件 9.5 折, 钣喷工时 8 折, 精品附件 9 折."""
    worked = bill(("100", LABOUR), ("100", PARTS), ("100", PAINT), ("100", ACCESSORIES), fleet=True)
    assert dues(worked) == ["70.00", "95.00", "80.00", "90.00"]
    assert {each.rule for each in worked.lines} == {Rule.FLEET}
    assert [worked.listed, worked.by_rule, worked.granted] == [400, 335, 0]
    assert [worked.of(kind) for kind in LineKind] == [70, 95, 80, 90]


def test_b12_parts_of_an_appointment_even_for_a_fleet() -> None:
    """9 折 is better than the fleet's 9.5 折 on parts; its labour stays at 7 折."""
    worked = bill(("100", PARTS), ("100", LABOUR), fleet=True, benefits=True, benefit=Benefit.PARTS)
    assert [(each.rule, str(each.due)) for each in worked.lines] == [
        (Rule.BENEFIT, "90.00"),
        (Rule.FLEET, "70.00"),
    ]


@pytest.mark.parametrize(
    ("price", "voucher"), [("99.99", 0), ("100", 20), ("199.99", 20), ("1280.50", 240), ("0", 0)]
)
def test_b12_twenty_yuan_of_labour_for_every_hundred(price: str, voucher: int) -> None:
    assert bill((price, LABOUR), benefits=True, benefit=Benefit.VOUCHER).voucher == voucher


def test_b12_vouchers_are_for_what_the_customer_spent() -> None:
    """A fen below the hundred is a hundred less; what an insurer pays earns none."""
    terms: dict[str, Any] = {"benefits": True, "benefit": Benefit.VOUCHER}
    assert bill(("100", PAINT), discount=Decimal("0.0001"), **terms).voucher == 0
    assert bill(("100", PAINT), insurance=True, **terms).voucher == 0


def test_a_bill_of_nothing() -> None:
    worked = bill(fleet=True, benefits=True, benefit=Benefit.VOUCHER, discount=Decimal("0.05"))
    assert {worked.listed, worked.by_rule, worked.due, worked.granted, worked.voucher} == {0}


def test_d1_the_floor_by_hand() -> None:
    """0.60, 0.85, 0.65 and 0.75 of the list price; 0.01 of labour leaves no room below 0.01."""
    worked = bill(("100", LABOUR), ("100", PARTS), ("100", PAINT), ("100", ACCESSORIES), ("0.01", LABOUR))
    assert floor_of(worked.settlement, FIGURES) == Decimal("285.01")
