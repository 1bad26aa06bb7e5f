"""Couriers bring letters: one per chat at a time, in order, as fast as allowed; a slow chat delays no other."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from service.house import House
from service.letters import letter
from service.ports import Channel, Delivered, Delivery, Gone, TryLater
from service.receipts import Outcome, of_delivery, superseded, waits
from service.turns import Answer, OwnTurns, SharedTurns, Step, Turns
from storage import outbox
from storage.bell import Bell
from storage.outbox import LetterState, Receipt

log = structlog.get_logger(__name__)

AT_ONCE = 64  # letters under way at the same time
REMEMBERED = 10_000  # how many delivered letters are known by heart, for edits in place


class Couriers:
    """Takes letters (outbox rows in state SENDING) and says of each what became of it.

    `note` is told each outcome, `noted` waits until all that were told are committed; `written` is told which are.
    """

    def __init__(
        self,
        house: House,
        channel: Channel,
        note: Callable[[Outcome], None],
        noted: Callable[[], Awaitable[None]],
        bell: Bell | None = None,
    ) -> None:
        """`bell` tells of other processes on the same books; without one nobody but us counts what is sent."""
        self._house = house
        self._channel = channel
        self._note = note
        self._noted = noted
        self._bell = bell
        figures = house.store.sending
        self.turns: Turns = (
            SharedTurns(bell, figures, house.clock, house.courier) if bell else OwnTurns(figures, house.clock)
        )
        self._queues: dict[int, deque[Mapping[str, Any]]] = {}
        self._held_up: dict[int, Outcome] = {}
        self._in_hand: set[int] = set()  # letters, until what became of them is written down
        self._missed: set[int] | None = None  # letters that are ours in the books alone; None: nobody doubts
        self._unwritten: dict[int, int] = {}  # chat → the letter that it got last, until that is written down
        self._became: OrderedDict[int, tuple[int, int]] = OrderedDict()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._stopping = asyncio.Event()
        self._calm = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Work until `stop`; then finish what is under way."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await self._stopping.wait()
            finally:
                self.stop()  # also when cancelled: a group that ends takes no more

    def stop(self) -> None:
        """Bring no further letter; what is left is due again after its lease."""
        self._stopping.set()

    def take(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Bring these letters, each after those its chat waits for already; after `stop` they are left for later."""
        if self._stopping.is_set():
            return
        assert self._group is not None
        for row in rows:
            chat = row["chat_id"]
            self._in_hand.add(row["id"])
            if (ahead := self._ahead(chat)) is not None:
                self._note(ahead.for_follower(row["id"]))
                continue
            if chat in self._queues:
                self._overtake(self._queues[chat], row)
                _put_in_order(self._queues[chat], row)
                continue
            self._queues[chat] = deque([row])
            self._group.create_task(self._serve(chat))

    def _overtake(self, queue: deque[Mapping[str, Any]], row: Mapping[str, Any]) -> None:
        """What waits in `queue` to change the message that `row` changes is not brought any more."""
        if row["edits_letter"] is None:
            return
        for older in [each for each in queue if each["edits_letter"] == row["edits_letter"]]:
            queue.remove(older)
            self._note(superseded(older, self._house.clock.now()))

    def _ahead(self, chat: int) -> Outcome | None:
        """The letter that waits to be brought to `chat` again, before any other may be; None if there is none."""
        return self._held_up.get(chat)

    def hold_up(self, chats: Mapping[int, datetime]) -> None:
        """Before us these chats were refused for the time being: nothing goes there before that moment."""
        for chat, until in chats.items():
            self._hold_up(chat, until)

    def open_chats(self, now: datetime) -> None:
        """Whatever was due at `now` has been collected: chats that were closed until then are open again.

        Not before: what was refused there is brought first, and has to be collected first.
        """
        self._held_up = {
            chat: ahead
            for chat, ahead in self._held_up.items()
            if ahead.receipt.due_at is None or ahead.receipt.due_at > now
        }

    async def set_back(self, now: datetime) -> None:
        """The clock was set back to `now`: what was refused by the wrong one is tried again with the next look.

        Perhaps a few seconds before the service allowed it, which it then says once more; else it would be hours late.
        """
        for chat in list(self._held_up):
            self._hold_up(chat, now)
        await self.turns.reopen()

    def written(self, outcomes: Iterable[Outcome]) -> None:
        """What became of these letters is committed."""
        done = {outcome.receipt.id for outcome in outcomes}
        self._in_hand -= done
        self._unwritten = {chat: letter for chat, letter in self._unwritten.items() if letter not in done}

    def lose_track(self) -> None:
        """A transaction failed, perhaps after it took effect: letters may be ours that we have never been given."""
        self._missed = self._missed or set()

    @property
    def is_in_doubt(self) -> bool:
        """Whether the books have to be asked which letters are ours."""
        return self._missed is not None

    def missing(self, ours: Iterable[int]) -> set[int]:
        """Of the letters that are `ours` in the books, those that were not in hand the last time either.

        Once is not enough: what has been committed this moment is handed over the next.
        """
        missed = set(ours) - self._in_hand
        lost, self._missed = missed & (self._missed or set()), missed or None
        return lost

    @property
    def busy(self) -> bool:
        """Whether letters are under way."""
        return bool(self._queues)

    async def calm(self) -> None:
        """Wait until no letter is under way."""
        while self._queues:
            self._calm.clear()
            await self._calm.wait()

    async def _serve(self, chat: int) -> None:
        queue = self._queues[chat]
        while queue:
            if chat in self._unwritten:
                # Who dies between two letters of a chat repeats one of them at most.
                await self._noted()
            turn = await self._take_turn(chat, queue)
            if self._stopping.is_set() or not queue:
                break
            if turn.is_elsewhere:
                self._in_hand.discard(queue.popleft()["id"])
                continue
            if turn.put_off is not None:
                self._hold_up(chat, turn.put_off)
                break
            async with self._free:
                outcome = await self._bring(queue.popleft())
            self._unwritten[chat] = outcome.receipt.id
            self._note(outcome)
            if outcome.holds_up:
                until = outcome.receipt.due_at or self._house.clock.now()
                self.turns.close(chat, until)
                self._hold_up(chat, until)
        del self._queues[chat]
        self._calm.set()

    def _hold_up(self, chat: int, until: datetime) -> None:
        """Whatever follows in this chat must not overtake what waits until then."""
        waits = Receipt(0, LetterState.RETRY, self._house.clock.now(), due_at=until)
        self._held_up[chat] = Outcome(waits)
        for row in self._queues.get(chat, ()):
            self._note(self._held_up[chat].for_follower(row["id"]))
        if chat in self._queues:
            self._queues[chat].clear()

    async def _take_turn(self, chat: int, queue: Sequence[Mapping[str, Any]]) -> Answer:
        """Wait until the next letter of `queue` may leave, or `stop`; or the answer that says that it must not."""
        answer = Answer(then=Step.CHAT)
        while queue and answer.then is not Step.GO and not self._stopping.is_set():
            number = queue[0]["id"]
            answer = await self.turns.ask(chat, number, answer.then)
            if answer.is_elsewhere and queue and queue[0]["id"] != number:
                answer = Answer(then=Step.CHAT)  # an older one came meanwhile: that one asks first
            if answer.wait > 0:
                await self._pause(answer.wait)
        return answer

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _bring(self, row: Mapping[str, Any]) -> Outcome:
        try:
            obstacle = await self._obstacle(row)
            edits = await self._message(row)  # after it: the card may arrive between the two
        except (DBAPIError, OSError) as error:
            return of_delivery(row, TryLater(type(error).__name__), self._house.clock.now())
        if obstacle is not None:
            return obstacle
        if not self._channel.capabilities.edits:
            edits = None
        self._house.reached("before_send")
        delivery = await self._channel.deliver(letter(row, edits=edits))
        while isinstance(delivery, Gone) and delivery.what == "message" and edits is not None:
            # The card was deleted in the chat: say it anew, unless another process has done so.
            edits = await self._said_anew(row, edits)
            delivery = await self._channel.deliver(letter(row, edits=edits))
        self._house.reached("after_send")
        self._house.measures.brought(row["id"], delivery)
        self._remember(row, delivery)
        if not isinstance(delivery, Delivered):
            log.warning("letter not delivered", letter=row["id"], script=row["script"], answer=type(delivery).__name__,
                        reason=getattr(delivery, "reason", ""))  # fmt: skip
        outcome = of_delivery(row, delivery, self._house.clock.now())
        if (
            isinstance(delivery, Delivered)
            and row["edits_letter"] is not None
            and delivery.message_id != edits
        ):
            return replace(outcome, shown_anew=(row["edits_letter"], row["chat_id"], delivery.message_id))
        return outcome

    def _remember(self, row: Mapping[str, Any], delivery: Delivery) -> None:
        """Where the letter is now, and so is the one that it was to change."""
        if isinstance(delivery, Delivered):
            for number in filter(None, (row["edits_letter"], row["id"])):
                self._became[number] = row["chat_id"], delivery.message_id
            while len(self._became) > REMEMBERED:
                self._became.popitem(last=False)

    async def _obstacle(self, row: Mapping[str, Any]) -> Outcome | None:
        """Why this change of a card is not brought now: another process has its own letters of the same card in hand.

        One that is newer than ours may be there first, and then ours would show what was before. The card itself may
        still be on its way, and then ours would be a second card beside it.
        """
        number, conversation = row["edits_letter"], row["conversation_id"]
        if not (number and conversation and self._house.books.is_postgres):
            return None
        if self._bell is not None and self.turns.is_alone:
            return None
        async with self._house.books.glance() as unit:
            coming, newest = await outbox.state_of_card(unit, number, conversation)
        now = self._house.clock.now()
        if row["id"] < newest:
            return superseded(row, now)
        if coming and not row["edits_message"] and number not in self._became:
            return waits(row, now)
        return None

    async def _message(self, row: Mapping[str, Any]) -> int | None:
        """The message that `row` gives a new face; None where there is none in this chat."""
        number: int | None = row["edits_letter"]
        known: int | None = row["edits_message"]
        if number is None or (known and number not in self._became):
            return known
        if number not in self._became:
            async with self._house.books.glance() as unit:
                found = (await outbox.messages(unit, [number])).get(number)
        else:
            found = self._became[number]
        if found is None:
            return known
        chat, message = found
        return message if chat == row["chat_id"] else None

    async def _said_anew(self, row: Mapping[str, Any], gone: int) -> int | None:
        """Which message another process has put in the place of `gone`, which we know by heart; None where none has."""
        try:
            async with self._house.books.glance() as unit:
                found = await outbox.messages(unit, [row["edits_letter"]] if row["edits_letter"] else [])
        except (DBAPIError, OSError):
            return None  # better twice than not at all
        chat, message = found.get(row["edits_letter"], (0, gone))
        return message if chat == row["chat_id"] and message != gone else None


def _put_in_order(queue: deque[Mapping[str, Any]], row: Mapping[str, Any]) -> None:
    """In order of number: what was taken over from a process that died may be older than what waits here."""
    place = len(queue)
    while place and queue[place - 1]["id"] > row["id"]:
        place -= 1
    queue.insert(place, row)
