"""A thousand requests that nobody honest sends, at the webhook of a real house: no 5xx, no effect, no word in the log.

Whoever has not the secret gets 401 before a byte of the body is looked at. Whoever has it is the messaging service,
or has stolen it: what makes no sense is refused or noted as seen, and the next good update works.
"""

from __future__ import annotations

import asyncio
import copy
import gzip
import hmac
import json
import random
import zlib
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, ServerDisconnectedError
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.webhook import MOST_BYTES, SECRET_HEADER, Webhook, WebhookPlace
from storage.inbox import INBOX
from tests.bot.channels.recorded_updates import MEANING, recorded
from tests.faults.tally import LONG
from tests.hostile.nasty import CORPUS
from tests.service.front_door import FrontDoor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.faults.tally import Tally

SECRET = "s3cret_-0123456789abcdefghijklmnop"
HUNG_UP = 0
CANARY = "机密暗语GHK7"
REQUESTS = 20_000 if LONG else 1_000
AT_ONCE = 40
WRONG: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**31,
        2**63,
        2**64,
        -(2**70),
        10**300,
        "",
        "7",
        CANARY,
        "\x00",
        "\ud800",
    ),
    *([], {}, [None], [[]], {"id": None}, {CANARY: CANARY}, [CANARY] * 3, CORPUS[40], "长" * 5_000),
)


@dataclass
class Hook:
    """The webhook of an open shop, and somebody who posts to it."""

    door: FrontDoor
    session: ClientSession
    port: int

    async def post(self, body: bytes, secret: str | None = SECRET, **headers: str) -> int:
        """The answer's status; `HUNG_UP` where there is none, as for a body that cannot be unpacked."""
        told = dict(headers) if secret is None else {SECRET_HEADER: secret, **headers}
        url = f"http://127.0.0.1:{self.port}/desk"
        try:
            async with self.session.post(url, data=BytesIO(body), headers=told) as answer:
                await answer.read()
                return answer.status
        except ServerDisconnectedError:
            return HUNG_UP

    async def raw(self, request: bytes) -> bytes:
        """The first line that comes back; whatever HTTP is made of, byte by byte."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        async with asyncio.timeout(20):
            line = await reader.readline()
        writer.close()
        return line

    async def works(self) -> None:
        """A good update is handled."""
        number = next(_numbers)
        before = len(self.door.post.letters)
        assert await self.post(json.dumps(recorded("text") | {"update_id": number}).encode()) == 200
        await self.door.quiet()
        assert len(self.door.post.letters) > before


_numbers = iter(range(5_000_000, 6_000_000))


@pytest.fixture
async def hook(shop: FrontDoor) -> AsyncIterator[Hook]:
    """It listens."""

    async def handle(updates: Any) -> None:
        await shop.intake.put(updates)

    place = WebhookPlace("https://desk.example/desk", SECRET, "127.0.0.1", 0)
    webhook = Webhook(place, handle)
    port = await webhook.start()
    async with ClientSession() as session:
        yield Hook(shop, session, port)
    await webhook.stop()


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of an update in which something stands."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def spoilt(update: Any, path: tuple[Any, ...], value: Any) -> Any:
    """`update` with `value` at one place."""
    changed = copy.deepcopy(update)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return changed


async def test_wrong_types_in_every_field_of_every_kind_of_update(hook: Hook, tally: Tally) -> None:
    """With the right secret: 200 for what can be noted as seen, 400 for what is no update; never 5xx."""
    rng = random.Random(7)
    kinds = {name: recorded(name) for name in MEANING}
    all_places = [(name, path) for name, update in kinds.items() for path in places(update)]
    rng.shuffle(all_places)
    wanted = [(name, path, value) for value in WRONG for name, path in all_places]
    rng.shuffle(wanted)
    answers: Counter[int] = Counter()
    with capture_logs() as logs:
        for first in range(0, REQUESTS, AT_ONCE):
            bodies = []
            for name, path, value in wanted[first : first + AT_ONCE]:
                update = spoilt(kinds[name] | {"update_id": next(_numbers)}, path, value)
                bodies.append(json.dumps(update).encode())
            answers.update(await asyncio.gather(*(hook.post(body) for body in bodies)))
        await hook.door.quiet()
    tally("webhook: wrong types in updates", cases=answers.total(), updates=answers.total())
    assert set(answers) <= {200, 400}, answers
    assert CANARY not in str(logs)
    assert [row.error for row in await hook.door.dead()] == []
    await hook.works()


async def test_wrong_secrets(hook: Hook, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    """None, empty, shorter, longer, other case, not ASCII, endless, twice: 401, compared in constant time, unread."""
    compared: list[tuple[bytes, bytes]] = []
    honest = hmac.compare_digest

    def counted(given: bytes, wanted: bytes) -> bool:
        compared.append((given, wanted))
        return honest(given, wanted)

    monkeypatch.setattr("bot.webhook.hmac.compare_digest", counted)
    body = json.dumps(recorded("text") | {"update_id": next(_numbers)}).encode()
    secrets = [
        None,
        "",
        SECRET[:-1],
        f"{SECRET}x",
        SECRET.swapcase(),
        SECRET[::-1],
        f" {SECRET[1:]}",
        "x" * 4_000,
    ]
    secrets += [SECRET[:place] + "~" + SECRET[place + 1 :] for place in range(len(SECRET))]
    secrets += [
        "密码",
        "é",
        "null",
        "undefined",
        "*",
        "%s",
        "' OR 1=1",
        f"{SECRET},{SECRET}",
        f"Bearer {SECRET}",
    ]
    answers = [await hook.post(body, secret) for secret in secrets]
    assert answers == [401] * len(secrets)
    assert [wanted for _, wanted in compared] == [SECRET.encode()] * len(secrets)
    header = SECRET_HEADER.encode()
    for value in (b"\xff\xfe\xe9", b"wrong\r\n" + header + b": wrong", b"\t", b"x" * 8_000):
        request = b"POST /desk HTTP/1.1\r\nHost: x\r\n" + header + b": " + value
        assert b" 401 " in await hook.raw(request + b"\r\nContent-Length: 2\r\n\r\n{}")
    assert b" 400 " in await hook.raw(
        b"POST /desk HTTP/1.1\r\nHost: x\r\n" + header + b": " + b"x" * 90_000 + b"\r\n\r\n"
    )
    tally("webhook: wrong secrets", cases=len(secrets) + 5)
    assert await hook.door.rows(select(INBOX)) == []
    await hook.works()


def bodies() -> dict[str, tuple[bytes, dict[str, str], set[int]]]:
    """What is no update, how it is announced, and what may be answered."""
    good = json.dumps(recorded("text") | {"update_id": next(_numbers), "x": CANARY}).encode()
    bomb = gzip.compress(b" " * (64 << 20))
    refused, too_much, unpackable = {400}, {413}, {400, HUNG_UP}
    return {
        "nothing": (b"", {}, refused),
        "half": (good[: len(good) // 2], {}, refused),
        "twice": (good + good, {}, refused),
        "another code": (good.decode().encode("utf-16"), {}, {200, 400}),
        "latin": (b'{"update_id": 1, "x": "\xe9"}', {}, refused),
        "deep": (b"[" * 500_000, {}, refused),
        "deep inside": (
            b'{"update_id": 1, "message": ' + b"[" * 90_000 + b"]" * 90_000 + b"}",
            {},
            {200, 400},
        ),
        "a long number": (b'{"update_id": ' + b"9" * 100_000 + b"}", {}, refused),
        "a number too large": (b'{"update_id": 99999999999999999999}', {}, refused),
        "not a number": (b'{"update_id": NaN}', {}, refused),
        "names twice": (b'{"update_id": "a", "update_id": "b"}', {}, refused),
        "too large": (b'{"update_id": 1, "x": "' + b"x" * MOST_BYTES + b'"}', {}, too_much),
        "exactly too large": (b" " * (MOST_BYTES + 1), {}, too_much),
        "no kind": (good, {"Content-Type": ""}, {200}),
        "another kind": (good, {"Content-Type": "multipart/form-data; boundary=x"}, {200}),
        "said to be compressed": (good, {"Content-Encoding": "gzip"}, unpackable),
        "half compressed": (gzip.compress(good)[:40], {"Content-Encoding": "gzip"}, unpackable),
        "compressed": (gzip.compress(good), {"Content-Encoding": "gzip"}, {200}),
        "deflated": (zlib.compress(good), {"Content-Encoding": "deflate"}, {200}),
        "a bomb": (bomb, {"Content-Encoding": "gzip"}, {*unpackable, *too_much}),
        "an unknown code": (good, {"Content-Encoding": "x-none"}, {200, 400}),
    }


@pytest.mark.parametrize("name", bodies())
async def test_broken_bodies(hook: Hook, tally: Tally, name: str) -> None:
    """With the right secret. The next good update works, and nothing of the body is in the log."""
    body, headers, wanted = bodies()[name]
    with capture_logs() as logs:
        status = await hook.post(body, SECRET, **headers)
        without = await hook.post(body, "wrong", **headers)
    tally("webhook: broken bodies", cases=2)
    assert status in wanted
    assert without in {401, HUNG_UP}
    assert CANARY not in str(logs)
    await hook.works()


async def test_slow_and_torn_requests_stop_nobody(hook: Hook, tally: Tally) -> None:
    """Bodies that never come, chunks that are none, lengths that lie: others are served meanwhile."""
    head = b"POST /desk HTTP/1.1\r\nHost: x\r\n" + SECRET_HEADER.encode() + b": " + SECRET.encode() + b"\r\n"
    waiting = []
    for start in (
        head,
        head + b"Content-Length: 100\r\n\r\n{",
        head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", hook.port)
        writer.write(start)
        waiting.append(writer)
    await hook.works()
    torn = (
        *(
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
            b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n",
        ),
        *(
            b"Content-Length: -1\r\n\r\n{}",
            b"Content-Length: x\r\n\r\n{}",
            b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        ),
        *(b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", b"Content-Length: 1\r\n\r\n{}"),
        *(b"Transfer-Encoding: gzip\r\n\r\n{}", b"X: \x00\r\nContent-Length: 2\r\n\r\n{}"),
    )
    with capture_logs() as logs:
        lines = [await hook.raw(head + rest) for rest in torn]
    tally("webhook: slow and torn requests", cases=len(torn) + len(waiting))
    assert [line for line in lines if b" 5" in line[:13]] == []
    assert SECRET not in str(logs)
    await hook.works()
    for writer in waiting:
        writer.close()
