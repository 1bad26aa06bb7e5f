"""退订 and 恢复订阅, as people write them, and what only looks like them (F2, K5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.opting_out import Wish, care_command, care_wish

SAID: dict[Wish | None, str] = {
    Wish.OUT: "退订|TD|ｔｄ|T|取消订阅|取消推送|拒收|退订！|退 订|我要退订|请帮我退订|退订吧谢谢|别再发了|不要再发|"
    "不要再给我发消息了|别再给我发信息|别再给我推送广告了|不想再收到你们的短信|不想收到你们的任何消息|不要给我发这些了|"
    "以后别给我发问卷了|不要打扰我|别再打扰我了|请勿打扰|你们别再骚扰我了|不要回访|不需要回访|以后不要回访了|别再回访我了|"
    "不接受回访|拒绝回访|请不要再打电话回访我|您好，麻烦以后不要再发消息给我了，谢谢|unsubscribe",
    Wish.IN: "恢复订阅|重新订阅|订阅|我要恢复订阅|请帮我恢复订阅|恢复订阅吧|继续接收|恢复回访|恢复推送|取消退订|"
    "撤回退订|我想撤销退订",
    Wish.UNSURE: "怎么退订|可以退订吗|晚上别打扰我休息|取车通知不要发短信，直接打电话|不要发广告，我只要取车通知|"
    "上次的技师很好，不过问卷太多了，烦得很，再这样我就退订",
    None: "不要退订|不想退订|我没有退订|别退订|我没退订过|不是要退订|退订预约|我想退订明天的保养预约|订金能退订吗|"
    "不要发票|不用发了|不用了|不要|再发一次|别打电话了我自己来|别发火|不要投诉|不要取消|不用洗车|不需要打蜡|"
    "回访电话是几点打的|预约|好的|谢谢",
}
CASES = [(text, wish) for wish, texts in SAID.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "wish"), CASES)
def test_k5_the_wish_is_read(text: str, wish: Wish | None) -> None:
    assert care_wish(text) is wish


@pytest.mark.parametrize(
    ("text", "wish"),
    [("退订", Wish.OUT), ("请帮我退订", Wish.OUT), ("恢复订阅", Wish.IN), ("取消退订", Wish.IN)]
    + [(text, None) for text in ("你们别再骚扰我了", "不要退订", "以后不要回访了", "退订预约", "你好", "")],
)
def test_among_words_for_somebody_else_only_the_bare_word_counts(text: str, wish: Wish | None) -> None:
    assert care_command(text) is wish


@settings(deadline=None)
@given(
    st.text(max_size=400) | st.text(alphabet="不要别再给我你们发消息退订恢复取消回访了吗,。 ", max_size=80)
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert care_wish(text) in {None, *Wish}


@given(st.text(alphabet="你们的车修好了请来店里取油漆灯", min_size=25, max_size=60))
def test_a_long_text_opts_nobody_out_unasked(text: str) -> None:
    """Among many words it may be about anything: we ask first."""
    assert care_wish(text + "不要再给我发消息了") in (Wish.UNSURE, None)
