"""Bills and money figures at random, small and odd ones among them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from domain.settlement import Benefit, Line, LineKind, Settlement, SettlementFigures

DEAREST = 10_000_000_00  # fen of one line


def prices() -> st.SearchStrategy[Decimal]:
    """Yuan of whole fen, from nothing to ten millions; the small ones, where rounding shows, as often as the rest."""
    fen = st.one_of(st.integers(0, 300), st.integers(0, DEAREST))
    return fen.map(lambda each: Decimal(each).scaleb(-2))


def lines() -> st.SearchStrategy[Line]:
    """One line of a bill."""
    return st.builds(Line, st.just("一项"), st.sampled_from(LineKind), prices())


def share_of(parts: int) -> Decimal:
    """Of hundredths of a percent, as the books keep a share."""
    return Decimal(parts).scaleb(-4)


def shares() -> st.SearchStrategy[Decimal]:
    """0 to 1."""
    return st.integers(0, 10_000).map(share_of)


def settlements(
    insurance: st.SearchStrategy[bool] | None = None, fleet: st.SearchStrategy[bool] | None = None
) -> st.SearchStrategy[Settlement]:
    """A bill of nought to thirty lines with any terms and any discount."""
    either = st.booleans()
    return st.builds(
        Settlement,
        st.just("JC261123-001"),
        lines=st.lists(lines(), max_size=30).map(tuple),
        insurance=either if insurance is None else insurance,
        fleet=either if fleet is None else fleet,
        benefits=either,
        benefit=st.sampled_from(Benefit),
        discount=shares(),
    )


@st.composite
def stores(draw: st.DrawFn) -> SettlementFigures:
    """The figures of some store, as `check` accepts them: shares above 0, limits that rise, steps within them."""
    rates = draw(st.lists(st.integers(1, 10_000), min_size=9, max_size=9))
    limits = sorted(draw(st.lists(st.integers(1, 9_999), min_size=3, max_size=3)))
    steps = draw(st.lists(st.integers(1, limits[-1]), min_size=1, max_size=7, unique=True))
    names = [
        *("fleet_labour", "fleet_parts", "fleet_paint_labour", "fleet_accessories", "benefit_parts"),
        *("floor_labour", "floor_parts", "floor_paint_labour", "floor_accessories"),
        *("business_supervisor_limit", "after_sales_manager_limit", "general_manager_limit"),
    ]
    figures: dict[str, Any] = {
        name: share_of(parts) for name, parts in zip(names, [*rates, *limits], strict=True)
    }
    return replace(SettlementFigures(), **figures, steps=tuple(map(share_of, steps)))
