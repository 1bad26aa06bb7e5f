"""Books and a channel whose nth call goes wrong, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.exc import OperationalError

from service.ports import Delivery, Letter, TryLater, Unknown
from tests.overheard import BY
from tests.service.front_door import Post

if TYPE_CHECKING:
    from storage.engine import Books, Link
    from tests.clock import FakeClock

OnBooks = Literal["statement", "commit before", "commit after"]
OnWire = Literal["refused", "429", "lost before", "lost after"]
RETRY_AFTER = timedelta(seconds=40)


class Countdown:
    """Counts calls while it is awake; true at the nth (0: never)."""

    def __init__(self, nth: int = 0) -> None:
        self.nth = nth
        self.calls = 0
        self.is_awake = False

    @property
    def is_over(self) -> bool:
        """Whether it has gone wrong."""
        return 0 < self.nth <= self.calls

    def __call__(self) -> bool:
        self.calls += self.is_awake
        return self.is_awake and self.calls == self.nth


class BrokenBooks:
    """From now on the nth statement, or the nth commit, of `books` fails.

    On PostgreSQL the connection is cut, on SQLite the disk fails. A commit fails before or after it took effect.
    """

    def __init__(self, books: Books, way: OnBooks, nth: int) -> None:
        self.statements = Countdown(nth if way == "statement" else 0)
        self.commits = Countdown(nth if way != "statement" else 0)
        self._after = way == "commit after"
        self._cut = cut if books.is_postgres else fail
        self._connect = books.connect
        for link in books._idle:
            self._listen(link)
        setattr(books, "connect", self.connect)  # noqa: B010 - as those below

    async def connect(self, **options: Any) -> Link:
        """A connection that counts."""
        return self._listen(await self._connect(**options))

    def _listen(self, link: Link) -> Link:
        for way in BY:
            setattr(link, way, self._statement(link, getattr(link, way)))
        setattr(link, "commit", self._commit(link, link.commit))  # noqa: B010
        return link

    def _statement(self, link: Link, execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(sql: str, values: Any) -> Any:
            if self.statements():
                self._cut(link)
            return await execute(sql, values)

        return counted

    def _commit(self, link: Link, commit: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def counted() -> None:
            breaks = self.commits()
            if breaks and not self._after:
                self._cut(link)
            await commit()
            if breaks and self._after:
                raise OperationalError("COMMIT", None, ConnectionError("its answer was lost"))

        return counted


def fail(_: Link) -> None:
    """What a disk that has trouble leads to."""
    raise OperationalError("", None, sqlite3.OperationalError("disk I/O error"))


def cut(link: Link) -> None:
    """The connection is gone; whoever uses it finds out."""
    link.abandon()


@dataclass(frozen=True, slots=True)
class Brought:
    """One call: to whom, when, and how it was answered."""

    chat: int
    at: datetime
    answer: Delivery | None


class BrokenPost(Post):
    """A channel whose nth call (letter or toast) goes wrong: not there at all, put off, or its answer is lost."""

    def __init__(self, clock: FakeClock, way: OnWire = "refused", nth: int = 0) -> None:
        super().__init__()
        self.clock = clock
        self.calls = Countdown(nth)
        self.brought: list[Brought] = []
        self._way = way

    async def deliver(self, letter: Letter) -> Delivery:
        answer = await self._answer(letter)
        self.brought.append(Brought(letter.chat_id, self.clock.now(), answer))
        return answer

    async def _answer(self, letter: Letter) -> Delivery:
        if not self.calls():
            return await super().deliver(letter)
        if self._way == "lost after":
            await super().deliver(letter)
        match self._way:
            case "refused":
                return TryLater("ClientConnectorError")
            case "429":
                return TryLater("Too Many Requests", RETRY_AFTER)
            case _:
                return Unknown("ServerDisconnectedError")

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        """A toast that does not arrive is let go (`bot/channels/bot_api.py`)."""
        if not self.calls():
            await super().toast(press_id, text, alert)

    @property
    def too_soon(self) -> list[Brought]:
        """What was brought to a chat before the time that it had been told to wait for."""
        opens: dict[int, datetime] = {}
        early = []
        for one in self.brought:
            if one.at < opens.get(one.chat, one.at):
                early.append(one)
            if isinstance(one.answer, TryLater) and one.answer.after:
                opens[one.chat] = one.at + one.answer.after
        return early


class Trouble:
    """What may go wrong in one play; it sleeps while only the test itself looks at something."""

    def __init__(self, books: BrokenBooks, post: BrokenPost) -> None:
        self._counts = (books.statements, books.commits, post.calls)

    @property
    def is_over(self) -> bool:
        """Whether it has gone wrong."""
        return any(each.is_over for each in self._counts)

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Something may go wrong now."""
        for each in self._counts:
            each.is_awake = True
        try:
            yield
        finally:
            for each in self._counts:
                each.is_awake = False
