"""What became of several follow-ups (F7): coverage, response, satisfaction (CSI).

What each figure means:

- *due* 应回访: whoever was to be asked by now. Not due are follow-ups with nothing to ask (F6) or on a car of our own
  (F2), and those whose time is not over and who have not been asked yet (*ahead*).
- *contacted* 已联系: the customer was invited in the chat, or called, be it in vain. Coverage 覆盖率 = contacted / due.
- *answered* 已答复: the questionnaire ended of itself, and at least one question was not skipped. Response 答复率 =
  answered / contacted. *Partly* answered (some answers, then it lay or was broken off for a reason) is a share of its
  own and counts in no response.
- CSI: ratings of 1 to 5, of every answer given, those of unfinished questionnaires too: their average, and the share
  of them that are satisfied 满意率 (4 or 5). Only questions that are ratings in the version asked count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto

from domain.follow_ups import NOTHING_TO_ASK, FollowUp, FollowUpState, Hindrance
from domain.questionnaires import RATINGS, Question, QuestionKind, Questionnaire

SATISFIED = 4
"""The lowest rating that is satisfied."""

NOBODY_TO_ASK = (NOTHING_TO_ASK, Hindrance.OWN_CAR.value)
"""Reasons by which a follow-up was never due."""

Sheets = Mapping[tuple[str, str], Questionnaire]
"""Questionnaires by id and version."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of a `whole`."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        """From 0 to 1, exact; None of nothing."""
        return Decimal(self.part) / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Ratings:
    """Several ratings: how often each of 1, 2, 3, 4, 5 was given."""

    counts: tuple[int, ...] = (0,) * len(RATINGS)

    @classmethod
    def of(cls, given: Iterable[int]) -> Ratings:
        """From the ratings one by one."""
        counted = Counter(given)
        return cls(tuple(counted[int(rating)] for rating in RATINGS))

    @property
    def number(self) -> int:
        """How many there are."""
        return sum(self.counts)

    @property
    def average(self) -> Decimal | None:
        """Of 5; None where there is none."""
        total = sum(rating * count for rating, count in enumerate(self.counts, 1))
        return Decimal(total) / self.number if self.number else None

    @property
    def satisfied(self) -> Share:
        """The share of 4 and 5."""
        return Share(sum(self.counts[SATISFIED - 1 :]), self.number)


@dataclass(frozen=True, slots=True)
class Results:
    """What became of several follow-ups; the module says what each figure means.

    `needless`, `ahead`, `contacted` and `missed` together are all that were planned. Of the contacted, `answered` and
    `partly` are two different lots; `under_way` may still answer; `by_phone` answered a colleague on the phone.
    """

    needless: int = 0
    ahead: int = 0
    contacted: int = 0
    missed: int = 0
    answered: int = 0
    partly: int = 0
    under_way: int = 0
    by_phone: int = 0
    ratings: Ratings = Ratings()

    @property
    def planned(self) -> int:
        """All of them."""
        return self.needless + self.ahead + self.contacted + self.missed

    @property
    def due(self) -> int:
        """Whoever was to be asked by now."""
        return self.contacted + self.missed

    @property
    def coverage(self) -> Share:
        """Contacted of those due."""
        return Share(self.contacted, self.due)

    @property
    def response(self) -> Share:
        """Answered of those contacted."""
        return Share(self.answered, self.contacted)

    @property
    def partial(self) -> Share:
        """Partly answered of those contacted."""
        return Share(self.partly, self.contacted)


class Standing(Enum):
    """Which of the four lots a follow-up belongs to; none belongs to two."""

    NEEDLESS = auto()
    AHEAD = auto()
    CONTACTED = auto()
    MISSED = auto()


def standing(follow_up: FollowUp, now: datetime) -> Standing:
    """Where it stands at `now` (aware)."""
    if follow_up.invited_at is not None or follow_up.calls or follow_up.answers:
        return Standing.CONTACTED
    if follow_up.state is FollowUpState.SKIPPED and follow_up.reason in NOBODY_TO_ASK:
        return Standing.NEEDLESS
    if follow_up.state.is_open and follow_up.latest_at > now:
        return Standing.AHEAD
    return Standing.MISSED


def results_of(follow_ups: Iterable[FollowUp], sheets: Sheets, now: datetime) -> Results:
    """What became of `follow_ups` by `now`."""
    stand: Counter[Standing] = Counter()
    answered = partly = under_way = by_phone = 0
    ratings: list[int] = []
    for each in follow_ups:
        where = standing(each, now)
        stand[where] += 1
        if where is not Standing.CONTACTED:
            continue
        under_way += each.state.is_open
        ratings.extend(rating for _, rating in rated(each, sheets))
        if not has_answered(each):
            continue
        if is_finished(each):
            answered += 1
            by_phone += each.by_phone
        else:
            partly += 1
    return Results(
        needless=stand[Standing.NEEDLESS],
        ahead=stand[Standing.AHEAD],
        contacted=stand[Standing.CONTACTED],
        missed=stand[Standing.MISSED],
        answered=answered,
        partly=partly,
        under_way=under_way,
        by_phone=by_phone,
        ratings=Ratings.of(ratings),
    )


def rated(follow_up: FollowUp, sheets: Sheets) -> Iterator[tuple[Question, int]]:
    """The ratings among its answers, each with its question as it was asked."""
    sheet = sheets.get(version_of(follow_up))
    for answer in follow_up.answers:
        question = sheet.question(answer.question) if sheet else None
        # An option of some other question may well have the code "5".
        if question is not None and question.kind is QuestionKind.RATING and answer.rating is not None:
            yield question, answer.rating


def has_answered(follow_up: FollowUp) -> bool:
    """Whether any question was, not merely skipped."""
    return any(not answer.is_skipped for answer in follow_up.answers)


def is_finished(follow_up: FollowUp) -> bool:
    """Whether the questionnaire ended of itself; one that was broken off has a reason."""
    return follow_up.state is FollowUpState.ANSWERED and not follow_up.reason


def version_of(follow_up: FollowUp) -> tuple[str, str]:
    """Its questionnaire and the version of it."""
    return follow_up.questionnaire, follow_up.version
