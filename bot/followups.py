"""`python bot.py followups`: how a month's follow-ups went, its charts and its workbook (F4, F7). For managers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.opening import closed_house
from domain.follow_up_figures import MonthOfFollowUps, OfAdvisor, OfQuestion, month_of
from domain.follow_up_results import Ratings, Results, Share, Sheets, results_of, version_of
from domain.piping import piped
from scripts_zh.phrases import groups, phrase
from scripts_zh.questionnaires import UnreadableSheet, from_source
from storage import complaint_queries, follow_ups

if TYPE_CHECKING:
    from bot.settings import Settings
    from domain.follow_ups import FollowUp
    from domain.questionnaires import Questionnaire
    from domain.store import Store
    from storage.engine import Unit

GROUP = "follow_up_figures"
MONTHS_OF_TREND = 6
TENTH_OF_A_PERCENT, HUNDREDTH = Decimal("0.001"), Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of a month: its figures, the results of the last months, its follow-ups and the sheets asked.

    `first` is the month's beginning (store time); `trend` ends with this month; `titles` of all sheets by their id.
    """

    store: Store
    first: datetime
    figures: MonthOfFollowUps
    trend: tuple[tuple[datetime, Results], ...]
    follow_ups: tuple[FollowUp, ...]
    sheets: Sheets
    titles: Mapping[str, str]

    def title(self, sheet: str) -> str:
        """What the questionnaire is called; its id where nobody knows."""
        return self.titles.get(sheet, sheet)


async def tell_month(
    settings: Settings,
    store: Store,
    first: datetime,
    now: datetime,
    charts: Path | None = None,
    workbook: Path | None = None,
) -> None:
    """Print the month that begins at `first` as it stands at `now`, draw its `charts`, write its `workbook`.

    Raises CannotOpen: for the database, a place that cannot be written, or charts without a font.
    """
    async with closed_house(settings, store) as house, house.books.glance() as unit:
        await complaint_queries.stand_still(unit)
        report = await report_of(unit, store, first, now, house.questionnaires)
    if not report.follow_ups:
        typer.echo(_say("none", **_month(first)))
        if charts or workbook:
            typer.echo(_say("nothing_written"))
        return
    for line in lines(report):
        typer.echo(line)
    if charts is not None:
        from bot.follow_up_charts import draw  # matplotlib takes a second, and only charts need it

        for path in draw(report, charts, settings.chart_font):
            typer.echo(_say("written", path=path))
    if workbook is not None:
        from bot.follow_up_workbook import write_workbook

        write_workbook(workbook, report)
        typer.echo(_say("written", path=workbook))


# ---------------------------------------------------------------- reading


async def report_of(
    unit: Unit, store: Store, first: datetime, now: datetime, present: Mapping[str, Questionnaire]
) -> Report:
    """What the books say of the month and of those before it; `present`: the sheets of today, by id."""
    kept = {(sheet.id, sheet.version): sheet for sheet in present.values()}
    trend: list[tuple[datetime, Results]] = []
    found: list[FollowUp] = []
    for month in _months_until(first):
        # One month at a time: of those before this one only the results are kept.
        found = await follow_ups.of_events(unit, month, _month_after(month))
        kept |= await _sheets_asked(unit, found, kept)
        trend.append((month, results_of(found, kept, now)))
    titles = {name: sheet.title for (name, _), sheet in kept.items()}
    titles |= {name: sheet.title for name, sheet in present.items()}
    figures = month_of(found, kept, now, store.follow_ups.results_from)
    return Report(store, first, figures, tuple(trend), tuple(found), kept, titles)


async def _sheets_asked(unit: Unit, found: list[FollowUp], known: Sheets) -> Sheets:
    """The versions that were asked, but for those `known`; one that cannot be read any more is left out."""
    sheets: dict[tuple[str, str], Questionnaire] = {}
    for name, version in dict.fromkeys(version_of(each) for each in found if each.version):
        if (name, version) in known:
            continue
        source = await follow_ups.sheet(unit, name, version)
        try:
            if source is not None:
                sheets[name, version] = from_source(source)
        except UnreadableSheet:
            continue  # the figures tell whose ratings could not be counted
    return sheets


def _months_until(first: datetime) -> list[datetime]:
    """The beginnings of the months of the trend, the oldest first."""
    months = [first]
    while len(months) < MONTHS_OF_TREND:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def _month_after(first: datetime) -> datetime:
    return (first + timedelta(days=32)).replace(day=1)


# ---------------------------------------------------------------- for reading


def lines(report: Report) -> Iterator[str]:
    """The month in words: all together, by questionnaire, question, advisor and version, what went wrong, the trend."""
    figures = report.figures
    yield _say("title", **_month(report.first), told=_told(figures.total))
    yield _say("satisfaction", told=_rating(figures.total.ratings))
    yield from _besides(figures.total)
    yield from _section("by_sheet")
    for of in figures.by_sheet:
        yield _say("line", name=report.title(of.sheet), told=_told_whole(of.results))
    if figures.by_question:
        yield from _section("by_question")
        for question in figures.by_question:
            yield _say("line", name=question_name(report, question), told=_rating(question.ratings))
    yield from _section("by_advisor")
    for advisor in figures.by_advisor:
        told = _told_whole(advisor.results)
        if advisor.few and advisor.results.ratings.number:
            told += _say("few", number=report.store.follow_ups.results_from)
        yield _say("line", name=advisor_name(advisor), told=told)
    yield from _versions(report)
    yield from _counts("not_done", figures.not_done, "why")
    yield from _counts("silent", figures.silent, "why")
    yield from _counts("calls", {each.value: count for each, count in figures.calls.items()}, "call")
    yield from _bad(figures)
    yield from _section("trend", months=len(report.trend))
    for month, results in report.trend:
        told = _told_whole(results) if results.planned else _say("no_follow_ups")
        yield _say("line", name=f"{month:%Y-%m}", told=told)
    yield _say("definitions")


def question_name(report: Report, of: OfQuestion) -> str:
    """The questionnaire and the words of the question."""
    return _say("question", title=report.title(of.sheet), text=question_text(of))


def question_text(of: OfQuestion) -> str:
    """The words of the question as it was asked last, without what was piped in."""
    return " ".join(piped(of.question.text, {}).split())


def advisor_name(of: OfAdvisor) -> str:
    """The advisor's name; for visits without one, that there was none."""
    return of.name or _say("no_advisor")


def percent(share: Share) -> str:
    """83.3%, or a dash where there is nothing to reckon with."""
    value = share.value
    if value is None:
        return _say("nothing")
    tenths = (value.quantize(TENTH_OF_A_PERCENT, ROUND_HALF_UP) * 100).normalize()
    return f"{tenths:f}%"


def average(ratings: Ratings) -> str:
    """4.52, or a dash."""
    value = ratings.average
    return _say("nothing") if value is None else f"{value.quantize(HUNDREDTH, ROUND_HALF_UP):f}"


def _versions(report: Report) -> Iterator[str]:
    if not report.figures.by_version:
        return
    yield from _section("by_version")
    for of in report.figures.by_version:
        since = of.since.astimezone(report.store.zone)
        name = _say(
            "version",
            title=report.title(of.sheet),
            version=of.version or _say("nothing"),
            since=f"{since:%m-%d}",
        )
        # Whoever was not contacted had no version yet: there is no coverage to tell.
        yield _say("line", name=name, told=_told_whole(of.results, "told_asked"))
    for sheet, version in report.figures.unread:
        yield _say("unread", title=report.title(sheet), version=version or _say("nothing"))


def _bad(figures: MonthOfFollowUps) -> Iterator[str]:
    if not figures.bad and not figures.complaints:
        return
    yield from _section("bad")
    yield _say("bad_count", bad=len(figures.bad), filed=len(figures.complaints))
    cases = [_say("case", number=number, complaint=case) for number, case in figures.complaints.items()]
    if cases:
        yield _say("filed", cases=_say("between").join(cases))
    for number in figures.unfiled:
        yield _say("unfiled", number=number)


def _besides(results: Results) -> Iterator[str]:
    """What is counted neither as done nor as missed, and how it was answered: what is nought is not said."""
    counted = {
        "partly": results.partly,
        "by_phone": results.by_phone,
        "under_way": results.under_way,
        "ahead": results.ahead,
        "needless": results.needless,
    }
    parts = [_say(f"besides_{key}", count=count) for key, count in counted.items() if count]
    if parts:
        yield _say("besides", told=_say("next").join(parts))


def _told(results: Results, how: str = "told") -> str:
    return _say(
        how,
        due=results.due,
        contacted=results.contacted,
        coverage=percent(results.coverage),
        answered=results.answered,
        response=percent(results.response),
    )


def _told_whole(results: Results, how: str = "told") -> str:
    """With the partly answered and the ratings."""
    parts = [_told(results, how)]
    if results.partly:
        parts.append(_say("besides_partly", count=results.partly))
    parts.append(_rating(results.ratings))
    return _say("next").join(parts)


def _rating(ratings: Ratings) -> str:
    if not ratings.number:
        return _say("unrated")
    share = percent(ratings.satisfied)
    return _say("rating", average=average(ratings), satisfied=share, number=ratings.number)


def _counts(section: str, counted: Mapping[str, int], words: str) -> Iterator[str]:
    if counted:
        yield from _section(section)
        yield _say("next").join(
            _say("count", name=named(words, key), count=count) for key, count in counted.items()
        )


def named(words: str, key: str) -> str:
    """The word for a reason (`why`) or the outcome of a call (`call`); the code where there is none."""
    return groups()[GROUP].get(f"{words}_{key}", key)


def _section(key: str, **words: object) -> Iterator[str]:
    yield _say("section", name=_say(key, **words))


def _month(first: datetime) -> dict[str, int]:
    return {"year": first.year, "month": first.month}


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
