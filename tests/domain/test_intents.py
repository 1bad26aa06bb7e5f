"""What customers want, from the words they type (B15; 取消, 返回, 人工 as commands; C1, P4, F2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents import Intent, calls_for_complaint, find_intent, has_content
from tests.domain.complaints_heard import COMPLAINTS, MAJOR
from tests.domain.ordinary_talk import ORDINARY

SAID: dict[Intent, str] = {
    Intent.BOOKING: "预约|我想预约保养|您好，我想预约|想做个保养|明天能做保养吗|周六上午有空吗|"
    "什么时候可以保养|我要修车|换机油|轮胎换四个|年检",
    Intent.PROGRESS: "进度|维修进度|车修好了吗|好了吗|我的车好了没|我的车修到哪一步了|什么时候能取车|"
    "我的车好了吗|车修得怎么样了|几点能取车|几点来取车|可以去提车了吗|还要修多久|能准时交车吗|车好没好|取车",
    Intent.COMPLAINT: "投诉|投诉建议|我要投诉|你好我要投诉|你们服务态度太差了|还是没修好|"
    "又漏油了|不满意|不太满意|人工服务太慢了一直等",
    Intent.QUESTION: "咨询|保养多少钱|你们几点开门|地址在哪|救援电话多少|刹车有异响怎么回事|没有投诉，想问问保养价格",
    Intent.HUMAN: "人工|转人工|转人工客服|我要找人工|麻烦转人工，谢谢|打电话给我",
    Intent.CANCEL: "取消|我要取消|请帮我取消一下|取消吧，谢谢|取消了|算了吧|不约了|Cancel|我要取消预约|取消明天的预约",
    Intent.BACK: "返回|返回上一步|上一步",
    Intent.MENU: "菜单|主菜单|/start|返回主菜单",
    Intent.OPT_OUT: "退订|TD|ｔｄ|别再发了|不要再给我发消息了",
    Intent.OPT_IN: "恢复订阅|取消退订|请帮我恢复订阅",
    Intent.RESCHEDULE: "改期|改个时间|我想改到周五下午|推迟一天",
    Intent.ARRIVED: "我到了|我到店了|已经到店",
    Intent.CONFIRM: "确认|确认到店|好的|可以|是的|ＯＫ",
    Intent.DECLINE: "不是|不用了|不需要",
    Intent.THANKS: "谢谢|辛苦了|谢谢你们的服务",
    Intent.GREETING: "你好|在吗|早上好！",
}
CASES = [(text, intent) for intent, texts in SAID.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "intent"), CASES)
def test_b15_the_wish_is_read(text: str, intent: Intent) -> None:
    assert find_intent(text) is intent


def test_every_intent_has_a_phrase_that_shows_it() -> None:
    assert set(SAID) == set(Intent)


@pytest.mark.parametrize(
    "text", ["不要取消", "不取消了", "我不想取消预约", "不是投诉", "不需要人工", "没有要投诉的意思"]
)
def test_a_negated_wish_is_none(text: str) -> None:
    assert find_intent(text) is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("我上次不小心按到了取消键，导航的路线就没有了，屏幕一直黑着", Intent.CANCEL),
        ("倒车影像打开以后就返回不了原来的画面了，麻烦看看", Intent.BACK),
        ("仪表盘的菜单一直打不开，按了没反应", Intent.MENU),
        ("师傅上次说是人工装的，所以现在异响", Intent.HUMAN),
    ],
)
def test_a_command_word_inside_a_description_is_no_command(text: str, command: Intent) -> None:
    assert find_intent(text) is not command


@pytest.mark.parametrize("text", ["", "哈哈", "明天下午三点", "13812345678", "😀", "沪A12345"])
def test_words_without_a_wish_give_none(text: str) -> None:
    assert find_intent(text) is None


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="不要取消我想预约投诉了吗请,。 ", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert find_intent(text) in {None, *Intent}


HEARD = [
    line.strip() for lines in (*COMPLAINTS.values(), MAJOR) for line in lines.split("\n") if line.strip()
]
TALK = [line.strip() for line in ORDINARY.split("\n") if line.strip()]
MISTAKEN = {"投诉电话贴在前台，我看到了，不需要"}
"""Ordinary talk that is taken for a call, so that nobody believes there is none."""


@pytest.mark.parametrize("text", HEARD)
def test_c1_a_plain_call_for_a_complaint_is_heard_and_a_description_is_none(text: str) -> None:
    assert calls_for_complaint(text.lstrip("!")) == text.startswith("!")


@pytest.mark.parametrize("text", TALK)
def test_c1_ordinary_talk_calls_for_nothing(text: str) -> None:
    assert calls_for_complaint(text) == (text in MISTAKEN)


CALLS: dict[bool, str] = {
    True: "不投诉不行了|是不是要我投诉你们才管|我从没投诉过谁，这次必须投诉|不得不投诉|忍不住要投诉你们|怎么投诉|"
    "没人管，我要投诉|投 诉|投訴|投拆你们|叫經理出來|不给个说法我就不走|找你们管事的|换个能做主的来|你们经理呢|"
    "让你们店长给我回电话|把你们店长电话给我|我要向总部反映|为什么我的投诉没人处理|我投诉三天了都没结果|"
    "再不退钱我就起诉|你好，我要投诉，我的车牌是粤B12345",
    False: "不投诉|没投诉|没想投诉|不打算投诉|别投诉|不是要投诉|我不是来投诉的|懒得投诉|撤销投诉|投诉就不用了|"
    "有人投诉我|我被投诉了|不用找经理了|没找过你们经理|经理|店长好|你们经理姓什么|经理在不在|找经理约个时间|"
    "请经理给我打个折|师傅给我交代得很清楚|12315元|粤B·12315|投诉进度|上次的投诉处理得很好",
}
CONTENT: dict[bool, str] = {
    False: "我要投诉|投诉|差评！|找你们经理|叫你们店长出来！|我要投诉你们店|投诉投诉投诉！！！|12315|投诉 粤B12345|"
    "我要投诉，电话13812345678|气死我了，我要投诉|太差了！差评|投诉王师傅|投诉你们的服务|怎么投诉|"
    "你好，我想投诉一下，谢谢||😡😡",
    True: "投诉你们的喷漆有色差|差评，等了三小时|找你们经理，车修了三次还没好|服务态度太差|投诉前台骂我|贵|"
    "我要投诉，电话13812345678，机油漏了",
}


@pytest.mark.parametrize(
    ("text", "calls"), [(text, calls) for calls in CALLS for text in CALLS[calls].split("|")]
)
def test_c1_denied_by_the_way_about_others_or_in_earnest(text: str, calls: bool) -> None:
    assert calls_for_complaint(text) is calls


@pytest.mark.parametrize(
    ("text", "told"), [(text, told) for told in CONTENT for text in CONTENT[told].split("|")]
)
def test_c1_the_bare_word_says_nothing_yet(text: str, told: bool) -> None:
    assert has_content(text) is told


@pytest.mark.parametrize("text", [text.lstrip("!") for text in HEARD])
def test_c1_every_complaint_but_the_bare_ones_says_what_happened(text: str) -> None:
    assert has_content(text) == (text not in BARE)


BARE = {
    *(
        "我要投诉",
        "投诉你们",
        "差评",
        "12315",
        "叫你们经理出来",
        "我要举报你们",
        "喊你们老板出来",
        "我要找负责人",
    ),
    *("投诉投诉投诉！！！", "我想见你们总经理", "维权", "你们店真让人失望", "太让人寒心了"),
    *("不解决我就找律师起诉你们", "我要差评", "让你们领导来跟我说"),
}


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="不要找你们经理投诉了吗的一下,。 给个说法", max_size=80))
def test_any_text_may_call_or_not(text: str) -> None:
    assert calls_for_complaint(text) in (True, False)
    assert has_content(text) in (True, False)
