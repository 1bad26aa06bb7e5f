"""Books and a channel whose nth call goes wrong, once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from service.ports import Delivery, Letter, TryLater, Unknown
from tests.service.front_door import Post

if TYPE_CHECKING:
    from storage.engine import Books
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
        self._cut: Callable[[Any], None] = cut if books.is_postgres else fail
        dialect = books.engine.sync_engine.dialect
        self._trouble = dialect.loaded_dbapi.OperationalError
        for name in ("do_execute", "do_executemany", "do_execute_no_params"):
            setattr(dialect, name, self._statement(getattr(dialect, name)))
        setattr(dialect, "do_commit", self._commit(dialect.do_commit))  # noqa: B010 - as those above

    def _statement(self, execute: Callable[..., None]) -> Callable[..., None]:
        def counted(cursor: Any, *args: Any, **more: Any) -> None:
            if self.statements():
                self._cut(cursor)
            execute(cursor, *args, **more)

        return counted

    def _commit(self, commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def counted(connection: Any) -> None:
            breaks = self.commits()
            if breaks and not self._after:
                self._cut(connection)
            commit(connection)
            if breaks and self._after:
                raise self._trouble("the answer to the commit was lost")

        return counted


def fail(_: Any) -> None:
    """What a disk that has trouble leads to."""
    raise sqlite3.OperationalError("disk I/O error")


def cut(place: Any) -> None:
    """The connection that this cursor or connection belongs to is gone; whoever uses it finds out."""
    connection = getattr(place, "driver_connection", None) or place._connection
    connection.terminate()


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
