"""代客投诉: a colleague takes down what a caller complains about (C1, C2, C4, C9, A3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dialogs.core import Entered, Open, Outcome, Pressed, Record, Said, Say, SentMedia, SharedContact
from dialogs.effects import FileComplaint
from dialogs.facts import Who
from domain.complaint_chain import open_legs
from domain.complaints import (
    Category,
    Complainant,
    Complaint,
    Happening,
    Origin,
    Severity,
    Step,
    complaint_number,
)
from domain.customers import Vehicle
from domain.people import Queue, Role
from tests.dialogs.conftest import ADVISOR, WANG

WORDS = "喷漆有色差，左前门颜色不一样"


@pytest.fixture
def call(desk: Any) -> Any:
    """A colleague has begun to write."""
    desk.who, desk.home_person, desk.customer = ADVISOR, ADVISOR.person_id, None
    desk.colleagues = (ADVISOR, Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER})))
    return desk.begin("caller_complaint").on(Entered())


def stranger(call: Any) -> Any:
    """A caller without a file, up to the question what happened."""
    return call.press("skip").say("王先生").say("13812345678")


def filed(call: Any) -> Complaint:
    complaint: Complaint = call.of(FileComplaint)[0].complaint
    return complaint


def test_c1_a_caller_with_a_file(call: Any, desk: Any) -> None:
    """The file is shown masked (A3), confirmed, and the complaint belongs to that customer and chat."""
    desk.sought = WANG
    call.say("他的车是粤b12345")
    assert call.step == "recognise"
    assert "王先生" in call.text
    assert "1**45" in call.text
    assert "138****8000" in call.text
    assert not {"12345", "138 0013 8000", "13800138000"} & set(call.text.split())
    call.press("theirs")
    assert call.step == "hear"
    call.say(WORDS).press("that_is_all")
    assert "138 0013 8000" not in call.text
    complaint = filed(call.press("file"))
    assert complaint.by == Complainant(3, 7, "王先生", "+8613800138000", "粤B12345")
    assert complaint.origin is Origin.CALLER
    assert [each.dialog for each in call.of(Open)] == ["complaint_desk", "complaint_sheet"]


def test_c1_c4_a_caller_without_a_file(call: Any, desk: Any) -> None:
    """Number and latest time of acceptance are told; the form is in the front desk's queue at once."""
    page = stranger(call).say(WORDS)
    assert page.step == "hear"
    page.press("that_is_all")
    assert "钣金喷漆" in page.text
    page.press("file")
    complaint = filed(page)
    assert complaint.number == complaint_number(desk.now, page.id) == "TS261123-041"
    assert complaint.by == Complainant(name="王先生", phone="+8613812345678")
    assert (complaint.words, complaint.confirmed) == ((WORDS,), True)
    assert complaint.classification.department is Queue.WORKSHOP
    (leg,) = open_legs(complaint.history)
    assert (leg.step, leg.queue) == (Step.INTAKE, Queue.FRONT_DESK)
    assert page.of(Open)[0].home.queue is Queue.FRONT_DESK
    assert "TS261123-041" in page.text
    assert "今天 周一 11:00 前由前台主管接单" in page.text
    assert page.outcome is Outcome.DONE


def test_c1_ten_messages_and_thirty_photos_are_one_complaint(call: Any) -> None:
    page = stranger(call)
    for place in range(10):
        page.say(f"第 {place} 件事：漆面颜色不对")
    for place in range(30):
        page.on(SentMedia("photo", f"f{place}", "看这里的色差" if place == 0 else ""))
        assert page.of(Say)[0].in_place
    assert "11 段话" in page.text
    assert "30 个" in page.text
    complaint = filed(page.press("that_is_all").press("file"))
    assert len(complaint.words) == 11
    assert complaint.media == tuple(("photo", f"f{place}") for place in range(30))
    assert len(page.of(FileComplaint)) == 1


def test_c1_a_photo_alone_says_not_what_happened(call: Any) -> None:
    page = stranger(call).on(SentMedia("voice", "v1"))
    assert "that_is_all" not in {button.key for button in page.buttons()}
    page.on(Pressed("that_is_all"))
    assert page.step == "hear"
    for nothing in ("。", "👍", "好", "嗯"):
        assert page.say(nothing).step == "hear"
        assert page.state.said == ()
    assert page.say(WORDS).say("没有了").step == "check"


@pytest.mark.parametrize("kind", ["sticker", "location"])
def test_what_cannot_be_kept_is_not_kept(call: Any, kind: str) -> None:
    page = stranger(call).on(SentMedia(kind, "s1"))
    assert (page.outcome, page.state.media) == (Outcome.ASK_AGAIN, ())


def test_c2_topic_and_severity_are_corrected_by_the_colleague(call: Any) -> None:
    """C5, C9: the topic brings category and department; 重大 is told to the after-sales manager at once."""
    page = stranger(call).say(WORDS).press("that_is_all")
    page.press("change_topic").press("topic", "price")
    page.press("change_severity").press("severity", "major")
    assert "重大" in page.text
    assert "价格" in page.text
    complaint = filed(page.press("file"))
    about = complaint.classification
    assert (about.topic, about.category, about.severity) == ("price", Category.PRICE, Severity.MAJOR)
    assert about.department is Queue.SETTLEMENT
    assert complaint.of(Happening.MAJOR)
    assert 13 in {say.to.person for say in page.of(Say)}
    assert "售后经理也马上收到了通知" in page.text


def test_c2_more_words_may_change_the_proposal(call: Any) -> None:
    page = stranger(call).say("有点意见").press("that_is_all")
    assert page.state.topic == ""
    page.press("more").say("发票多收了 300 元，乱收费").press("that_is_all")
    complaint = filed(page.press("file"))
    assert complaint.words == ("有点意见", "发票多收了 300 元，乱收费")
    assert complaint.classification.category is Category.PRICE


def test_somebody_elses_file_is_not_theirs(call: Any, desk: Any) -> None:
    """What was typed stays, what the other file says does not."""
    desk.sought = WANG
    call.say("粤B12345").press("not_theirs")
    assert call.step == "tell_name"
    call.say("李女士").say("13912345678").say(WORDS).press("that_is_all")
    assert filed(call.press("file")).by == Complainant(0, 0, "李女士", "+8613912345678", "粤B12345")


def test_a_phone_leads_to_the_file_and_its_only_car(call: Any, desk: Any) -> None:
    desk.sought = WANG
    call.say("13800138000").press("theirs").say(WORDS).press("that_is_all")
    assert filed(call.press("file")).by.plate == "粤B12345"


def test_of_several_cars_none_is_guessed(call: Any, desk: Any) -> None:
    desk.sought = replace(WANG, vehicles=(*WANG.vehicles, Vehicle(2, "粤B67890")))
    call.say("13800138000")
    assert "6**90" in call.text
    call.press("theirs").say(WORDS).press("that_is_all")
    assert filed(call.press("file")).by == Complainant(3, 7, "王先生", "+8613800138000", "")


def test_a_file_without_name_and_phone_is_asked_for_them(call: Any, desk: Any) -> None:
    desk.sought = replace(WANG, name="", surname="", salutation="", phone="")
    call.say("粤B12345")
    assert "未登记姓名" in call.text
    assert call.press("theirs").step == "tell_name"
    assert call.say("王建国").step == "tell_salutation"
    assert call.press("sir").step == "tell_phone"
    assert call.say("13812345678").step == "hear"


def test_a_plate_without_file_is_kept(call: Any) -> None:
    call.say("粤B99999")
    assert "还没有档案" in call.text
    call.say("王先生").say("13812345678").say(WORDS).press("that_is_all")
    assert filed(call.press("file")).by.plate == "粤B99999"


def test_a_caller_may_leave_no_number_but_not_unwarned(call: Any) -> None:
    page = call.press("skip").say("王先生").press("skip")
    assert page.step == "tell_phone"
    assert "回电" in page.text
    page.press("no_phone").say(WORDS).press("that_is_all")
    assert "未留（无法回电）" in page.text
    assert filed(page.press("file")).by.phone == ""
    again = page.desk.begin("caller_complaint").on(Entered()).press("skip").say("王先生").press("skip")
    assert again.say("还是留吧 13812345678").state.phone == "+8613812345678"


def test_a_shared_contact_is_a_number_too(call: Any) -> None:
    page = call.press("skip").say("王先生").on(SharedContact("13812345678", own=False))
    assert page.state.phone == "+8613812345678"


@pytest.mark.parametrize(
    ("name", "presses", "address"),
    [
        ("王女士", (), "王女士"),
        ("王建国", ("madam",), "王女士"),
        ("王建国", ("skip",), "王建国"),
        ("王", ("skip",), "王先生/女士"),
        ("Smith", ("sir",), "Smith先生"),
    ],
)
def test_b2_how_the_caller_is_spoken_of(call: Any, name: str, presses: tuple[str, ...], address: str) -> None:
    page = call.press("skip").say(name)
    for key in presses:
        page.press(key)
    assert page.step == "tell_phone"
    assert page.state.address == address


@pytest.mark.parametrize(
    ("step", "answers", "event"),
    [
        ("look_up", (), Said("王先生")),
        ("tell_name", (Pressed("skip"),), Said("12345")),
        ("tell_salutation", (Pressed("skip"), Said("王建国")), Said("不知道")),
        ("tell_phone", (Pressed("skip"), Said("王先生")), Said("123")),
        ("check", "all", Pressed("topic", "price")),
        ("choose_topic", "topic", Pressed("topic", "no_such_topic")),
        ("choose_severity", "severity", Pressed("severity", "apocalyptic")),
    ],
)
def test_b15_what_is_not_understood_is_asked_again(call: Any, step: str, answers: Any, event: Any) -> None:
    """Forged buttons too."""
    if isinstance(answers, str):
        stranger(call).say(WORDS).press("that_is_all")
        answers = () if answers == "all" else (Pressed(f"change_{answers}"),)
    for each in answers:
        call.on(each)
    assert call.step == step
    call.on(event)
    assert (call.step, call.outcome) == (step, Outcome.ASK_AGAIN)
    assert call.text


@pytest.mark.parametrize("way", [Pressed("file"), Said("确认")])
def test_r2_who_is_no_colleague_any_more_files_nothing(call: Any, desk: Any, way: Any) -> None:
    page = stranger(call).say(WORDS).press("that_is_all")
    desk.who = Who(ADVISOR.person_id, "林顾问")
    page.on(way)
    assert not page.of(FileComplaint)
    assert page.of(Record) == [Record("command.refused")]
    assert page.outcome is Outcome.DONE
