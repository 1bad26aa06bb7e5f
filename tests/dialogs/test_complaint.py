"""A complaint is captured: from the menu, from free words, from a photo; doubtful words are asked about (C1–C12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.complaint import Account
from dialogs.core import (
    EditedText,
    Entered,
    Event,
    Home,
    Open,
    Outcome,
    Pressed,
    Said,
    SentMedia,
    SharedContact,
    Tell,
    Woke,
)
from dialogs.effects import FileComplaint
from domain.complaints import Category, ComplaintState, Earlier, Happening, Origin, Severity
from domain.people import Queue
from tests.dialogs.complaint_case import WANG, Case, Talk, assert_in_order, at_handling, filed
from tests.dialogs.conftest import MONDAY
from tests.dialogs.conftest import WANG as FILE

WENT_WRONG = "上周换的刹车片又响了，你们修了两次都没修好"


def heard(desk: Any, text: str) -> Account | None:
    """What the front desk opens a complaint with; None when it opens none."""
    front = desk.begin("front_desk").on(Said(text))
    opened = [each for each in front.of(Open) if each.dialog == "complaint"]
    return opened[0].state if opened else None


def capture(desk: Any, account: Account) -> tuple[Case, Talk]:
    """Mr Wang is heard; the case so far, and the conversation that captures it."""
    case = Case(desk)
    return case, case.begin("complaint", account, Home(person=WANG.person_id), WANG)


def with_open_case(desk: Any) -> tuple[Case, str]:
    """A complaint of his is open already."""
    case = at_handling(desk)
    return case, case.complaint.number


# ---------------------------------------------------------------- which words lead there (C1)


def test_c1_the_menu_asks_what_happened(desk: Any) -> None:
    front = desk.begin("front_desk").on(Entered()).press("complain")
    page = desk.open(front.opened("complaint"))
    assert page.step == "tell"
    assert "请说说发生了什么" in page.text
    assert [each.key for each in page.buttons()] == ["cancel"]


@pytest.mark.parametrize("text", ["我要投诉，" + WENT_WRONG, "叫你们经理出来！师傅把我的车漆刮花了"])
def test_c1_plain_words_that_say_what_happened_file_it_at_once(desk: Any, text: str) -> None:
    account = heard(desk, text)
    assert account is not None
    assert not account.doubtful
    case, talk = capture(desk, account)
    assert not talk.open
    assert case.complaint.words == (text,)
    assert_in_order(case)


@pytest.mark.parametrize("text", ["投诉", "我要投诉！", "差评", "找你们经理", "投诉建议"])
def test_c1_plain_words_that_say_nothing_more_are_asked(desk: Any, text: str) -> None:
    account = heard(desk, text)
    assert account is not None
    _, talk = capture(desk, account)
    assert talk.conversation.step == "tell"
    assert desk.complaint is None


@pytest.mark.parametrize("text", ["你们等了太久，太慢了", "取车时发现车门多了一道划痕，师傅不承认"])
def test_c1_doubtful_words_are_asked_once(desk: Any, text: str) -> None:
    account = heard(desk, text)
    assert account is not None
    assert account.doubtful
    case, talk = capture(desk, account)
    assert {each.key for each in talk.buttons} == {"yes", "book", "no"}
    assert "投诉" in talk.face
    assert desk.complaint is None
    case.press(WANG, talk, "yes")
    assert case.complaint.words == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "你好",
        "明天几点开门？",
        "我要预约保养",
        "小保养多少钱",
        "没有投诉，都挺好",
        "邻居投诉我的车太吵",
    ],
)
def test_c1_ordinary_talk_opens_nothing(desk: Any, text: str) -> None:
    assert heard(desk, text) is None


DOUBT = Account("喷漆有色差", doubtful=True)


@pytest.mark.parametrize("event", [Pressed("no"), Said("不用了"), Said("不是")])
def test_c1_who_did_not_mean_it_is_left_alone(desk: Any, event: Event) -> None:
    case, talk = capture(desk, DOUBT)
    case.on(talk, event, WANG)
    assert not talk.open
    assert desk.complaint is None
    assert "没有登记" in case.heard[-1].text


def test_c1_who_wanted_it_repaired_books_instead(desk: Any) -> None:
    """What they said is the beginning of the form; no complaint is opened."""
    _, talk = capture(desk, DOUBT)
    talk.conversation.press("book")
    assert talk.conversation.opened("booking").state.heard == "喷漆有色差"
    assert not talk.open
    assert desk.complaint is None


@pytest.mark.parametrize("event", [Pressed("yes"), Said("好的"), Said("是的")])
def test_c1_who_meant_it_has_it_filed_with_what_they_said(desk: Any, event: Event) -> None:
    case, talk = capture(desk, DOUBT)
    case.on(talk, event, WANG)
    assert case.complaint.words == ("喷漆有色差",)


def test_c1_who_goes_on_telling_meant_it(desk: Any) -> None:
    case, talk = capture(desk, DOUBT)
    case.on(talk, Said("右前门和翼子板两个颜色"), WANG)
    assert case.complaint.words == ("喷漆有色差\n右前门和翼子板两个颜色",)


@pytest.mark.parametrize(
    "event", [Said("谢谢"), Said("明天几点开门？"), Said("我要预约保养"), SharedContact("", False)]
)
def test_c1_talk_of_other_things_is_no_yes(desk: Any, event: Event) -> None:
    """The question stands; the patterns give the wish to the front desk, and ask again."""
    case, talk = capture(desk, DOUBT)
    case.on(talk, event, WANG)
    assert talk.conversation.outcome is Outcome.ASK_AGAIN
    assert talk.conversation.step == "mean"
    assert desk.complaint is None


# ---------------------------------------------------------------- telling it (C1)


@pytest.mark.parametrize("kind", ["photo", "voice", "video"])
@pytest.mark.parametrize("account", [Account(), Account("投诉", asked_by_name=True), DOUBT], ids=str)
def test_c1_a_photo_or_a_voice_first_is_a_complaint_too(desk: Any, account: Account, kind: str) -> None:
    case, talk = capture(desk, account)
    case.on(talk, SentMedia(kind, "f1", "右前门刮花了"), WANG)
    assert case.complaint.media == ((kind, "f1"),)
    assert case.complaint.words == ((account.heard,) if account.doubtful else ()) + ("右前门刮花了",)
    assert "投诉已登记" in "\n".join(case.read(WANG))
    assert_in_order(case)


def test_c1_a_photo_without_a_word_is_enough(desk: Any) -> None:
    case, talk = capture(desk, Account())
    case.on(talk, SentMedia("photo", "f1"), WANG)
    assert case.complaint.media == (("photo", "f1"),)
    assert "（见附件）" in case.at("intake.front_desk.1").face


@pytest.mark.parametrize(
    "junk",
    [SentMedia("sticker", "s1"), SentMedia("location"), SentMedia("photo"), EditedText("x"), Said("？！")],
)
def test_c1_what_says_nothing_is_asked_again(desk: Any, junk: Event) -> None:
    case, talk = capture(desk, Account())
    case.on(talk, junk, WANG)
    assert talk.conversation.outcome is Outcome.ASK_AGAIN
    assert desk.complaint is None


def test_c1_who_typed_the_word_and_fell_silent_is_called(desk: Any) -> None:
    """投诉, and then nothing: a person takes over; who only opened the menu is left in peace."""
    account = heard(desk, "我要投诉")
    assert account is not None
    case, talk = capture(desk, account)
    assert talk.conversation.timers == {"nobody_forgotten": desk.now + desk.store.dialogs.nudge_after}
    case.until(talk.conversation.timers["nobody_forgotten"])
    assert talk.conversation.outcome is Outcome.HAND_OVER
    assert [each.action for each in case.records] == ["complaint.asked_for"]
    _, menu = capture(desk, Account())
    assert not menu.conversation.timers


def test_c1_who_told_it_in_time_is_not_called(desk: Any) -> None:
    case, talk = capture(desk, Account("投诉", asked_by_name=True))
    case.on(talk, Said(WENT_WRONG), WANG)
    case.later(hours=1)
    assert talk.conversation.outcome is Outcome.DONE
    assert "complaint.asked_for" not in [each.action for each in case.records]


# ---------------------------------------------------------------- what they get (C3)


def test_c3_number_apology_time_and_the_ending_leave_at_once(desk: Any) -> None:
    case = filed(desk)
    first = case.read(WANG)[0]
    assert case.complaint.number in first
    assert "TS261123-" in first
    assert "谢谢您告诉我们，很抱歉" in first
    assert "最晚 今天 11月23日 周一 11:00 前回复您" in first
    assert first.rstrip().endswith("王先生，感谢您的信任，一定给您满意答复。")
    assert "手机号" not in first


def test_c3_whom_nobody_knows_is_asked_for_a_number_and_not_called_by_a_wrong_name(desk: Any) -> None:
    desk.customer = None
    case = filed(desk)
    first = case.read(WANG)[0]
    assert "请把手机号发给我" in first
    assert first.rstrip().endswith("感谢您的信任，一定给您满意答复。")
    assert "，感谢您的信任" not in first
    assert case.complaint.by.name == "小王"


@pytest.mark.parametrize(
    ("text", "phone", "plate"),
    [
        ("打13900139000找我，漆面有色差", "+8613900139000", "粤B12345"),
        ("粤BD99999 漆面有色差", "+8613800138000", "粤BD99999"),
        ("漆面有色差", "+8613800138000", "粤B12345"),
    ],
)
def test_c3_the_number_and_plate_they_name_are_the_ones_that_count(
    desk: Any, text: str, phone: str, plate: str
) -> None:
    """The file keeps what it had; the case is about what was said."""
    case = filed(desk, text)
    assert (case.complaint.by.phone, case.complaint.by.plate.replace("·", "")) == (phone, plate)
    assert desk.customer == FILE
    front = "\n".join(case.read(Queue.FRONT_DESK)).replace(" ", "").replace("·", "")
    assert not any(raw in front for raw in ("13900139000", "13800138000", "粤BD99999", "粤B12345"))


def test_c4_the_form_is_made_at_once_with_its_words_and_proposal(desk: Any) -> None:
    case = filed(desk)
    assert [each.happening for each in case.complaint.history] == [
        Happening.CAPTURED, Happening.WORDS, Happening.BEGUN,
    ]  # fmt: skip
    assert case.complaint.origin is Origin.CUSTOMER
    assert case.open == ["intake.front_desk.1"]
    assert case.complaint.history[0].details["topic"] == case.complaint.classification.topic == "paint_body"
    record = next(each for each in case.records if each.action == "complaint.filed")
    assert record.details == {"origin": "customer", "topic": "paint_body"}


def test_c4_the_time_runs_from_the_capture_also_at_night(desk: Any) -> None:
    """C7: the clock on the wall."""
    desk.now = MONDAY.replace(hour=23, minute=30)
    case = filed(desk)
    assert case.at("intake.front_desk.1").conversation.timers["breached"] == MONDAY + timedelta(
        hours=16, minutes=30
    )
    assert "最晚 明天 11月24日 周二 01:30" in case.read(WANG)[0]


def test_c9_a_major_one_goes_up_at_once_beside_the_chain(desk: Any) -> None:
    case = filed(desk, "提车时刹车失灵出了车祸，我受伤住院了")
    assert case.complaint.classification.severity is Severity.MAJOR
    assert ["重大投诉" in text for text in case.read(Queue.ESCALATION)] == [True]
    assert len(case.complaint.of(Happening.MAJOR)) == 1
    assert case.open == ["intake.front_desk.1"]


# ---------------------------------------------------------------- one is open already (C8, C12)


def test_c12_who_has_an_open_case_is_asked_whether_it_is_about_that(desk: Any) -> None:
    case, number = with_open_case(desk)
    talk = case.begin("complaint", Account(WENT_WRONG), Home(person=WANG.person_id), WANG)
    assert number in talk.face
    assert [each.key for each in talk.buttons] == ["add", "state", "another", "cancel"]
    before = case.complaint
    case.press(WANG, talk, "add")
    assert case.complaint.number == before.number
    assert case.complaint.words[-1] == WENT_WRONG


def test_c12_another_thing_is_another_case(desk: Any) -> None:
    case, number = with_open_case(desk)
    talk = case.begin("complaint", Account(WENT_WRONG), Home(person=WANG.person_id), WANG)
    case.press(WANG, talk, "another")
    (new,) = talk.conversation.of(FileComplaint)
    assert new.complaint.number != number
    assert new.complaint.words == (WENT_WRONG,)


@pytest.mark.parametrize("open_cases", [0, 1])
def test_c8_who_asks_how_far_it_is_sees_the_sheet(desk: Any, open_cases: int) -> None:
    account = heard(desk, "我的投诉怎么样了")
    assert account == Account(asks_state=True)
    if not open_cases:
        case, talk = capture(desk, account)
        assert "没有正在处理的投诉" in case.heard[-1].text
        return
    case, number = with_open_case(desk)
    talk = case.begin("complaint", account, Home(person=WANG.person_id), WANG)
    assert [(each.subject, each.news) for each in talk.conversation.of(Tell)] == [(number, "show")]
    assert case.heard[-1].script == "complaint_sheet/sheet"
    assert case.heard[-1].say.fresh


@pytest.mark.parametrize("event", [Said("车窗也漏水"), SentMedia("photo", "f9", "车窗也漏水")])
@pytest.mark.parametrize("heard_before", ["", WENT_WRONG])
def test_c12_instead_of_pressing_they_go_on_telling_and_it_belongs_to_the_open_case(
    desk: Any, event: Event, heard_before: str
) -> None:
    case, number = with_open_case(desk)
    talk = case.begin("complaint", Account(heard_before), Home(person=WANG.person_id), WANG)
    case.on(talk, event, WANG)
    case.later(seconds=5)
    assert case.complaint.number == number
    assert "车窗也漏水" in case.complaint.words[-1]
    assert case.complaint.media == ((("photo", "f9"),) if isinstance(event, SentMedia) else ())
    assert "车窗也漏水" in case.at("handling.front_desk.1").face
    assert_in_order(case)


@pytest.mark.parametrize(
    "event", [Said("谢谢"), Said("几点关门？"), EditedText("x"), SentMedia("sticker", "s")]
)
def test_c12_talk_of_other_things_adds_nothing(desk: Any, event: Event) -> None:
    case, _ = with_open_case(desk)
    before = case.complaint
    talk = case.begin("complaint", Account(WENT_WRONG), Home(person=WANG.person_id), WANG)
    case.on(talk, event, WANG)
    assert (talk.conversation.step, talk.conversation.outcome) == ("choose", Outcome.ASK_AGAIN)
    assert case.complaint == before


def test_c12_the_open_case_was_closed_while_they_thought(desk: Any) -> None:
    """Then it is a new one, with what they had said."""
    case, _ = with_open_case(desk)
    talk = case.begin("complaint", Account(WENT_WRONG), Home(person=WANG.person_id), WANG)
    assert desk.complaint is not None
    desk.complaint = replace(desk.complaint, state=ComplaintState.CLOSED)
    case.on(talk, Pressed("add"), WANG)
    assert talk.conversation.of(FileComplaint)
    assert case.complaint.words == (WENT_WRONG,)


def test_c12_the_newest_of_several_is_named(desk: Any) -> None:
    desk.my_complaints = tuple(
        Earlier(number, MONDAY - timedelta(days=days), Category.SERVICE, ComplaintState.OPEN)
        for number, days in (("TS261122-009", 1), ("TS261101-001", 22))
    )
    page = desk.begin("complaint", Account("车窗漏水")).on(Entered())
    assert "TS261122-009" in page.text
    assert page.press("state").of(Tell)[0].subject == "TS261122-009"


def test_a_timer_of_nothing_we_know_breaks_nothing(desk: Any) -> None:
    case, talk = capture(desk, Account())
    case.on(talk, Woke("strange"), WANG)
    assert talk.conversation.step == "tell"
