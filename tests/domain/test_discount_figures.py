"""R5, D2: a month of discounts counts every decision once, and nothing of a bill that changed afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.discount_figures import NO_REASON, TYPED, MonthOfDiscounts, Total, month_of
from domain.discounts import Discount, DiscountState
from domain.people import Role
from tests.clock import MONDAY_TEN

GRANTED, REFUSED = DiscountState.GRANTED, DiscountState.REFUSED
BILLS = {"JC1": ("沪A12345", 1), "JC2": ("沪AD12345", 2)}
USUAL = ("regular", "waited")


def decided(
    state: DiscountState = GRANTED,
    amount: str = "0",
    seconds: int = 60,
    person: int = 11,
    who: str = "郑主管",
    order: str = "JC1",
    version: int = 1,
    reason: str = "regular",
    tier: str = "",
) -> Discount:
    """A request of Monday ten o'clock that was decided; a test names only what it is about."""
    plain = Discount(
        f"YH-{order}", order, version, Decimal("0.05"), MONDAY_TEN, Role.BUSINESS_SUPERVISOR, Decimal(100), 7
    )
    return replace(
        plain,
        state=state,
        amount=Decimal(amount),
        decided_at=MONDAY_TEN + timedelta(seconds=seconds),
        decided_by=person,
        decided_name=who,
        reason=reason,
        tier=tier,
    )


def month(*requests: Discount, waiting: tuple[Discount, ...] = (), goodwill: int = 1000) -> MonthOfDiscounts:
    return month_of(requests, waiting, BILLS, USUAL, Decimal(goodwill))


def sums(totals: tuple[Total, ...]) -> dict[str, str]:
    """In their order."""
    return {each.name: str(each.amount) for each in totals}


def test_r5_totals_per_manager_reason_and_tier() -> None:
    """The largest amount first."""
    figures = month(
        decided(GRANTED, "10.10"),
        decided(GRANTED, "0.90", who="郑主管", reason="waited", tier="vip"),
        decided(GRANTED, "300", person=12, who="陈经理", tier="fleet"),
        decided(REFUSED, person=13, who="周总"),
    )
    assert sums(figures.by_manager) == {"陈经理": "300", "郑主管": "11.00", "周总": "0"}
    assert sums(figures.by_reason) == {"regular": "310.10", "waited": "0.90"}
    assert sums(figures.by_tier) == {"fleet": "300", "": "10.10", "vip": "0.90"}
    assert (figures.total.granted, figures.total.refused, figures.total.amount) == (3, 1, Decimal(311))
    assert figures.left == Decimal(689)


def test_r5_managers_are_people_and_not_names() -> None:
    """Two of the same name stay two; one who was renamed is still one, by the name of the last decision."""
    figures = month(
        decided(GRANTED, "5", person=11, who="王经理"),
        decided(GRANTED, "3", person=12, who="王经理"),
        decided(GRANTED, "1", person=11, who="王总监"),
    )
    assert [(each.name, each.granted, each.amount) for each in figures.by_manager] == [
        ("王总监", 2, Decimal(6)),
        ("王经理", 1, Decimal(3)),
    ]


def test_typed_words_are_one_reason_together() -> None:
    figures = month(decided(reason="朋友介绍"), decided(reason="下次再来"), decided(reason=""))
    assert {each.name: each.granted for each in figures.by_reason} == {TYPED: 2, NO_REASON: 1}


def test_d2_an_approval_of_a_former_version_is_void() -> None:
    """It stays in the list; its amount counts nowhere, and what was granted on the new version does."""
    first, again = decided(GRANTED, "50", order="JC2"), decided(GRANTED, "40", order="JC2", version=2)
    figures = month(first, again, decided(REFUSED, order="JC2"))
    assert [each.is_void for each in figures.decisions] == [True, False, False]
    assert [each.amount for each in figures.decisions] == [0, 40, 0]
    assert (figures.total.granted, figures.total.void, figures.total.amount) == (2, 1, Decimal(40))
    assert {sum(each.amount for each in part) for part in (figures.by_manager, figures.by_reason)} == {40}
    assert figures.left == 960


def test_d5_minutes_to_the_decision() -> None:
    """A minute that is begun counts; the median of two is between them."""
    figures = month(*(decided(seconds=seconds) for seconds in (0, 1, 60, 61)))
    assert [each.minutes for each in figures.decisions] == [0, 1, 1, 2]
    assert [each.minutes for each in figures.by_manager] == [1]
    assert month(decided(seconds=60), decided(seconds=240)).total.minutes == 3


def test_what_is_over_the_budget_is_told_as_less_than_nothing() -> None:
    assert month(decided(GRANTED, "0.01"), goodwill=0).left == Decimal("-0.01")


def test_a_month_without_any() -> None:
    """What still waits is told with its car."""
    asked = decided(DiscountState.OPEN, order="JC2")
    figures = month(waiting=(asked,))
    assert (figures.decisions, figures.by_manager, figures.by_reason, figures.by_tier) == ((), (), (), ())
    assert figures.waiting == ((asked, "沪AD12345"),)
    assert figures.total == Total("", 0, 0, 0, Decimal(0), 0)


requests = st.builds(
    decided,
    st.sampled_from((GRANTED, REFUSED)),
    st.integers(0, 10**9).map(lambda fen: str(Decimal(fen).scaleb(-2))),
    st.integers(0, 10**6),
    st.integers(1, 3),
    st.sampled_from(("郑主管", "陈经理")),
    st.sampled_from(tuple(BILLS)),
    st.integers(1, 2),
    st.sampled_from((*USUAL, "", "朋友介绍", "下次再来")),
    st.sampled_from(("", "vip")),
)


@given(st.lists(requests, max_size=30))
def test_r5_every_way_of_adding_up_comes_to_the_same(found: list[Discount]) -> None:
    figures = month(*found)
    stand = [each for each in found if each.state is GRANTED and each.version == BILLS[each.order][1]]
    amount = sum((each.amount for each in stand), Decimal(0))
    for totals in ((figures.total,), figures.by_manager, figures.by_reason, figures.by_tier):
        assert sum((each.amount for each in totals), Decimal(0)) == amount
        assert sum(each.granted - each.void for each in totals) == len(stand)
        assert sum(each.granted + each.refused for each in totals) == len(found)
