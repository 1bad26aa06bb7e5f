"""Every class of answers to the calls that carry no letter: waited for as long as asked, or told in one sentence.

Letters have theirs in tests/faults/test_answers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from bot.channels import aiogram, polling, ptb
from dialogs.core import Said
from sandbox import Sandbox
from service.ports import ChannelError, Incoming
from tests.bot.channels.stage import CLASSES, TOKEN, WANG, Pauses, listening
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.channels.bot_api import BotApiChannel
    from bot.webhook import WebhookPlace

Strike = Callable[[Sandbox, str], None]


def refuse(status: int, words: str, retry_after: int | None = None) -> Strike:
    """The service says no."""
    return lambda sandbox, method: sandbox.faults.refuse(method, status, words, retry_after=retry_after)


TROUBLES: dict[str, Strike] = {
    "429 with retry_after": refuse(429, "Too Many Requests: retry after 37", 37),
    "429 without": refuse(429, "Too Many Requests"),
    "400": refuse(400, "Bad Request: bad webhook"),
    "401": refuse(401, "Unauthorized"),
    "403": refuse(403, "Forbidden"),
    "404": refuse(404, "Not Found"),
    "409": refuse(409, "Conflict: terminated by other getUpdates request"),
    "413": refuse(413, "Request Entity Too Large"),
    "500 without body": lambda sandbox, method: sandbox.faults.empty_500(method),
    "502 page": lambda sandbox, method: sandbox.faults.html_502(method),
    "truncated": lambda sandbox, method: sandbox.faults.truncate(method),
    "reset before": lambda sandbox, method: sandbox.faults.reset(method, after_effect=False),
    "reset after": lambda sandbox, method: sandbox.faults.reset(method, after_effect=True),
    "hang": lambda sandbox, method: sandbox.faults.hang(method),
    "hang after": lambda sandbox, method: sandbox.faults.hang(method, after_effect=True),
}


SHORT = ("429 with retry_after", "400", "502 page", "hang")


@pytest.fixture(params=TROUBLES if LONG else SHORT)
def trouble(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each class in turn; who hangs is not waited for for long."""
    name = str(request.param)
    if name.startswith("hang"):
        monkeypatch.setattr(polling, "LONG_POLL", 0)
        for module in (aiogram, ptb):
            monkeypatch.setattr(module, "TOTAL", 0.5)
    return name


def shortest(trouble: str) -> float:
    """Seconds before which it may not be asked again."""
    return 37 if trouble == "429 with retry_after" else 1


async def test_updates_are_asked_for_again(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses, trouble: str
) -> None:
    """Nothing is lost, and nothing handled twice."""
    got: list[Incoming] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        got.extend(batch)

    TROUBLES[trouble](sandbox, "getUpdates")
    await sandbox.user(WANG.id).say("您好")
    with capture_logs() as logs:
        async with listening(channel, handle):
            await sandbox.wait_for(lambda: len(sandbox.exchange.queue) == 0 or None)
    assert [each.event for each in got] == [Said("您好")]
    assert pauses.seconds == [shortest(trouble)]
    assert len(logs) == 1
    assert logs[0]["cure"].endswith("。")


async def test_a_webhook_is_set_again_unless_its_address_is_refused(
    kind: str, base: str, sandbox: Sandbox, place: WebhookPlace, pauses: Pauses, trouble: str
) -> None:
    await begins(CLASSES[kind](TOKEN, base, place, pauses), sandbox, "setWebhook", pauses, trouble)


async def test_a_webhook_is_taken_down_again_before_polling(
    channel: BotApiChannel, sandbox: Sandbox, pauses: Pauses, trouble: str
) -> None:
    await begins(channel, sandbox, "deleteWebhook", pauses, trouble)


async def begins(channel: BotApiChannel, sandbox: Sandbox, method: str, pauses: Pauses, trouble: str) -> None:
    """`method` goes wrong once, and the channel begins to listen all the same; what is refused is told."""

    async def handle(batch: Sequence[Incoming]) -> None: ...

    TROUBLES[trouble](sandbox, method)
    with capture_logs():
        if trouble == "400":
            with pytest.raises(ChannelError, match=r"。$"):
                await channel.listen(handle)
        else:
            async with listening(channel, handle):
                await sandbox.wait_for(
                    lambda: [call for call in sandbox.calls_of(method) if call.status == 200][-1:]
                )
                await sandbox.wait_for(lambda: len(sandbox.calls_of(method)) == 2)
    assert len(sandbox.calls_of(method)) == (1 if trouble == "400" else 2)
    assert pauses.seconds == ([] if trouble == "400" else [shortest(trouble)])
    await channel.close()


async def test_a_toast_is_never_repeated(channel: BotApiChannel, sandbox: Sandbox, trouble: str) -> None:
    TROUBLES[trouble](sandbox, "answerCallbackQuery")
    with capture_logs() as logs:
        await channel.toast("1", "已收到", alert=False)
    assert len(sandbox.calls_of("answerCallbackQuery")) == 1
    assert [log["event"] for log in logs] == ["press not answered"]


async def test_who_cannot_open_says_so_in_one_sentence(
    channel: BotApiChannel, sandbox: Sandbox, trouble: str
) -> None:
    TROUBLES[trouble](sandbox, "getMe")
    with pytest.raises(ChannelError, match=r"^[^\n]+。$"):
        await channel.open()
    assert len(sandbox.calls_of("getMe")) == 1
