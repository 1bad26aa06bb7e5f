"""Follow-ups in the chat: invitation, questions, answers of every kind, and how they end (F1–F6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Kind, Open, Outcome, Pressed, Said, SentMedia
from dialogs.effects import FileComplaint, GiveAnswer, KeepQuestion, NoteFollowUp
from dialogs.follow_up_moves import cancelled
from dialogs.patterns import Standing, respond
from domain.complaints import Origin
from domain.follow_ups import FollowUpState
from domain.people import Queue
from domain.questionnaires import Question
from tests.dialogs.conftest import MONDAY, Desk
from tests.dialogs.follow_up_case import (
    ADVICE,
    LIKED,
    OVERALL,
    PICTURE,
    RUNS,
    WHO,
    WHY,
    WISHES,
    answers,
    begun,
    clock,
    complaint,
    given,
    invited,
    labels,
    messages,
    now,
    planned,
)

S = FollowUpState


def test_it_is_silent_until_it_is_due_and_then_invites(desk: Desk) -> None:
    waiting = planned(desk)
    assert waiting.texts == []
    assert waiting.timers == {"due": MONDAY + timedelta(hours=1)}
    waiting.wake("due")
    [invitation] = messages(waiting)
    assert (invitation.kind, invitation.fresh) == (Kind.CARE, True)
    assert waiting.text == "王先生，您好！爱车粤B·12345用着还顺手吗？几道小题，点一点就好。"
    assert labels(waiting) == ["begin", "later", "not_now", "stop"]
    contact = now(desk)
    assert (contact.state, contact.version, contact.invited_at) == (S.INVITED, "v1", desk.now)
    assert set(waiting.timers) == {"nudge", "expires"}


def test_one_question_at_a_time_with_its_number(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS, ADVICE)
    assert now(desk).state is S.ANSWERING
    assert asked.text == "第1题，共2题\n\n<b>这次到店，您的整体感受怎么样？</b>"
    assert [button.value for button in asked.buttons()][:5] == ["5", "4", "3", "2", "1"]
    assert labels(asked)[5:] == ["skip", "later"]
    asked.press("answer", "5")
    assert asked.text.startswith("第2题，共2题")
    assert labels(asked) == ["answer", "answer", "previous", "skip", "later"]
    assert messages(asked)[0].fresh is False
    asked.press("answer", "yes")
    assert asked.text == "<b>💡 下次保养一般在半年左右。</b>"
    assert labels(asked) == ["read", "previous", "later"]
    asked.press("read")
    assert asked.step == ""
    assert asked.text == "✅ 王先生，感谢您的反馈，非常感谢合作！"
    assert (now(desk).state, now(desk).ended_at) == (S.ANSWERED, desk.now)
    assert answers(desk) == {"overall": ("5",), "runs": ("yes",), "advice": ""}


def test_a_condition_brings_a_question_in(desk: Desk) -> None:
    assert "是什么让您打了这个分" in begun(desk, OVERALL, WHY, WHO).press("answer", "4").text
    assert "谁来取的车" in begun(desk, OVERALL, WHY, WHO).press("answer", "5").text


def test_several_options_are_ticked_before_they_are_sent(desk: Desk) -> None:
    asked = begun(desk, LIKED)
    assert "ticked" not in labels(asked)
    asked.press("tick", "price").press("tick", "manners")
    assert [button.words["name"] for button in asked.buttons() if button.words.get("ticked")] == [
        "态度",
        "价格",
    ]
    asked.press("tick", "price").press("tick", "speed").press("ticked")
    assert answers(desk) == {"liked": ("manners", "speed")}
    assert asked.step == ""


@pytest.mark.parametrize(
    ("question", "words", "kept"),
    [
        (OVERALL, "5分", ("5",)),
        (OVERALL, "非常满意", ("5",)),
        (RUNS, "挺正常的", ("yes",)),
        (WHO, "家里人", ("family",)),
        (LIKED, "态度和速度", ("manners", "speed")),
        (WHY, "等了一会儿，别的都好", "等了一会儿，别的都好"),
    ],
)
def test_words_answer_as_presses_do(desk: Desk, question: Question, words: str, kept: object) -> None:
    asked = begun(desk, replace(question, when=None)).say(words)
    assert answers(desk)[question.id] == kept
    assert asked.step == ""


def test_what_is_not_understood_is_asked_again(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS).say("哈哈哈")
    assert asked.text.startswith("这句话我没有看明白，请点一个按钮。\n\n第1题")
    assert answers(desk) == {}


def test_back_shows_what_was_answered_and_changes_it(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS, WHO).press("answer", "4").press("answer", "yes").press("previous")
    assert "您之前的回答：是" in asked.text
    asked.say("上一题")
    assert "您之前的回答：4分" in asked.text
    assert labels(asked)[5:] == ["on", "later"]
    asked.press("answer", "5")
    assert "谁来取的车" in asked.text
    assert answers(desk) == {"runs": ("yes",), "overall": ("5",)}
    assert "车子开起来正常吗" in asked.press("previous").text
    assert "谁来取的车" in asked.press("on").text


def test_skipping_is_kept_too(desk: Desk) -> None:
    asked = begun(desk, OVERALL, WHO).press("skip").say("跳过")
    assert asked.step == ""
    assert answers(desk) == {"overall": "", "who": ""}


def test_a_required_question_has_no_skip(desk: Desk) -> None:
    asked = begun(desk, replace(OVERALL, required=True))
    assert "skip" not in labels(asked)
    asked.on(Pressed("skip")).say("跳过")
    assert (answers(desk), asked.step) == ({}, "question")


def test_a_voice_message_on_a_rating_is_kept_and_the_rating_asked_again(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS).on(SentMedia("voice", "V1"))
    assert given(desk, "overall").media == (("voice", "V1"),)
    assert asked.text.startswith("您发的收到了，会一起交给同事。这一题也请点一个按钮。\n\n第1题")
    asked.press("answer", "5")
    assert (given(desk, "overall").codes, given(desk, "overall").media) == (("5",), (("voice", "V1"),))


def test_an_album_is_one_answer_and_one_card(desk: Desk) -> None:
    asked = begun(desk, PICTURE, WHO).on(SentMedia("photo", "P1", "左前门"))
    assert "收到了，谢谢" in asked.text
    assert messages(asked)[0].in_place is False
    asked.on(SentMedia("photo", "P2")).on(SentMedia("photo", "P3"))
    assert messages(asked)[0].in_place is True
    assert [file for _, file in given(desk, "picture").media] == ["P1", "P2", "P3"]
    assert given(desk, "picture").text == "左前门"
    assert "谁来取的车" in asked.press("on").text


def test_a_low_rating_becomes_a_complaint_and_ends_the_questions(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS, WHO).press("answer", "2")
    assert asked.step == ""
    filed = complaint(desk)
    assert (filed.origin, filed.by.person, filed.by.plate) == (Origin.FOLLOW_UP, 3, "粤B12345")
    contact = now(desk)
    assert (contact.state, contact.complaint) == (S.ANSWERED, filed.number)
    assert given(desk, "overall").bad
    assert filed.number in asked.texts[0]
    assert "很抱歉让您不满意" in asked.texts[0]
    assert "最晚" in asked.texts[0]
    assert asked.opened("complaint_desk").home.queue is Queue.FRONT_DESK


def test_a_complaint_in_words_counts_on_any_question(desk: Desk) -> None:
    asked = begun(desk, WHO, OVERALL).say("你们太差了，我要投诉，车门被你们刮花了")
    assert len(asked.of(FileComplaint)) == 1
    assert (given(desk, "who").text, given(desk, "who").bad) == (
        "你们太差了，我要投诉，车门被你们刮花了",
        True,
    )


def test_a_question_of_theirs_goes_to_an_advisor(desk: Desk) -> None:
    asked = begun(desk, WISHES).say("空调滤芯多久换一次？")
    [kept] = asked.of(KeepQuestion)
    assert (kept.question.text, kept.question.follow_up) == ("空调滤芯多久换一次？", now(desk).number)
    assert any(each.dialog == "question_desk" for each in asked.of(Open))
    assert asked.text.startswith("📨 您的问题已转给服务顾问，会尽快在这里答复您。\n\n✅ 王先生，感谢")
    next_card = begun(desk, WISHES, WHO).say("空调滤芯多久换一次？")
    assert next_card.text.startswith("📨 您的问题已转给服务顾问")
    for kind in ("没有了，谢谢", "都挺好的"):
        thanked = begun(desk, WISHES).say(kind)
        assert thanked.of(KeepQuestion) == []
        assert "已转给" not in thanked.text


def test_a_spoken_question_is_heard_at_the_front_desk(desk: Desk) -> None:
    asked = begun(desk, WISHES).on(SentMedia("voice", "V1"))
    [heard] = [say for say in asked.of(type(messages(asked)[0])) if say.to.queue is Queue.FRONT_DESK]
    assert heard.media is not None
    assert heard.media.file_id == "V1"


def test_the_second_contact_is_planned_when_this_one_ends(desk: Desk) -> None:
    begun(desk, OVERALL, RUNS).press("answer", "2")
    [second] = desk.follow_ups.planned
    assert (second.questionnaire, second.after) == ("second", now(desk).number)
    assert second.due_at >= desk.now + timedelta(days=7)


def test_nothing_follows_where_nothing_was_answered(desk: Desk) -> None:
    begun(desk, OVERALL).press("skip")
    assert desk.follow_ups.planned == ()


def test_cancelling_ends_it_and_keeps_what_was_answered(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS)
    [noted] = [each for each in cancelled(asked.state, desk.facts(asked)) if isinstance(each, NoteFollowUp)]
    assert (noted.follow_up.state, noted.follow_up.reason) == (S.SKIPPED, "declined")
    asked.press("answer", "5")
    [noted] = [each for each in cancelled(asked.state, desk.facts(asked)) if isinstance(each, NoteFollowUp)]
    assert (noted.follow_up.state, noted.follow_up.reason) == (S.ANSWERED, "declined")


@pytest.mark.parametrize("how", [Pressed("stop"), Said("退订")])
def test_opting_out_is_for_good(desk: Desk, how: Pressed | Said) -> None:
    asked = begun(desk, OVERALL).on(how) if isinstance(how, Said) else invited(desk).on(how)
    assert desk.follow_ups.opted_out
    assert (now(desk).state, now(desk).reason) == (S.SKIPPED, "opted_out")
    assert "已为您退订" in asked.text
    assert asked.step == ""


def test_silence_lets_the_card_rest_and_it_goes_on_where_it_was(desk: Desk) -> None:
    asked = clock(begun(desk, OVERALL, RUNS).press("answer", "5"), "rest")
    assert messages(asked)[0].in_place
    assert asked.text == "您先忙。还剩 1 题，什么时候方便都可以接着填，前面的回答都给您留着。"
    assert "nudge" in asked.timers
    assert "车子开起来正常吗" in asked.press("go_on").text


def test_a_sheet_that_is_over_or_unreadable_ends_politely(desk: Desk) -> None:
    asked = invited(desk)
    desk.follow_ups = replace(desk.follow_ups, sheet=None)
    asked.press("begin")
    assert asked.step == ""
    assert "这次回访已经结束" in asked.text
    assert (now(desk).state, now(desk).reason) == (S.SKIPPED, "nothing_to_ask")


@pytest.mark.parametrize("words", ["上次临时取消了保养，这次挺顺利", "师傅讲得明白，下次还找他"])
def test_a_story_is_no_command(desk: Desk, words: str) -> None:
    """取消 or 人工 count only where they are all that is said: whatever else is typed is the answer."""
    asked = begun(desk, WISHES)
    standing = Standing(asked.step, asked.state)
    response = respond(DIALOGS["follow_up"], standing, Said(words), desk.facts(asked), {})
    [kept] = [each for each in response.effects if isinstance(each, GiveAnswer)]
    assert (kept.answer.text, kept.answer.bad) == (words, False)


@pytest.mark.parametrize(("words", "outcome"), [("取消", Outcome.DONE), ("人工", Outcome.HAND_OVER)])
def test_a_command_is_obeyed(desk: Desk, words: str, outcome: Outcome) -> None:
    asked = begun(desk, WISHES)
    standing = Standing(asked.step, asked.state)
    response = respond(DIALOGS["follow_up"], standing, Said(words), desk.facts(asked), {})
    assert response.outcome is outcome
    [noted] = [each for each in response.effects if isinstance(each, NoteFollowUp)]
    assert noted.follow_up.reason == "declined"


def test_skipping_takes_nothing_back(desk: Desk) -> None:
    asked = begun(desk, OVERALL, WHO).on(SentMedia("voice", "V1")).say("跳过")
    assert "谁来取的车" in asked.text
    assert given(desk, "overall").media == (("voice", "V1"),)
    asked = begun(desk, OVERALL, WHO).press("answer", "4").press("previous").say("跳过")
    assert "谁来取的车" in asked.text
    assert given(desk, "overall").codes == ("4",)
