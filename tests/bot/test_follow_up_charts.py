"""The charts of follow-ups (F7): no empty boxes, no cut labels, and a clear sentence for want of a font."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from bot.follow_up_charts import USUAL_FONTS, Bar, Pen, _colour, _figures, _pen, _writing, draw, folded
from bot.followups import Report
from bot.opening import CannotOpen
from domain.follow_up_figures import month_of
from domain.follow_up_results import Ratings, results_of
from tests.bot.follow_up_month import FIRST, NEW, NOW, OLD, STORE, follow_up, november, rated

if TYPE_CHECKING:
    from pathlib import Path

    from domain.follow_ups import FollowUp

SHEETS = {(each.id, each.version): each for each in (OLD, NEW)}


def report(*found: FollowUp, **about: Any) -> Report:
    months = [FIRST.replace(month=each) for each in range(6, 12)]
    results = results_of(found, SHEETS, NOW)
    trend = tuple((month, results if month == FIRST else results_of((), SHEETS, NOW)) for month in months)
    figures = month_of(found, SHEETS, NOW, STORE.follow_ups.results_from)
    plain = Report(STORE, FIRST, figures, trend, found, SHEETS, {OLD.id: OLD.title})
    return replace(plain, **about)


def words_in(figure: Figure) -> list[Text]:
    """Every text that is drawn."""
    return [each for each in figure.findobj(Text) if isinstance(each, Text) and each.get_text()]


def test_f7_three_pictures_that_can_be_read(tmp_path: Path) -> None:
    """A sign that the font lacks would be a warning, and a warning is an error here; dollars begin no formula."""
    odd = follow_up("HF10", FIRST, answers=(rated(4),), advisor=5, advisor_name="小🚗刘 $\\frac$ \u200d𠮷")
    named = replace(STORE, name="鹏程汽车 🚙 4S店")
    drawn = draw(report(*november(), odd, store=named), tmp_path, "")
    assert [path.name for path in drawn] == [
        f"followups-2026-11-{each}.png" for each in ("questions", "advisors", "trend")
    ]
    for path in drawn:
        with Image.open(path) as picture:
            picture.load()
            assert picture.width == 1536
            assert 300 < picture.height < 2000
            shades = picture.convert("L").histogram()
            assert sum(shades[:128]) > 1_000, "nothing dark: no words"
            assert shades[255] > picture.width * picture.height / 2, "mostly paper"


def test_f7_every_word_lies_within_the_paper_and_names_store_and_month() -> None:
    long = follow_up("HF10", FIRST, answers=(rated(4),), advisor=5, advisor_name="欧阳" * 60)
    pen = _pen("", USUAL_FONTS)
    with _writing(pen):
        for name, figure in _figures(report(*november(), long), pen):
            figure.savefig(BytesIO(), format="png")
            assert f"{STORE.name}　2026 年 11 月" in figure.get_suptitle()
            paper = figure.bbox
            for each in words_in(figure):
                box = each.get_window_extent()
                assert paper.x0 <= box.x0 < box.x1 <= paper.x1, (name, each.get_text())
                assert paper.y0 <= box.y0 < box.y1 <= paper.y1, (name, each.get_text())


def test_f7_bars_of_questions_and_advisors_show_their_averages() -> None:
    figures = dict(_figures(report(*november()), _pen("", USUAL_FONTS)))
    assert {"接待得怎么样？", "3.50 分", "满意率 50%", "4 个评分"} <= {
        each.get_text() for each in words_in(figures["questions"])
    }
    [axes] = figures["advisors"].axes
    bars: list[Any] = axes.patches[:2]
    assert [bar.get_width() for bar in bars] == pytest.approx([11 / 3, 3.0])
    [axes] = figures["trend"].axes
    curves: list[Any] = list(axes.lines)
    assert [curve.get_ydata()[-1] for curve in curves] == pytest.approx([500 / 7, 60.0, 50.0])
    assert {"71.4%", "60%", "50%", "—"} <= {each.get_text() for each in words_in(figures["trend"])}


def test_few_ratings_are_grey_and_a_low_average_stands_out() -> None:
    few, low, good = Bar("a", Ratings.of([5]), few=True), Bar("b", Ratings.of([3])), Bar("c", Ratings.of([4]))
    assert len({_colour(bar) for bar in (few, low, good)}) == 3


def test_a_month_without_ratings_has_the_trend_alone(tmp_path: Path) -> None:
    drawn = draw(report(follow_up("HF01", FIRST)), tmp_path, "")
    assert [path.name for path in drawn] == ["followups-2026-11-trend.png"]


def test_names_are_folded_into_two_lines_that_begin_with_no_full_stop() -> None:
    assert folded("短") == "短"
    assert folded("一" * 20 + "？") == "一" * 20 + "？"
    assert folded("一" * 21) == "一" * 20 + "\n一"
    long = folded("问，" * 200)
    assert (long.count("\n"), long[-1]) == (1, "…")
    assert all(unicodedata.category(line[0]) != "Po" for line in long.split("\n"))


def test_what_a_font_lacks_is_left_out() -> None:
    assert Pen("any", frozenset(map(ord, "王a"))).legible("王🚗a\n\u200b") == "王a\n"


def test_without_a_font_there_is_one_sentence_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="fonts-wqy-microhei"):
        _pen("", (str(tmp_path / "none.ttf"),))


def test_the_font_of_the_setting_is_used_or_refused(tmp_path: Path) -> None:
    found = next(path for path in USUAL_FONTS if _is_there(path))
    assert _pen(found, ()).signs == _pen("", USUAL_FONTS).signs
    (tmp_path / "letter.ttf").write_text("Dear Sir", "utf-8")
    for wrong in ("none.ttf", "letter.ttf"):
        with pytest.raises(CannotOpen, match=f"CHART_FONT 写的 .*{wrong} 不能用来画图"):
            draw(report(*november()), tmp_path, str(tmp_path / wrong))


def test_a_font_without_chinese_is_refused(tmp_path: Path) -> None:
    from matplotlib import get_data_path

    latin = f"{get_data_path()}/fonts/ttf/DejaVuSans.ttf"
    with pytest.raises(CannotOpen, match="里面没有中文字"):
        draw(report(*november()), tmp_path, latin)
    assert list(tmp_path.iterdir()) == []


def _is_there(path: str) -> bool:
    from pathlib import Path

    return Path(path).is_file()
