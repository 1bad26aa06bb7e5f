"""Who wants no care messages any more, or wants them again, from the words typed (F2, K5).

Only a message that says nothing else counts at once; where the words are about something else besides (晚上别打扰,
取车通知不要发短信), or only ask how it is done, the person is asked. 退订预约 is about the appointment.
"""

import re
from enum import StrEnum

from domain.intents import Intent, find_command, find_intent
from domain.spelling import plain_spelling


class Wish(StrEnum):
    """What somebody wants of our care messages."""

    OUT = "opt_out"
    IN = "opt_in"
    UNSURE = "opt_out_sure"  # perhaps out: ask


_GAP = re.compile(r"[\s,。.!?;:、~…]+")
_LETTERS = "消息|信息|短信|广告|推送|关怀|问卷|回访|调查"
_PLAIN = re.compile(
    r"(?:你好|您好|麻烦|请|求求|拜托|你们?|您|我|们|店里?|以后|今后|从现在起|能不能|可不可以|可以|能|真的|都|就|也|还是)*"
    r"(?:"
    r"(?:要|想要?|需要|申请|帮我|给我|把我)*(?:退订|取消订阅|取消推送)"
    r"|(?:千万|再也)?(?:不要|别|甭|不想|不用|不需要|不必|不接受|拒绝|停止|勿|谢绝|拒收|不愿意?)"
    r"(?:再|继续|老是?|总是?|一直|天天|要|打电话)*(?:给|向|跟|来|被)?(?:我|你们|您)?(?:们)?的?"
    rf"(?:收到?|接收|发送?|打扰|骚扰|群发|{_LETTERS})"
    r")"
    rf"(?:给我|我们?|任何|你们?|您|贵店|店里?|一切|所有|通知|微信|电话|东西|[这那]些|这[种类]|的|了|{_LETTERS})*"
    r"(?:啦|吧|呀|啊|哦|好吗|行吗|行不行|可以吗|谢谢|一下|全部)*"
)
_WANTS_AGAIN = re.compile(
    r"(?:你好|您好|麻烦|请|我|想要?|要|帮我|给我|还是|以后)*"
    r"(?:恢复|重新|继续)(?:给我)?(?:订阅|接收|推送|回访|[发收]消息|开通(?:订阅|推送|回访))"
    r"(?:我的|你们的?|订阅|回访|推送|消息|关怀|吧|一下|谢谢|了)*"
)
_OTHER_THING = re.compile(
    r"退订.{0,3}(?:预约|保养|维修|订单|配件|会员|套餐|订金|定金|车)|(?:预约|订金|定金|订单|套餐|会员).{0,4}退订"
)
_DENIED = re.compile(
    r"(?:不要|不想|不用|不是|没有?|没想|别|先不|暂不|不|无需)(?:要|想|是|说|打算|给我)*(?:再)?退订"
)
_UNDONE = re.compile(r"(?:取消|撤销|撤回|收回)(?:了|我的)*退订")
# 不用发了: an answer to something else.
_NOT_NEEDED = re.compile(r"(?:不用|不需要|不必|不愿意?|不想|不要)(?:收到?|接收|发送?)(?:了|啦|吧|的)*")
_ASKED = re.compile(r"怎么|如何|哪里|哪儿|为什么|(?<!好|行)[吗么]$")
_LONGEST_PLAIN = 24
_MOST_READ = 300


def care_wish(text: str) -> Wish | None:
    """What the message asks of our care messages; None when it is about something else, or denies it (不要退订)."""
    said = _GAP.sub("", plain_spelling(text[:_MOST_READ]))
    if len(said) <= _LONGEST_PLAIN and _UNDONE.search(said):
        return Wish.IN
    if _OTHER_THING.search(said) or _DENIED.search(said):
        return None
    if (command := care_command(text)) is not None:
        return command
    if len(said) <= _LONGEST_PLAIN:
        if _WANTS_AGAIN.fullmatch(said):
            return Wish.IN
        if _PLAIN.fullmatch(said) and not (_NOT_NEEDED.fullmatch(said) or _asks(said)):
            return Wish.OUT
    return Wish.UNSURE if find_intent(text) is Intent.OPT_OUT else None


def care_command(text: str) -> Wish | None:
    """The same where words are meant for somebody else: only a bare 退订 or 恢复订阅 is meant for us."""
    return {Intent.OPT_OUT: Wish.OUT, Intent.OPT_IN: Wish.IN}.get(find_command(text) or Intent.MENU)


def _asks(said: str) -> bool:
    """怎么退订, 可以退订吗: a question about it, to be answered with a button."""
    return _ASKED.search(said) is not None
