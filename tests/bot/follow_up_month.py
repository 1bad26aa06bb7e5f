"""A month of follow-ups in the books, as the tests of its report, charts and workbook read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

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
from scripts_zh.questionnaires import with_version
from storage import customers, follow_ups
from tests.service.front_door import demo_store

if TYPE_CHECKING:
    from storage.engine import Unit

STORE = demo_store()
FIRST = datetime(2026, 11, 1, tzinfo=STORE.zone)
DECEMBER = datetime(2026, 12, 1, tzinfo=STORE.zone)
NOW = datetime(2026, 12, 20, tzinfo=STORE.zone)
A_SECOND, A_DAY = timedelta(seconds=1), timedelta(days=1)
STATES = FollowUpState
FLOORS = tuple(Option(code, label) for code, label in (("5", "五楼"), ("6", "六楼")))


def survey(text: str) -> Questionnaire:
    """The questionnaire 满意度 with `text` as its first question; a version for each text."""
    start = Start(timedelta(days=3), timedelta(days=7), FollowUpEvent.LEFT)
    questions = (
        Question("manners", QuestionKind.RATING, text),
        Question("floor", QuestionKind.SINGLE, "住几楼？", FLOORS),
        Question("wishes", QuestionKind.TEXT, "还有什么想说的？"),
        Question("advice", QuestionKind.INFORMATION, "多看看胎压。"),
    )
    return with_version(Questionnaire("manners_3d", "满意度", "", start, "您好", "谢谢", questions))


OLD, NEW = survey("{{ advisor }}，接待得怎么样？"), survey("接待您的{{ advisor }}怎么样？")


def follow_up(number: str, at: datetime, **about: Any) -> FollowUp:
    """One after a car that left at `at`; asked by the old sheet three days later, unless said otherwise."""
    asked = at + 3 * A_DAY
    plain = FollowUp(
        *(number, OLD.id, FollowUpEvent.LEFT, 1, at, asked, at + 7 * A_DAY, OLD.version),
        subject="JC261101-001",
        address="王女士",
        phone="+8613812345678",
        plate="粤B12345",
        work="换机油",
        advisor=9,
        advisor_name="孙顾问",
        state=STATES.EXPIRED,
        invited_at=asked,
        ended_at=asked + 6 * A_DAY,
    )
    return replace(plain, **about)


def rated(given: int, by: int = 0) -> Answer:
    return Answer("manners", (str(given),), bad=given <= 3, at=FIRST + 4 * A_DAY, by=by)


def november() -> list[FollowUp]:
    """All that may become of a follow-up, between the first second of the month and its last."""
    ten = FIRST + timedelta(hours=10)
    wish = Answer("wishes", (), "=1+1", (("photo", "F1"), ("photo", "F2")), at=FIRST + 4 * A_DAY)
    calls = (
        CallMade(ten + 4 * A_DAY, 7, "周跟踪", CallOutcome.NO_ANSWER, "+86 打不通"),
        CallMade(ten + 5 * A_DAY, 7, "周跟踪", CallOutcome.REACHED, "@客户很忙"),
    )
    floor, skipped, read = Answer("floor", ("5",)), Answer("wishes"), Answer("advice")
    return [
        follow_up("HF01", FIRST, state=STATES.ANSWERED, answers=(rated(5), floor, skipped, read), nudges=2),
        follow_up("HF02", ten, state=STATES.ANSWERED, answers=(rated(2), wish), complaint="TS261105-001"),
        follow_up("HF03", ten + A_SECOND, answers=(rated(4),), version=NEW.version),
        follow_up("HF04", ten + 2 * A_SECOND),
        follow_up(
            "HF05",
            ten + 3 * A_SECOND,
            state=STATES.ANSWERED,
            invited_at=None,
            by_phone=True,
            calls=calls,
            answers=(rated(3, by=7),),
            advisor=0,
            advisor_name="",
        ),
        follow_up("HF06", ten + A_DAY, state=STATES.SKIPPED, reason="opted_out", invited_at=None, version=""),
        follow_up("HF07", ten + A_DAY, state=STATES.SKIPPED, reason="own_car", invited_at=None, version=""),
        follow_up(
            "HF08", DECEMBER - A_SECOND, state=STATES.PLANNED, invited_at=None, ended_at=None, version=""
        ),
    ]


async def keep(unit: Unit, *found: FollowUp) -> None:
    """Write them with their answers, calls and sheets; the customer with them."""
    owner = await customers.open_file(unit, None, FIRST, name="王芳")
    for sheet in (OLD, NEW):
        await follow_ups.keep_sheet(unit, sheet, FIRST)
    for each in found:
        await follow_ups.plan(unit, replace(each, customer_id=owner))
        for answer in each.answers:
            await follow_ups.answer(unit, each.number, answer, FIRST + 4 * A_DAY)
        for call in each.calls:
            await follow_ups.note_call(unit, each.number, call)
