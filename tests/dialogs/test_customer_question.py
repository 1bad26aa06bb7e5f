"""A customer asks what the bot cannot tell: gathered as one question, never lost, filed with a number (Q2, B15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialogs.core import Entered, Open, Pressed, Record, Said, SentMedia, Woke
from dialogs.customer_question import ENOUGH, GATHERED_AFTER, LONGEST, Wanted
from dialogs.effects import KeepQuestion
from dialogs.question_moves import AtDesk, asked
from domain.customer_questions import CustomerQuestion
from domain.follow_ups import FollowUp
from domain.people import Queue
from domain.questionnaires import FollowUpEvent
from tests.dialogs.conftest import MONDAY, Conversation, Desk


def asking(desk: Desk, said: str = "") -> Conversation:
    return desk.begin("customer_question", Wanted(said)).on(Entered())


def kept(conversation: Conversation) -> CustomerQuestion:
    """The question that the last event filed."""
    (effect,) = conversation.of(KeepQuestion)
    question: CustomerQuestion = effect.question
    return question


def test_q2_it_is_filed_with_whose_it_is(desk: Desk) -> None:
    done = asking(desk).say("冬天要换防冻液吗？").press("that_is_all")
    question = kept(done)
    assert question == CustomerQuestion(
        f"ZX261123-{done.id:03d}", "冬天要换防冻液吗？", MONDAY, 3, 7, "王先生", "+8613800138000"
    )
    assert question.number in done.text
    assert "已转给服务顾问" in done.text
    assert done.opened("question_desk").home.queue is Queue.FRONT_DESK
    assert done.step == ""


def test_q2_ten_messages_in_a_row_are_one_question(desk: Desk) -> None:
    talk = asking(desk)
    for line in range(10):
        talk.say(f"第{line}句话")
        assert talk.of(KeepQuestion) == []
        assert talk.timers[ENOUGH] == desk.now + GATHERED_AFTER
    assert len(talk.said[0].buttons) == 1
    assert talk.said[0].in_place
    talk.wake(ENOUGH)
    assert kept(talk).text.splitlines() == [f"第{line}句话" for line in range(10)]


def test_q2_whoever_falls_silent_is_not_forgotten(desk: Desk) -> None:
    talk = asking(desk).say("冬天要换防冻液吗？").wake(ENOUGH)
    assert kept(talk).text == "冬天要换防冻液吗？"


def test_q2_words_that_were_not_understood_come_along(desk: Desk) -> None:
    """Nobody types twice."""
    talk = asking(desk, "胎压灯亮了能开吗")
    assert "胎压灯亮了能开吗" in talk.text
    assert kept(talk.press("that_is_all")).text == "胎压灯亮了能开吗"


@pytest.mark.parametrize("word", ["好的", "没有了", "谢谢"])
def test_q2_a_word_that_ends_it_is_no_part_of_it(desk: Desk, word: str) -> None:
    talk = asking(desk).say("冬天要换防冻液吗？").say(word)
    assert kept(talk).text == "冬天要换防冻液吗？"


@pytest.mark.parametrize(
    "event", [Said("？？"), Said("😀"), SentMedia("photo", "f1"), Pressed("that_is_all")]
)
def test_b15_nothing_to_read_is_asked_for_again(desk: Desk, event: object) -> None:
    talk = asking(desk).on(event)  # type: ignore[arg-type]
    assert talk.of(KeepQuestion) == []
    assert talk.texts
    assert talk.step == "tell"


def test_q2_a_photo_with_words_below_it_asks_too(desk: Desk) -> None:
    assert kept(asking(desk).on(SentMedia("photo", "f1", "这个灯是什么")).wake(ENOUGH)).text == "这个灯是什么"


def test_q2_a_very_long_question_is_filed_with_what_there_is(desk: Desk) -> None:
    talk = asking(desk)
    for _ in range(4):
        if talk.step:
            talk.say("长" * 900)
    assert talk.step == ""
    assert len(kept(talk).text) == LONGEST


def test_q2_a_timer_that_comes_before_any_words_asks_nothing(desk: Desk) -> None:
    assert asking(desk).on(Woke(ENOUGH)).effects == ()


def test_a3_a_stranger_asks_with_what_we_know_of_them(desk: Desk) -> None:
    """No file, no consent asked: a question is not stored for longer than its answer needs; the phone is as told."""
    desk.customer = None
    question = kept(asking(desk).say("能上门取车吗，打我13912345678").wake(ENOUGH))
    assert (question.customer_id, question.person_id) == (0, 3)
    assert (question.address, question.phone) == ("小王", "+8613912345678")


def test_r5_the_audit_log_has_no_words(desk: Desk) -> None:
    talk = asking(desk).say("冬天要换防冻液吗？").wake(ENOUGH)
    assert "防冻液" not in str(talk.of(Record))


# ---------------------------------------------------------------- in a follow-up


CONTACT = FollowUp(
    "HF261123-041.1", "satisfaction", FollowUpEvent.LEFT, 9, MONDAY, MONDAY, MONDAY, person_id=5, address="李女士",
    phone="+8613912345678",
)  # fmt: skip


def test_f5_asked_in_a_follow_up_it_is_its_customers(desk: Desk) -> None:
    facts = desk.facts(desk.begin("customer_question"))
    keep, *_, opened = asked("多久换一次机油？", CONTACT, facts)
    assert isinstance(keep, KeepQuestion)
    assert replace(keep.question, number="") == CustomerQuestion(
        "", "多久换一次机油？", MONDAY, 5, 9, "李女士", "+8613912345678", "HF261123-041.1"
    )
    assert isinstance(opened, Open)
    assert (opened.state, opened.subject) == (AtDesk(), keep.question.number)


def test_f5_several_questions_of_one_sheet_have_numbers_of_their_own(desk: Desk) -> None:
    facts = desk.facts(desk.begin("customer_question"))
    numbers = [asked("?", CONTACT, facts, place)[0].question.number for place in (1, 2, 3)]  # type: ignore[union-attr]
    assert len(set(numbers)) == 3
    assert all(len(number) <= 24 for number in numbers)


# ---------------------------------------------------------------- how the front desk leads there


def wanted(front: Conversation) -> Wanted:
    state: Wanted = front.opened("customer_question").state
    return state


@pytest.mark.parametrize("typed", ["胎压灯亮了能开吗", "嗯呐那个啥", "补胎多少钱"])
def test_q2_what_the_bot_cannot_tell_goes_to_an_advisor_as_it_was_typed(desk: Desk, typed: str) -> None:
    """Not understood, a question of no kind we know, or one whose answer was not the wanted one."""
    front = desk.begin("front_desk").say(typed).press("ask_advisor")
    assert wanted(front) == Wanted(typed)
    assert front.state.unread == ""


def test_q2_from_the_menu_the_question_is_asked_for(desk: Desk) -> None:
    """咨询 itself is no question, and what was typed long before belongs to something else."""
    assert wanted(desk.begin("front_desk").say("咨询").press("ask_advisor")) == Wanted()
    front = desk.begin("front_desk").say("嗯呐那个啥").on(Pressed("questions")).press("ask_advisor")
    assert wanted(front) == Wanted()
    after_answer = desk.begin("front_desk").say("嗯呐那个啥").on(Pressed("hours")).press("ask_advisor")
    assert wanted(after_answer) == Wanted()
