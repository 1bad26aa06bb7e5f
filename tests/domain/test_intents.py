"""What customers want, from the words they type (B15; 取消, 返回, 人工 as commands; C1, P4, F2)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents import Intent, find_intent

SAID: dict[Intent, str] = {
    Intent.BOOKING: "预约|我想预约保养|您好，我想预约|想做个保养|明天能做保养吗|周六上午有空吗|"
    "什么时候可以保养|我要修车|换机油|轮胎换四个|年检",
    Intent.PROGRESS: "进度|维修进度|车修好了吗|好了吗|我的车好了没|我的车修到哪一步了|什么时候能取车",
    Intent.COMPLAINT: "投诉|投诉建议|我要投诉|你好我要投诉|你们服务态度太差了|还是没修好|"
    "又漏油了|不满意|不太满意|人工服务太慢了一直等",
    Intent.QUESTION: "咨询|保养多少钱|你们几点开门|地址在哪|救援电话多少|刹车有异响怎么回事|没有投诉，想问问保养价格",
    Intent.HUMAN: "人工|转人工|转人工客服|我要找人工|麻烦转人工，谢谢|打电话给我",
    Intent.CANCEL: "取消|我要取消|请帮我取消一下|取消吧，谢谢|取消了|算了吧|不约了|Cancel|我要取消预约|取消明天的预约",
    Intent.BACK: "返回|返回上一步|上一步",
    Intent.MENU: "菜单|主菜单|/start|返回主菜单",
    Intent.OPT_OUT: "退订|TD|ｔｄ|别再发了|不要再给我发消息了",
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
