"""A bad answer files a complaint with what was said so far, whoever gave or entered it (F5, C1, C5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.complaint import Account
from dialogs.core import Open, Record, Say
from dialogs.effects import FileComplaint
from dialogs.facts import Who
from dialogs.follow_up_complaint import complained
from domain.complaints import Complainant, Complaint, Happening, Origin, Severity
from domain.follow_ups import FollowUp
from domain.people import Queue, Role
from domain.questionnaires import (
    Answer,
    FollowUpEvent,
    Option,
    Paper,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, Desk, rendered

CLERK = Who(31, "钱小悦", roles=frozenset({Role.FOLLOW_UP_CLERK}))
AFTER_SALES = Who(22, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
PHONE, PLATE = "+8613800138000", "粤B12345"
SHEET = Questionnaire(
    "satisfaction",
    "满意度回访",
    "v1",
    Start(timedelta(hours=72), timedelta(hours=168), FollowUpEvent.LEFT),
    "您好",
    "谢谢",
    (
        Question("quality", QuestionKind.RATING, "{{ plate }} 修得怎么样？", topic="workshop_quality"),
        Question("clean", QuestionKind.SINGLE, "车洗干净了吗？", options=(Option("no", "没洗干净"),)),
        Question("picture", QuestionKind.PHOTO, "方便的话拍一张"),
        Question("wishes", QuestionKind.TEXT, "还有什么想说的？"),
    ),
    told=(Queue.FRONT_DESK, Queue.CUSTOMER_CARE),
)
VISIT = FollowUp(
    "HF261123-041.1",
    "satisfaction",
    FollowUpEvent.LEFT,
    7,
    MONDAY,
    MONDAY,
    MONDAY,
    person_id=3,
    address="王先生",
    phone=PHONE,
    plate=PLATE,
)
TWO = Answer("quality", ("2",), "等了三次才修好", bad=True)


def filed(desk: Desk, answer: Answer, *before: Answer, visit: FollowUp = VISIT) -> tuple[Complaint, Any]:
    """The complaint, and every effect of it."""
    desk.colleagues = (ADVISOR, CLERK, AFTER_SALES)
    conversation = desk.begin("complaint", Account())
    paper = Paper(SHEET, {each.question: each for each in before})
    number, effects = complained(visit, paper, answer, desk.facts(conversation))
    complaint = next(each.complaint for each in effects if isinstance(each, FileComplaint))
    assert complaint.number == number == f"TS261123-{conversation.id:03d}"
    return complaint, effects


def test_f5_it_is_filed_with_whose_it_is_and_what_was_said(desk: Desk) -> None:
    complaint, effects = filed(desk, TWO)
    assert complaint.origin is Origin.FOLLOW_UP
    assert complaint.by == Complainant(3, 7, "王先生", PHONE, PLATE)
    assert complaint.words == ("粤B·12345 修得怎么样？\n2分，等了三次才修好",)
    assert [each.subject for each in effects if isinstance(each, Open) and each.dialog == "complaint_sheet"]
    assert complaint.of(Happening.CAPTURED)[0].details["topic"] == "workshop_quality"


def test_f5_words_and_photos_from_before_go_along_but_no_good_ratings(desk: Desk) -> None:
    good = Answer("quality", ("5",))
    photo = Answer("picture", media=(("photo", "f1"),))
    bad = Answer("clean", ("no",), bad=True)
    words = Answer("wishes", text="轮毂上全是泥")
    complaint, _ = filed(desk, bad, good, photo, words)
    assert complaint.words == ("车洗干净了吗？\n没洗干净", "方便的话拍一张", "还有什么想说的？\n轮毂上全是泥")
    assert complaint.media == (("photo", "f1"),)


def test_c5_the_question_says_what_it_is_about_else_the_words_do(desk: Desk) -> None:
    about = filed(desk, TWO)[0].classification
    assert (about.topic, about.department) == ("workshop_quality", Queue.WORKSHOP)
    angry = Answer("wishes", text="你们乱收费，价格比报价贵了五百", bad=True)
    assert filed(desk, angry)[0].classification.topic == "price"


def test_c9_grave_words_are_told_at_once(desk: Desk) -> None:
    grave = replace(TWO, text="刹车失灵，差点出人命，我要找媒体曝光")
    complaint, effects = filed(desk, grave)
    assert complaint.classification.severity is Severity.MAJOR
    assert [each.to.person for each in effects if isinstance(each, Say) and each.to.person] == [22]


def test_c5_the_desks_of_the_sheet_hear_one_masked_line(desk: Desk) -> None:
    """The front desk has the complaint's own card already."""
    _, effects = filed(desk, replace(TWO, text="打我电话 13800138000，车是粤B12345"))
    told = [each for each in effects if isinstance(each, Say) and each.script == "follow_up_complaint/told"]
    assert [each.to.queue for each in told] == [Queue.CUSTOMER_CARE]
    line = rendered("complaint", told[0]).replace("·", "")
    assert "TS261123-" in line
    assert "满意度回访" in line
    assert not [secret for secret in (PLATE, "13800138000", PHONE) if secret in line]


@pytest.mark.parametrize("person", [0, 3])
def test_f4_a_colleague_on_the_phone_files_the_same(desk: Desk, person: int) -> None:
    """Who is in no chat gets no sheet; who captured it is written down."""
    desk.who, desk.home_person = CLERK, CLERK.person_id
    complaint, effects = filed(desk, replace(TWO, by=31), visit=replace(VISIT, person_id=person))
    assert complaint.words
    assert {entry.person for entry in complaint.history} == {31}
    sheets = [each for each in effects if isinstance(each, Open) and each.dialog == "complaint_sheet"]
    assert len(sheets) == bool(person)


def test_r5_the_audit_log_has_no_words(desk: Desk) -> None:
    _, effects = filed(desk, TWO)
    records = [each for each in effects if isinstance(each, Record)]
    assert [each.action for each in records] == ["complaint.filed"]
    assert "三次" not in str(records)
