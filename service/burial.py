"""When something cannot be handled: keep it whole, tell the person kindly, alert staff, and go on (never silence)."""

from __future__ import annotations

import json
import traceback
from datetime import timedelta

import structlog

from dialogs.core import Home, Kind, Say
from domain.people import Queue
from service.briefing import Briefing
from service.desk import Handled, stranger
from service.house import House
from service.ledger import Ledger, ToastSlip
from service.play import Play
from service.ports import Incoming
from service.routing import FRONT_DESK, lasting
from storage import conversations, dead_letters, inbox, people, timers

log = structlog.get_logger(__name__)

MOST_TRIES = 5


async def bury(house: House, update: Incoming, error: Exception) -> Handled:
    """Keep `update` as a dead letter, so that it comes no more and does not block its chat."""
    log.error(
        "update kept as a dead letter", update=update.update_id, error=type(error).__name__, exc_info=error
    )
    async with house.books.unit() as unit:
        now = house.clock.now()
        if not await inbox.note(unit, house.bot_id, [update.update_id], now):
            return Handled()
        raw = _plain(json.dumps(dict(update.raw), ensure_ascii=False, default=str))
        await dead_letters.keep(unit, now, "update", str(update.update_id), raw, _told(error))
        ledger = Ledger(unit, now)
        play = Play(house, ledger, Briefing(unit, house, now))
        if update.sender is not None and not update.in_group:
            await people.meet(unit, [stranger(update.sender, now)])
            ledger.know(await people.load(unit, now, user_ids=[update.sender.user_id]))
            await _console(play, update)
        letters = await ledger.flush()
    house.measures.buried("update")
    return Handled(letters, [ToastSlip(update.press_id)] if update.press_id else [])


async def _console(play: Play, update: Incoming) -> None:
    """Tell the person and the staff."""
    assert update.sender is not None
    person = play.ledger.by_user[update.sender.user_id]
    play.ledger.take(await conversations.load(play.ledger.unit, [person.id], []))
    desk = await lasting(play, FRONT_DESK, person)
    store = play.house.store
    await play.drafting.say(Say("shared/trouble", {"store": store}), desk)
    words = {"name": person.first_name, "reference": f"U{update.update_id}"}
    await play.drafting.say(
        Say("shared/trouble_staff", words, to=Home(queue=Queue.ESCALATION), kind=Kind.STAFF), desk
    )


async def put_off(house: House, timer: int, error: Exception) -> Handled:
    """A timer that failed is tried again, ever more slowly; after some tries it is kept as a dead letter."""
    log.error("timer failed", timer=timer, error=type(error).__name__, exc_info=error)
    async with house.books.unit() as unit:
        now = house.clock.now()
        row = await timers.still_due(unit, timer, now)
        if row is None:
            return Handled()
        if row.attempts + 1 < MOST_TRIES:
            await timers.put_off(unit, timer, now + timedelta(minutes=2**row.attempts))
            return Handled()
        kept = json.dumps(
            {
                "conversation": row.conversation_id,
                "name": row.name,
                "due_at": row.due_at.isoformat(),
                "what": row.what,
                "why": row.why,
            },
            ensure_ascii=False,
        )
        await dead_letters.keep(unit, now, "timer", str(timer), kept, _told(error))
        await timers.drop(unit, [timer])
        ledger = Ledger(unit, now)
        play = Play(house, ledger, Briefing(unit, house, now))
        conversation = await ledger.conversation(row.conversation_id)
        if conversation is not None:
            words = {"name": row.what, "reference": f"T{timer}"}
            told = Say("shared/trouble_staff", words, to=Home(queue=Queue.ESCALATION), kind=Kind.STAFF)
            await play.drafting.say(told, conversation)
        letters = await ledger.flush()
    house.measures.buried("timer")
    return Handled(letters)


async def keep_again(house: House, number: int, error: Exception) -> None:
    """The dead letter `number` failed once more: its new error is kept, and that it failed. Nobody is told twice."""
    log.error("dead letter failed again", number=number, error=type(error).__name__, exc_info=error)
    async with house.books.unit() as unit:
        if await dead_letters.keep_again(unit, number, _told(error)):
            ledger = Ledger(unit, house.clock.now())
            ledger.record("replay_failed", f"D{number}", 0, None, {})
            await ledger.flush()


def _told(error: Exception) -> str:
    return _plain("".join(traceback.format_exception(error))[-4000:])


def _plain(text: str) -> str:
    """`text` without what no database holds: a NUL, half of a pair of surrogates."""
    return text.replace("\x00", "\\0").encode("utf-8", "backslashreplace").decode()
