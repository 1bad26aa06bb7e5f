"""What a customer adds to a complaint: one case, few answers, nothing lost, the desk knows at once (C1, C2, C8)."""

from __future__ import annotations

from typing import Any

import pytest

from dialogs.complaint_words import Words
from dialogs.core import EditedText, Home, Pressed, Said, SentMedia, SharedContact, Tell
from dialogs.effects import Classify, KeepPhone
from domain.complaints import Happening
from domain.people import Queue
from tests.dialogs.complaint_case import (
    CHEN,
    WANG,
    Case,
    Talk,
    assert_in_order,
    at_handling,
    closed,
    filed,
)

UNSURE = "我老婆昨天来你们店里，回来哭了一晚上"


def words_of(case: Case) -> Talk:
    """Where the customer's words go now."""
    return case.of("complaint_words")[-1]


def answers(case: Case, since: int) -> list[str]:
    """What the customer has read since then about what they added."""
    place = Home(person=WANG.person_id)
    scripts = "complaint_words/"
    return [
        each.script.removeprefix(scripts)
        for each in case.heard[since:]
        if each.home == place and each.script.startswith(scripts)
    ]


def test_c1_ten_messages_in_a_row_are_one_case_and_one_answer(desk: Any) -> None:
    case = at_handling(desk)
    since = len(case.heard)
    said = [f"第 {number} 件事没处理好" for number in range(10)]
    for text in said:
        case.on(words_of(case), Said(text), WANG)
        case.later(seconds=1)
    assert answers(case, since) == []
    case.later(seconds=5)
    assert answers(case, since) == ["kept"]
    assert "新增 10 条" in case.read(WANG, since)[-1]
    assert list(case.complaint.words[-10:]) == said
    assert ["客户有补充" in text for text in case.read(CHEN, since)] == [True]
    assert case.open == ["handling.front_desk.1"]
    assert_in_order(case)


def test_c1_thirty_photos_are_one_case_and_one_answer(desk: Any) -> None:
    case = at_handling(desk)
    since = len(case.heard)
    for number in range(30):
        case.on(words_of(case), SentMedia("photo", f"f{number}"), WANG)
    case.later(seconds=5)
    assert answers(case, since) == ["kept"]
    assert "共 30 份" in case.read(WANG, since)[-1]
    assert [file for _, file in case.complaint.media] == [f"f{number}" for number in range(30)]
    assert "附件：30 份" in case.at("handling.front_desk.1").face
    assert "查看材料" in case.at("handling.front_desk.1").face


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "video_note", "audio", "document", "animation"])
def test_c1_every_medium_is_kept_and_its_caption_with_it(desk: Any, kind: str) -> None:
    case = at_handling(desk)
    case.on(words_of(case), SentMedia(kind, "f1", "右前门这里"), WANG)
    case.later(seconds=5)
    assert case.complaint.media == ((kind, "f1"),)
    assert case.complaint.words[-1] == "右前门这里"
    case.press(CHEN, case.at("handling.front_desk.1"), "look")
    sent = [each.say.media for each in case.heard if each.script == "complaint_desk/medium"]
    assert [(each.kind, each.file_id) for each in sent if each] == [(kind, "f1")]


@pytest.mark.parametrize(
    "junk",
    [
        SentMedia("sticker", "s1"),
        SentMedia("location"),
        SentMedia("photo"),
        EditedText("改"),
        SharedContact("", False),
    ],
)
def test_c1_what_cannot_be_kept_is_said_kindly(desk: Any, junk: Any) -> None:
    case = at_handling(desk)
    before, since = case.complaint, len(case.heard)
    case.on(words_of(case), junk, WANG)
    assert case.complaint == before
    assert answers(case, since) == ["cannot_keep"]
    assert words_of(case).open


# ---------------------------------------------------------------- how it ends


@pytest.mark.parametrize("end", [Pressed("that_is_all"), Said("没有了，谢谢"), Said("好的"), Said("谢谢")])
@pytest.mark.parametrize("at_once", [True, False])
def test_c8_the_last_words_reach_the_desk_also_when_they_end_in_the_same_breath(
    desk: Any, end: Any, at_once: bool
) -> None:
    """说完了 within the three seconds: the owner reads it, and a pause is over, once."""
    case = at_handling(desk)
    case.press(CHEN, case.at("handling.front_desk.1"), "pause")
    case.press(CHEN, case.at("handling.front_desk.1"), "because", "reply")
    since = len(case.heard)
    talk = words_of(case)
    case.on(talk, Said("照片已发，右前门"), WANG)
    if not at_once:
        case.later(seconds=5)
    case.on(talk, end, WANG)
    assert not talk.open
    assert answers(case, since)[-1] == "thanks"
    assert ["客户有补充" in text for text in case.read(CHEN, since)] == [True]
    assert case.leg("handling.front_desk.1").pause is None
    assert_in_order(case)


@pytest.mark.parametrize(
    "text",
    [
        "昨天你们取消了我的预约",
        "你们师傅说谢谢都不会",
        "打了三次电话找人工都没人接",
        "不要再给我发广告了",
        "算了",
    ],
)
def test_c1_a_word_that_would_be_a_command_elsewhere_belongs_to_the_case(desk: Any, text: str) -> None:
    case = at_handling(desk)
    case.on(words_of(case), Said(text), WANG)
    kept = case.complaint.words[-1] == text
    assert kept == (text != "算了")


def test_c1_silence_ends_it_without_a_word(desk: Any) -> None:
    case = at_handling(desk)
    talk, since = words_of(case), len(case.heard)
    case.until(talk.conversation.timers["enough"])
    assert not talk.open
    assert answers(case, since) == []


def test_c1_every_word_begins_the_silence_anew(desk: Any) -> None:
    case = at_handling(desk)
    talk = words_of(case)
    for _ in range(3):
        case.until(talk.conversation.timers["enough"] - (desk.store.dialogs.nudge_after / 2))
        case.on(talk, Said("还有一件事"), WANG)
    assert talk.open
    assert case.complaint.words[-3:] == ("还有一件事",) * 3


def test_c10_a_case_that_was_closed_meanwhile_says_so_only_to_who_speaks(desk: Any) -> None:
    case = closed(desk)
    assert case.of("complaint_words") == []
    assert "已经办结" not in "".join(heard.text for heard in case.heard)
    other = case.begin(
        "complaint_words", Words(asked=True), Home(person=WANG.person_id), WANG, case.complaint.number
    )
    assert not other.open
    assert "已经办结" in case.heard[-1].text


# ---------------------------------------------------------------- what it is about (C2)


def unsure(desk: Any) -> Case:
    """Nobody can tell from the words what it is about."""
    return filed(desk, UNSURE)


def test_c2_unsure_the_customer_is_asked_once_and_a_colleague_still_confirms(desk: Any) -> None:
    case = unsure(desk)
    assert "主要是哪方面" in "\n".join(case.read(WANG))
    keys = [(each.key, each.value) for each in words_of(case).buttons]
    assert ("topic", "other") in keys
    assert keys[-1] == ("that_is_all", "")
    topic = keys[0][1]
    case.press(WANG, words_of(case), "topic", topic)
    assert case.complaint.classification.topic == topic
    assert not case.complaint.confirmed
    assert case.complaint.of(Happening.CLASSIFIED)[-1].details == {"topic": topic, "by_customer": True}
    assert case.at("intake.front_desk.1").face.count("待核对") == 1
    case.on(words_of(case), Said("等了三个小时"), WANG)
    assert case.complaint.words[-1] == "等了三个小时"
    assert_in_order(case)


def test_c2_sure_the_customer_is_asked_nothing(desk: Any) -> None:
    case = filed(desk)
    assert "主要是哪方面" not in "\n".join(case.read(WANG))
    assert all(each.key != "topic" for each in words_of(case).buttons)


def test_c2_what_a_colleague_has_confirmed_stays(desk: Any) -> None:
    """The customer's button comes after the supervisor's: it is noted, and changes nothing that a person decided."""
    case = unsure(desk)
    case.press(CHEN, case.at("intake.front_desk.1"), "accept")
    case.press(CHEN, case.at("handling.front_desk.1"), "classify")
    case.press(CHEN, case.at("handling.front_desk.1"), "topic", "privacy")
    talk = words_of(case)
    case.press(WANG, talk, "topic")
    assert not talk.conversation.of(Classify)
    assert (case.complaint.classification.topic, case.complaint.confirmed) == ("privacy", True)
    assert len(case.complaint.of(Happening.CLASSIFIED)) == 2


def test_c2_a_forged_topic_is_other(desk: Any) -> None:
    case = unsure(desk)
    case.on(words_of(case), Pressed("topic", "witchcraft"), WANG)
    assert case.complaint.classification.topic == "other"
    assert case.complaint.of(Happening.CLASSIFIED)[-1].details["topic"] == "other"


# ---------------------------------------------------------------- how to reach them


@pytest.mark.parametrize("text", ["打 139 0013 9000 找我", "13900139000"])
def test_c3_a_number_that_they_send_is_where_they_are_called(desk: Any, text: str) -> None:
    """And it is masked wherever a group reads it."""
    case = at_handling(desk)
    talk = words_of(case)
    case.on(talk, Said(text), WANG)
    (kept,) = talk.conversation.of(KeepPhone)
    assert kept.phone == "+8613900139000"
    case.later(seconds=5)
    front = "\n".join(case.read(Queue.FRONT_DESK)).replace(" ", "")
    assert "13900139000" not in front


def test_c8_what_was_heard_before_the_question_is_kept_first(desk: Any) -> None:
    """补充到这一单: the words that led there are not asked for again."""
    case = at_handling(desk)
    state = Words(asked=True, heard="车窗也漏水")
    talk = case.begin("complaint_words", state, Home(person=WANG.person_id), WANG, case.complaint.number)
    assert case.complaint.words[-1] == "车窗也漏水"
    assert talk.conversation.state == Words(asked=True, added=1)
    case.later(seconds=5)
    assert talk.conversation.of(Tell)
    assert "车窗也漏水" in case.at("handling.front_desk.1").face
