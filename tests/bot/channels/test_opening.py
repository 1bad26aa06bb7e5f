"""A channel opens, or says in one sentence why not; its token is never said."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from service.ports import (
    ChannelError,
    Sender,
)
from tests.bot.channels.stage import CLASSES, TOKEN, Pauses, letter
from tests.house.tree import ROOT

if TYPE_CHECKING:
    from bot.channels.bot_api import BotApiChannel


async def test_it_says_who_the_bot_is(channel: BotApiChannel) -> None:
    assert await channel.open() == Sender(4200, "售后服务台", "", "service_desk_bot")


async def test_a_wrong_token_is_said_in_one_sentence(kind: str, base: str) -> None:
    channel = CLASSES[kind]("4200:another-one", base)
    with pytest.raises(ChannelError, match=r"^BOT_TOKEN 不被 Telegram 接受，.*再启动。$") as raised:
        await channel.open()
    assert raised.value.__cause__ is None
    await channel.close()


@pytest.mark.parametrize("token", ["", "4200", "4200:", "abc:def", "4200:a b", "4200:a/../b", "４200:abc"])
def test_what_cannot_be_a_token_is_refused_at_once(kind: str, token: str) -> None:
    with pytest.raises(ChannelError, match="BOT_TOKEN 的格式不对"):
        CLASSES[kind](token, "http://localhost")


async def test_a_service_out_of_reach_is_said_in_one_sentence(kind: str) -> None:
    channel = CLASSES[kind](TOKEN, "http://127.0.0.1:1")
    with pytest.raises(ChannelError, match=r"^连不上 Telegram.*BOT_API_BASE。$"):
        await channel.open()
    await channel.close()


def test_capabilities(kind: str) -> None:
    can = CLASSES[kind].capabilities
    assert (can.edits, can.topics, can.buttons, can.longest_text) == (True, True, True, 4096)


@pytest.mark.parametrize(("mine", "other"), [("ptb", "aiogram"), ("aiogram", "telegram")])
def test_only_the_chosen_library_is_imported(mine: str, other: str) -> None:
    """Each costs seconds at start."""
    code = (
        "import sys; from bot.channels import open_channel; from bot.settings import load_settings; "
        f"env = {{'BOT_TOKEN': '1:a', 'CHANNEL': '{mine}'}}; "
        "channel = open_channel(load_settings(env, None)); "
        f"print(type(channel).__name__, '{other}' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [CLASSES[mine].__name__, "False"]


async def test_the_token_is_never_said(
    kind: str, base: str, pauses: Pauses, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in logs, refusals or reasons, whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    for library in ("httpx", "telegram", "telegram.Bot", "aiogram"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    said: list[str] = []
    for address in (base, f"{base}/elsewhere", "http://127.0.0.1:1", "http://[bad", "ftp://x", "http://"):
        channel = CLASSES[kind](TOKEN, address, pause=pauses)
        with capture_logs() as logs:
            said.append(repr(await channel.deliver(letter())))
            await channel.toast("1", "", alert=False)
            try:
                said.append(repr(await channel.open()))
            except ChannelError as error:
                said += [str(error), repr(error.__cause__), repr(error.__context__)]
        said.append(repr(logs))
        await channel.close()
    everything = "\n".join([*said, caplog.text, *capfd.readouterr()])
    assert "never-to-be-seen" not in everything
    assert "连不上 Telegram" in everything
