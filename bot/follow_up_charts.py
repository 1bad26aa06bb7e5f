"""The charts of a month of follow-ups (F7): satisfaction by question and by advisor, and the trend, as PNG files.

Imported by `followups --charts` alone: matplotlib takes its time. A font that has Chinese is looked for by its file, so
that no sign becomes an empty box; a sign that it lacks (an emoji in somebody's name) is left out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bot.followups import GROUP, Report, advisor_name, average, percent, question_name, question_text
from bot.opening import CannotOpen
from domain.follow_up_results import Ratings, Share
from scripts_zh.phrases import phrase

if TYPE_CHECKING:
    from matplotlib.axes import Axes

USUAL_FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-zenhei/wqy-zenhei.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
)
"""Where Debian, Arch, Fedora and macOS keep fonts that have Chinese."""

WIDTH, DPI = 9.6, 160
INK, FAINT, GRID, TRACK = "#26323f", "#6b7785", "#dfe5ec", "#f1f4f7"
BLUE, AMBER, GREY, GREEN = "#3a7ca5", "#d98c3f", "#b8c2cc", "#4f9d69"
BEST, GOOD = 5, 4
ROOM_OF_LABEL = 40  # half signs in one line of a bar's name: twenty Chinese ones
MOST_LINES = 2
COLUMNS = (48, 128, 200)
"""Right edges, in points from the bars' end, of what is told beside them."""
CLOSING = ("Po", "Pe", "Pf")  # signs that no line begins with: full stops, commas, closing brackets
FIRST_ROW, ROW = -48.0, 17.0
"""Where the rows below the trend begin, in points from its axis, and how far apart they are."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, the ratings, and whether they are so few that they say little."""

    name: str
    ratings: Ratings
    few: bool = False


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws with one font. `signs`: the code points that it has."""

    family: str
    signs: frozenset[int]

    def legible(self, text: str) -> str:
        """`text` without what the font lacks."""
        return "".join(sign for sign in text if sign == "\n" or ord(sign) in self.signs)


def draw(report: Report, folder: Path, font: str) -> list[Path]:
    """Draw what there is to draw into `folder`, made if need be; the files. `font`: its file, or "".

    Raises CannotOpen for want of a font, or when the place cannot be written.
    """
    # Whatever else the system has is looked through only where no usual font is.
    others = sorted({each.fname for each in fontManager.ttflist})
    pen = _pen(font, (*USUAL_FONTS, *others))
    with _writing(pen):
        written = []
        for name, figure in _figures(report, pen):
            path = folder / f"followups-{report.first:%Y-%m}-{name}.png"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                figure.savefig(path, format="png")
            except OSError as error:
                raise CannotOpen(phrase("cli", "cannot_write", path=path, error=error.strerror)) from error
            written.append(path)
    return written


def _writing(pen: Pen) -> AbstractContextManager[None]:
    """Everything is written with the font of `pen`; dollar signs in what people typed are no formula."""
    return mpl.rc_context(
        {"font.family": [pen.family], "axes.unicode_minus": False, "text.parse_math": False}
    )


def _figures(report: Report, pen: Pen) -> Iterator[tuple[str, Figure]]:
    questions = _question_bars(report)
    if questions:
        yield "questions", _bars(report, pen, "chart_questions", questions)
    advisors = [
        Bar(advisor_name(each), each.results.ratings, each.few)
        for each in report.figures.by_advisor
        if each.results.ratings.number
    ]
    if advisors:
        yield "advisors", _bars(report, pen, "chart_advisors", advisors)
    yield "trend", _trend(report, pen)


def _question_bars(report: Report) -> list[Bar]:
    """Named by the question alone where all are of one questionnaire."""
    asked = report.figures.by_question
    alone = len({each.sheet for each in asked}) == 1
    few = report.store.follow_ups.results_from
    return [
        Bar(
            question_text(each) if alone else question_name(report, each),
            each.ratings,
            each.ratings.number < few,
        )
        for each in asked
    ]


# ---------------------------------------------------------------- bars


def _bars(report: Report, pen: Pen, title: str, bars: Sequence[Bar]) -> Figure:
    """Averages from the top down, with their numbers beside them."""
    figure, axes = _sheet(2.1 + 0.62 * len(bars))
    _head(report, pen, figure, _say(title), _bar_note(report, bars))
    places = range(len(bars))
    values = [float(bar.ratings.average or 0) for bar in bars]
    axes.barh(places, values, height=0.56, color=[_colour(bar) for bar in bars], zorder=2)
    axes.barh(places, [BEST] * len(bars), height=0.56, color=TRACK, zorder=1)
    for place, bar in zip(places, bars, strict=True):
        _tell_beside(axes, place, bar, pen)
    axes.set_yticks(list(places), [folded(pen.legible(bar.name)) for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(0, BEST)
    axes.set_xticks(range(BEST + 1))
    axes.grid(axis="x", color=GRID, zorder=1.5)
    return figure


def _tell_beside(axes: Axes, place: int, bar: Bar, pen: Pen) -> None:
    """Average, satisfied and how many, in three columns to the right of the bars."""
    told = (
        _say("chart_average", average=average(bar.ratings)),
        _say("chart_satisfied_of", satisfied=percent(bar.ratings.satisfied)),
        _say("chart_number", number=bar.ratings.number),
    )
    for column, words in zip(COLUMNS, told, strict=True):
        beside: dict[str, Any] = {"textcoords": "offset points", "ha": "right", "va": "center"}
        axes.annotate(pen.legible(words), (BEST, place), (column, 0), color=INK, fontsize=10, **beside)


def _colour(bar: Bar) -> str:
    if bar.few:
        return GREY
    return BLUE if (bar.ratings.average or 0) >= GOOD else AMBER


def _bar_note(report: Report, bars: Sequence[Bar]) -> str:
    parts = [_say("chart_scale")]
    if any(_colour(bar) == AMBER for bar in bars):
        parts.append(_say("chart_amber", good=GOOD))
    if any(bar.few for bar in bars):
        parts.append(_say("chart_grey", number=report.store.follow_ups.results_from))
    return _say("next").join(parts)


# ---------------------------------------------------------------- trend


def _trend(report: Report, pen: Pen) -> Figure:
    """Coverage, response and satisfaction of the last months, in per cent; the values in rows below."""
    figure, axes = _sheet(5.4)
    _head(report, pen, figure, _say("chart_trend", months=len(report.trend)), _say("chart_trend_note"))
    results = [each for _, each in report.trend]
    curves = (
        ("chart_coverage", FAINT, [each.coverage for each in results]),
        ("chart_response", BLUE, [each.response for each in results]),
        ("chart_satisfied", GREEN, [each.ratings.satisfied for each in results]),
    )
    for row, (name, colour, shares) in enumerate(curves):
        style: dict[str, Any] = {"color": colour, "marker": "o", "markersize": 6, "linewidth": 2.2}
        axes.plot([_percents(share) for share in shares], zorder=3, **style)
        _row_below(
            axes, pen, FIRST_ROW - row * ROW, (_say(name), FAINT if colour == GREY else colour), shares
        )
    names = (
        _say("chart_month", year=month.year, month=month.month, due=each.due) for month, each in report.trend
    )
    axes.set_xticks(range(len(results)), [pen.legible(name) for name in names])
    axes.set_xlim(-0.4, len(results) - 0.6)
    axes.set_ylim(0, 103)
    axes.set_yticks(range(0, 101, 20), [f"{each}%" for each in range(0, 101, 20)])
    axes.grid(axis="y", color=GRID, zorder=0)
    return figure


def _row_below(axes: Axes, pen: Pen, height: float, name: tuple[str, str], shares: Sequence[Share]) -> None:
    """A curve's name in its colour and its values, `height` points from the axis, each under its month."""
    words, colour = name
    style: dict[str, Any] = {"textcoords": "offset points", "va": "center", "color": colour, "fontsize": 10}
    axes.annotate(pen.legible(words), (0, 0), (-6, height), xycoords="axes fraction", ha="right", **style)
    for place, share in enumerate(shares):
        under = axes.get_xaxis_transform()
        axes.annotate(
            pen.legible(percent(share)), (place, 0), (0, height), xycoords=under, ha="center", **style
        )


def _percents(share: Share) -> float:
    return nan if share.value is None else float(share.value * 100)


# ---------------------------------------------------------------- paper and font


def _sheet(height: float) -> tuple[Figure, Axes]:
    margins = ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.16)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white", layout=margins)
    axes = figure.add_subplot()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(length=0, labelcolor=INK, labelsize=10)
    return figure, axes


def _head(report: Report, pen: Pen, figure: Figure, title: str, note: str) -> None:
    """Store, month and what is shown; below, how to read it."""
    first = report.first
    words = _say("chart_title", store=report.store.name, year=first.year, month=first.month, title=title)
    figure.suptitle(pen.legible(words), x=0.02, ha="left", color=INK, fontsize=15)
    figure.supxlabel(pen.legible(note), x=0.02, ha="left", color=FAINT, fontsize=9)


def folded(text: str) -> str:
    """`text` in at most two lines that fit beside a bar; what is too long ends with …."""
    lines, width = [""], 0
    for sign in text:
        room = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width + room > ROOM_OF_LABEL and unicodedata.category(sign) not in CLOSING:
            if len(lines) == MOST_LINES:
                return "\n".join(lines)[:-1] + "…"
            lines.append("")
            width = 0
        lines[-1] += sign
        width += room
    return "\n".join(lines)


def _pen(wanted: str, fonts: Iterable[str]) -> Pen:
    """With the font `wanted`, else the first of `fonts` that has Chinese. Raises CannotOpen."""
    if wanted:
        try:
            return _pen_of(wanted)
        except (OSError, RuntimeError, ValueError) as error:
            raise CannotOpen(phrase("cli", "chart_font_wrong", path=wanted, error=_why(error))) from error
    for path in fonts:
        try:
            return _pen_of(path)
        except (OSError, RuntimeError, ValueError):
            continue
    raise CannotOpen(phrase("cli", "no_chart_font"))


def _pen_of(path: str) -> Pen:
    signs = frozenset(FT2Font(path).get_charmap())
    if not signs.issuperset(map(ord, _say("chart_trend_note"))):
        raise ValueError(_say("chart_no_chinese"))
    fontManager.addfont(path)
    return Pen(FontProperties(fname=path).get_name(), signs)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
