"""The desk: one transaction for everything that arrived together (ARCHITECTURE, "One message").

Dedupe, route, play, collect, write, commit. What leaves and what is woken afterwards is in the `Outcome`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from dialogs.core import ChatBlocked, Entered, GroupLeft, GroupMoved, Woke
from service import consequences
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger, ToastSlip
from service.play import Play
from service.ports import Incoming, Sender
from service.receipts import Outcome
from service.routing import Route, route
from storage import conversations, dead_letters, inbox, people, subjects, timers
from storage.conversations import Conversation
from storage.dead_letters import DeadLetterState
from storage.engine import Unit

TIMERS_AT_ONCE = 100  # whoever writes while they fire waits for so many, some forty milliseconds
LATE_AFTER = timedelta(minutes=2)
PRESSES_KEPT = timedelta(seconds=150)  # so long the service keeps a press for a bot that is down (BOT API)


@dataclass(frozen=True, slots=True)
class Handled:
    """What a committed transaction leaves to be done: letters to bring, presses to answer, the next timer it set.

    `more_due`: as many timers as are taken at once have fired, and others may be due as well.
    """

    letters: Sequence[Mapping[str, Any]] = ()
    toasts: Sequence[ToastSlip] = ()
    next_due: datetime | None = None
    more_due: bool = False


def stranger(sender: Sender, now: datetime) -> dict[str, Any]:
    """Somebody we meet for the first time, as they are written down; what no database can hold is left out."""
    return {
        "user_id": sender.user_id,
        "first_name": "".join(sign for sign in sender.first_name if sign.isprintable())[:128],
        "username": sender.username[:64],
        "reachable": True,
        "opted_out": False,
        "first_seen": now,
    }


class Desk:
    """Handles batches; every call is one transaction, or an exception and nothing at all."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def handle(
        self,
        batch: Sequence[Incoming] = (),
        receipts: Sequence[Outcome] = (),
        *,
        due_timers: bool = False,
        only_timer: int | None = None,
        offer_again: bool = False,
        dead_letter: int | None = None,
    ) -> Handled:
        """Handle `batch`, write down `receipts`, and wake what is due (`due_timers`, or `only_timer`).

        `offer_again`: undecided cards are shown anew, before anything else happens to them. `dead_letter`: what was
        kept under that number is handled once more.
        """
        house = self._house
        began, late = monotonic(), list[timedelta]()
        async with house.books.unit() as unit:
            now = house.clock.now()
            ledger = Ledger(unit, now)
            play = Play(house, ledger, Briefing(unit, house, now))
            if receipts:
                await consequences.settle(play, receipts)
            if offer_again:
                await self._offer_again(unit, play)
            await self._updates(unit, play, batch)
            if due_timers or only_timer is not None:
                late = await self._timers(unit, play, only_timer)
            if dead_letter is not None:
                await self._replay(unit, play, dead_letter)
            await consequences.calls_to_make(play)
            house.reached("stepped")
            letters = await ledger.flush()
            house.reached("before_commit")
        house.reached("after_commit")
        house.measures.committed(batch, letters, len(ledger.toasts), late, monotonic() - began)
        return Handled(letters, ledger.toasts, ledger.next_due, len(late) == TIMERS_AT_ONCE)

    async def _updates(self, unit: Unit, play: Play, batch: Sequence[Incoming]) -> None:
        if not batch:
            return
        now = play.ledger.now
        new = await inbox.note(unit, self._house.bot_id, [update.update_id for update in batch], now)
        self._house.reached("noted")
        fresh = []
        for update in batch:
            if update.update_id in new:
                new.discard(update.update_id)  # the same number twice in one batch counts once
                fresh.append(update)
        await self._arrive(play, fresh)

    async def _replay(self, unit: Unit, play: Play, number: int) -> None:
        """What came to grief once, by the same ways; its row, not the inbox, says that it happens once."""
        row = await dead_letters.take(unit, number)
        if row is None:
            return  # another process has it, or somebody has let it go
        play.ledger.record("replayed", f"D{number}", 0, None, {})
        await dead_letters.settle(unit, [number], DeadLetterState.REPLAYED, play.ledger.now)
        kept = json.loads(row.payload)
        if row.source == "update":
            await self._arrive(play, [self._house.decode(kept)])
            return
        timer = {
            "conversation_id": kept["conversation"],
            "name": kept["name"],
            "due_at": datetime.fromisoformat(kept["due_at"]),
            "what": kept.get("what", ""),  # dead letters of old have no words
            "why": kept.get("why", ""),
            "set_at": play.ledger.now,
            "attempts": 0,
        }
        again = await timers.set_again(unit, timer)
        if again is not None:
            await self._timers(unit, play, again)

    async def _arrive(self, play: Play, fresh: Sequence[Incoming]) -> None:
        await self._meet(play.ledger, fresh)
        await self._load(play, fresh)
        for update in fresh:
            await self._one(play, update)

    async def _meet(self, ledger: Ledger, fresh: Sequence[Incoming]) -> None:
        """Load everybody who wrote, locked in one order, so that one person's events never run side by side."""
        senders = {update.sender.user_id: update.sender for update in fresh if update.sender}
        if not senders:
            return
        ledger.know(await people.load(ledger.unit, ledger.now, user_ids=sorted(senders)))
        strangers = [sender for user, sender in sorted(senders.items()) if user not in ledger.by_user]
        if strangers:
            await people.meet(
                ledger.unit,
                [stranger(sender, ledger.now) for sender in strangers],
            )
            ledger.know(
                await people.load(ledger.unit, ledger.now, user_ids=[one.user_id for one in strangers])
            )

    async def _load(self, play: Play, fresh: Sequence[Incoming]) -> None:
        ledger = play.ledger
        met = [ledger.by_user[update.sender.user_id].id for update in fresh if update.sender]
        tapped = {update.tap.conversation for update in fresh if update.tap}
        await subjects.lock_concerned(ledger.unit, sorted(set(met)), sorted(tapped))
        ledger.take(await conversations.load(ledger.unit, sorted(set(met)), sorted(tapped)))
        needs = self._needs(ledger.conversations.values()) | self._house.dialogs["front_desk"].needs
        await play.briefing.prepare(sorted(set(met)), needs)

    def _needs(self, held: Iterable[Conversation]) -> frozenset[str]:
        dialogs = (self._house.dialogs.get(one.dialog) for one in held)
        return frozenset().union(*(dialog.needs for dialog in dialogs if dialog))

    async def _load_due(self, play: Play, numbers: Collection[int]) -> None:
        """The conversations that are woken, with whom and about what they are held: all at once."""
        unit, ledger = play.ledger.unit, play.ledger
        due = await conversations.load(unit, (), sorted(numbers))
        ledger.take(due)
        held_with = sorted({one.person_id for one in due if one.person_id is not None})
        ledger.know(await people.load(unit, ledger.now, ids=held_with))
        await play.briefing.prepare(held_with, self._needs(due), {one.subject for one in due})

    async def _one(self, play: Play, update: Incoming) -> None:
        match update.event:
            case None:
                return
            case ChatBlocked(blocked) if update.sender:
                person = play.ledger.by_user[update.sender.user_id]
                person.reachable = not blocked
                if blocked:
                    await consequences.out_of_reach(play, person.id)
                else:
                    await people.set_reachable(play.ledger.unit, [person.id], True)
                return
            case GroupMoved(new_chat):
                await consequences.follow_group(play, update.chat_id, new_chat)
                return
            case GroupLeft():
                await consequences.lose_group(play, update.chat_id)
                return
        if update.sender is None:
            return
        person = play.ledger.by_user[update.sender.user_id]
        if not person.reachable and not update.in_group:
            person.reachable = True  # whoever writes to us has let us in again
            await people.set_reachable(play.ledger.unit, [person.id], True)
        target = await route(play, person, update)
        await self._follow(play, target, update)
        if update.press_id and not any(slip.press_id == update.press_id for slip in play.ledger.toasts):
            play.ledger.toasts.append(ToastSlip(update.press_id))

    async def _follow(self, play: Play, target: Route, update: Incoming) -> None:
        if target.toast is not None:
            play.toast(update.press_id, target.toast.script, dict(target.toast.words))
        if target.conversation is not None:
            await play.event(target.conversation, target.event, target.occasion)

    async def _offer_again(self, unit: Unit, play: Play) -> None:
        """Whoever pressed while nobody was there pressed in vain; a press on a younger card is still to come."""
        names = [name for name, dialog in self._house.dialogs.items() if dialog.offered_again]
        moment = play.ledger.now - PRESSES_KEPT
        found = await conversations.asked_before(unit, names, moment)
        await subjects.lock(unit, sorted({one.subject for one in found}))
        numbers = [one.id for one in found]
        play.ledger.take(await conversations.load(unit, (), numbers))
        for number in numbers:
            conversation = play.ledger.conversations[number]
            if conversation.asked_at <= moment:  # else another process was quicker
                await play.event(conversation, Entered())

    async def _timers(self, unit: Unit, play: Play, only: int | None) -> list[timedelta]:
        """Wake what is due; how long after its time each of them is."""
        due = await timers.claim_due(unit, play.ledger.now, TIMERS_AT_ONCE, only)
        await self._load_due(play, {row.conversation_id for row in due})
        await timers.drop(unit, [row.id for row in due])
        for row in due:
            conversation = await play.ledger.conversation(row.conversation_id)
            if play.ledger.is_replanned(row.conversation_id, row.name):
                continue  # what another timer of this batch moved or took back
            if conversation is not None and conversation.status != conversations.OVER:
                late = play.ledger.now - row.due_at > LATE_AFTER
                await play.event(conversation, Woke(row.name, late))
            await asyncio.sleep(0)  # noqa: TID251 - couriers and the web server work on meanwhile
        return [play.ledger.now - row.due_at for row in due]
