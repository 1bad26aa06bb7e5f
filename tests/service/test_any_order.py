"""Any order of events at every dialog, through the real house: no dead letter, one kind answer, the books in order."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog.testing
from hypothesis import given
from hypothesis import strategies as st

from dialogs.complaint_words import GATHERED_AFTER
from dialogs.core import EditedText, Event, Pressed, Said, SentMedia, SharedContact
from service.ports import Letter, Sender, Tap
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import LI, WANG, FrontDoor, open_door, texts
from tests.service.stages import ADVISOR, BOSS, FOREMAN, WAITING, stand_at
from tests.service.tidiness import assert_house_is_in_order

WORDS = """预约服务|我的预约|维修进度|投诉建议|咨询|人工|取消|返回|菜单|王女士|13912345678|0|，|粤A·88888|粤B12345
小保养|钣金喷漆|明天下午三点|后天|下周三上午十点半|昨天|凌晨三点|改期|好的|不要了|谢谢|到店了|退订|/start|/help|/register|/bind
/propose 粤B12345 小保养 明天10点|/walkin 粤B12345 小保养 11:00""".replace("\n", "|").split("|")
KEYS = (
    "confirm", "cancel", "back", "human", "skip", "agree", "slot", "day", "days", "offer", "service", "vehicle", "move",
    "give_up_surely", "keep_old", "confirm_move", "got_it", "paid", "accept", "no_show", "x" * 30,
)  # fmt: skip
VALUES = ("", "minor", "body", "2026-11-25", "2026-11-25T10:00", "2026-02-30T99:00", "-1", "99999999999", "1")

ANY_SIGN = st.characters(exclude_categories=["Cs"])
saying = st.one_of(st.sampled_from(WORDS), st.text(ANY_SIGN, min_size=1, max_size=40))
deeds = st.one_of(
    st.tuples(st.just("say"), saying),
    st.tuples(st.just("press"), st.integers(0, 30)),
    st.tuples(st.just("forge"), st.tuples(st.integers(0, 9), st.sampled_from(KEYS), st.sampled_from(VALUES))),
    st.tuples(st.just("media"), st.sampled_from(("photo", "voice", "sticker", "location", "other"))),
    st.tuples(st.just("edit"), saying),
    st.tuples(st.just("share"), st.tuples(st.sampled_from(("13812345678", "12", "")), st.booleans())),
    st.tuples(st.just("wait"), st.sampled_from((1, 6, 11, 61, 60 * 9, 60 * 24))),
)
who_does = st.sampled_from((WANG, WANG, WANG, WANG, LI, FOREMAN, ADVISOR, BOSS))


def shown(door: FrontDoor, who: Sender, number: int) -> tuple[int, int, Tap] | None:
    """Chat, message and data of one of the newest buttons that `who` can see."""
    seen = [(chat, message, face.tap) for (chat, message), letter in reversed(door.post.faces.items())
            if chat in (who.user_id, -1009) for row in letter.buttons for face in row]  # fmt: skip
    return seen[number % min(len(seen), 12)] if seen else None


async def do(door: FrontDoor, who: Sender, deed: str, given_: Any) -> None:
    """Let `who` do it. Whoever writes in private gets an answer; a press gets at least its spinner stopped."""
    event: Event | None = None
    match deed:
        case "say":
            event = Said(given_)
        case "edit":
            event = EditedText(given_)
        case "media":
            event = SentMedia(given_, "f")
        case "share":
            event = SharedContact(*given_)
        case "wait":
            await door.pass_time(timedelta(minutes=given_))
            return
        case "forge":
            await _press(door, who, who.user_id, 50, Tap(*_forged(given_)))
            return
        case "press":
            if (button := shown(door, who, given_)) is not None:
                await _press(door, who, *button)
            return
    assert event is not None
    answers: list[Letter] = [one for one in await door.event(who, event) if one.chat_id == who.user_id]
    if not answers:  # several messages in a row to a complaint are answered together, once (C8)
        answers = [one for one in await door.pass_time(GATHERED_AFTER) if one.chat_id == who.user_id]
    assert answers, f"silence after {event!r}"
    assert all(one.text.strip() for one in answers)
    assert "出了点问题" not in texts(answers)


def _forged(given_: tuple[int, str, str]) -> tuple[int, int, str, str]:
    conversation, key, value = given_
    return conversation, 1, key, value


async def _press(door: FrontDoor, who: Sender, chat: int, card: int, tap: Tap) -> None:
    before = len(door.post.toasts)
    await door.event(who, Pressed(tap.key, tap.value), tap=tap, card=card, chat_id=chat)
    assert len(door.post.toasts) == before + 1


@given(
    stage=st.sampled_from(WAITING),
    story=st.lists(st.tuples(who_does, deeds), min_size=1, max_size=8),
)
def test_any_order_of_events_at_every_dialog(
    shop_template: Path, stage: tuple[str, str], story: list[tuple[Sender, tuple[str, Any]]]
) -> None:
    """Never an exception, always an answer, one question at a time, no stray timer, bays as booked (B4, B15)."""
    with TemporaryDirectory() as folder, structlog.testing.capture_logs():
        shutil.copy(shop_template, Path(folder, "desk.db"))
        asyncio.run(_play(f"sqlite+aiosqlite:///{folder}/desk.db", stage, story))


async def _play(url: str, stage: tuple[str, str], story: list[tuple[Sender, tuple[str, Any]]]) -> None:
    books = Books(url, synchronous="OFF")
    try:
        async with open_door(books, FakeClock()) as door:
            await stand_at(door, *stage)
            for who, (deed, given_) in story:
                await do(door, who, deed, given_)
            await assert_house_is_in_order(door)
    finally:
        await books.close()
