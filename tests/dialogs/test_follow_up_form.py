"""登记回访: a new car, an advice, an owners' class is entered, and what follows it planned (F1, A1, R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.core import Home, Open, Outcome, Pressed, Record, Said
from dialogs.effects import NoteEvent, PlanFollowUp, TakeCall
from dialogs.facts import Who
from dialogs.follow_up_form import FollowUpForm, form_of
from domain.customers import Customer, Vehicle
from domain.people import Queue, Role
from domain.questionnaires import FollowUpEvent, Question, QuestionKind, Questionnaire, Start
from tests.dialogs.call_case import CLERK, DAY, SHEET, SUN, waiting
from tests.dialogs.conftest import MONDAY, WANG

FOREMAN = Who(13, "赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
ASKED = (Question("well", QuestionKind.RATING, "满意吗？"),)


def sheet(name: str, days: int, event: FollowUpEvent = FollowUpEvent.HANDED_OVER) -> Questionnaire:
    start = Start(DAY * days, DAY * (days + 1), event)
    return Questionnaire(name, "新车回访", "v1", start, "您好", "谢谢", ASKED)


SHEETS = {each.id: each for each in (sheet("new_24h", 1), sheet("new_72h", 3))}


def entering(desk: Any, line: str = "", sought: Customer | None = None) -> Any:
    """/followup with `line`, by a follow-up clerk."""
    desk.who, desk.home_person, desk.colleagues = CLERK, CLERK.person_id, (CLERK, SUN, FOREMAN)
    desk.questionnaires = SHEETS
    desk.sought = sought
    command = desk.open(Open("staff_desk", None)).on(Said(f"/followup {line}".strip()))
    opened = command.opened("follow_up_form")
    assert opened.home == Home(person=CLERK.person_id)
    return desk.open(opened)


def test_f1_one_line_is_read_back_and_planned(desk: Any) -> None:
    form = entering(desk, "粤B12345 新车 今天上午八点", WANG)
    for words in ("王先生", "138****8000", "粤B·12345", "新车交付", "11月23日 周一 08:00", "陈跟踪"):
        assert words in form.text
    form.press("plan")
    at = MONDAY.replace(hour=8)
    assert form.of(NoteEvent) == [NoteEvent(FollowUpEvent.HANDED_OVER, at, "粤B12345", "+8613800138000")]
    plans = [effect.follow_up for effect in form.of(PlanFollowUp)]
    assert [each.questionnaire for each in plans] == ["new_24h", "new_72h"]
    first = plans[0]
    assert (first.customer_id, first.person_id, first.address, first.phone, first.plate) == (
        7, 3, "王先生", "+8613800138000", "粤B12345",
    )  # fmt: skip
    assert (first.occurred_at, first.event) == (at, FollowUpEvent.HANDED_OVER)
    assert (first.advisor, first.advisor_name) == (CLERK.person_id, "陈跟踪")
    assert desk.follow_ups.newcomers == ()
    assert [each.home for each in form.of(Open)] == [Home(person=3)] * 2
    assert "安排了 2 次回访" in form.text
    assert form.outcome is Outcome.DONE


def test_f1_a_newcomer_gets_a_file_and_is_called(desk: Any) -> None:
    form = entering(desk, "粤B66666")
    assert "还没有档案" in form.text
    form.say("李女士").say("13912345678")
    assert "什么事" in form.text
    form.press("event", "handed_over")
    form.press("just_now").press("plan")
    assert desk.follow_ups.newcomers == (Customer(0, None, "李", "李", "女士", "+8613912345678"),) * 2
    assert {each.plate for each in desk.follow_ups.planned} == {"粤B66666"}
    assert {each.home.queue for each in form.of(Open)} == {Queue.FRONT_DESK}
    assert "回访名单" in form.text


def test_f1_a_name_without_salutation_is_asked_for_it(desk: Any) -> None:
    form = entering(desk, "13912345678").say("李娜")
    assert "先生还是女士" in form.text
    assert form.press("skip").step == "choose_event"


def test_a1_a_number_that_is_known_leads_to_its_file(desk: Any) -> None:
    """The new car has a plate that nobody knows yet; its owner is known."""
    form = entering(desk, "粤B66666 新车").say("王女士")
    desk.sought = WANG
    form.say("13800138000").press("yesterday").press("plan")
    assert {each.customer_id for each in desk.follow_ups.planned} == {7}
    assert {each.plate for each in desk.follow_ups.planned} == {"粤B66666"}
    assert desk.follow_ups.newcomers == ()


@pytest.mark.parametrize(
    ("cars", "plate"),
    [
        ((), ""),
        ((Vehicle(1, "粤B12345"),), "粤B12345"),
        ((Vehicle(1, "粤B12345"), Vehicle(2, "粤B77777")), ""),
    ],
)
def test_found_by_phone_the_only_car_is_meant(desk: Any, cars: tuple[Vehicle, ...], plate: str) -> None:
    form = entering(desk, "13800138000 咨询", replace(WANG, vehicles=cars))
    assert form.state.plate == plate


def test_f1_when_it_was_lies_in_the_past(desk: Any) -> None:
    form = entering(desk, "粤B12345 新车", WANG)
    assert "什么时候" in form.text
    for words in ("明天下午三点", "12月1日", "2020年1月1日"):
        assert "已经发生的事" in form.say(words).text
    assert form.say("看情况").outcome is Outcome.ASK_AGAIN
    assert form.say("昨天下午三点").state.at == MONDAY.replace(hour=15) - DAY
    assert "11月22日 周日 15:00" in form.text


def test_f1_a_time_in_the_line_that_is_ahead_is_asked_for(desk: Any) -> None:
    assert entering(desk, "粤B12345 新车 明天下午三点", WANG).step == "tell_time"


def test_f1_everything_can_be_changed_before_it_counts(desk: Any) -> None:
    form = entering(desk, "粤B12345 新车 昨天下午三点", WANG)
    form.press("change_time").press("hours_ago")
    assert form.state.at == MONDAY - timedelta(hours=2)
    form.press("change_event").say("车主课堂")
    assert "车主课堂" in form.text
    form.press("change_advisor")
    assert [button.words["name"] for button in form.buttons() if button.key == "advisor"] == [
        "陈跟踪",
        "孙顾问",
    ]
    form.press("advisor", str(SUN.person_id))
    assert "负责：孙顾问" in form.text
    assert form.of(PlanFollowUp) == []


def test_f1_the_same_twice_within_a_day_is_kindly_refused(desk: Any) -> None:
    form = entering(desk, "粤B12345 新车 昨天下午三点", WANG)
    desk.follow_ups = replace(desk.follow_ups, refusal="twice")
    form.press("plan")
    assert "已经登记过了" in form.text
    assert form.outcome is Outcome.DONE
    assert desk.follow_ups.planned == ()


def test_f1_an_event_without_a_sheet_says_so(desk: Any) -> None:
    form = entering(desk, "粤B12345 咨询 昨天下午三点", WANG).press("plan")
    assert "没有启用的回访问卷" in form.text
    assert form.of(NoteEvent) == []


def test_r2_who_does_not_follow_up_enters_nothing(desk: Any) -> None:
    form = entering(desk, "粤B12345 新车 昨天下午三点", WANG)
    desk.who = FOREMAN
    form.say("确认")
    assert [each.action for each in form.of(Record)] == ["command.refused"]
    assert desk.follow_ups.planned == ()
    command = desk.open(Open("staff_desk", None)).say("登记回访")
    assert command.of(Open) == []
    assert [each.action for each in command.of(Record)] == ["command.refused"]


@pytest.mark.parametrize("value", ["left", "gone", ""])
def test_that_a_car_has_left_is_not_entered_by_hand(desk: Any, value: str) -> None:
    form = entering(desk, "粤B12345", WANG)
    assert form.on(Pressed("event", value)).outcome is Outcome.ASK_AGAIN


def test_f1_a_line_that_says_nothing_begins_at_the_beginning(desk: Any) -> None:
    form = entering(desk)
    assert form.state == FollowUpForm()
    assert "车牌或手机号" in form.text
    assert form.say("你好").outcome is Outcome.ASK_AGAIN
    desk.sought = WANG
    form.say("粤B12345 昨天提车")
    assert form.step == "check"
    assert form_of("", desk.facts(form)) == FollowUpForm()


# ---------------------------------------------------------------- a call that was made already


def test_f4_a_call_of_ones_own_accord_is_entered_for_a_planned_contact(desk: Any) -> None:
    sheets = {**SHEETS, SHEET.id: SHEET}
    desk.follow_ups = replace(desk.follow_ups, to_call=(waiting(1), waiting(2)))
    form = entering(desk, "粤B12345", WANG)
    assert [button.value for button in form.buttons() if button.key == "called"] == []  # a sheet that is gone
    desk.questionnaires = sheets
    form = desk.open(Open("follow_up_form", FollowUpForm())).say("粤B12345")
    assert "已经自己打过电话" in form.text
    form.press("called", waiting(2).number)
    assert form.of(TakeCall) == [TakeCall(waiting(2).number, early=True)]
    assert form.opened("call_entry").subject == waiting(2).number
    assert [each.action for each in form.of(Record)] == ["call.taken"]
    assert form.outcome is Outcome.DONE


def test_f4_a_colleague_is_calling_them_just_now(desk: Any) -> None:
    desk.follow_ups = replace(desk.follow_ups, to_call=(waiting(1),))
    form = entering(desk, "", WANG)
    desk.questionnaires = {SHEET.id: SHEET}
    form.say("粤B12345")
    desk.follow_ups = replace(desk.follow_ups, refusal="taken")
    form.press("called")
    assert "同事正在给王先生打电话" in form.text
    assert form.of(Open) == []


def test_f4_only_what_was_shown_can_be_entered(desk: Any) -> None:
    form = entering(desk, "粤B12345", WANG)
    assert form.on(Pressed("called", waiting(1).number)).outcome is Outcome.ASK_AGAIN
