"""From what a dialog says to a letter in the outbox: where it goes, in which words, and whether it may leave now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from dialogs.core import Home, Kind, Say
from domain.people import Queue
from scripts_zh.phrases import phrase
from service import letters
from service.gates import Circumstances, Verdict, judge
from service.house import House
from service.ledger import Draft, Ledger
from service.occasion import NOBODY, Occasion
from service.ports import Key, Keyboard
from service.receipts import UNTIL_OPENED
from storage import outbox
from storage.conversations import Conversation
from storage.outbox import NO_STAFF_GROUP, NO_TOPIC, LetterState
from storage.people import Person

A_DAY = timedelta(days=1)
TOPIC = "shared/topic"  # no wording: the letter that asks for a topic


class Drafting:
    """Writes the letters of one transaction."""

    def __init__(self, house: House, ledger: Ledger, collected: Collection[int] = ()) -> None:
        """`collected`: numbers of letters that were written earlier and are judged again now."""
        self._house = house
        self._collected = collected
        self._care_leaving: Counter[int] = Counter()
        self._ledger = ledger
        self._occasion = NOBODY
        self._may_edit = 0

    @contextmanager
    def turn(self, conversation: Conversation, occasion: Occasion, *, edits: bool) -> Iterator[None]:
        """A turn of `conversation`: its first message may take the place of the card that was pressed."""
        outer = self._occasion, self._may_edit
        self._occasion, self._may_edit = occasion, conversation.id if edits and occasion.card else 0
        try:
            yield
        finally:
            self._occasion, self._may_edit = outer

    async def say(self, say: Say, conversation: Conversation) -> None:
        """Draft one message of `conversation`."""
        at_home = say.to.person is None and say.to.queue is None
        home = say.to
        if at_home:
            home = Home(conversation.person_id, Queue(conversation.queue) if conversation.queue else None)
        row = self._row(say, conversation)
        draft = Draft(row)
        if at_home:
            self._place_card(say, conversation, draft)
        if home.person is not None:
            await self.to_person(row, await self._ledger.person(home.person))
        elif home.queue is not None:
            await self.to_queue(row, home.queue)
        self._ledger.drafts.append(draft)

    async def topics(self) -> None:
        """Ask for every topic that the staff group still lacks and nobody has asked for yet."""
        asked = await outbox.under_way(self._ledger.unit, TOPIC)
        asked |= {
            (draft.row["chat_id"], draft.row["queue"])
            for draft in self._ledger.drafts
            if draft.row["script"] == TOPIC
        }
        for queue in Queue:
            place = await self._ledger.place(queue)
            if place is None or not place.has_topics or place.thread_id is not None:
                continue
            if (place.chat_id, queue.value) in asked:
                continue
            name = phrase("queue", queue.value)
            row = self._blank(Kind.STAFF, TOPIC)
            row |= {
                "payload": letters.payload("", new_topic=name),
                "queue": queue.value,
                "chat_id": place.chat_id,
            }
            self._leave(row)
            self._ledger.drafts.append(Draft(row))

    # ------------------------------------------------------------ words

    def _row(self, say: Say, conversation: Conversation) -> dict[str, Any]:
        scripts = self._house.scripts
        faces = tuple(
            tuple(
                (scripts.label(conversation.dialog, each.label or each.key, each.words), each.key, each.value)
                for each in buttons
            )
            for buttons in say.buttons
        )
        row = self._blank(say.kind, say.script)
        row |= {
            "conversation_id": conversation.id,
            "turn": conversation.turn,
            "expires_at": say.expires_at,
            "payload": letters.payload(
                scripts.text(say.script, say.words), faces, self._keyboard(say.keyboard), say.photo
            ),
        }
        return row

    def _keyboard(self, name: str) -> Keyboard | None:
        if not name:
            return None
        face = self._house.scripts.keyboard(name)
        rows = tuple(tuple(Key(key.label, key.asks_contact) for key in row) for row in face.rows)
        return Keyboard(rows, face.placeholder, face.once)

    def _blank(self, kind: Kind, script: str) -> dict[str, Any]:
        now = self._ledger.now
        return {
            "conversation_id": None,
            "turn": 0,
            "person_id": None,
            "queue": "",
            "chat_id": None,
            "thread_id": None,
            "kind": kind.value,
            "script": script,
            "payload": "",
            "state": LetterState.PENDING.value,
            "reason": "",
            "due_at": now,
            "expires_at": None,
            "attempts": 0,
            "edits_letter": None,
            "edits_message": None,
            "created_at": now,
            "courier": "",
            "lease_until": None,
        }

    # ------------------------------------------------------------ place

    def _place_card(self, say: Say, conversation: Conversation, draft: Draft) -> None:
        """In place of the pressed card, of the present card, or as a new message (the card from now on)."""
        row = draft.row
        if self._may_edit == conversation.id and not say.fresh and not say.keyboard:
            row["edits_message"] = self._occasion.card
            self._may_edit = 0
        elif say.in_place and (conversation.card_message or conversation.card_letter):
            row["edits_message"], row["edits_letter"] = conversation.card_message, conversation.card_letter
        elif say.buttons or conversation.card_letter is None:
            draft.card_of = conversation
            conversation.card_message = None
            conversation.changed = True

    async def to_person(self, row: dict[str, Any], person: Person) -> None:
        """Address `row` to the private chat of `person` and ask the gates."""
        row["person_id"], row["chat_id"] = person.id, person.user_id
        kind = Kind(row["kind"])
        self._obey(row, judge(kind, await self._circumstances(kind, row["expires_at"], person)))

    async def to_queue(self, row: dict[str, Any], queue: Queue) -> None:
        """Address `row` to the topic of `queue` and ask the gates."""
        row["queue"] = queue.value
        place = await self._ledger.place(queue)
        if place is None:
            return self._obey(row, Verdict(LetterState.HELD, NO_STAFF_GROUP))
        row["chat_id"], row["thread_id"] = place.chat_id, place.thread_id
        if place.has_topics and place.thread_id is None:
            return self._obey(row, Verdict(LetterState.HELD, f"{NO_TOPIC}:{queue.value}"))
        seen = Circumstances(self._ledger.now, self._house.quiet, row["expires_at"])
        return self._obey(row, judge(Kind.STAFF, seen))

    # ------------------------------------------------------------ gates

    async def _circumstances(self, kind: Kind, expires_at: datetime | None, person: Person) -> Circumstances:
        now, care = self._ledger.now, 0
        local = now.astimezone(self._house.calendar.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if kind is Kind.CARE:
            counts = await outbox.sent_since(
                self._ledger.unit, [person.id], Kind.CARE.value, midnight, but=self._collected
            )
            care = counts.get(person.id, 0) + self._care_leaving[person.id]
        return Circumstances(
            now,
            self._house.quiet,
            expires_at,
            person.reachable,
            person.opted_out,
            care,
            self._house.store.sending.care_per_day,
            midnight + A_DAY,
        )

    def _obey(self, row: dict[str, Any], verdict: Verdict) -> None:
        if verdict.state is LetterState.PENDING:
            self._leave(row)
            return
        row["state"], row["reason"] = verdict.state.value, verdict.reason
        row["due_at"] = verdict.until or self._ledger.now + UNTIL_OPENED

    def _leave(self, row: dict[str, Any]) -> None:
        """It leaves with this transaction's commit, in this process's hands."""
        row["state"], row["courier"] = LetterState.SENDING.value, self._house.courier
        row["lease_until"] = self._ledger.now + self._house.lease
        if row["kind"] == Kind.CARE.value:
            self._care_leaving[row["person_id"]] += 1
