"""What one transaction is about to write: collected in memory, written with set statements at its end.

A batch of updates costs a handful of statements this way, however many updates it holds.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dialogs.core import Home
from domain.people import Queue
from storage import audit, conversations, copies, outbox, people, places, subjects, timers
from storage.conversations import OPEN, OVER, Conversation
from storage.engine import Unit
from storage.outbox import LetterState
from storage.people import Person
from storage.places import Place


@dataclass(slots=True)
class Draft:
    """A letter that will be posted with this transaction. `card_of`: it becomes that conversation's card.

    `face_of`: it is what the conversation's card shows from now on. `copy_of`: it becomes a copy of its card.
    `for_desk`: it is what a colleague reads in place of a desk's topic.
    """

    row: dict[str, Any]
    card_of: Conversation | None = None
    face_of: Conversation | None = None
    copy_of: Conversation | None = None
    for_desk: bool = False


@dataclass(frozen=True, slots=True)
class ToastSlip:
    """The answer to one press, given right after the commit; nothing is kept of it."""

    press_id: str
    text: str = ""
    alert: bool = False


@dataclass(slots=True)
class Ledger:
    """The transaction's memory of people, conversations, letters, timers and audit lines.

    `closing` is done before anything is written: what follows from all that was said together.
    """

    unit: Unit
    now: datetime
    people: dict[int, Person] = field(default_factory=dict)
    by_user: dict[int, Person] = field(default_factory=dict)
    conversations: dict[int, Conversation] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    toasts: list[ToastSlip] = field(default_factory=list)
    closing: Callable[[], Awaitable[None]] | None = None
    _timers: dict[tuple[int, str], dict[str, Any] | None] = field(default_factory=dict)
    _audit: list[dict[str, Any]] = field(default_factory=list)
    _gathered: set[str] = field(default_factory=set)
    _places: dict[Queue, Place] | None = None
    _places_stay: bool = False
    _staff: list[Person] | None = None

    # ------------------------------------------------------------ people and places

    def know(self, found: list[Person]) -> None:
        """Keep people that were loaded."""
        for person in found:
            self.people.setdefault(person.id, person)
            self.by_user.setdefault(person.user_id, self.people[person.id])

    async def person(self, number: int) -> Person:
        """One person by our number."""
        if number not in self.people:
            self.know(await people.load(self.unit, self.now, ids=[number]))
        return self.people[number]

    async def refresh_roles(self) -> None:
        """Somebody joined, left, or stands in from now on: everybody's roles as they are in the books."""
        self._staff = None
        for fresh in await people.load(self.unit, self.now, ids=list(self.people)):
            known = self.people[fresh.id]
            known.roles, known.own_roles = fresh.roles, fresh.own_roles
            known.absent_until, known.substitute = fresh.absent_until, fresh.substitute

    async def place(self, queue: Queue) -> Place | None:
        """Where the cards of `queue` lie, if the staff group is bound."""
        if self._places is None:
            self._places = await places.load(self.unit)
        return self._places.get(queue)

    async def place_to_write(self, queue: Queue) -> Place | None:
        """The same for whoever writes there: where that has to wait, the place is not made before we have written."""
        place = await self.place(queue)
        if not self._places_stay and (place is None or place.lacks_its_topic):
            self._places_stay = True
            await places.nobody_releases(self.unit)
            self.forget_places()
        return await self.place(queue)

    def forget_places(self) -> None:
        """The staff group was bound, moved or lost."""
        self._places = None

    async def staff(self) -> list[Person]:
        """Everybody who holds a role, as they are now."""
        if self._staff is None:
            self.know(found := await people.staff(self.unit, self.now))
            self._staff = [self.people[one.id] for one in found]
        return self._staff

    # ------------------------------------------------------------ conversations

    def take(self, found: list[Conversation]) -> None:
        """Keep conversations that were loaded; what is being worked on already stays as it is."""
        for conversation in found:
            self.conversations.setdefault(conversation.id, conversation)

    async def conversation(self, number: int) -> Conversation | None:
        """One conversation by number."""
        if number not in self.conversations:
            self.take(await conversations.load(self.unit, (), [number]))
        return self.conversations.get(number)

    async def about(self, dialog: str, subject: str) -> list[Conversation]:
        """The unfinished conversations of `dialog` about `subject`.

        A case is locked before them, and all that is open about it is loaded at once: one event is often told to
        several of them.
        """
        if not subjects.is_case(subject):
            self.take(await conversations.about(self.unit, subject, dialog))
        elif subject not in self._gathered:
            self._gathered.add(subject)
            await subjects.lock(self.unit, [subject])
            self.take(await conversations.about(self.unit, subject))
        return [
            one
            for one in self.conversations.values()
            if (one.dialog, one.subject) == (dialog, subject) and one.status != OVER
        ]

    def held_with(self, person: int, dialog: str = "") -> list[Conversation]:
        """The open conversations held with `person`, the one that asked last first."""
        found = [
            one
            for one in self.conversations.values()
            if one.person_id == person and one.status == OPEN and dialog in ("", one.dialog)
        ]
        return sorted(found, key=lambda one: (one.asked_at, one.id), reverse=True)

    async def begin(
        self, dialog: str, version: int, step: str, state: str, home: Home, subject: str
    ) -> Conversation:
        """Write a new conversation at once (its number is needed on buttons and forms)."""
        fields: dict[str, Any] = {
            "dialog": dialog,
            "version": version,
            "step": step,
            "state": state,
            "person_id": home.person,
            "queue": home.queue.value if home.queue else "",
            "subject": subject,
            "status": OPEN,
            "turn": 0,
            "misses": 0,
            "trail": "[]",
            "asked_at": self.now,
            "opened_at": self.now,
        }
        number = await conversations.begin(self.unit, fields)
        self.conversations[number] = Conversation(id=number, **fields)
        return self.conversations[number]

    def end(self, conversation: Conversation) -> None:
        """It is over: nothing may wake it any more."""
        conversation.status = OVER
        conversation.changed = True
        for key in [key for key in self._timers if key[0] == conversation.id]:
            del self._timers[key]

    # ------------------------------------------------------------ what will be written

    def wake(self, conversation: int, name: str, at: datetime, what: str, why: str) -> None:
        """Set or move a timer."""
        self._timers[conversation, name] = {
            "conversation_id": conversation,
            "name": name,
            "due_at": at,
            "what": what,
            "why": why,
            "set_at": self.now,
            "attempts": 0,
        }

    def unwake(self, conversation: int, name: str) -> None:
        """Take a timer back."""
        self._timers[conversation, name] = None

    def is_replanned(self, conversation: int, name: str) -> bool:
        """Whether this transaction has set, moved or taken back that timer."""
        return (conversation, name) in self._timers

    def record(
        self, action: str, subject: str, person: int, conversation: int | None, details: Mapping[str, Any]
    ) -> None:
        """One audit line (R5)."""
        self._audit.append(
            {
                "at": self.now,
                "person_id": person or None,
                "conversation_id": conversation,
                "action": action,
                "subject": subject,
                "details": json.dumps(dict(details), ensure_ascii=False, default=str),
            }
        )

    @property
    def next_due(self) -> datetime | None:
        """The earliest timer that this transaction sets, or letter that it keeps for later."""
        set_now = [timer["due_at"] for timer in self._timers.values() if timer]
        waiting = (LetterState.HELD.value, LetterState.PENDING.value)
        kept = [draft.row["due_at"] for draft in self.drafts if draft.row["state"] in waiting]
        return min((*set_now, *kept), default=None)

    async def flush(self) -> list[dict[str, Any]]:
        """Write everything; the letters that may leave at once, as outbox rows."""
        if self.closing is not None:
            await self.closing()
        ids = await outbox.post(self.unit, [draft.row for draft in self.drafts])
        for number, draft in zip(ids, self.drafts, strict=True):
            draft.row["id"] = number
            if draft.card_of is not None:
                draft.card_of.card_letter = number
        await copies.keep(self.unit, [_copy(draft) for draft in self.drafts if draft.copy_of is not None])
        changed = [one for one in self.conversations.values() if one.changed]
        await conversations.save(self.unit, changed)
        await timers.end_conversations(self.unit, [one.id for one in changed if one.status == OVER])
        await timers.unset_many(self.unit, [key for key, timer in self._timers.items() if timer is None])
        await timers.set_many(self.unit, [timer for timer in self._timers.values() if timer is not None])
        await audit.write(self.unit, self._audit)
        return [draft.row for draft in self.drafts if draft.row["state"] == LetterState.SENDING.value]


def _copy(draft: Draft) -> dict[str, Any]:
    assert draft.copy_of is not None
    return {
        "letter_id": draft.row["id"],
        "conversation_id": draft.copy_of.id,
        "person_id": draft.row["person_id"],
    }
