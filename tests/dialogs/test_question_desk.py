"""A customer's question at the front desk: taken, answered, called about, reported after two days (Q2, F5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from dialogs.core import Entered, Home, Kind, Open, Pressed, Record, Said, Say, Tell, Toast, Told
from dialogs.effects import KeepQuestion, PlanFollowUp
from dialogs.facts import Who
from dialogs.question_answer import Answered
from dialogs.question_desk import QUESTION_DESK, UNANSWERED, overtaken
from dialogs.question_list import MOST_LINES
from dialogs.question_moves import AtDesk
from dialogs.standing_list import NEWER
from dialogs.writing import Writing
from domain.calendar import StoreCalendar
from domain.customer_questions import CustomerQuestion, reported_at
from domain.people import Queue, Role
from domain.questionnaires import FollowUpEvent, Question, QuestionKind, Questionnaire, Start
from domain.store import SpecialDay
from tests.dialogs.conftest import (
    ADVISOR,
    CALENDAR,
    MONDAY,
    STORE,
    STRANGER,
    WORKSHOP,
    ZONE,
    Conversation,
    Desk,
)

OTHER = Who(15, "郑顾问", roles=frozenset({Role.ADVISOR}))
SUPERVISOR = Who(14, "何主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
MANAGER = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
ZX = "ZX261123-901"
PHONE = "+8613800138000"
ASKED = CustomerQuestion(ZX, "冬天要换防冻液吗？车牌粤B12345，电话13800138000", MONDAY, 3, 7, "王先生", PHONE)
CONSULTED = Questionnaire(
    "consultation",
    "咨询回访",
    "v1",
    Start(timedelta(hours=24), timedelta(hours=48), FollowUpEvent.CONSULTED),
    "您好",
    "谢谢",
    (Question("cleared", QuestionKind.YES_NO, "弄清楚了吗？"),),
)


@pytest.fixture
def front(desk: Desk) -> Desk:
    """The advisor acts, at the front desk."""
    desk.colleagues, desk.who, desk.home_person = (ADVISOR, OTHER, SUPERVISOR, MANAGER), ADVISOR, 0
    desk.question, desk.questionnaires = ASKED, {"consultation": CONSULTED}
    return desk


def card(desk: Desk, question: CustomerQuestion = ASKED, held: AtDesk | None = None) -> Conversation:
    desk.question = question
    return desk.begin("question_desk", held or AtDesk(), ZX).on(Entered())


def keys(talk: Conversation) -> list[str]:
    return [each.key for each in talk.buttons()]


def answered(talk: Conversation, text: str = "要换，两年一次。", how: str = "message") -> Conversation:
    return talk.on(Told("answered", {"text": text, "how": how}))


# ---------------------------------------------------------------- the card


def test_a3_the_card_masks_what_a_group_may_not_read(front: Desk) -> None:
    talk = card(front)
    assert "王先生" in talk.text
    assert "冬天要换防冻液吗" in talk.text
    assert not [secret for secret in ("粤B12345", "13800138000") if secret in talk.text.replace(" ", "")]
    assert keys(talk) == ["answer", "call", "looking"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (replace(ASKED, phone=""), ["answer", "looking"]),
        (replace(ASKED, promised=True), ["answer", "call"]),
        (replace(ASKED, person_id=0), ["call"]),
        (replace(ASKED, person_id=0, phone=""), ["said"]),
    ],
    ids=["no number", "looked into", "no chat", "neither"],
)
def test_q2_the_ways_that_there_are(front: Desk, question: CustomerQuestion, expected: list[str]) -> None:
    assert keys(card(front, question)) == expected


@pytest.mark.parametrize(
    ("who", "may"),
    [(ADVISOR, True), (SUPERVISOR, True), (MANAGER, True), (WORKSHOP, False), (STRANGER, False)],
)
def test_r2_the_front_desk_and_the_after_sales_manager_may(front: Desk, who: Who, may: bool) -> None:
    talk = card(front)
    front.who = who
    facts = replace(front.facts(talk), queue=Queue.FRONT_DESK)
    assert {permit(talk.state, facts) for permit in QUESTION_DESK.authority.values()} == {may}


# ---------------------------------------------------------------- in writing


def test_q2_who_presses_has_it_and_writes_in_private(front: Desk) -> None:
    talk = card(front).press("answer")
    assert front.question == replace(ASKED, owner=11, owner_name="林顾问")
    form = talk.opened("writing")
    assert form.state == Writing(3, "王先生", first=True)
    assert (form.home, form.subject) == (Home(person=11), ZX)
    shown = next(say for say in talk.of(Say) if say.to == Home(person=11))
    assert shown.words["said"] == ASKED.text
    assert "林顾问 在跟进" in talk.text


def test_q2_their_own_second_press_only_opens_the_form_again(front: Desk) -> None:
    talk = card(front).press("answer")
    again = talk.press("answer")
    assert again.of(KeepQuestion) == []
    assert again.opened("writing")


def test_q2_of_two_who_press_together_the_other_hears_who_has_it(front: Desk) -> None:
    talk = card(front).press("answer")
    front.who = OTHER
    for key in QUESTION_DESK.authority:
        assert overtaken(talk.state, front.facts(talk), key) == Toast(
            "question_desk/taken", {"who": "林顾问"}
        )
    front.who = ADVISOR
    assert overtaken(talk.state, front.facts(talk), "answer") is None


def test_q2_a_colleague_takes_it_over_and_the_first_one_hears_so(front: Desk) -> None:
    talk = card(front).press("answer")
    front.who = OTHER
    talk.press("answer")
    assert front.question is not None
    assert front.question.owner == 15
    told = next(say for say in talk.of(Say) if say.to == Home(person=11))
    assert told.words["who"] == "郑顾问"


def test_f5_the_answer_ends_it_with_the_words_kept(front: Desk) -> None:
    talk = card(front).press("answer")
    front.now = MONDAY + timedelta(hours=3)
    answered(talk)
    assert front.question == replace(
        ASKED, owner=11, owner_name="林顾问", answered_at=front.now, answer="要换，两年一次。"
    )
    assert talk.step == ""
    assert "已答复" in talk.text
    assert talk.said[-1].in_place
    assert "两年一次" not in str(talk.of(Record))
    facts = front.facts(talk)
    assert overtaken(AtDesk(), replace(facts, who=OTHER), "answer") == Toast(
        "question_desk/settled", {"who": "林顾问"}
    )


def test_q2_whoever_answers_ends_it_also_for_the_one_who_had_it(front: Desk) -> None:
    talk = card(front).press("answer")
    front.who = SUPERVISOR
    answered(talk)
    assert [say.to.person for say in talk.of(Say) if say.to.person] == [11]
    assert front.question is not None
    assert front.question.owner_name == "何主管"


def test_f5_still_looking_is_told_once(front: Desk) -> None:
    talk = card(front).press("looking")
    heard = [say for say in talk.of(Say) if say.to == Home(person=3)]
    assert [say.kind for say in heard] == [Kind.NOTICE]
    assert front.question is not None
    assert (front.question.promised, front.question.owner) == (True, 11)
    assert "looking" not in keys(talk)
    assert talk.on(Pressed("looking")).of(Say) == []


# ---------------------------------------------------------------- F1: it was a consultation


def test_f1_a_consultation_is_followed_up(front: Desk) -> None:
    talk = answered(card(front).press("answer"))
    (plan,) = talk.of(PlanFollowUp)
    planned = plan.follow_up
    assert planned.questionnaire == "consultation"
    assert (planned.customer_id, planned.person_id, planned.advisor) == (7, 3, 11)
    assert (planned.subject, planned.phone) == (ZX, PHONE)
    assert talk.opened("follow_up").subject == planned.number


@pytest.mark.parametrize(
    "question", [replace(ASKED, customer_id=0), replace(ASKED, follow_up="HF261123-001.1")]
)
def test_f1_not_without_a_file_nor_after_a_follow_up(front: Desk, question: CustomerQuestion) -> None:
    assert answered(card(front, question).press("answer")).of(PlanFollowUp) == []


# ---------------------------------------------------------------- by phone


def test_a3_the_number_is_shown_to_who_takes_the_call_alone(front: Desk) -> None:
    talk = card(front, replace(ASKED, person_id=0)).press("call")
    shown = [say for say in talk.of(Say) if say.words.get("phone") == PHONE and say.script == "call/number"]
    assert [say.to for say in shown] == [Home(person=11)]
    assert "phone.opened" in {record.action for record in talk.of(Record)}
    assert keys(talk) == ["call", "said"]


def test_f5_what_was_said_on_the_phone_is_written_down(front: Desk) -> None:
    talk = card(front, replace(ASKED, person_id=0)).press("call").press("said")
    form = talk.opened("question_answer")
    assert form.home == Home(person=11)
    front.home_person = 11
    filling = front.open(form)
    filling.say("换")
    assert filling.of(Tell) == []
    filling.say("告诉客户两年换一次")
    (told,) = filling.of(Tell)
    assert (told.dialog, told.subject, told.news) == ("question_desk", ZX, "answered")
    answered(talk, told.words["text"], told.words["how"])
    assert front.question is not None
    assert front.question.answer == "告诉客户两年换一次"


@pytest.mark.parametrize("who", [ADVISOR, STRANGER])
def test_q2_nothing_is_written_down_twice_nor_by_strangers(front: Desk, who: Who) -> None:
    form = front.begin("question_answer", Answered(), ZX).on(Entered())
    front.who = who
    if who is ADVISOR:
        front.question = replace(ASKED, answered_at=MONDAY, owner=15, owner_name="郑顾问")
    form.say("告诉客户两年换一次")
    assert form.of(Tell) == []
    assert form.step == ""
    assert ("郑顾问" in form.text) == (who is ADVISOR)


def test_q2_an_answer_that_comes_second_is_not_sent(front: Desk) -> None:
    """Two of them wrote; the customer is not told twice. Later replies of either are (one conversation)."""
    front.home_person = 11
    first = front.begin("writing", Writing(3, "王先生", first=True), ZX).on(Entered())
    front.question = replace(ASKED, answered_at=MONDAY, owner=15, owner_name="郑顾问")
    first.say("要换的")
    assert first.of(Open) == []
    assert "郑顾问" in first.text
    reply = front.begin("writing", Writing(3, "王先生"), ZX).on(Entered()).say("不客气")
    assert reply.opened("message")


def test_q2_the_writing_tells_the_card(front: Desk) -> None:
    front.home_person = 11
    form = front.begin("writing", Writing(3, "王先生", first=True), ZX).on(Entered()).say("要换的")
    assert form.opened("message").home == Home(person=3)
    assert [(each.dialog, each.news, each.words["text"]) for each in form.of(Tell)] == [
        ("question_desk", "answered", "要换的")
    ]


def test_q2_whom_the_chat_does_not_reach_is_called(front: Desk) -> None:
    talk = card(front).press("looking").on(Told("unreachable", {"text": "我们还在核实", "person": 3}))
    assert keys(talk) == ["call"]
    assert "请打电话答复" in talk.text


# ---------------------------------------------------------------- nobody answers


def test_f5_after_two_days_the_supervisors_have_it_and_every_morning_again(front: Desk) -> None:
    talk = card(front)
    assert talk.timers[UNANSWERED] == MONDAY + timedelta(days=2)
    for morning in (26, 27):
        talk.wake(UNANSWERED)
        assert [say.to.person for say in talk.of(Say) if say.copy] == [14]
        assert "请前台主管过问" in talk.text
        assert talk.timers[UNANSWERED] == datetime(2026, 11, morning, 8, 30, tzinfo=ZONE)
    assert answered(talk.press("answer")).timers == {}


def test_r4_who_stands_in_for_the_supervisor_hears_it(front: Desk) -> None:
    away = replace(SUPERVISOR, absent_until=MONDAY + timedelta(days=9), substitute=15)
    front.colleagues = (ADVISOR, OTHER, away, MANAGER)
    assert [say.to.person for say in card(front).wake(UNANSWERED).of(Say) if say.copy] == [15]


_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("asked", "now", "due"),
    [
        (MONDAY, MONDAY, MONDAY + 2 * _DAY),
        (MONDAY.replace(hour=12, minute=30), MONDAY, MONDAY.replace(day=25, hour=12, minute=30)),
        (MONDAY.replace(hour=23), MONDAY.replace(hour=23), MONDAY.replace(day=25, hour=17, minute=30)),
        (MONDAY.replace(hour=2), MONDAY.replace(hour=2), MONDAY.replace(day=24, hour=17, minute=30)),
        (
            MONDAY.replace(hour=23),
            MONDAY.replace(day=25, hour=17, minute=30),
            MONDAY.replace(day=26, hour=8, minute=30),
        ),
        (MONDAY, MONDAY + 5 * _DAY, MONDAY.replace(day=30, hour=8, minute=30)),
    ],
    ids=["within hours", "at lunch", "late at night", "before dawn", "told at closing", "weekend"],
)
def test_f5_supervisors_hear_within_two_days(asked: datetime, now: datetime, due: datetime) -> None:
    assert reported_at(asked, now, 2, CALENDAR) == due


def test_f5_a_house_that_is_closed_all_the_time_hears_it_when_it_opens() -> None:
    closed = SpecialDay(day=date(2026, 11, 24), until=date(2026, 11, 29))
    calendar = StoreCalendar.of(replace(STORE, special_days=(closed,)))
    late = datetime.combine(date(2026, 11, 23), time(20), ZONE)
    assert reported_at(late, late, 2, calendar) == datetime(2026, 11, 30, 8, 30, tzinfo=ZONE)


# ---------------------------------------------------------------- who has it is not there any more


@pytest.mark.parametrize(("to", "owner", "copies"), [(OTHER, 15, [15]), (WORKSHOP, 0, []), (None, 0, [])])
def test_r4_the_substitute_has_it_or_the_desk(
    front: Desk, to: Who | None, owner: int, copies: list[int]
) -> None:
    """Who stands in but does not serve this desk gets no question; the card rings anew."""
    front.colleagues = (*front.colleagues, WORKSHOP)
    talk = card(front).press("answer")
    talk.on(Told("owner_gone", {"person": 11, "to": to.person_id if to else 0}))
    assert front.question is not None
    assert front.question.owner == owner
    assert [say.to.person for say in talk.of(Say) if say.copy] == copies
    assert not talk.said[0].in_place


def test_r4_others_keep_what_they_have(front: Desk) -> None:
    talk = card(front).press("answer")
    assert talk.on(Told("owner_gone", {"person": 15, "to": 13})).effects == ()


def test_r4_who_stood_in_keeps_what_they_may_have_by_themselves(front: Desk) -> None:
    talk = card(front).press("answer")
    assert talk.on(Told("stood_in", {"person": 11, "to": 15})).effects == ()
    front.colleagues = (replace(ADVISOR, roles=frozenset({Role.WORKSHOP_SUPERVISOR})), OTHER)
    talk.on(Told("stood_in", {"person": 11, "to": 15}))
    assert front.question is not None
    assert front.question.owner == 15


# ---------------------------------------------------------------- what others tell it


def test_q2_words_asked_anew_take_the_place_of_the_card(front: Desk) -> None:
    talk = card(front).on(Told(NEWER))
    assert talk.step == ""
    assert "看新的卡片" in talk.text


def test_q2_it_is_silent_about_news_it_does_not_know_and_over_when_it_is_answered(front: Desk) -> None:
    talk = card(front)
    assert talk.on(Told("strange")).effects == ()
    front.question = replace(ASKED, answered_at=MONDAY)
    assert talk.on(Entered()).step == ""


def test_b15_a_message_at_the_card_gets_a_hint(front: Desk) -> None:
    assert "请点卡片上的按钮" in card(front).on(Said("好")).text


# ---------------------------------------------------------------- the list


def listed(desk: Desk, *questions: CustomerQuestion) -> Conversation:
    desk.questions, desk.home_person = questions, 11
    return desk.begin("question_list", None, "questions-11").on(Entered())


def test_q2_the_list_shows_the_oldest_first_and_brings_the_card(front: Desk) -> None:
    other = replace(ASKED, number="ZX261123-902", address="", owner_name="郑顾问", promised=True)
    talk = listed(front, ASKED, other)
    assert "待答复 2 条" in talk.text
    assert "郑顾问（在查）" in talk.text
    assert "13800138000" not in talk.text
    talk.press("open", ZX)
    assert talk.of(Tell) == [Tell("question_desk", ZX, "show_to", {"person": 11})]


def test_q2_what_was_answered_meanwhile_leaves_the_list(front: Desk) -> None:
    talk = listed(front, ASKED)
    front.questions = ()
    talk.press("open", ZX)
    assert "没有待答复" in talk.text
    assert talk.of(Tell) == []


def test_q2_a_long_list_says_what_it_leaves_out(front: Desk) -> None:
    many = tuple(replace(ASKED, number=f"ZX261123-{place:03d}") for place in range(MOST_LINES + 3))
    assert "还有 3 条没有列出" in listed(front, *many).text


def test_q2_the_card_comes_as_a_copy(front: Desk) -> None:
    (copy,) = card(front).on(Told("show_to", {"person": 15})).of(Say)
    assert (copy.copy, copy.to) == (True, Home(person=15))


def test_q2_one_list_at_a_time(front: Desk) -> None:
    assert listed(front, ASKED).on(Told(NEWER)).step == ""


@pytest.mark.parametrize("words", ["客户咨询", "/questions"])
def test_q2_colleagues_ask_for_the_list(front: Desk, words: str) -> None:
    front.home_person = 11
    talk: Any = front.begin("staff_desk").on(Said(words))
    assert talk.opened("question_list").home == Home(person=11)
    front.who = STRANGER
    assert front.begin("staff_desk").on(Said(words)).of(Open) == []
