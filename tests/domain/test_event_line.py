"""What a colleague types of an event, and when it was (F1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.event_line import OLDEST, find_event, happened_at
from domain.questionnaires import FollowUpEvent
from domain.understanding import understand

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=ZONE)  # a Monday


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("粤B12345 新车", FollowUpEvent.HANDED_OVER),
        ("昨天提车的王先生", FollowUpEvent.HANDED_OVER),
        ("来店咨询 13812345678", FollowUpEvent.CONSULTED),
        ("车主课堂", FollowUpEvent.OWNER_CLASS),
        ("新车主课堂", FollowUpEvent.OWNER_CLASS),
        ("粤B12345 小保养", None),
    ],
)
def test_f1_the_event_is_read(text: str, event: FollowUpEvent | None) -> None:
    assert find_event(text) is event


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("昨天下午三点", 22, 15),
        ("前天", 21, 12),
        ("今天上午十点", 23, 10),
        ("下午三点", 23, 15),
        ("三点", 23, 15),
        ("下午五点", 22, 17),  # today's has not come yet
        ("半小时前", 23, 15.5),
        ("11月20日", 20, 12),
        ("20日下午2点", 20, 14),
        ("周六", 21, 12),
        ("上周五上午", 20, 8),
        ("今天", 23, 12),
    ],
)
def test_f1_words_are_read_as_what_has_been(text: str, day: int, clock: float) -> None:
    moment = understand(text, NOW).moment
    assert moment is not None
    assert happened_at(moment, NOW) == datetime(2026, 11, day, tzinfo=ZONE) + timedelta(hours=clock)


def test_a_bare_today_in_the_morning_is_not_ahead() -> None:
    morning = NOW.replace(hour=9)
    moment = understand("今天", morning).moment
    assert moment is not None
    assert happened_at(moment, morning) == morning


@pytest.mark.parametrize(
    "text", ["明天", "后天上午十点", "12月1日", "2小时后", "9999年12月31日23:59", "2020年1月1日", "10月20日"]
)
def test_what_is_ahead_or_long_ago_is_none(text: str) -> None:
    moment = understand(text, NOW).moment
    assert moment is None or happened_at(moment, NOW) is None


@pytest.mark.parametrize(("day", "text", "read"), [(31, "30日", 30), (1, "31日", None)])
def test_months_of_unlike_length(day: int, text: str, read: int | None) -> None:
    now = datetime(2026, 12, day, 16, 0, tzinfo=ZONE)
    moment = understand(text, now).moment
    assert moment is not None
    at = happened_at(moment, now)
    assert (at.day if at else None) == read


WORDS = (
    "昨天",
    "周三",
    "三点",
    "5号",
    "11月",
    "下午",
    "上周",
    "明年",
    "2小时",
    "前",
    "后",
    "半",
    "20日",
    "29日",
)


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join),
    st.integers(0, 60 * 24 * 1500),
)
def test_whatever_is_typed_it_is_past_and_not_long_ago(text: str, later: int) -> None:
    now = NOW + timedelta(minutes=later)
    moment = understand(text, now).moment
    happened = happened_at(moment, now) if moment else None
    assert happened is None or timedelta() <= now - happened <= OLDEST
