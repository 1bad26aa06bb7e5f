"""The form of a complaint's step: what it asks, what it refuses, and what the card is told (C8, C10, C11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.complaint_report import Report
from dialogs.core import Entered, Open, Outcome, Pressed, Said, Say, SentMedia, Tell
from dialogs.facts import Who
from domain.complaint_chain import beginning, leg_name
from domain.complaints import Complainant, Complaint, ComplaintFigures, Entry, Happening, Loss, Origin, Step
from domain.people import Queue, Role
from domain.spelling import tells_something
from tests.dialogs.conftest import MONDAY, SCRIPTS

NUMBER = "TS261123-040"
ZHAO = Who(12, "赵主管", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
LIN = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
ZHOU = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
QUEUES = {Step.HANDLING: Queue.FRONT_DESK, Step.DEPARTMENT: Queue.WORKSHOP, Step.SUMMARY: Queue.AFTER_SALES}
CONTACT, SOLUTION = "今天 10:20 电话联系，客户希望返工", "更换隔音棉，周三免费返工"


def leg_of(step: Step) -> str:
    return leg_name(step, QUEUES[step], 1)


def complaint_at(step: Step, *more: Entry) -> Complaint:
    """A complaint whose leg of `step` was accepted by Mr Zhao."""
    leg = leg_of(step)
    begun = Entry(MONDAY, Happening.BEGUN, leg, details=beginning(step, ComplaintFigures()))
    accepted = Entry(MONDAY, Happening.ACCEPTED, leg, ZHAO.person_id, ZHAO.first_name)
    by = Complainant(name="王先生", phone="+8613800138000", plate="粤B12345")
    return Complaint(NUMBER, Origin.CUSTOMER, by, MONDAY, history=(begun, accepted, *more))


def after(step: Step, happening: Happening, **details: Any) -> Entry:
    return Entry(
        MONDAY + timedelta(hours=1), happening, leg_of(step), ZHAO.person_id, ZHAO.first_name, details
    )


def form(desk: Any, step: Step, *more: Entry) -> Any:
    """The form as the card opens it for Mr Zhao."""
    desk.who, desk.home_person, desk.colleagues = ZHAO, ZHAO.person_id, (LIN, ZHOU, ZHAO)
    desk.complaint = complaint_at(step, *more)
    return desk.open(Open("complaint_report", Report(leg_of(step)), subject=NUMBER))


def filled(desk: Any, step: Step) -> Any:
    """Everything answered, up to the page that reads it back."""
    page = form(desk, step).say(CONTACT).press("cause", "process").press("responsible", "12").say(SOLUTION)
    if step is not Step.SUMMARY:
        page.press("skip")
    if step is not Step.HANDLING:
        page.press("loss", "hidden")
    return page


@pytest.mark.parametrize(
    ("step", "loss", "next_button"),
    [
        (Step.HANDLING, "none", "转售后经理"),
        (Step.DEPARTMENT, "hidden", "反馈结果"),
        (Step.SUMMARY, "hidden", "结案"),
    ],
)
def test_c8_the_form_reaches_the_card_and_names_the_next_button(
    desk: Any, step: Step, loss: str, next_button: str
) -> None:
    """C8, C11: only departments and the summary weigh the loss."""
    page = filled(desk, step)
    assert page.step == "check"
    for words in (CONTACT, "流程", "赵主管", SOLUTION):
        assert words in page.text
    told = page.press("submit").of(Tell)[0]
    assert (told.dialog, told.subject, told.news) == ("complaint_desk", NUMBER, "reported")
    assert told.words == {
        "leg": leg_of(step),
        "report": {
            "contact": CONTACT,
            "cause": "process",
            "responsible": "赵主管",
            "solution": SOLUTION,
            "promise": "",
            "loss": loss,
        },
    }
    assert page.outcome is Outcome.DONE
    assert f"「{next_button}」" in page.text


def test_c8_the_questions_come_in_the_order_of_the_paper_form(desk: Any) -> None:
    page = form(desk, Step.DEPARTMENT)
    asked = [page.step]
    for event in (
        Said(CONTACT), Pressed("cause", "parts"), Said("供应商"), Said(SOLUTION), Said("周三上午回电"),
        Pressed("loss", "none"),
    ):  # fmt: skip
        asked.append(page.on(event).step)
    assert asked == [
        "tell_contact", "choose_cause", "name_responsible", "tell_solution", "tell_promise", "weigh_loss", "check",
    ]  # fmt: skip
    report = page.press("submit").of(Tell)[0].words["report"]
    assert (report["responsible"], report["promise"]) == ("供应商", "周三上午回电")


@pytest.mark.parametrize("empty", ["好", "。。。", "！", "👍👍👍", "  a ", "……？！", "123456", "👨‍👩‍👧"])
@pytest.mark.parametrize("line", ["tell_contact", "tell_solution", "tell_promise"])
def test_c8_empty_words_are_refused_kindly_and_asked_again(desk: Any, line: str, empty: str) -> None:
    """One sign, nothing but punctuation, pictures or figures say nothing; also the third time."""
    page = form(desk, Step.HANDLING)
    if line != "tell_contact":
        page.say(CONTACT).press("cause", "ability").say("张师傅")
    if line == "tell_promise":
        page.say(SOLUTION)
    for _ in range(3):
        page.say(empty)
        assert (page.step, page.outcome) == (line, Outcome.ASK)
        assert "缺一不可" in page.text
    before = page.step
    assert page.say("已经和客户说明").step != before


@pytest.mark.parametrize("nobody", ["张", "？？", "长" * 41])
def test_c8_a_responsible_person_has_a_name(desk: Any, nobody: str) -> None:
    page = form(desk, Step.HANDLING).say(CONTACT).press("cause", "knowledge")
    assert page.say(nobody).step == "name_responsible"
    assert "姓名" in page.text


def test_c8_the_colleagues_of_the_desk_are_offered_first(desk: Any) -> None:
    page = form(desk, Step.DEPARTMENT).say(CONTACT).press("cause", "process")
    people = [button.value for button in page.buttons() if button.key == "responsible"]
    assert people == ["12", "11", "13"]


def test_c10_the_answer_to_the_customer_is_announced_as_such(desk: Any) -> None:
    """When the case is summed up the solution goes to the customer word for word; nothing is promised any more."""
    page = form(desk, Step.SUMMARY).say(CONTACT).press("cause", "process").press("responsible", "12")
    assert "一字不改" in page.text
    page.say(SOLUTION)
    assert page.step == "weigh_loss"
    assert f"给客户的答复：{SOLUTION}" in page.press("loss", "visible").text
    other = form(desk, Step.HANDLING).say(CONTACT).press("cause", "process").press("responsible", "12")
    assert "一字不改" not in other.text


def test_c8_one_line_is_changed_alone(desk: Any) -> None:
    page = filled(desk, Step.DEPARTMENT).press("change", "cause")
    assert page.step == "choose_cause"
    report = page.press("cause", "product").press("submit").of(Tell)[0].words["report"]
    assert (report["cause"], report["contact"], report["loss"]) == ("product", CONTACT, "hidden")


def test_c8_begun_again_everything_is_asked_anew(desk: Any) -> None:
    page = filled(desk, Step.DEPARTMENT).press("afresh")
    assert page.step == "tell_contact"
    assert page.state == Report(leg_of(Step.DEPARTMENT))


def test_c8_what_was_reported_before_is_a_beginning(desk: Any) -> None:
    """改一改: the form of this step as it was, each line open to change; or from the beginning."""
    told = filled(desk, Step.HANDLING).press("submit").of(Tell)[0].words["report"]
    reported = after(Step.HANDLING, Happening.REPORTED, **told)
    page = form(desk, Step.HANDLING, reported)
    assert CONTACT in page.text
    page.press("edit")
    assert page.step == "check"
    page.press("change", "solution").say("改为上门取车")
    assert page.step == "check"
    assert page.press("submit").of(Tell)[0].words["report"] == {**told, "solution": "改为上门取车"}
    assert form(desk, Step.HANDLING, reported).press("afresh").step == "tell_contact"


@pytest.mark.parametrize(
    ("happened", "said"),
    [
        (after(Step.HANDLING, Happening.ENDED), "已经办结"),
        (after(Step.HANDLING, Happening.HANDED_OVER, to=11, to_name="林顾问"), "由林顾问负责"),
        (after(Step.HANDLING, Happening.RELEASED), "没有人接单"),
    ],
    ids=["over", "handed over", "released"],
)
@pytest.mark.parametrize("answered", range(6))
def test_c8_a_step_that_is_no_longer_theirs_takes_no_form(
    desk: Any, happened: Entry, said: str, answered: int
) -> None:
    """At every question: told so, nothing reported."""
    page = form(desk, Step.HANDLING)
    answers = (Said(CONTACT), Pressed("cause", "parts"), Said("张师傅"), Said(SOLUTION), Pressed("skip"))
    for event in answers[:answered]:
        page.on(event)
    desk.complaint = complaint_at(Step.HANDLING, happened)
    page.on((*answers, Pressed("submit"))[answered])
    assert page.outcome is Outcome.DONE
    assert said in page.text
    assert not page.of(Tell)


def test_c8_an_unknown_case_takes_no_form(desk: Any) -> None:
    desk.home_person = ZHAO.person_id
    page = desk.open(Open("complaint_report", Report(leg_of(Step.HANDLING)), subject="TS000000-000"))
    assert page.outcome is Outcome.DONE
    assert page.text


@pytest.mark.parametrize(
    "forged", [Pressed("cause", "bad luck"), Pressed("submit"), SentMedia("photo", "f1")]
)
def test_forged_and_misplaced_answers_only_ask_again(desk: Any, forged: Any) -> None:
    page = form(desk, Step.HANDLING).say(CONTACT)
    assert (page.on(forged).step, page.outcome) == ("choose_cause", Outcome.ASK_AGAIN)


def test_forged_lines_and_losses_change_nothing(desk: Any) -> None:
    page = filled(desk, Step.DEPARTMENT)
    state = page.state
    assert page.on(Pressed("change", "leg")).state == state
    page.press("change", "loss").on(Pressed("loss", "everything"))
    assert page.state == replace(state, loss="")


def test_the_word_confirm_submits(desk: Any) -> None:
    assert filled(desk, Step.SUMMARY).say("确认").of(Tell)


def test_what_tells_something() -> None:
    assert all(map(tells_something, ("已联系", "OK 了", "10:20 电话")))
    assert not any(map(tells_something, ("", " ", "是", "!!", "10:20", "🙏🙏", "——")))


def test_c11_every_loss_has_its_word(desk: Any) -> None:
    page = form(desk, Step.SUMMARY).say(CONTACT).press("cause", "ability").say("张师傅").say(SOLUTION)
    card = page.of(Say)[-1]
    labels = [SCRIPTS.label("complaint_report", each.key, each.words) for each in card.buttons[0]]
    assert labels == ["无损失", "隐性损失", "显性损失"]
    assert [each.value for each in card.buttons[0]] == [each.value for each in Loss]
    assert page.on(Entered()).step == "weigh_loss"
