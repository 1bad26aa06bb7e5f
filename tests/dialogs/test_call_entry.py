"""A call about a follow-up: the outcomes, the same questions asked on the phone, and what is kept (F2, F4, F5, F6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.call_entry import CALL_ENTRY, Calling
from dialogs.core import Entered, Open, Outcome, Pressed, Record, Say, SentMedia, Tell
from dialogs.effects import FileComplaint, GiveAnswer, KeepQuestion, NoteCall, NoteFollowUp, OptOut
from dialogs.facts import Who
from domain.follow_ups import (
    DECLINED,
    NO_MORE,
    NOTHING_TO_ASK,
    CallMade,
    CallOutcome,
    FollowUp,
    FollowUpFigures,
    FollowUpState,
)
from domain.people import Queue
from domain.questionnaires import Answer, Condition, Question, QuestionKind, Questionnaire, Start
from tests.dialogs.call_case import CLERK, DAY, SHEET, SUN, waiting
from tests.dialogs.conftest import MONDAY, STORE
from tests.dialogs.follow_up_books import FollowUpBooks

HOUR = timedelta(hours=1)
NUMBER = waiting(1).number
TRIED = CallMade(MONDAY - DAY, SUN.person_id, "孙顾问", CallOutcome.NO_ANSWER)


def calling(desk: Any, sheet: Questionnaire | None = SHEET, **changes: Any) -> Any:
    """The colleague has just taken the call."""
    desk.who, desk.home_person, desk.colleagues = CLERK, CLERK.person_id, (CLERK, SUN)
    follow_up = waiting(1, **({"caller": CLERK.person_id, "taken_at": MONDAY} | changes))
    desk.follow_ups = FollowUpBooks(follow_up, sheet)
    desk.questionnaires = {SHEET.id: SHEET}
    return desk.open(Open("call_entry", Calling(), subject=NUMBER))


def noted(entry: Any) -> FollowUp:
    """How the follow-up stands after the last event."""
    found = entry.of(NoteFollowUp)[-1].follow_up
    assert isinstance(found, FollowUp)
    return found


def call_of(entry: Any) -> CallMade:
    (effect,) = entry.of(NoteCall)
    assert effect.number == NUMBER
    made = effect.call
    assert isinstance(made, CallMade)
    return made


def is_over(entry: Any) -> bool:
    """The entry is closed, the contact's own conversation has heard it, and the list is shown anew."""
    told = [each for each in entry.of(Tell) if (each.dialog, each.news) == ("follow_up", "called")]
    lists = [each for each in entry.of(Open) if each.dialog == "call_list"]
    return entry.outcome is Outcome.DONE and len(told) == len(lists) == 1


# ---------------------------------------------------------------- whom to call


def test_f4_the_card_shows_whom_to_call_what_was_done_and_what_to_say_first(desk: Any) -> None:
    entry = calling(desk, calls=(replace(TRIED, note="彩铃响了很久"),))
    for words in ("王先生", "138 0013 8000", "粤B·12345", "小保养", "用车回访", "HF261123-001.1"):
        assert words in entry.text
    assert "王先生您好，您的粤B" in entry.text
    assert "孙顾问：无人接听（彩铃响了很久）" in entry.text


def test_a3_the_number_is_opened_once_and_that_is_written_down(desk: Any) -> None:
    entry = calling(desk)
    assert [(each.action, each.subject) for each in entry.of(Record)] == [("phone.opened", NUMBER)]
    assert entry.on(Entered()).of(Record) == []
    without = calling(desk, phone="")
    assert "没有留" in without.text
    assert without.of(Record) == []


def test_f4_the_call_is_another_colleagues_by_now(desk: Any) -> None:
    """An hour passed, and somebody else has taken it."""
    entry = calling(desk)
    taken = replace(waiting(1), caller=SUN.person_id, taken_at=MONDAY)
    desk.follow_ups = replace(desk.follow_ups, follow_up=taken)
    entry.press("no_answer")
    assert "孙顾问正在给王先生打电话" in entry.text
    assert entry.outcome is Outcome.DONE
    assert entry.of(NoteCall) + entry.of(NoteFollowUp) == []


@pytest.mark.parametrize("state", [each for each in FollowUpState if each is not FollowUpState.TO_CALL])
def test_what_waits_for_no_call_any_more_is_not_called(desk: Any, state: FollowUpState) -> None:
    entry = calling(desk)
    desk.follow_ups = replace(desk.follow_ups, follow_up=waiting(1, state=state))
    entry.press("reached")
    assert "不用再打了" in entry.text
    assert entry.of(NoteCall) + entry.of(NoteFollowUp) == []


def test_r2_who_has_lost_the_role_types_nothing_into_it(desk: Any) -> None:
    entry = calling(desk)
    desk.who = Who(CLERK.person_id, "陈")
    assert [each.action for each in entry.say("客户说很好").of(Record)] == ["command.refused"]
    facts = desk.facts(entry)
    writing = {"reached", "no_answer", "wrong_number", "at", "this_time", "no_more", "answer", "ticked"}
    assert {key for key, permit in CALL_ENTRY.authority.items() if not permit(entry.state, facts)} == writing


# ---------------------------------------------------------------- nobody was asked


def test_f4_nobody_answers_and_the_call_comes_back_hours_later(desk: Any) -> None:
    entry = calling(desk).say("响了很久没人接")
    assert "备注：响了很久没人接" in entry.text
    entry.press("no_answer")
    assert call_of(entry) == CallMade(MONDAY, 31, "陈跟踪", CallOutcome.NO_ANSWER, "响了很久没人接")
    after = noted(entry)
    assert (after.state, after.call_at, after.caller) == (FollowUpState.TO_CALL, MONDAY + 4 * HOUR, 0)
    assert entry.outcome is Outcome.DONE
    assert entry.opened("call_list").subject == "calls-31"


def test_f2_a_recall_is_at_a_convenient_time(desk: Any) -> None:
    desk.now = MONDAY.replace(hour=18)
    entry = calling(desk).press("no_answer")
    assert noted(entry).call_at == MONDAY.replace(hour=9) + DAY


def test_f4_so_often_and_no_more(desk: Any) -> None:
    entry = calling(desk, calls=(TRIED, TRIED)).press("no_answer")
    after = noted(entry)
    assert (after.state, after.ended_at, after.caller) == (FollowUpState.UNREACHED, MONDAY, 0)
    assert "打了 3 次" in entry.text
    assert is_over(entry)
    desk.store = replace(STORE, follow_ups=FollowUpFigures(calls=4))
    assert noted(calling(desk, calls=(TRIED, TRIED)).press("no_answer")).state is FollowUpState.TO_CALL


def test_f4_a_call_put_off_by_the_customer_is_no_vain_one(desk: Any) -> None:
    asked = replace(TRIED, outcome=CallOutcome.CALL_AGAIN)
    entry = calling(desk, calls=(asked, TRIED, asked)).press("no_answer")
    assert noted(entry).state is FollowUpState.TO_CALL


def test_f2_the_customer_chooses_another_time(desk: Any) -> None:
    entry = calling(desk).press("call_again")
    offered = [button.value for button in entry.buttons() if button.key == "at"]
    entry.press("at", offered[-1])
    at = noted(entry).call_at
    assert at is not None
    assert f"{at:%Y-%m-%dT%H:%M}" == offered[-1]
    assert call_of(entry).outcome is CallOutcome.CALL_AGAIN


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("后天上午十点", MONDAY.replace(hour=10) + 2 * DAY),
        ("明天晚上十点", MONDAY.replace(hour=9) + 2 * DAY),  # too late in the evening
        ("12月31日9点", MONDAY.replace(hour=9) + 28 * DAY),  # at most four weeks ahead
    ],
)
def test_f2_or_says_one(desk: Any, words: str, at: Any) -> None:
    assert noted(calling(desk).press("call_again").say(words)).call_at == at


def test_f2_a_time_that_cannot_be_read_is_asked_again(desk: Any) -> None:
    entry = calling(desk).press("call_again").say("看情况吧")
    assert entry.outcome is Outcome.ASK_AGAIN
    assert "什么时候再打" in entry.text
    assert entry.press("outcome").step == "call"


def test_f4_a_wrong_number_is_mended_by_the_front_desk(desk: Any) -> None:
    entry = calling(desk).press("wrong_number")
    after = noted(entry)
    assert (after.state, after.reason) == (FollowUpState.UNREACHED, "wrong_number")
    (line,) = [say for say in entry.of(Say) if say.to.queue is Queue.FRONT_DESK]
    assert line.script == "call_entry/mend_file"
    text = next(text for text in entry.texts if "更新档案" in text and "登记的号码" in text)
    assert "138****8000" in text
    assert "粤B·12345" not in text
    assert is_over(entry)


# ---------------------------------------------------------------- no, thank you


def test_f2_declined_this_time(desk: Any) -> None:
    entry = calling(desk).press("refused")
    assert "以后都不想接受" in entry.text
    entry.press("this_time")
    after = noted(entry)
    assert (after.state, after.reason) == (FollowUpState.SKIPPED, DECLINED)
    assert call_of(entry).outcome is CallOutcome.REFUSED
    assert entry.of(OptOut) == []
    assert is_over(entry)


def test_f2_declined_for_good_by_somebody_without_a_chat(desk: Any) -> None:
    entry = calling(desk).press("refused").press("no_more")
    after = noted(entry)
    assert (after.state, after.reason) == (FollowUpState.SKIPPED, NO_MORE)
    assert entry.of(OptOut) == []
    assert "care.stopped" in [each.action for each in entry.of(Record)]


def test_f2_declined_for_good_by_somebody_whose_chat_is_blocked(desk: Any) -> None:
    """They are opted out, not the colleague in whose chat it is said."""
    entry = calling(desk, person_id=3).press("refused").press("no_more")
    assert entry.of(OptOut) == [OptOut(person=3)]
    assert noted(entry).reason == DECLINED


def test_f2_declined_half_way_keeps_what_was_said(desk: Any) -> None:
    entry = calling(desk).press("reached").press("answer", "yes").press("refused").press("this_time")
    after = noted(entry)
    assert (after.state, after.reason, after.by_phone) == (FollowUpState.ANSWERED, DECLINED, True)
    assert [answer.question for answer in desk.follow_ups.follow_up.answers] == ["runs_well"]


# ---------------------------------------------------------------- the questions


def test_f3_f4_the_same_questions_are_asked_and_the_answers_are_the_colleagues(desk: Any) -> None:
    entry = calling(desk).press("reached")
    assert call_of(entry) == CallMade(MONDAY, 31, "陈跟踪", CallOutcome.REACHED)
    begun = noted(entry)
    assert (begun.version, begun.invited_at, begun.state) == ("v1", MONDAY, FollowUpState.TO_CALL)
    assert "车子开起来正常吗" in entry.text
    entry.press("answer", "yes")
    assert "洗车满意吗" in entry.text
    entry.say("5分")
    entry.press("tick", "wifi").press("ticked")
    entry.press("read")
    entry.say("下次能不能上门取车？")
    assert "回访已记完" in entry.text
    assert "非常感谢合作" in entry.text
    kept = {each.question: each for each in desk.follow_ups.follow_up.answers}
    assert {key: (each.codes, each.text, each.by) for key, each in kept.items()} == {
        "runs_well": (("yes",), "", 31),
        "washed": (("5",), "", 31),
        "liked": (("wifi",), "", 31),
        "tip": ((), "", 31),
        "wishes": ((), "下次能不能上门取车？", 31),
    }
    after = noted(entry)
    assert (after.state, after.by_phone, after.ended_at, after.caller) == (
        FollowUpState.ANSWERED,
        True,
        MONDAY,
        0,
    )
    assert is_over(entry)


def test_q2_a_question_of_the_customers_goes_to_an_advisor(desk: Any) -> None:
    entry = calling(desk).press("reached")
    for _ in range(4):
        entry.press("skip" if any(button.key == "skip" for button in entry.buttons()) else "read")
    entry.say("保养到期了会通知我吗？")
    (question,) = [effect.question for effect in entry.of(KeepQuestion)]
    assert (question.text, question.follow_up, question.customer_id) == ("保养到期了会通知我吗？", NUMBER, 7)


@pytest.mark.parametrize("words", ["没有了", "谢谢", "没有"])
def test_q2_nothing_to_ask_is_no_question(desk: Any, words: str) -> None:
    entry = calling(desk).press("reached")
    for _ in range(4):
        entry.press("skip" if any(button.key == "skip" for button in entry.buttons()) else "read")
    assert entry.say(words).of(KeepQuestion) == []
    assert is_over(entry)


def test_f5_a_bad_answer_becomes_a_complaint_and_ends_the_questions(desk: Any) -> None:
    entry = calling(desk).press("reached").press("answer", "no")
    (filed,) = [effect.complaint for effect in entry.of(FileComplaint)]
    assert filed.number in entry.text
    assert "请对客户说" in entry.text
    after = noted(entry)
    assert (after.state, after.complaint, after.by_phone) == (FollowUpState.ANSWERED, filed.number, True)
    (given,) = [effect.answer for effect in entry.of(GiveAnswer)]
    assert (given.bad, given.by) == (True, 31)
    assert is_over(entry)


def test_f6_what_comes_after_it_is_planned(desk: Any) -> None:
    later = Questionnaire(
        "second",
        "二次回访",
        "v1",
        Start(DAY, 7 * DAY, after=SHEET.id),
        "您好",
        "谢谢",
        (Question("better", QuestionKind.TEXT, "好了吗？"),),
    )
    entry = calling(desk)
    desk.questionnaires = {SHEET.id: SHEET, later.id: later}
    entry.press("reached").press("answer", "no")
    (planned,) = desk.follow_ups.planned
    assert (planned.questionnaire, planned.after, planned.caller) == ("second", NUMBER, 0)


def test_f4_an_interrupted_call_is_taken_up_where_it_was(desk: Any) -> None:
    entry = calling(desk).press("reached").press("answer", "yes").press("put_back")
    after = noted(entry)
    assert (after.state, after.caller, after.taken_at) == (FollowUpState.TO_CALL, 0, None)
    assert "谁都可以接着打" in entry.text
    again = desk.open(Open("call_entry", Calling(), subject=NUMBER))
    assert "已经问过 1 题" in again.text
    again.press("reached")
    assert "洗车满意吗" in again.text
    assert again.of(NoteCall) == []  # within the hour it is the same call


def test_f4_taken_up_by_somebody_else_it_is_a_call_of_its_own(desk: Any) -> None:
    calling(desk).press("reached").press("answer", "yes").press("put_back")
    desk.who, desk.home_person = SUN, SUN.person_id
    again = desk.open(Open("call_entry", Calling(), subject=NUMBER)).press("reached")
    assert call_of(again).by == SUN.person_id


def test_f3_back_to_the_question_before(desk: Any) -> None:
    entry = calling(desk).press("reached").press("answer", "yes").press("previous")
    assert "车子开起来正常吗" in entry.text
    entry.press("on")
    assert "洗车满意吗" in entry.text


@pytest.mark.parametrize("event", [SentMedia("photo", "f1"), Pressed("answer", "9"), Pressed("tick", "tea")])
def test_what_answers_nothing_is_asked_again(desk: Any, event: Any) -> None:
    entry = calling(desk).press("reached").on(event)
    assert entry.outcome is Outcome.ASK_AGAIN
    assert entry.of(GiveAnswer) == []


def test_f3_a_sheet_that_is_gone_or_asks_nothing_ends_with_the_call(desk: Any) -> None:
    tip = Question("tip", QuestionKind.INFORMATION, "半年后保养。")
    asked = Question("more", QuestionKind.TEXT, "还好吗？", when=Condition("tip", answered=True))
    for sheet in (None, replace(SHEET, questions=(tip, asked))):
        entry = calling(desk, sheet).press("reached")
        after = noted(entry)
        assert (after.state, after.reason) == (FollowUpState.SKIPPED, NOTHING_TO_ASK)
        assert call_of(entry).outcome is CallOutcome.REACHED
        assert is_over(entry)


def test_f3_an_answer_that_takes_the_question_away_leads_on(desk: Any) -> None:
    """A colleague in another chat has answered meanwhile; nobody is stuck."""
    entry = calling(desk).press("reached")
    every = tuple(Answer(each.id, ("yes",), by=12) for each in SHEET.questions)
    answered = replace(desk.follow_ups.follow_up, answers=every)
    desk.follow_ups = replace(desk.follow_ups, follow_up=answered, sheet=replace(SHEET, questions=()))
    entry.press("answer", "yes")
    assert noted(entry).state is FollowUpState.ANSWERED


def test_f4_put_back_before_its_time_the_bot_asks_as_it_was_planned(desk: Any) -> None:
    """A call of one's own accord: the customer is in the chat, and not yet due."""
    entry = calling(desk, person_id=3, due_at=MONDAY + HOUR).press("put_back")
    assert noted(entry).state is FollowUpState.PLANNED
    entry = calling(desk, person_id=3, due_at=MONDAY + HOUR).press("reached").press("put_back")
    assert noted(entry).state is FollowUpState.TO_CALL  # they were asked: somebody calls again
