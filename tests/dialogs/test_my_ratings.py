"""我的评价: together from five answers on, never one by one (F7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogs.core import Open, Outcome
from dialogs.my_ratings import Wanted
from domain.follow_ups import FollowUpFigures
from tests.dialogs.conftest import STORE


def asked(desk: Any, *ratings: int) -> Any:
    desk.own_ratings = ratings
    return desk.open(Open("my_ratings", Wanted()))


def test_f7_average_and_how_often_each_was_given(desk: Any) -> None:
    shown = asked(desk, 5, 4, 5, 2, 5, 4)
    assert shown.outcome is Outcome.DONE
    assert "共 6 条" in shown.text
    assert "平均 <b>4.2</b> 分" in shown.text
    counts = [line for line in shown.text.splitlines() if " 分：" in line]
    assert counts == ["5 分：3 条", "4 分：2 条", "3 分：0 条", "2 分：1 条", "1 分：0 条"]


@pytest.mark.parametrize("ratings", [(), (1,), (5, 5, 5, 1)])
def test_f7_too_few_say_nothing_not_even_how_many(desk: Any, ratings: tuple[int, ...]) -> None:
    shown = asked(desk, *ratings)
    assert "还不到 5 条" in shown.text
    assert "平均" not in shown.text
    assert shown.text == asked(desk).text


def test_f7_from_so_many_on_as_the_store_says(desk: Any) -> None:
    desk.store = replace(STORE, follow_ups=FollowUpFigures(results_from=3))
    assert "平均" in asked(desk, 5, 5, 5).text
    assert "还不到 3 条" in asked(desk, 5, 5).text


@pytest.mark.parametrize(
    ("ratings", "average"), [((5,) * 5, "5.0"), ((4, 4, 4, 4, 5), "4.2"), ((1,) * 9, "1.0")]
)
def test_f7_one_figure_after_the_point(desk: Any, ratings: tuple[int, ...], average: str) -> None:
    assert f"<b>{average}</b>" in asked(desk, *ratings).text
