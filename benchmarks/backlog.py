"""A backlog: two hundred customers have answered a whole form while the bot was away, and all of it comes at once.

One customer fills in the form step by step first; whoever reads the same words in the same order has finished it.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.chats import Chats
from benchmarks.contestants import Contestant, other, running, this_bot
from benchmarks.customers import FIRST_CHAT
from benchmarks.local_api import LocalApi
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.course import Place

STEPS = 5
QUIET = 3.0  # seconds without a word after which all has been said


def of_ours(chat: int) -> Sequence[str]:
    """What a customer of this bot writes: a new file, as far as the question for the service."""
    return "预约服务", "同意", "王先生", f"138{chat % 100_000_000:08}", f"粤B{chat % 100_000:05}"


def of_others(chat: int) -> Sequence[str]:
    """What a customer of the examples writes."""
    return "你好", "王先生", f"138{chat % 100_000_000:08}", f"粤B{chat % 100_000:05}", "小保养"


async def measure(place: Place) -> Measured:
    """This bot, aiogram's FSM and python-telegram-bot's ConversationHandler, all as shipped."""
    chats = place.course.backlog_chats
    rows = [["", "finished", "in order", "seconds"]]
    finished = 0
    for contestant in (
        other("aiogram FSM form", "aiogram_form.py"),
        other("ConversationHandler, persistent", "ptb_form.py"),
        this_bot("this bot", "sqlite:///books/backlog.sqlite3"),
    ):
        finished, in_order, seconds = await _through(contestant, place.folder, chats)
        rows.append([contestant.name, f"{finished} of {chats}", f"{in_order} of {chats}", f"{seconds:.1f}"])
    load = f"{chats} customers × {STEPS} texts, each customer's in a row, all waiting before the first is fetched"
    return Measured(Sheet("backlog", "A backlog of filled-in forms", rows, load), {"backlog": in_order})


async def _through(contestant: Contestant, folder: Path, chats: int) -> tuple[int, int, float]:
    """How many finished, how many of them read everything in order, and how long it took."""
    texts = of_ours if contestant.ours else of_others
    async with LocalApi() as api:
        known = Chats(api)
        async with running(contestant, api, folder):
            await _welcomed(known, chats if contestant.ours else -1)
            for text in texts(FIRST_CHAT):
                known.write(FIRST_CHAT, text)
                await known.quiet(0.7)
        expected = known.heard.pop(FIRST_CHAT)
        known.heard.clear()
        everybody = range(FIRST_CHAT + 1, FIRST_CHAT + 1 + chats)
        for chat in everybody:
            for text in texts(chat):
                known.write(chat, text)
        began = perf_counter()
        async with running(contestant, api, folder):
            await known.until(lambda: bool(known.heard))
            await known.quiet(QUIET)
    finished = sum(known.heard[chat][-1:] == expected[-1:] for chat in everybody)
    in_order = sum(known.heard[chat] == expected for chat in everybody)
    return finished, in_order, known.last - began


async def _welcomed(known: Chats, chats: int) -> None:
    """Everybody who will write has been here before, and the program is up."""
    known.write(FIRST_CHAT - 1, "/start")
    await known.until(lambda: bool(known.heard))
    for chat in range(FIRST_CHAT, FIRST_CHAT + 1 + chats):
        known.write(chat, "/start")
    await known.quiet(1.0)
    known.heard.clear()
