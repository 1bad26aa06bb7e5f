"""Turns to send: which letter may leave when, whichever process has it in hand.

The service counts per bot and per chat. A process that is alone counts in memory (`OwnTurns`); several on one
PostgreSQL count in the table `sending_windows` (`SharedTurns`): whoever waits meanwhile takes the next round together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

import structlog
from sqlalchemy.exc import DBAPIError

from domain.store import SendingFigures
from service.limits import Limits
from service.ports import Clock
from storage import outbox, sending_windows
from storage.bell import Bell
from storage.engine import Unit
from storage.outbox import Ahead
from storage.sending_windows import THE_BOT, SendingWindow

log = structlog.get_logger(__name__)

AGAIN = 0.05  # seconds until somebody looks again whether the letter before theirs has arrived
LOST = 1.0  # seconds until somebody asks again after the database did not answer
ARRIVAL = (
    2.0  # seconds that a process that joins others leaves them to write down what they have sent while alone
)


class Step(Enum):
    """What a letter waits for: its chat's turn, the bot's, or nothing more."""

    CHAT = auto()
    BOT = auto()
    GO = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """Wait so many seconds, and `then` do that. `put_off`: to this chat nothing may go before that moment.

    `is_elsewhere`: the letter is another process's by now, which took us for dead.
    """

    wait: float = 0.0
    then: Step = Step.GO
    put_off: datetime | None = None
    is_elsewhere: bool = False


class Turns(Protocol):
    """Who may send when."""

    @property
    def is_alone(self) -> bool:
        """Whether no other process has letters in hand."""

    async def ask(self, chat: int, letter: int, step: Step) -> Answer:
        """Take the turn that `letter`, the next one for `chat`, waits for."""

    def close(self, chat: int, until: datetime) -> None:
        """The service has refused: nothing to `chat` before `until`."""

    async def reopen(self) -> None:
        """The clock was set back: no chat is closed any more."""

    async def adapt(self, *, strangers: bool | None = None) -> None:
        """Asked every second: whoever came or went is taken account of.

        `strangers` says, after a look, whether other processes (dead ones too) have letters in hand.
        """


class OwnTurns:
    """The turns of the only process, in memory; `now` is a monotonic clock in seconds."""

    def __init__(self, figures: SendingFigures, clock: Clock, now: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self.now = now or _loop_time
        self.limits = Limits(figures)
        self.closed: dict[int, datetime] = {}
        self.is_alone = True

    async def ask(self, chat: int, letter: int, step: Step) -> Answer:
        """See `Turns`."""
        if step is Step.CHAT and (until := self.closed.get(chat)) is not None:
            if self._clock.now() < until:
                return Answer(put_off=until)
            del self.closed[chat]
        return _turn(self.limits, chat, step, self.now())

    def close(self, chat: int, until: datetime) -> None:
        """See `Turns`."""
        self.closed[chat] = until

    async def reopen(self) -> None:
        """See `Turns`."""
        self.closed.clear()

    async def adapt(self, *, strangers: bool | None = None) -> None:
        """See `Turns`."""


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _turn(limits: Limits, chat: int, step: Step, moment: float) -> Answer:
    if step is Step.CHAT and (wait := limits.wait_for_chat(chat, moment)) > 0:
        return Answer(wait, Step.BOT)
    return Answer(limits.wait_for_bot(moment))


@dataclass(frozen=True, slots=True)
class _Wish:
    chat: int
    letter: int
    step: Step
    answer: asyncio.Future[Answer]


class SharedTurns:
    """The turns of several processes on one PostgreSQL; in memory as long as the bell says that nobody else is there.

    A letter waits for older ones of its chat that another process has in hand, and for those that were put off.
    `courier` names this process in the outbox; `now` (seconds) stands in for the database's clock in tests.
    """

    def __init__(
        self,
        bell: Bell,
        figures: SendingFigures,
        clock: Clock,
        courier: str,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._bell = bell
        self._figures = figures
        self._clock = clock
        self._courier = courier
        self._now = now
        self._own = OwnTurns(figures, clock, now)
        self._counts_alone = False
        self._joined: float | None = None
        self._waiting: list[_Wish] = []
        self._closing: dict[int, datetime] = {}
        self._in_round = asyncio.Lock()

    @property
    def is_alone(self) -> bool:
        """See `Turns`."""
        return self._counts_alone and self._bell.is_alone

    async def ask(self, chat: int, letter: int, step: Step) -> Answer:
        """See `Turns`."""
        if self.is_alone:
            return await self._own.ask(chat, letter, step)
        wish = _Wish(chat, letter, step, asyncio.get_running_loop().create_future())
        self._waiting.append(wish)
        async with self._in_round:
            if not wish.answer.done():  # else the round before took it along
                await self._serve()
        return wish.answer.result()

    def close(self, chat: int, until: datetime) -> None:
        """See `Turns`; the others hear of it with the next round."""
        if self.is_alone:
            self._own.close(chat, until)
        else:
            self._closing[chat] = until

    async def reopen(self) -> None:
        """See `Turns`. Raises OSError or DBAPIError while the bell is lost."""
        self._closing.clear()
        await self._own.reopen()
        async with self._in_round, self._bell.unit() as unit:
            await sending_windows.lock(unit)
            await sending_windows.reopen(unit)

    async def adapt(self, *, strangers: bool | None = None) -> None:
        """See `Turns`."""
        self._arrive()
        async with self._in_round:
            try:
                if (self._counts_alone and self._bell.others) or self._closing:
                    await self._round(())
                elif strangers is False and self._bell.is_alone and not self._counts_alone:
                    await self._count_alone()
            except (DBAPIError, OSError) as error:
                log.warning("the sending windows were not reached", error=error)

    # ------------------------------------------------------------ rounds

    async def _serve(self) -> None:
        await asyncio.sleep(0)  # noqa: TID251 - the letters of one transaction ask at once: all in one round
        wishes, self._waiting = self._waiting, []
        answers: Sequence[Answer] = [Answer(LOST, wish.step) for wish in wishes]
        try:
            if (rest := self._rest_of_arrival()) > 0:
                answers = [Answer(rest, wish.step) for wish in wishes]
            else:
                answers = await self._round(wishes)
        except (DBAPIError, OSError) as error:
            log.warning("no turns to send while the bell is lost", error=error)
        finally:  # also when this one is cancelled: the others must not wait for ever
            for wish, answer in zip(wishes, answers, strict=True):
                wish.answer.set_result(answer)

    def _arrive(self) -> None:
        """Once, as soon as it is known who is there: the moment from which `ARRIVAL` counts."""
        if self._joined is None and self._bell.is_open:
            moment = asyncio.get_running_loop().time()
            self._joined = moment if self._bell.others else moment - ARRIVAL

    def _rest_of_arrival(self) -> float:
        self._arrive()
        return 0.0 if self._joined is None else self._joined + ARRIVAL - asyncio.get_running_loop().time()

    async def _round(self, wishes: Sequence[_Wish]) -> list[Answer]:
        """One short transaction for all that wait; what was counted alone, and which chats are closed, go with it."""
        closing, self._closing = self._closing, {}
        try:
            async with self._bell.unit() as unit:
                next_ones = {wish.chat: wish.letter for wish in wishes if wish.step is Step.CHAT}
                ahead = await outbox.ahead(unit, next_ones, self._courier, self._clock.now())
                if not (closing or self._counts_alone) and all(wish.chat in ahead for wish in wishes):
                    return [_behind(ahead[wish.chat]) for wish in wishes]
                return await self._count(unit, wishes, ahead, closing)
        except BaseException:
            self._closing = closing | self._closing
            raise

    async def _count(
        self, unit: Unit, wishes: Sequence[_Wish], ahead: Mapping[int, Ahead], closing: Mapping[int, datetime]
    ) -> list[Answer]:
        await sending_windows.lock(unit)
        alone = self._own if self._counts_alone else None
        told = dict(closing) | (alone.closed if alone else {})
        chats = {wish.chat for wish in wishes} | set(told) | set(alone.limits.of_chats if alone else ())
        moment, found = await sending_windows.read(unit, chats)
        moment = self._now() if self._now else moment
        limits = _restored(self._figures, found)
        if alone is not None:
            _add(limits, alone.limits, moment - alone.now())
        closed = {each.scope: each.closed_until for each in found if each.closed_until} | told
        answers = [
            _behind(ahead[wish.chat])
            if wish.step is Step.CHAT and wish.chat in ahead
            else self._answer(wish, limits, closed, moment)
            for wish in wishes
        ]
        await sending_windows.save(unit, _windows(limits, closed))
        self._counts_alone = False
        return answers

    def _answer(self, wish: _Wish, limits: Limits, closed: Mapping[int, datetime], moment: float) -> Answer:
        until = closed.get(wish.chat)
        if wish.step is Step.CHAT and until is not None and self._clock.now() < until:
            return Answer(put_off=until)
        return _turn(limits, wish.chat, wish.step, moment)

    async def _count_alone(self) -> None:
        """Nobody else is there any more: what was sent lately is counted in memory from now on."""
        async with self._bell.unit() as unit:
            await sending_windows.lock(unit)
            moment, found = await sending_windows.take_all(unit)
        self._own = OwnTurns(self._figures, self._clock, self._now)
        moment = self._now() if self._now else moment
        _add(self._own.limits, _restored(self._figures, found), self._own.now() - moment)
        self._own.closed = {each.scope: each.closed_until for each in found if each.closed_until}
        self._counts_alone = True


def _behind(ahead: Ahead) -> Answer:
    if ahead.is_elsewhere or ahead.until is not None:
        return Answer(put_off=ahead.until, is_elsewhere=ahead.is_elsewhere)
    return Answer(AGAIN, Step.CHAT)


def _restored(figures: SendingFigures, windows: Iterable[SendingWindow]) -> Limits:
    limits = Limits(figures)
    for window in windows:
        if window.scope == THE_BOT:
            limits.add_to_bot(window.turns)
        else:
            limits.add_to_chat(window.scope, window.turns)
    return limits


def _add(limits: Limits, others: Limits, later: float) -> None:
    """`limits` count the turns of `others` too, whose clock is `later` seconds behind."""
    limits.add_to_bot(_moved(others.of_bot, later))
    for chat, turns in others.of_chats.items():
        limits.add_to_chat(chat, _moved(turns, later))


def _moved(turns: Iterable[tuple[float, int]], later: float) -> list[tuple[float, int]]:
    return [(moment + later, count) for moment, count in turns]


def _windows(limits: Limits, closed: Mapping[int, datetime]) -> list[SendingWindow]:
    of_chats = limits.of_chats
    chats = sorted(of_chats.keys() | closed.keys())
    return [
        SendingWindow(THE_BOT, limits.of_bot),
        *(SendingWindow(chat, of_chats.get(chat, ()), closed.get(chat)) for chat in chats),
    ]
