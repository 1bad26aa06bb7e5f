"""F7: the figures of a month of follow-ups, against a little calculation of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.follow_up_figures import OVERDUE, MonthOfFollowUps, month_of
from domain.follow_up_results import Ratings, Share, Standing, results_of, standing
from domain.follow_ups import CallMade, CallOutcome, FollowUp, FollowUpState
from domain.questionnaires import (
    Answer,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from tests.clock import MONDAY_TEN

NOW = MONDAY_TEN
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
STATES = FollowUpState


def sheet(name: str, version: str, *questions: Question, days: int = 3, after: str = "") -> Questionnaire:
    event = None if after else FollowUpEvent.LEFT
    start = Start(timedelta(days=days), timedelta(days=days + 4), event, after)
    return Questionnaire(name, name, version, start, "您好", "谢谢", questions)


def rating(name: str, text: str = "怎么样？") -> Question:
    return Question(name, QuestionKind.RATING, text)


FLOORS = Question(
    "floors", QuestionKind.SINGLE, "住几楼？", tuple(Option(str(each), f"{each} 楼") for each in range(1, 6))
)
CHECK = sheet("check", "1", rating("runs"), days=1)
OLD = sheet("survey", "1", rating("manners", "旧问法"), rating("time"))
NEW = sheet("survey", "2", rating("time"), FLOORS, rating("manners", "新问法"))
SECOND = sheet("second", "1", rating("again"), days=7, after="survey")
SHEETS = {(each.id, each.version): each for each in (SECOND, OLD, NEW, CHECK)}


def follow_up(**about: Any) -> FollowUp:
    """A contact that is over a day ago; a test names only what it is about."""
    plain = FollowUp(
        "HF1", "survey", FollowUpEvent.LEFT, 1, NOW - 5 * A_DAY, NOW - 2 * A_DAY, NOW - A_DAY, version="1"
    )
    return replace(plain, **about)


def asked(state: FollowUpState = STATES.ANSWERED, *answers: Answer, **about: Any) -> FollowUp:
    return follow_up(state=state, invited_at=NOW - 2 * A_DAY, answers=answers, **about)


def rated(question: str, given: int) -> Answer:
    return Answer(question, (str(given),), at=NOW - A_DAY, bad=given <= 3)


def month(*found: FollowUp, results_from: int = 5) -> MonthOfFollowUps:
    return month_of(found, SHEETS, NOW, results_from)


# ---------------------------------------------------------------- coverage


def test_f7_whoever_was_invited_or_called_in_vain_was_contacted() -> None:
    call = CallMade(NOW - A_DAY, 7, "周", CallOutcome.NO_ANSWER)
    figures = month(
        asked(STATES.EXPIRED),
        follow_up(state=STATES.UNREACHED, calls=(call, call)),
        follow_up(state=STATES.SKIPPED, reason="opted_out"),
        follow_up(state=STATES.SKIPPED, reason="complaint"),
    )
    assert (figures.total.due, figures.total.contacted, figures.total.missed) == (4, 2, 2)
    assert figures.total.coverage.value == Decimal("0.5")
    assert figures.not_done == {"complaint": 1, "opted_out": 1}
    assert figures.calls == {CallOutcome.NO_ANSWER: 2}
    assert figures.silent == {"expired": 1, "unreached": 1}


def test_f6_f2_what_was_never_to_be_asked_is_not_due() -> None:
    figures = month(
        follow_up(state=STATES.SKIPPED, reason="nothing_to_ask"),
        follow_up(state=STATES.SKIPPED, reason="own_car"),
    )
    assert (figures.total.planned, figures.total.needless, figures.total.due) == (2, 2, 0)
    assert figures.total.coverage.value is None
    assert figures.not_done == {}


def test_f7_what_is_still_to_come_is_not_due_and_what_was_forgotten_is() -> None:
    """At the last moment of its time it is late; a call that was begun is a contact."""
    ahead = follow_up(latest_at=NOW + AN_HOUR)
    figures = month(
        ahead,
        replace(ahead, state=STATES.TO_CALL),
        replace(ahead, latest_at=NOW),
        replace(ahead, state=STATES.TO_CALL, calls=(CallMade(NOW, 7, "周", CallOutcome.CALL_AGAIN),)),
    )
    assert (figures.total.ahead, figures.total.missed, figures.total.contacted) == (2, 1, 1)
    assert figures.total.under_way == 1
    assert figures.not_done == {OVERDUE: 1}


# ---------------------------------------------------------------- response


def test_f7_skipping_every_question_is_no_answer_and_an_unfinished_sheet_is_partly_one() -> None:
    figures = month(
        asked(STATES.ANSWERED, rated("manners", 5), Answer("time")),
        asked(STATES.ANSWERED, rated("manners", 4), by_phone=True),
        asked(STATES.ANSWERED, Answer("manners"), Answer("time")),
        asked(STATES.EXPIRED, rated("manners", 2)),
        asked(STATES.ANSWERING, rated("manners", 3)),
        asked(STATES.ANSWERED, rated("manners", 3), reason="declined", by_phone=True),
        asked(STATES.INVITED),
        asked(STATES.SKIPPED, reason="declined"),
    )
    total = figures.total
    assert (total.contacted, total.answered, total.partly, total.under_way, total.by_phone) == (8, 2, 3, 2, 1)
    assert (total.response, total.partial) == (Share(2, 8), Share(3, 8))
    assert figures.silent == {"answered": 1, "declined": 1}
    assert total.ratings == Ratings((0, 1, 2, 1, 1))


# ---------------------------------------------------------------- satisfaction


def test_f7_only_ratings_of_the_version_asked_count() -> None:
    """An option may have the code 5 and is none; in the order of the sheets, worded as asked last."""
    figures = month(
        asked(STATES.ANSWERED, rated("manners", 5), rated("time", 3)),
        asked(STATES.ANSWERED, rated("manners", 4), rated("floors", 1), version="2"),
        asked(STATES.ANSWERED, rated("again", 1), questionnaire="second"),
        asked(STATES.ANSWERED, rated("runs", 5), questionnaire="check"),
    )
    told = [(each.sheet, each.question.id, each.question.text) for each in figures.by_question]
    assert told == [
        ("check", "runs", "怎么样？"),
        ("survey", "time", "怎么样？"),
        ("survey", "manners", "新问法"),
        ("second", "again", "怎么样？"),
    ]
    manners = figures.by_question[2].ratings
    assert (manners.number, manners.average, manners.satisfied) == (2, Decimal("4.5"), Share(2, 2))
    assert figures.total.ratings.number == 5
    assert [each.sheet for each in figures.by_sheet] == ["check", "survey", "second"]
    assert [(each.sheet, each.version) for each in figures.by_version] == [
        ("check", "1"),
        ("survey", "1"),
        ("survey", "2"),
        ("second", "1"),
    ]


def test_f7_a_version_that_nobody_kept_is_named_and_its_ratings_are_not_guessed() -> None:
    figures = month(
        asked(STATES.ANSWERED, rated("manners", 5), version="0"), asked(STATES.EXPIRED, version="x")
    )
    assert figures.unread == (("survey", "0"),)
    assert (figures.total.answered, figures.total.ratings.number) == (1, 0)


def test_f7_advisors_are_people_and_not_names_and_few_ratings_say_little() -> None:
    five = (rated("manners", 5), rated("time", 4))
    figures = month(
        asked(STATES.ANSWERED, *five, advisor=9, advisor_name="孙顾问"),
        asked(STATES.ANSWERED, *five, advisor=9, advisor_name="孙经理"),
        asked(STATES.ANSWERED, rated("time", 1), advisor=9, advisor_name="孙经理"),
        asked(STATES.ANSWERED, *five, advisor=8, advisor_name="孙经理"),
        *(asked(STATES.EXPIRED) for _ in range(4)),
    )
    assert [
        (each.person, each.name, each.results.ratings.number, each.few) for each in figures.by_advisor
    ] == [
        (9, "孙经理", 5, False),
        (8, "孙经理", 2, True),
        (0, "", 0, True),
    ]


def test_f5_every_bad_answer_has_its_complaint_or_is_named() -> None:
    figures = month(
        asked(STATES.ANSWERED, rated("time", 3), number="HF1", complaint="TS1"),
        asked(STATES.ANSWERED, rated("time", 1), number="HF2"),
        asked(STATES.ANSWERED, rated("time", 4), number="HF3"),
    )
    assert (figures.bad, figures.unfiled, figures.complaints) == (("HF1", "HF2"), ("HF2",), {"HF1": "TS1"})


def test_f7_the_first_contact_with_a_version_is_told() -> None:
    call = CallMade(NOW - 3 * A_DAY, 7, "周", CallOutcome.REACHED)
    [version] = month(asked(STATES.EXPIRED), follow_up(state=STATES.UNREACHED, calls=(call,))).by_version
    assert version.since == NOW - 3 * A_DAY


def test_f7_a_month_without_any() -> None:
    figures = month()
    assert (figures.total.planned, figures.by_sheet, figures.by_question, figures.by_advisor) == (
        0,
        (),
        (),
        (),
    )
    assert (figures.total.coverage.value, figures.total.ratings.average) == (None, None)


# ---------------------------------------------------------------- against another calculation

answers = st.lists(
    st.tuples(st.sampled_from(("manners", "time", "floors", "unknown")), st.integers(0, 5)),
    max_size=4,
    unique_by=lambda each: each[0],
).map(lambda given: tuple(Answer(name) if value == 0 else rated(name, value) for name, value in given))
follow_ups = st.builds(
    follow_up,
    state=st.sampled_from(STATES),
    reason=st.sampled_from(("", "own_car", "nothing_to_ask", "opted_out", "declined")),
    latest_at=st.sampled_from((NOW - A_DAY, NOW, NOW + A_DAY)),
    invited_at=st.sampled_from((None, NOW - A_DAY)),
    version=st.sampled_from(("1", "2", "9")),
    advisor=st.integers(0, 3),
    answers=answers,
    by_phone=st.booleans(),
)


def plain(found: list[FollowUp]) -> tuple[Fraction | None, Fraction | None, Fraction | None, Fraction | None]:
    """Coverage, response, satisfied and average, counted on one's fingers."""
    due = contacted = answered = 0
    ratings = []
    for each in found:
        touched = bool(each.invited_at or each.answers)
        spared = each.state is STATES.SKIPPED and each.reason in ("own_car", "nothing_to_ask")
        to_come = each.state in (STATES.PLANNED, STATES.INVITED, STATES.ANSWERING, STATES.TO_CALL)
        if not touched and (spared or (to_come and each.latest_at > NOW)):
            continue
        due += 1
        contacted += touched
        said = [answer for answer in each.answers if answer.codes]
        answered += bool(touched and said and each.state is STATES.ANSWERED and each.reason == "")
        if each.version != "9":
            ratings += [int(answer.codes[0]) for answer in said if answer.question in ("manners", "time")]

    def share(part: int, whole: int) -> Fraction | None:
        return Fraction(part, whole) if whole else None

    good = len([each for each in ratings if each > 3])
    return (
        share(contacted, due),
        share(answered, contacted),
        share(good, len(ratings)),
        share(sum(ratings), len(ratings)),
    )


def near(told: Decimal | None, counted: Fraction | None) -> bool:
    if told is None or counted is None:
        return told is None and counted is None
    return abs(Fraction(told) - counted) < Fraction(1, 10**20)


@given(st.lists(follow_ups, max_size=25))
def test_f7_the_same_as_counted_by_hand(found: list[FollowUp]) -> None:
    total = results_of(found, SHEETS, NOW)
    coverage, response, satisfied, average = plain(found)
    assert near(total.coverage.value, coverage)
    assert near(total.response.value, response)
    assert near(total.ratings.satisfied.value, satisfied)
    assert near(total.ratings.average, average)


@given(st.lists(follow_ups, max_size=25))
def test_f7_every_way_of_adding_up_comes_to_the_same(found: list[FollowUp]) -> None:
    """Each follow-up is in one lot, each rating at one question, and no group forgets anybody."""
    figures = month(*found)
    total = figures.total
    assert total.planned == len(found)
    assert total.answered + total.partly <= total.contacted
    for groups in (figures.by_sheet, figures.by_advisor):
        assert sum(each.results.planned for each in groups) == total.planned
        assert sum(each.results.ratings.number for each in groups) == total.ratings.number
    assert sum(each.results.contacted for each in figures.by_version) == total.contacted
    assert sum(each.ratings.number for each in figures.by_question) == total.ratings.number
    assert sum(figures.not_done.values()) == total.missed
    over = sum(
        not each.state.is_open for each in found if standing(each, NOW) is Standing.CONTACTED
    )  # whoever still may answer is not silent yet
    open_and_partly = sum(each.state.is_open and any(a.codes for a in each.answers) for each in found)
    assert sum(figures.silent.values()) == over - total.answered - (total.partly - open_and_partly)
