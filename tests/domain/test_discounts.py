"""D1–D5: never below the floor, never above what a role may grant, always the lowest that may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.discounts import (
    LADDER,
    Discount,
    DiscountState,
    discount_number,
    is_allowed,
    level_for,
    limit_of,
    most_similar,
    next_level,
    steps_for,
)
from domain.people import Role
from domain.settlement import Benefit, Line, LineKind, Settlement, SettlementFigures, bill_of, floor_of
from tests.clock import MONDAY_TEN
from tests.domain.random_bills import settlements, share_of, shares, stores

FIGURES = SettlementFigures()
SUPERVISOR, MANAGER, GENERAL = LADDER
PLAIN = Settlement("JC261123-001", lines=(Line("小保养", LineKind.LABOUR, Decimal(1000)),))

any_roles = st.frozensets(st.sampled_from(Role))
any_share = st.integers(-2_000, 12_000).map(share_of)


def limits(figures: SettlementFigures) -> dict[Role, Decimal]:
    """D4, written out."""
    return {
        Role.BUSINESS_SUPERVISOR: figures.business_supervisor_limit,
        Role.AFTER_SALES_MANAGER: figures.after_sales_manager_limit,
        Role.GENERAL_MANAGER: figures.general_manager_limit,
    }


def due(settlement: Settlement, share: Decimal, figures: SettlementFigures) -> Decimal:
    return bill_of(replace(settlement, discount=share), figures).due


# ---------------------------------------------------------------- the floor


@given(settlements(insurance=st.just(False)), stores(), any_share)
def test_d1_what_is_allowed_is_what_leaves_the_bill_at_its_floor_or_above(
    settlement: Settlement, figures: SettlementFigures, share: Decimal
) -> None:
    """Both ways: nothing below the floor is allowed, and nothing above it is held back."""
    allowed = is_allowed(share, settlement, figures)
    if 0 < share < 1:
        assert allowed == (due(settlement, share, figures) >= floor_of(settlement, figures))
    else:
        assert not allowed


@given(settlements(insurance=st.just(True)), stores(), shares())
def test_d6_nothing_is_granted_on_insurance_repairs(
    settlement: Settlement, figures: SettlementFigures, share: Decimal
) -> None:
    assert not is_allowed(share, settlement, figures)
    assert steps_for(LADDER, settlement, figures) == ()


@given(settlements(), stores(), shares(), shares())
def test_whoever_may_have_more_may_have_less(
    settlement: Settlement, figures: SettlementFigures, one: Decimal, other: Decimal
) -> None:
    smaller, larger = sorted((one, other))
    if smaller and is_allowed(larger, settlement, figures):
        assert is_allowed(smaller, settlement, figures)


@given(settlements(), stores(), shares())
def test_an_earlier_discount_does_not_count(
    settlement: Settlement, figures: SettlementFigures, share: Decimal
) -> None:
    """It is replaced, and not added to."""
    asked_first = replace(settlement, discount=Decimal(0))
    assert is_allowed(share, settlement, figures) == is_allowed(share, asked_first, figures)


@pytest.mark.parametrize(("share", "allowed"), [("0.4", True), ("0.4001", False), ("0", False), ("1", False)])
def test_d1_at_the_floor_is_allowed(share: str, allowed: bool) -> None:
    """Labour counts with 60 %."""
    assert is_allowed(Decimal(share), PLAIN, FIGURES) is allowed


@pytest.mark.parametrize("share", ["-0.05", "0", "1", "1.05"])
def test_what_is_no_share_is_not_allowed(share: str) -> None:
    """Not even on a bill of nothing, which nothing brings below its floor."""
    assert not is_allowed(Decimal(share), replace(PLAIN, lines=()), FIGURES)


def test_d1_the_floor_is_that_of_the_whole_bill() -> None:
    """Parts alone bear 15 % off; beside as much labour the bill bears 27.5 %."""
    parts = Line("刹车片", LineKind.PARTS, Decimal(1000))
    assert not is_allowed(Decimal("0.16"), replace(PLAIN, lines=(parts,)), FIGURES)
    both = replace(PLAIN, lines=(*PLAIN.lines, parts))
    assert is_allowed(Decimal("0.275"), both, FIGURES)
    assert not is_allowed(Decimal("0.2751"), both, FIGURES)


def test_d1_terms_by_rule_use_up_the_room() -> None:
    """A fleet's labour is at 70 % already: a seventh of that is the floor. Parts at 90 % leave 5.5 %."""
    fleet = replace(PLAIN, fleet=True)
    assert is_allowed(Decimal("0.1428"), fleet, FIGURES)
    assert not is_allowed(Decimal("0.1429"), fleet, FIGURES)
    parts = (Line("刹车片", LineKind.PARTS, Decimal(1000)),)
    appointed = replace(PLAIN, lines=parts, benefits=True, benefit=Benefit.PARTS)
    assert steps_for([GENERAL], appointed, FIGURES) == (Decimal("0.03"), Decimal("0.05"))


# ---------------------------------------------------------------- authority


@given(any_roles, settlements(), stores())
def test_d4_no_step_is_above_anybodys_limit_or_below_the_floor(
    roles: frozenset[Role], settlement: Settlement, figures: SettlementFigures
) -> None:
    """Nor is one missing that may be granted; each once, the smallest first."""
    steps = steps_for(roles, settlement, figures)
    most = max((limit for role, limit in limits(figures).items() if role in roles), default=Decimal(0))
    for share in figures.steps:
        fits = share <= most and not settlement.insurance
        fits = fits and due(settlement, share, figures) >= floor_of(settlement, figures)
        assert (share in steps) == fits
    assert list(steps) == sorted(set(steps))
    assert set(steps) <= set(figures.steps)


@given(any_roles, any_roles, stores())
def test_d4_several_roles_may_what_the_best_of_them_may(
    one: frozenset[Role], other: frozenset[Role], figures: SettlementFigures
) -> None:
    together = limit_of(one | other, figures)
    assert together == max(limit_of(one, figures), limit_of(other, figures))
    assert limit_of(frozenset(Role) - frozenset(LADDER), figures) == 0


@given(shares(), stores())
def test_d4_the_lowest_that_may_is_asked(share: Decimal, figures: SettlementFigures) -> None:
    """Nobody below may; nobody at all where even the general manager may not."""
    level = level_for(share, figures)
    if level is None:
        assert all(limit < share for limit in limits(figures).values())
    else:
        assert limit_of([level], figures) >= share
        below = LADDER[: LADDER.index(level)]
        assert all(limit_of([role], figures) < share for role in below)


@pytest.mark.parametrize(
    ("share", "level"),
    [
        ("0.10", SUPERVISOR),
        ("0.1001", MANAGER),
        ("0.20", MANAGER),
        ("0.2001", GENERAL),
        ("0.40", GENERAL),
        ("0.4001", None),
    ],
)
def test_d4_ten_percent_twenty_and_above(share: str, level: Role | None) -> None:
    assert level_for(Decimal(share), FIGURES) is level


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        (SUPERVISOR, "0.03 0.05 0.08 0.10"),
        (MANAGER, "0.03 0.05 0.08 0.10 0.15 0.20"),
        (GENERAL, "0.03 0.05 0.08 0.10 0.15 0.20 0.30"),
    ],
)
def test_d4_the_steps_that_each_role_is_offered(role: Role, steps: str) -> None:
    """Up to its limit, that one included."""
    assert steps_for([role], PLAIN, FIGURES) == tuple(map(Decimal, steps.split()))


def test_d4_nobody_else_may_grant_anything() -> None:
    for role in set(Role) - set(LADDER):
        assert limit_of([role], FIGURES) == 0
        assert steps_for([role], PLAIN, FIGURES) == ()


def test_d5_who_is_asked_next() -> None:
    assert [next_level(level) for level in LADDER] == [MANAGER, GENERAL, None]
    for lower, higher in combinations(LADDER, 2):
        assert limit_of([lower], FIGURES) < limit_of([higher], FIGURES)


# ---------------------------------------------------------------- similar requests


def asked(number: str, share: str = "0.05", total: int = 1000, tier: str = "", **more: object) -> Discount:
    """A request that was granted; a test names only what it is about."""
    plain = Discount(
        number,
        f"JC-{number}",
        1,
        Decimal(share),
        MONDAY_TEN,
        SUPERVISOR,
        Decimal(total),
        7,
        tier=tier,
        state=DiscountState.GRANTED,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def similar(*others: Discount, to: Discount | None = None, count: int = 3) -> list[str]:
    return [each.number for each in most_similar(to or asked("YH0"), others, count)]


def test_the_three_most_similar_the_nearest_first() -> None:
    """Ten points of discount weigh as much as another class of customer, or a bill of another order altogether."""
    twin, dearer = asked("YH5"), asked("YH4", total=1250)
    more, fleet = asked("YH3", "0.10"), asked("YH2", tier="fleet")
    assert similar(fleet, more, dearer, twin) == ["YH5", "YH4", "YH3"]
    assert similar(fleet, more, dearer, twin, count=9) == ["YH5", "YH4", "YH3", "YH2"]


def test_only_what_was_decided_on_another_order_is_a_case() -> None:
    others = [asked(state.value, state=state) for state in DiscountState]
    assert similar(*others) == ["granted", "refused"]
    assert similar(asked("YH1", order="JC-YH0")) == []


def several() -> Iterator[Discount]:
    for place in range(6):
        yield asked(f"YH{place}", f"0.0{place + 1}", place * 700, "vip" if place % 2 else "")


@given(st.permutations(list(several())))
def test_the_order_in_which_they_are_read_does_not_matter(others: list[Discount]) -> None:
    """Nor does a bill of nothing divide by nought."""
    mine = asked("YH9", total=0)
    assert similar(*others, to=mine) == similar(*several(), to=mine)


# ---------------------------------------------------------------- numbers


def test_a_number_tells_the_day_and_the_conversation() -> None:
    assert discount_number(datetime(2026, 11, 23, tzinfo=UTC), 7) == "YH261123-007"
    assert discount_number(datetime(2026, 11, 23, tzinfo=UTC), 12345) == "YH261123-12345"
