"""Questions of customers 咨询 that the bot cannot answer: an advisor does, through the bot (Q2, F5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar


@dataclass(frozen=True, slots=True)
class CustomerQuestion:
    """One question. `follow_up`: the follow-up in which it was asked ("": they asked by themselves).

    `owner` 0: nobody has taken it. `promised`: the customer was told that we look into it. It is open until
    `answered_at`.
    """

    number: str
    text: str
    asked_at: datetime
    person_id: int = 0
    customer_id: int = 0
    address: str = ""
    phone: str = ""
    follow_up: str = ""
    owner: int = 0
    owner_name: str = ""
    promised: bool = False
    answered_at: datetime | None = None
    answer: str = ""


PREFIX = "ZX"
"""How the number of a question begins."""


def question_number(asked_on: datetime, conversation: int) -> str:
    """ZX, the day (store time), and the conversation in which it was asked."""
    return f"{PREFIX}{asked_on:%y%m%d}-{conversation:03d}"


def reported_at(asked_at: datetime, now: datetime, days: int, calendar: StoreCalendar) -> datetime:
    """When the supervisors hear (next) that a question still waits: within `days`, then at every opening (F5).

    Where the house is closed when the time is over they hear it at the closing before; where it has been closed ever
    since, at the next opening.
    """
    due = asked_at + timedelta(days=days)
    if now >= due:
        return calendar.next_opening(now)
    spans = calendar.open_spans(due.astimezone(calendar.zone).date())
    if spans and spans[0].start <= due < spans[-1].end:
        return due
    closing = calendar.previous_closing(due)
    return closing if closing > now else calendar.next_opening(due)


_ASKS = re.compile(
    r"[?？]|吗|(?<![这那])么(?!么哒)|呢|干嘛|请问|想问|问一下|问下|咨询|想知道|想了解|了解一下|告诉我|不知道|不清楚|不明白|不懂|没搞懂|没弄清"
    r"|怎|如何|为啥|为何|多少|多久|多长|多大|几(?:天|点|号|时)|哪|啥|谁|什么|是不是|能不能|可不可以|会不会|有没有|要不要"
    r"|用不用|需不需要|行不行|对不对|好不好用|能否|是否|可否|麻烦.{0,8}(?:说|讲|查|看|回|发|联系)|请.{0,6}(?:回复|解答|说明|联系|告知)"
    r"|(?:给|跟|和)我(?:说|讲|回|联系|打)|希望.{0,12}(?:告诉|告知|回复|解释|联系)"
)
_ONLY_RHETORICAL = re.compile(
    r"没什么|没啥|没有什么|也没什么|没怎么|不怎么|什么都(?:好|行|满意|没有?)|哪(?:里|儿|哪)?都(?:好|行|满意|挺)|怎么说呢|不知道说"
)


_KIND_WORDS = re.compile(
    r"好|满意|不错|谢|辛苦|赞|棒|给力|专业|耐心|热情|周到|细心|放心|开心|顺利|正常|支持|保持|加油|越做越|^(?:暂时|目前)?(?:没有?|无)"
)


def is_question(text: str) -> bool:
    """Whether words in a sheet want an answer from an advisor; 都挺好的 and 辛苦了 do not (F5).

    In doubt they do: an advisor sees in a second that nothing is asked, a customer would wait for days.
    """
    if not text.strip():
        return False
    asks = _ASKS.search(_ONLY_RHETORICAL.sub("", text)) is not None
    return asks or _KIND_WORDS.search(text.strip()) is None
