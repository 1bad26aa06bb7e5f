"""Updates reach the desk and are confirmed only once they are handled, by polling and by webhook."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.webhook import WebhookPlace
from dialogs.core import Said
from sandbox import Sandbox
from service.ports import ChannelError, Incoming
from tests.bot.channels.recorded_updates import MEANING, meaning, recorded
from tests.bot.channels.stage import CLASSES, TOKEN, WANG, Pauses, letter, listening
from tests.sandbox.bot_api_spec import bot_api_spec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.bot_api import BotApiChannel


async def test_the_same_updates_mean_the_same(channel: BotApiChannel, sandbox: Sandbox) -> None:
    """Every recorded update of a kind that is asked for, through the library."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    names = [name for name in MEANING if recorded(name).keys() & {"channel_post", "poll"} == set()]
    async with listening(channel, handle):
        await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates"))
        for name in names:
            ((_, _), (update_kind, body)) = recorded(name).items()
            sandbox.exchange.queue.add(update_kind, 101, body)
        await sandbox.wait_for(lambda: len(got) == len(names))
    assert {name: meaning(each) for name, each in zip(names, got, strict=True)} == {
        name: MEANING[name] for name in names
    }


async def test_an_update_is_confirmed_only_after_it_was_handled(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    entered, may_return = asyncio.Event(), asyncio.Event()

    async def handle(batch: Sequence[Incoming]) -> None:
        entered.set()
        await may_return.wait()

    async with listening(channel, handle):
        await sandbox.user(WANG.id).say("您好")
        await entered.wait()
        asked = len(sandbox.calls_of("getUpdates"))
        for _ in range(5):  # the channel is alive meanwhile, but does not ask for updates
            await channel.deliver(letter())
        assert len(sandbox.calls_of("getUpdates")) == asked
        assert len(sandbox.exchange.queue) == 1
        may_return.set()
        await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)


async def test_whoever_is_killed_while_handling_gets_it_again(
    channel: BotApiChannel, sandbox: Sandbox
) -> None:
    got: list[int] = []
    entered = asyncio.Event()

    async def handle(batch: Sequence[Incoming]) -> None:
        got.append(batch[0].update_id)
        entered.set()
        if len(got) == 1:
            await asyncio.Event().wait()

    await sandbox.user(WANG.id).say("您好")
    async with listening(channel, handle):
        await entered.wait()
    async with listening(channel, handle):
        await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)
    assert got == [1, 1]


async def test_what_could_not_be_handled_comes_again(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses
) -> None:
    got: list[list[int]] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.append([each.update_id for each in batch])
        if len(got) < 4:
            raise RuntimeError("the database is away")

    await sandbox.user(WANG.id).say("一")
    await sandbox.user(WANG.id).say("二")
    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0)
    assert got == [[1, 2]] * 4
    assert pauses.seconds == [1, 2, 4]
    assert [log["log_level"] for log in logs] == ["error"] * 3


async def test_bad_times_are_waited_for_and_said(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses
) -> None:
    """Each trouble is logged with its cure; pauses grow to 10 s, never end before retry_after, and start anew."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    sandbox.faults.refuse("deleteWebhook", 429, "Too Many Requests: retry after 9", retry_after=9)
    sandbox.faults.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    sandbox.faults.html_502("getUpdates", times=2)
    sandbox.faults.reset("getUpdates", after_effect=False)
    sandbox.faults.truncate("getUpdates", times=2)
    sandbox.faults.refuse("getUpdates", 401, "Unauthorized")
    await sandbox.user(WANG.id).say("您好")
    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: got)
    assert pauses.seconds == [9, 1, 2, 4, 8, 10, 10, 10]
    cures = [log["cure"][:10] for log in logs]
    assert cures[0].startswith("Telegram 暂")
    assert cures[1].startswith("另有一个程序")
    assert cures[-1].startswith("BOT_TOKEN ")
    assert [each.event for each in got] == [Said("您好")]


async def test_polling_takes_over_from_a_webhook(channel: BotApiChannel, sandbox: Sandbox) -> None:
    sandbox.exchange.queue.webhook_set = True

    async def handle(batch: Sequence[Incoming]) -> None: ...

    async with listening(channel, handle):
        poll = (await sandbox.wait_for(lambda: sandbox.calls_of("getUpdates")))[0]
    assert sandbox.calls[0].method == "deleteWebhook"
    assert poll.status != 409


async def test_a_webhook_brings_the_same_updates(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace, pauses: Pauses
) -> None:
    """What was not handled is brought again; setWebhook is tried until it is accepted."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)
        if len(got) < 3:
            raise RuntimeError("the database is away")

    channel = CLASSES[kind](TOKEN, base, place, pauses)
    sandbox.faults.html_502("setWebhook", times=2)
    await sandbox.user(WANG.id).say("您好")
    with capture_logs():
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0 or None)
    await channel.close()
    assert [each.event for each in got] == [Said("您好")] * 3
    assert pauses.seconds == [1, 2]


async def test_a_webhook_is_set_as_specified(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace
) -> None:
    spec = bot_api_spec()
    channel = CLASSES[kind](TOKEN, base, place)

    async def handle(batch: Sequence[Incoming]) -> None: ...

    async with listening(channel, handle):
        call = (await sandbox.wait_for(lambda: sandbox.calls_of("setWebhook")))[0]
    await channel.close()
    assert call.params["secret_token"] == place.secret
    assert spec.check_call(call.method, call.params) == []


async def test_a_refused_webhook_is_said_in_one_sentence(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace
) -> None:
    channel = CLASSES[kind](TOKEN, base, place)

    async def handle(batch: Sequence[Incoming]) -> None: ...

    sandbox.faults.refuse(
        "setWebhook", 400, "Bad Request: bad webhook: HTTPS url must be provided for webhook"
    )
    with pytest.raises(ChannelError, match=r"^Telegram 拒绝了 WEBHOOK_URL（.*），请改正后再启动。$"):
        await channel.listen(handle)
    await channel.close()
