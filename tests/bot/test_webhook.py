"""Updates by webhook: 200 only for what is committed, and nothing from strangers."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot import webhook as webhooks
from bot.channels.updates import decode
from bot.webhook import MOST_BYTES, SECRET_HEADER, Batches, Webhook, WebhookPlace
from dialogs.core import Said
from service.ports import ChannelError, Incoming
from tests.bot.channels.recorded_updates import recorded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

SECRET = "s3cret_-"
UPDATE = recorded("text")


class Desk:
    """Stands in for the service: `handle` waits for `doors`, then fails while `broken`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.events: list[object] = []
        self.doors = asyncio.Event()
        self.doors.set()
        self.entered = asyncio.Event()
        self.broken = False

    async def handle(self, batch: Sequence[Incoming]) -> None:
        self.batches.append([each.update_id for each in batch])
        self.events += [each.event for each in batch]
        self.entered.set()
        await self.doors.wait()
        if self.broken:
            raise RuntimeError("the database is away")


class Service:
    """Stands in for the messaging service: posts what it is told and says the status."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self.session = session
        self.base = base

    async def post(
        self, body: object = UPDATE, secret: str | None = SECRET, path: str = "/hooks/desk"
    ) -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with self.session.post(f"{self.base}{path}", data=BytesIO(data), headers=headers) as answer:
            return answer.status


@pytest.fixture
def desk() -> Desk:
    """The service behind the webhook."""
    return Desk()


@pytest.fixture
async def service(desk: Desk) -> AsyncIterator[Service]:
    """Somebody who posts to a started webhook."""
    webhook = Webhook(WebhookPlace("https://desk.example/hooks/desk", SECRET, "127.0.0.1", 0), desk.handle)
    port = await webhook.start()
    async with ClientSession() as session:
        yield Service(session, f"http://127.0.0.1:{port}")
    await webhook.stop()


async def test_it_answers_only_after_the_commit(service: Service, desk: Desk) -> None:
    desk.doors.clear()
    async with asyncio.TaskGroup() as group:
        posted = group.create_task(service.post())
        await desk.entered.wait()
        assert await _healthy(service)  # the server is alive, and yet nothing is answered
        assert not posted.done()
        desk.doors.set()
    assert posted.result() == 200
    assert desk.events == [Said("明天下午三点可以吗？")]


async def _healthy(service: Service) -> bool:
    async with service.session.get(f"{service.base}/healthz") as answer:
        return answer.status == 200


async def test_what_could_not_be_handled_is_not_confirmed(service: Service, desk: Desk) -> None:
    desk.broken = True
    with capture_logs() as logs:
        assert await service.post() == 503
    assert [log["log_level"] for log in logs] == ["error"]
    desk.broken = False
    assert await service.post() == 200


async def test_updates_that_wait_are_handled_together(desk: Desk) -> None:
    """`handle` is never called twice at once; what came meanwhile is one batch."""
    batches = Batches(desk.handle)
    desk.doors.clear()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(batches.handled(incoming(1)))
        await desk.entered.wait()
        rest = [group.create_task(batches.handled(incoming(number))) for number in (2, 3, 4)]
        await asyncio.sleep(0)  # they reach the door
        desk.doors.set()
    assert [task.result() for task in (first, *rest)] == [True] * 4
    assert desk.batches == [[1], [2, 3, 4]]


async def test_a_failed_batch_is_told_to_everybody_in_it(desk: Desk) -> None:
    batches = Batches(desk.handle)
    desk.broken = True
    with capture_logs():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(batches.handled(incoming(number))) for number in (1, 2, 3)]
    assert [task.result() for task in tasks] == [False] * 3
    desk.broken = False
    assert await batches.handled(incoming(1))


async def test_a_cancelled_batch_leaves_nobody_waiting() -> None:
    """The service closes the connection of the request whose turn it is."""
    gates, entered = (asyncio.Event(), asyncio.Event()), [asyncio.Event(), asyncio.Event()]
    sizes: list[int] = []

    async def handle(batch: Sequence[Incoming]) -> None:
        turn = len(sizes)
        sizes.append(len(batch))
        entered[turn].set()
        await gates[turn].wait()

    batches = Batches(handle)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(batches.handled(incoming(1)))
        await entered[0].wait()
        leader, other = (group.create_task(batches.handled(incoming(number))) for number in (2, 3))
        await asyncio.sleep(0)  # they reach the door
        gates[0].set()
        await entered[1].wait()
        leader.cancel()
    assert sizes == [1, 2]
    assert (first.result(), leader.cancelled(), other.result()) == (True, True, False)


def incoming(update_id: int) -> Incoming:
    """The recorded text with this number."""
    return decode({**UPDATE, "update_id": update_id})


@pytest.mark.parametrize("secret", [None, "", "s3cret_", "s3cret_-x", "密码", "é", "S3CRET_-"])
async def test_strangers_are_turned_away(service: Service, desk: Desk, secret: str | None) -> None:
    assert await service.post(secret=secret) == 401
    assert desk.batches == []


async def test_a_secret_that_is_no_text_is_turned_away(service: Service, desk: Desk) -> None:
    port = int(service.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps(UPDATE).encode()
    writer.write(
        b"POST /hooks/desk HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        + SECRET_HEADER.encode()
        + b": \xff\xfe\xe9\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()
    await writer.wait_closed()
    assert desk.batches == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"null",
        b'"x"',
        b"{}",
        b'{"update_id": "7"}',
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused(service: Service, desk: Desk, body: bytes) -> None:
    assert await service.post(body) == 400
    assert desk.batches == []


async def test_what_is_too_large_is_refused(service: Service, desk: Desk) -> None:
    assert await service.post({**UPDATE, "padding": "x" * MOST_BYTES}) == 413
    assert desk.batches == []
    assert await service.post({**UPDATE, "padding": "x" * (MOST_BYTES // 2)}) == 200


async def test_what_never_arrives_is_not_waited_for(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of a body does not come: the request is answered, and the next one works."""
    monkeypatch.setattr(webhooks, "ARRIVES_WITHIN", 0.05)

    async def stalls() -> AsyncIterator[bytes]:
        yield b'{"update_id":'
        await asyncio.Event().wait()

    headers = {SECRET_HEADER: SECRET}
    async with service.session.post(f"{service.base}/hooks/desk", data=stalls(), headers=headers) as answer:
        assert answer.status == 408
    assert desk.batches == []
    assert await service.post() == 200


async def test_an_update_nobody_needs_is_confirmed(service: Service, desk: Desk) -> None:
    assert await service.post(recorded("channel_post")) == 200
    assert await service.post(recorded("message_without_chat")) == 200
    assert desk.events == [None, None]


async def test_only_the_agreed_path_and_method(service: Service) -> None:
    assert await service.post(path="/hooks/other") == 404
    async with service.session.get(f"{service.base}/hooks/desk") as answer:
        assert answer.status == 405
    assert await _healthy(service)


async def test_stopping_lets_the_present_update_finish(desk: Desk) -> None:
    webhook = Webhook(WebhookPlace("https://desk.example/", SECRET, "127.0.0.1", 0), desk.handle)
    port = await webhook.start()
    desk.doors.clear()
    async with ClientSession() as session, asyncio.TaskGroup() as group:
        posted = group.create_task(Service(session, f"http://127.0.0.1:{port}").post(path="/"))
        await desk.entered.wait()
        group.create_task(webhook.stop())
        await asyncio.sleep(0)
        desk.doors.set()
    assert posted.result() == 200


async def test_without_a_secret_it_does_not_start(desk: Desk) -> None:
    with pytest.raises(ChannelError, match="WEBHOOK_SECRET"):
        Webhook(WebhookPlace("https://desk.example/", "", "127.0.0.1", 0), desk.handle)


async def test_a_taken_port_is_said_in_one_sentence(desk: Desk) -> None:
    first = Webhook(WebhookPlace("https://desk.example/", SECRET, "127.0.0.1", 0), desk.handle)
    port = await first.start()
    second = Webhook(WebhookPlace("https://desk.example/", SECRET, "127.0.0.1", port), desk.handle)
    with pytest.raises(ChannelError, match=rf"^不能在 127.0.0.1:{port} 上监听.*WEBHOOK_LISTEN 后再启动。$"):
        await second.start()
    await first.stop()


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(WebhookPlace("https://desk.example/", SECRET, "127.0.0.1", 0))
