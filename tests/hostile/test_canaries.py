"""Secrets and personal data that were planted everywhere turn up nowhere but where they belong.

The program is the real one, in its own process, at the most talkative level of its log; in-process, the log is tried
in tests/bot/test_log.py.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import text

from bot.webhook import SECRET_HEADER
from tests.faults.shop import GROUP, WANG
from tests.faults.stage import TOKEN, open_stage
from tests.service.front_door import GROUP as STAFF_GROUP
from tests.service.front_door import LI, FrontDoor
from tests.service.front_door import WANG as MR_WANG
from tests.service.stages import STAFF, WAITING, stand_at

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.program import Nursery
    from tests.faults.tally import Tally

SECRET = "canary-webhook-secret-7Q"
PHONE, PLATE, NAME, WORDS = "13987654321", "粤B7K9Q2", "欧阳鹂燕", "暗语紫色长颈鹿"
CANARIES = (
    TOKEN.partition(":")[2],
    SECRET,
    PHONE,
    "987654321",
    PLATE,
    PLATE[1:],
    NAME,
    "鹂燕",
    WORDS,
    "紫色长颈鹿",
)


def planted(**more: Any) -> dict[str, Any]:
    """A person of that name writes."""
    sender = {"id": 909, "is_bot": False, "first_name": "鹂燕", "last_name": "欧阳", "username": "canary"}
    message = {"message_id": 5, "date": 1, "chat": {"id": 909, "type": "private"}, "from": sender}
    return {"message": message | {"text": WORDS} | more}


BROKEN: tuple[dict[str, Any], ...] = (
    planted(text=f"{NAME} {PHONE} {PLATE} {WORDS}"),
    planted(text=[WORDS, PHONE]),
    planted(contact={"phone_number": {PHONE: NAME}}, text=None),
    planted(photo=[{"file_id": 7, "width": PHONE}], text=None),
    {"message": WORDS},
    {"callback_query": {"id": WORDS, "from": {"id": PHONE, "first_name": NAME}, "data": PLATE}},
    {"callback_query": {"id": "1", "from": {"id": 909, "first_name": NAME}, "data": f"1.1.{PHONE}:x"}},
    {"my_chat_member": {"chat": {"id": NAME}, "from": {"id": 909}}},
)


async def test_no_canary_is_in_what_a_real_process_writes(
    nursery: Nursery,
    sqlite_url: str,
    tmp_path: Path,
    unused_tcp_port_factory: Callable[[], int],
    tally: Tally,
) -> None:
    """Updates, errors of the API that quote them, a database that loses a table, exceptions, the end: in log and
    figures there is none of it."""
    port, status = unused_tcp_port_factory(), unused_tcp_port_factory()
    async with open_stage(nursery, sqlite_url, tmp_path, port) as stage:
        program = await stage.start(
            LOG_LEVEL="DEBUG", WEBHOOK_SECRET=SECRET, STATUS_LISTEN=f"127.0.0.1:{status}"
        )
        faults = stage.sandbox.faults
        faults.refuse("sendMessage", 400, f'Bad Request: can\'t parse "{WORDS} {PHONE}"', times=2)
        faults.refuse("sendMessage", 403, f"Forbidden: {NAME} blocked the bot", times=1)
        await stage.say(WANG, f"{NAME} {PHONE} {PLATE} {WORDS}")
        url = f"http://127.0.0.1:{port}/updates"
        async with ClientSession() as session:
            for number, update in enumerate(BROKEN, start=7_000):
                body = json.dumps({"update_id": number, **update}, ensure_ascii=False)
                async with session.post(url, data=body.encode(), headers={SECRET_HEADER: SECRET}) as answer:
                    assert answer.status in (200, 400)
            async with session.post(url, data=WORDS.encode(), headers={SECRET_HEADER: PHONE}) as answer:
                assert answer.status == 401
            async with stage.books() as books, books.unit() as unit:  # a mistake of somebody at the database
                await unit.run(text("ALTER TABLE customers RENAME COLUMN phone TO phone_no"))
            for number in (8_001, 8_002):
                body = json.dumps({"update_id": number, **planted(text=f"预约 {PLATE} {PHONE}")})
                with suppress(TimeoutError):
                    async with session.post(url, data=body, headers={SECRET_HEADER: SECRET}) as answer:
                        assert answer.status in (200, 503)
            async with session.get(f"http://127.0.0.1:{status}/metrics") as answer:
                figures = await answer.text()
        await program.stop()
        written = program.log.read_text(encoding="utf-8")
    tally("canaries in a real process", cases=len(BROKEN) + 6)
    assert len(written.splitlines()) > 3, "a log that says nothing would prove nothing"
    assert "aiohttp" in figures or "desk" in figures or "#" in figures
    found = {where: sorted({each for each in CANARIES if each in what}) for where, what in
             (("log", written), ("figures", figures))}  # fmt: skip
    assert found == {"log": [], "figures": []}, _lines(written)
    assert "Traceback" not in written


def _lines(written: str) -> list[str]:
    return [line for line in written.splitlines() if any(each in line for each in CANARIES)]


# ---------------------------------------------------------------- the wrong chat


async def test_a3_no_chat_sees_what_is_not_its_own(shop: FrontDoor, tally: Tally) -> None:
    """At every step of every dialog: a stranger gets nothing, the group neither a whole phone nor a whole plate."""
    await shop.say(LI, "/start")
    for stage in WAITING:
        await stand_at(shop, *stage)
    own = {MR_WANG.user_id, *(who.user_id for who, _ in STAFF)}
    shown = [letter for letter in shop.post.letters if letter.chat_id not in own]
    in_group = [letter for letter in shown if letter.chat_id == STAFF_GROUP]
    assert len(in_group) >= 10
    tally("letters read for what they must not hold", cases=len(shown))
    for letter in shown:
        words = letter.text + "".join(face.label for row in letter.buttons for face in row)
        assert not re.search(r"1[3-9]\d\s?\d{4}\s?\d{4}", words), words
        assert not re.search(r"粤B·?(12345|67890)", words), words
        if letter.chat_id == LI.user_id:
            assert "王" not in words


@pytest.mark.parametrize(
    "words", [f"我的车牌{PLATE}，电话{PHONE}，要投诉喷漆", f"投诉！请打{PHONE}", f"人工 {PHONE} {PLATE}"]
)
async def test_a3_what_a_customer_types_reaches_the_group_masked(shop: FrontDoor, words: str) -> None:
    """Also where number and plate stand in the middle of a sentence."""
    await shop.say(MR_WANG, words)
    await shop.pass_time(shop.house.store.dialogs.nudge_after)
    told = [letter.text for letter in shop.post.to(STAFF_GROUP)]
    assert told or await shop.outbox()
    assert [text for text in told if PHONE in text or PLATE in text or "粤B·7K9Q2" in text] == []
    assert GROUP == STAFF_GROUP
