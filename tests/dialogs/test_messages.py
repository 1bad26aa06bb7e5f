"""Colleagues answer customers through the bot, customers answer back: one conversation (Q2, A3, C8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.call import CALL, UNDELIVERABLE, Call
from dialogs.complaint_contact import COMPLAINT_CONTACT, Contact
from dialogs.complaint_moves import Held, entry
from dialogs.complaint_words import Words
from dialogs.core import (
    Entered,
    Home,
    Kind,
    Media,
    Open,
    Outcome,
    Pressed,
    Record,
    Said,
    Say,
    SentMedia,
    Tell,
)
from dialogs.facts import Who
from dialogs.message import MESSAGE, REPLY_WITHIN
from dialogs.patterns import Standing, respond
from dialogs.writing import MOST_MEDIA, WRITING, Message, Writing
from domain.complaint_chain import beginning
from domain.complaints import Complainant, Complaint, ComplaintState, Happening, Origin, Step
from domain.people import Role
from storage import states

CUSTOMER = Who(3, "小王")
ADVISOR = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
SUPERVISOR = Who(14, "何主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
MANAGER = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
LEG = "handling.front_desk.1"
TS = "TS261123-001"
PHONE = "+8613800138000"
TO_WANG = Writing(3, "王先生")
TO_LIN = Writing(11, "林顾问", staff=False)


@pytest.fixture
def staff(desk: Any) -> Any:
    """Three colleagues; the advisor acts, in their own chat."""
    desk.colleagues, desk.who, desk.home_person, desk.customer = (
        (ADVISOR, SUPERVISOR, MANAGER),
        ADVISOR,
        11,
        None,
    )
    return desk


@pytest.fixture
def customer(desk: Any) -> Any:
    """Mr Wang acts, in his own chat."""
    desk.colleagues = (ADVISOR, SUPERVISOR, MANAGER)
    return desk


def case(desk: Any, owner: Who = SUPERVISOR, *, closed: bool = False) -> None:
    """A complaint of Mr Wang whose first handling `owner` has accepted."""
    said = Complaint(TS, Origin.CUSTOMER, Complainant(3, 7, "王先生", PHONE, "粤B12345"), desk.now)
    asked = desk.who, desk.complaint
    desk.who, desk.complaint = owner, said
    facts = desk.facts(desk.begin("complaint_contact", Contact()))
    history = (
        entry(Happening.BEGUN, facts, LEG, **beginning(Step.HANDLING, desk.store.complaints)),
        entry(Happening.ACCEPTED, facts, LEG),
    )
    desk.who, desk.complaint = asked
    state = ComplaintState.CLOSED if closed else ComplaintState.OPEN
    desk.complaint = replace(said, history=history, state=state)


def begun(desk: Any, name: str, state: Any, subject: str = "") -> Any:
    return desk.begin(name, state, subject).on(Entered())


# ---------------------------------------------------------------- a colleague writes


def test_q2_a_colleague_writes_and_the_customer_reads_it_in_the_name_of_the_house(staff: Any) -> None:
    writing = begun(staff, "writing", TO_WANG)
    assert "王先生" in writing.text
    assert [each.key for each in writing.buttons()] == ["cancel"]
    opened = writing.say("您的车已经洗好了。").opened("message")
    assert "已发给王先生" in writing.text
    assert writing.outcome is Outcome.DONE
    assert opened.home == Home(person=3)
    staff.home_person = 3
    card = staff.open(opened)
    assert card.said[0].kind is Kind.NOTICE, "who blocked us becomes a call to make"
    assert card.text == "💬 <b>远航汽车 · 林顾问</b>\n您的车已经洗好了。"


def test_q2_nothing_of_the_text_is_in_the_audit_log(staff: Any) -> None:
    writing = begun(staff, "writing", replace(TO_WANG, leg=LEG), TS).say("王先生电话 13800138000 我记下了")
    (record,) = writing.of(Record)
    assert (record.action, record.subject, record.details) == ("message.sent", TS, {"to": 3, "media": 0})
    (told,) = writing.of(Tell)
    assert "13800138000" not in str(told)


def test_c8_writing_about_a_complaint_is_a_contact_of_its_step(staff: Any) -> None:
    writing = begun(staff, "writing", replace(TO_WANG, leg=LEG), TS).say("我是何主管，正在核实。")
    assert writing.of(Tell) == [Tell("complaint_desk", TS, "contacted", {"leg": LEG, "how": "message"})]
    assert "记在投诉单" in writing.text


def test_q2_what_is_about_no_complaint_is_told_to_no_case(staff: Any) -> None:
    assert begun(staff, "writing", TO_WANG, "YY261123-001").say("可以来取车了").of(Tell) == []


@pytest.mark.parametrize("text", ["\u3000\u200b \u2060", "好", "1"])
def test_b15_too_little_is_asked_for_again(staff: Any, text: str) -> None:
    writing = begun(staff, "writing", TO_WANG).say(text)
    assert "详细一点" in writing.text
    assert not writing.of(Open)
    assert writing.say("好的，等您").of(Open)


@pytest.mark.parametrize("text", ["好", "👍", "1", "？"])
def test_b15_of_a_customer_one_sign_is_an_answer(customer: Any, text: str) -> None:
    assert begun(customer, "writing", TO_LIN).say(text).opened("message").state.text == text


def test_b15_a_customer_who_sends_nothing_visible_is_asked_again(customer: Any) -> None:
    writing = begun(customer, "writing", TO_LIN).say("\u200b\u2060")
    assert "没有看到内容" in writing.text
    assert not writing.of(Open)


def test_r3_who_has_left_meanwhile_sends_nothing(staff: Any) -> None:
    writing = begun(staff, "writing", TO_WANG)
    staff.who = replace(ADVISOR, roles=frozenset())
    writing.say("您的车已经洗好了。")
    assert "没有发出" in writing.text
    assert not writing.of(Open)
    assert [each.action for each in writing.of(Record)] == ["message.refused"]


@pytest.mark.parametrize(
    "text",
    [
        "已经为您取消了明天的预约",
        "方便的时候请回个电话过来",
        "您投诉的事，经理正在处理",
        "请来电",
        "需要改期吗",
    ],
)
def test_q2_what_a_colleague_writes_to_a_customer_is_no_command_to_us(staff: Any, text: str) -> None:
    """取消 and 投诉 inside a sentence belong to the customer who reads it."""
    facts = staff.facts(staff.begin("writing", TO_WANG))
    response = respond(WRITING, Standing("write", TO_WANG), Said(text), facts, {})
    assert [each.state.text for each in response.effects if isinstance(each, Open)] == [text]


@pytest.mark.parametrize(("text", "outcome"), [("取消", Outcome.DONE), ("人工", Outcome.HAND_OVER)])
def test_a_bare_command_is_meant_for_us(customer: Any, text: str, outcome: Outcome) -> None:
    facts = customer.facts(customer.begin("writing", TO_LIN))
    response = respond(WRITING, Standing("write", TO_LIN), Said(text), facts, {})
    assert response.outcome is outcome
    assert not any(isinstance(each, Open) for each in response.effects)


def test_c1_a_customer_who_complains_while_writing_is_heard(customer: Any) -> None:
    """投诉 interrupts everything that a customer does."""
    facts = customer.facts(customer.begin("writing", TO_LIN))
    assert respond(WRITING, Standing("write", TO_LIN), Said("我要投诉你们"), facts, {}).interrupted


# ---------------------------------------------------------------- photos and the like


def test_c1_photos_are_gathered_on_one_card_and_leave_with_the_words(customer: Any) -> None:
    writing = begun(customer, "writing", TO_LIN)
    writing.on(SentMedia("photo", "f1", "左前门")).on(SentMedia("photo", "f2"))
    assert "2 个图片" in writing.text
    assert "左前门" in writing.text
    assert all(each.in_place for each in writing.said)
    assert not writing.of(Open)
    message = writing.say("您看一下").opened("message").state
    assert message.media == (("photo", "f1"), ("photo", "f2"))
    assert message.text == "左前门\n您看一下"


def test_photos_alone_leave_with_the_button(staff: Any) -> None:
    writing = begun(staff, "writing", TO_WANG).on(SentMedia("voice", "v1")).press("send")
    opened = writing.opened("message")
    staff.home_person = 3
    card = staff.open(opened)
    assert [(each.media, each.kind, bool(each.buttons)) for each in card.said] == [
        (Media("voice", "v1"), Kind.ANSWER, False),
        (None, Kind.NOTICE, True),
    ], "one call to make, not one for each photo"
    assert "另有 1 个" in card.text


def test_thirty_photos_are_ten_and_a_kind_word(customer: Any) -> None:
    writing = begun(customer, "writing", TO_LIN)
    for number in range(30):
        writing.on(SentMedia("photo", f"f{number}", "很长的说明" * 100))
        assert len(writing.texts) == 1
    assert "没有收下" in writing.text
    message = writing.press("send").opened("message").state
    assert len(message.media) <= MOST_MEDIA
    customer.open(Open("message", message))  # fits into one message of the service


def test_words_too_long_for_one_message_are_not_sent(customer: Any) -> None:
    kept = replace(TO_LIN, media=(("photo", "f1"),), text="说" * 2_500)
    writing = begun(customer, "writing", kept).say("明" * 1_000)
    assert "太长" in writing.text
    assert writing.on(Pressed("send")).opened("message").state.text == kept.text


@pytest.mark.parametrize("event", [SentMedia("sticker", "f1"), SentMedia("location"), SentMedia("photo")])
def test_what_cannot_be_passed_on_is_not_sent(staff: Any, event: SentMedia) -> None:
    writing = begun(staff, "writing", TO_WANG).on(event)
    assert writing.outcome is Outcome.ASK_AGAIN
    assert not writing.of(Open)


# ---------------------------------------------------------------- the customer answers


def test_q2_both_sides_go_on_as_long_as_they_like(customer: Any) -> None:
    """回复 at the customer, 回复 at the colleague, and again; numbers are plain in the colleague's own chat."""
    card = begun(customer, "message", Message(11, "林顾问", "车好了"), "YY261123-001")
    for _ in range(2):
        customer.who, customer.home_person = CUSTOMER, 3
        writing = customer.open(card.press("reply").opened("writing"))
        assert writing.state == Writing(11, "林顾问", staff=False)
        answer = writing.say("打我 13800138000").opened("message")
        assert answer.home == Home(person=11)
        customer.who, customer.home_person = ADVISOR, 11
        at_staff = customer.open(answer)
        assert at_staff.text == "💬 <b>客户 王先生</b>\n打我 13800138000"
        assert at_staff.said[0].kind is Kind.STAFF
        back = customer.open(at_staff.press("reply").opened("writing")).say("好的，马上打").opened("message")
        assert (back.home, back.subject) == (Home(person=3), "YY261123-001")
        customer.home_person = 3
        card = customer.open(back)


def test_c8_the_answer_about_an_open_complaint_belongs_to_the_case(customer: Any) -> None:
    case(customer)
    card = begun(customer, "message", Message(14, "何主管", "请问是哪天来的？", leg=LEG), TS)
    assert card.press("reply").of(Open) == [Open("complaint_words", Words(asked=True), subject=TS)]


def test_c8_about_a_closed_complaint_it_goes_to_who_wrote(customer: Any) -> None:
    case(customer, closed=True)
    card = begun(customer, "message", Message(14, "何主管", "还有问题吗？", leg=LEG), TS)
    assert card.press("reply").opened("writing").state == Writing(14, "何主管", LEG, staff=False)


def test_r4_the_answer_reaches_whoever_stands_in(customer: Any) -> None:
    away = replace(ADVISOR, absent_until=customer.now + timedelta(days=3), substitute=14)
    customer.colleagues = (away, SUPERVISOR)
    writing = begun(customer, "writing", TO_LIN)
    assert "何主管" in writing.text
    assert writing.say("我明天到").opened("message").home == Home(person=14)


def test_r3_the_answer_to_a_colleague_who_left_goes_to_the_desk(customer: Any) -> None:
    customer.colleagues = (SUPERVISOR,)
    writing = begun(customer, "writing", TO_LIN)
    assert writing.outcome is Outcome.HAND_OVER


def test_r3_also_when_they_left_while_it_was_written(customer: Any) -> None:
    writing = begun(customer, "writing", TO_LIN)
    customer.colleagues = (SUPERVISOR,)
    assert writing.say("我明天到").outcome is Outcome.HAND_OVER
    assert not writing.of(Open)


def test_r2_a_colleague_who_left_replies_to_nobody(staff: Any) -> None:
    at_staff, at_customer = Message(3, "王先生", "在吗", to_staff=True), Message(11, "林顾问", "车好了")
    permit = MESSAGE.authority["reply"]
    facts = staff.facts(staff.begin("message", at_staff))
    gone = replace(facts, who=CUSTOMER)
    assert permit(at_staff, facts)
    assert not permit(at_staff, gone)
    assert permit(at_customer, gone)


def test_the_reply_button_is_put_away_after_a_week(customer: Any) -> None:
    card = begun(customer, "message", Message(11, "林顾问", "车好了"))
    assert card.timers == {"put_away": customer.now + REPLY_WITHIN}
    assert card.wake("put_away").outcome is Outcome.DONE


# ---------------------------------------------------------------- the call


@pytest.fixture
def call(staff: Any) -> Any:
    """A customer in the chat asked for a person."""
    return begun(staff, "call", Call("human", "王先生", PHONE, "电话 13800138000 找人", person=3))


def test_q2_a_call_can_be_answered_here(staff: Any, call: Any) -> None:
    assert [each.key for each in call.buttons()] == ["take", "answer"]
    call.press("answer")
    assert call.opened("writing") == Open("writing", Writing(3, "王先生"), Home(person=11))
    assert "林顾问 来联系" in call.text
    assert [each.action for each in call.of(Record)] == ["phone.opened"]
    private = [each for each in call.of(Say) if each.to == Home(person=11)]
    assert [each.script for each in private] == ["call/number"]
    assert [each.key for each in call.buttons()] == ["called", "answer"]
    assert call.press("called").outcome is Outcome.DONE


def test_a3_the_group_reads_no_number(call: Any) -> None:
    for key in ("answer", "answer", "called"):
        call.press(key)
        assert not [each for each in call.texts if "13800138000" in each and "只用于这次联系" not in each]
        assert not [each for each in call.texts if "138 0013 8000" in each and "只用于这次联系" not in each]


def test_q2_answering_again_shows_the_number_to_nobody_twice(staff: Any, call: Any) -> None:
    call.press("take").press("answer")
    assert not call.of(Record)
    assert call.opened("writing").home == Home(person=11)


def test_q2_another_colleague_who_answers_has_it_from_then_on(staff: Any, call: Any) -> None:
    call.press("take")
    staff.who = SUPERVISOR
    call.press("answer")
    assert "何主管 来联系" in call.text
    assert [each.action for each in call.of(Record)] == ["phone.opened"]


@pytest.mark.parametrize("unreached", [Call("human", "王先生", PHONE), Call(UNDELIVERABLE, "王先生", PHONE)])
def test_q2_whom_no_message_reaches_can_only_be_called(staff: Any, unreached: Call) -> None:
    card = begun(staff, "call", unreached)
    assert [each.key for each in card.buttons()] == ["take"]
    assert [each.key for each in card.press("take").buttons()] == ["called"]


def test_calls_written_by_the_last_release_still_load() -> None:
    kept = '{"reason": "human", "name": "王先生", "phone": "", "said": "", "taken_by": "林顾问"}'
    assert states.read(CALL, kept, 1) == Call("human", "王先生", taken_by="林顾问")


# ---------------------------------------------------------------- how to reach whoever complained


@pytest.fixture
def contact(staff: Any) -> Any:
    """The supervisor has the case and opened it."""
    case(staff)
    staff.who, staff.home_person = SUPERVISOR, 14
    return begun(staff, "complaint_contact", Contact(LEG, "王先生", PHONE, "粤B12345", 3), TS)


def test_a3_number_and_plate_are_plain_in_the_own_chat(contact: Any) -> None:
    assert "<code>138 0013 8000</code>" in contact.text
    assert "<code>粤B·12345</code>" in contact.text
    assert "只用于处理这一单" in contact.text


@pytest.mark.parametrize(
    ("key", "how", "words"), [("reached", "phone", "已联系上"), ("not_reached", "not_reached", "没联系上")]
)
def test_c8_what_came_of_the_call_is_noted_in_the_case(contact: Any, key: str, how: str, words: str) -> None:
    contact.press(key)
    assert contact.of(Tell) == [Tell("complaint_desk", TS, "contacted", {"leg": LEG, "how": how})]
    assert words in contact.text
    assert contact.press("reached").of(Tell), "they try again"


def test_c8_a_message_leads_to_writing_about_that_step(contact: Any) -> None:
    assert contact.press("write").opened("writing") == Open("writing", Writing(3, "王先生", LEG), subject=TS)


def test_c8_a_caller_without_a_chat_can_only_be_called(staff: Any) -> None:
    case(staff)
    card = begun(staff, "complaint_contact", Contact(LEG, "", "", "", 0), TS)
    assert [each.key for each in card.buttons()] == ["reached", "not_reached"]
    assert "没有留" in card.text


def test_a3_after_a_day_the_number_is_taken_away(contact: Any) -> None:
    contact.wake("put_away")
    assert "138" not in contact.text
    assert contact.said[0].in_place
    assert contact.outcome is Outcome.DONE


@pytest.mark.parametrize("key", ["write", "reached", "not_reached"])
def test_c4_after_the_step_is_over_nothing_more_is_noted(staff: Any, contact: Any, key: str) -> None:
    ended = entry(Happening.ENDED, staff.facts(contact), LEG)
    staff.complaint = replace(staff.complaint, history=(*staff.complaint.history, ended))
    contact.press(key)
    assert "已经办结" in contact.text
    assert not contact.of(Tell)
    assert not contact.of(Open)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (SUPERVISOR, True),
        (MANAGER, True),
        (ADVISOR, False),
        (replace(SUPERVISOR, roles=frozenset()), False),
    ],
    ids=["owner", "after sales", "another", "dismissed"],
)
def test_r2_only_whoever_has_the_case_presses(staff: Any, contact: Any, who: Who, allowed: bool) -> None:
    facts = replace(staff.facts(contact), who=who)
    for permit in COMPLAINT_CONTACT.authority.values():
        assert permit(contact.state, facts) is allowed


def test_a3_the_card_is_opened_from_the_desk(staff: Any) -> None:
    """联系客户: the contact in the private chat, and an audit line; nothing unmasked at the desk."""
    case(staff)
    staff.who = SUPERVISOR
    card = begun(staff, "complaint_desk", Held(LEG), TS).press("contact")
    assert card.opened("complaint_contact").state == Contact(LEG, "王先生", PHONE, "粤B12345", 3)
    assert card.opened("complaint_contact").home == Home(person=14)
    assert "phone.opened" in [each.action for each in card.of(Record)]
    assert "8000" not in card.text
