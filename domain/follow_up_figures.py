"""The figures of a month of follow-ups (F7) by questionnaire, question, advisor and version; what was not done and why.

A follow-up belongs to the month in which happened what it comes after (a car left, the questionnaire before it ended),
whenever the customer was asked. What the figures mean is said in domain/follow_up_results.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from domain.follow_up_results import (
    Ratings,
    Results,
    Sheets,
    Standing,
    has_answered,
    rated,
    results_of,
    standing,
    version_of,
)
from domain.follow_ups import CallOutcome, FollowUp
from domain.questionnaires import Question

Key = TypeVar("Key", bound=Hashable)

OVERDUE = "overdue"
"""In place of the reason of a follow-up that nobody has begun, though its time is over."""


@dataclass(frozen=True, slots=True)
class OfSheet:
    """The results of one questionnaire, in all its versions."""

    sheet: str
    results: Results


@dataclass(frozen=True, slots=True)
class OfVersion:
    """The results of one version of a questionnaire; `since`: the first contact of the month with it."""

    sheet: str
    version: str
    since: datetime
    results: Results


@dataclass(frozen=True, slots=True)
class OfAdvisor:
    """The results of one advisor's visits (0: nobody's). `few`: so few ratings that they say little."""

    person: int
    name: str
    results: Results
    few: bool


@dataclass(frozen=True, slots=True)
class OfQuestion:
    """The ratings of one question, as it was worded last."""

    sheet: str
    question: Question
    ratings: Ratings


@dataclass(frozen=True, slots=True)
class MonthOfFollowUps:
    """All figures of one month.

    `not_done`: how many were missed, by reason; `silent`: how many were contacted, have ended and answered nothing, by
    reason or state. `calls` by what came of each. `bad`: follow-ups with a bad answer; `complaints`: number of the
    case by that of the follow-up; `unfiled`: bad ones without a case, which there should be none of (F5). `unread`:
    versions of questionnaires that nobody kept, so that their ratings could not be counted.
    """

    total: Results
    by_sheet: tuple[OfSheet, ...]
    by_question: tuple[OfQuestion, ...]
    by_advisor: tuple[OfAdvisor, ...]
    by_version: tuple[OfVersion, ...]
    not_done: Mapping[str, int]
    silent: Mapping[str, int]
    calls: Mapping[CallOutcome, int]
    bad: tuple[str, ...]
    complaints: Mapping[str, str]
    unread: tuple[tuple[str, str], ...]

    @property
    def unfiled(self) -> tuple[str, ...]:
        """Follow-ups with a bad answer and without a complaint."""
        return tuple(number for number in self.bad if number not in self.complaints)


def month_of(
    follow_ups: Sequence[FollowUp], sheets: Sheets, now: datetime, results_from: int
) -> MonthOfFollowUps:
    """The figures of `follow_ups`, those of one month in the order of their events, as they stand at `now`.

    `sheets`: every version that was asked; an advisor's results say little below `results_from` ratings.
    """

    def results(group: Iterable[FollowUp]) -> Results:
        return results_of(group, sheets, now)

    place = _places(sheets)
    by_sheet = _groups(follow_ups, lambda each: each.questionnaire)
    contacted = [each for each in follow_ups if standing(each, now) is Standing.CONTACTED]
    by_version = _groups(contacted, version_of)
    missed = (each for each in follow_ups if standing(each, now) is Standing.MISSED)
    return MonthOfFollowUps(
        total=results(follow_ups),
        by_sheet=tuple(OfSheet(each, results(by_sheet[each])) for each in sorted(by_sheet, key=place)),
        by_question=_questions(contacted, sheets),
        by_advisor=_advisors(follow_ups, results, results_from),
        by_version=tuple(
            OfVersion(*version, min(map(_first_contact, by_version[version])), results(by_version[version]))
            for version in sorted(by_version, key=lambda each: place(each[0]))
        ),
        not_done=_counted(_why_missed(each) for each in missed),
        silent=_counted(
            each.reason or each.state.value
            for each in contacted
            if not (each.state.is_open or has_answered(each))
        ),
        calls=_counted(call.outcome for each in contacted for call in each.calls),
        bad=tuple(each.number for each in contacted if any(answer.bad for answer in each.answers)),
        complaints={each.number: each.complaint for each in contacted if each.complaint},
        unread=_once(
            version_of(each) for each in contacted if each.answers and version_of(each) not in sheets
        ),
    )


def _advisors(
    follow_ups: Iterable[FollowUp], results: Callable[[Iterable[FollowUp]], Results], results_from: int
) -> tuple[OfAdvisor, ...]:
    """By person, named as in their last visit; who has the most due first, what is nobody's last."""
    # By person, not by name: two colleagues may have the same one.
    found = []
    for person, group in _groups(follow_ups, lambda each: each.advisor).items():
        reached = results(group)
        found.append(
            OfAdvisor(person, group[-1].advisor_name, reached, reached.ratings.number < results_from)
        )
    return tuple(sorted(found, key=lambda each: (not each.person, -each.results.due, each.name)))


def _questions(contacted: Iterable[FollowUp], sheets: Sheets) -> tuple[OfQuestion, ...]:
    """Every question that is a rating and was answered, in the order of the sheets and of the questions on them."""
    given: dict[tuple[str, str], list[int]] = {}
    worded: dict[tuple[str, str], tuple[int, Question]] = {}
    for each in contacted:
        for question, rating in rated(each, sheets):
            key = (each.questionnaire, question.id)
            given.setdefault(key, []).append(rating)
            worded[key] = (sheets[version_of(each)].questions.index(question), question)
    place = _places(sheets)
    order = sorted(given, key=lambda key: (place(key[0]), worded[key][0], key[1]))
    return tuple(OfQuestion(key[0], worded[key][1], Ratings.of(given[key])) for key in order)


def _why_missed(follow_up: FollowUp) -> str:
    return OVERDUE if follow_up.state.is_open else follow_up.reason or follow_up.state.value


def _first_contact(follow_up: FollowUp) -> datetime:
    moments = (follow_up.invited_at, *(call.at for call in follow_up.calls))
    return min((moment for moment in moments if moment is not None), default=follow_up.due_at)


def _places(sheets: Sheets) -> Callable[[str], tuple[bool, timedelta, str]]:
    """The order of questionnaires: those after an event by their time, then those that follow others."""
    starts = {name: sheet.start for (name, _), sheet in sheets.items()}

    def place(sheet: str) -> tuple[bool, timedelta, str]:
        start = starts.get(sheet)
        return (True, timedelta.max, sheet) if start is None else (bool(start.after), start.earliest, sheet)

    return place


def _groups(follow_ups: Iterable[FollowUp], key: Callable[[FollowUp], Key]) -> dict[Key, list[FollowUp]]:
    groups: dict[Key, list[FollowUp]] = {}
    for each in follow_ups:
        groups.setdefault(key(each), []).append(each)
    return groups


def _counted(these: Iterable[Key]) -> dict[Key, int]:
    """How often each is there, the most frequent first."""
    return dict(sorted(Counter(these).items(), key=lambda each: (-each[1], str(each[0]))))


def _once(these: Iterable[Key]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(these))
