"""From what a dialog says to a letter in the outbox: where it goes, in which words, and whether it may leave now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from dialogs.core import HERE, Home, Kind, Media, Say
from domain.people import Queue
from scripts_zh.phrases import phrase
from service import cards, letters
from service.gates import Circumstances, Verdict, judge
from service.house import House
from service.ledger import Draft, Ledger
from service.occasion import Occasion
from service.ports import Key, Keyboard
from service.receipts import TOPIC, UNTIL_OPENED
from storage import outbox
from storage.conversations import Conversation
from storage.outbox import NO_STAFF_GROUP, NO_TOPIC, LetterState
from storage.people import Person

A_DAY = timedelta(days=1)


class Drafting:
    """Writes the letters of one transaction."""

    def __init__(self, house: House, ledger: Ledger, collected: Collection[int] = ()) -> None:
        """`collected`: numbers of letters that were written earlier and are judged again now."""
        self.house = house
        self._collected = collected
        ledger.closing = self._close
        self.care_leaving: Counter[int] = (
            Counter()
        )  # care messages to a person that leave with this transaction
        self.ledger = ledger
        self._card: int | None = None
        self._may_edit = 0

    @contextmanager
    def turn(self, conversation: Conversation, occasion: Occasion, *, edits: bool) -> Iterator[None]:
        """A turn of `conversation`: its first message may take the place of the card that was pressed."""
        outer = self._card, self._may_edit
        self._card, self._may_edit = (
            conversation.card_message,
            conversation.id if edits and occasion.card else 0,
        )
        try:
            yield
        finally:
            self._card, self._may_edit = outer

    async def say(self, say: Say, conversation: Conversation) -> None:
        """Draft one message of `conversation`."""
        text = self.house.scripts.text(say.script, say.words)
        home, at_home = self._home(say, conversation)
        if say.media is not None:
            below = letters.goes_below(say.media, text) and not (say.buttons or say.keyboard)
            medium = self._row(Say(say.script, kind=say.kind), conversation, text if below else "", say.media)
            await self._send(Draft(medium), home)
            if below:
                return None
        draft = Draft(self._row(say, conversation, text))
        if at_home:
            new = cards.new_card(self, conversation)
            if new is not None and say.in_place:
                new.row |= {name: draft.row[name] for name in cards.SHOWN}
                return cards.show(self, conversation, draft.row)
            self._place_card(say, conversation, draft, is_first=new is None)
            if draft.face_of is not None:
                cards.show(self, conversation, draft.row)
        elif say.copy:
            draft.copy_of = conversation
        await self._send(draft, home)
        return None

    @staticmethod
    def _home(say: Say, conversation: Conversation) -> tuple[Home, bool]:
        """Where it goes, and whether that is the conversation's own home."""
        if say.to != HERE:
            return say.to, False
        return Home(conversation.person_id, Queue(conversation.queue) if conversation.queue else None), True

    async def _send(self, draft: Draft, home: Home) -> None:
        if home.person is not None:
            await self.to_person(draft.row, await self.ledger.person(home.person))
            self.ledger.drafts.append(draft)
        elif home.queue is not None:
            await self.to_desk(draft, home.queue)

    async def to_desk(self, draft: Draft, queue: Queue) -> None:
        """To the topic of `queue`; without a staff group to those on duty; where nobody is, it waits for a group."""
        draft.row["queue"] = queue.value
        place = await self.ledger.place_to_write(queue)
        if place is None and (colleagues := await cards.on_duty(self, queue)):
            return await cards.tell_privately(self, draft, colleagues)
        await self.to_queue(draft.row, queue)
        return self.ledger.drafts.append(draft)

    async def _close(self) -> None:
        await cards.settle(self)

    async def topics(self) -> None:
        """Ask for every topic that the staff group still lacks and nobody has asked for yet."""
        asked = await outbox.under_way(self.ledger.unit, TOPIC)
        asked |= {
            (draft.row["chat_id"], draft.row["queue"])
            for draft in self.ledger.drafts
            if draft.row["script"] == TOPIC
        }
        for queue in Queue:
            place = await self.ledger.place(queue)
            if place is None or not place.lacks_its_topic:
                continue
            if (place.chat_id, queue.value) in asked:
                continue
            name = phrase("queue", queue.value)
            row = self.blank(Kind.STAFF, TOPIC)
            row |= {
                "payload": letters.payload("", new_topic=name),
                "queue": queue.value,
                "chat_id": place.chat_id,
            }
            self._leave(row)
            self.ledger.drafts.append(Draft(row))

    # ------------------------------------------------------------ words

    def _row(
        self, say: Say, conversation: Conversation, text: str, media: Media | None = None
    ) -> dict[str, Any]:
        scripts = self.house.scripts
        faces = tuple(
            tuple(
                (scripts.label(conversation.dialog, each.label or each.key, each.words), each.key, each.value)
                for each in buttons
            )
            for buttons in say.buttons
        )
        row = self.blank(say.kind, say.script)
        row |= {
            "conversation_id": conversation.id,
            "turn": conversation.turn,
            "expires_at": say.expires_at,
            "payload": letters.payload(text, faces, self._keyboard(say.keyboard), media),
        }
        return row

    def _keyboard(self, name: str) -> Keyboard | None:
        if not name:
            return None
        face = self.house.scripts.keyboard(name)
        rows = tuple(tuple(Key(key.label, key.asks_contact) for key in row) for row in face.rows)
        return Keyboard(rows, face.placeholder, face.once)

    def blank(self, kind: Kind, script: str) -> dict[str, Any]:
        now = self.ledger.now
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

    def _place_card(self, say: Say, conversation: Conversation, draft: Draft, *, is_first: bool) -> None:
        """In place of the pressed card, of the present card, or as a new message (the card from now on)."""
        row = draft.row
        after_press = self._may_edit == conversation.id and not say.fresh and not say.keyboard
        in_place = say.in_place and (conversation.card_message or conversation.card_letter)
        if after_press or in_place:
            row["edits_message"] = self._card if after_press else conversation.card_message
            row["edits_letter"] = conversation.card_letter
            draft.face_of = conversation
            self._may_edit = 0 if after_press else self._may_edit
        elif say.buttons or (is_first and conversation.card_letter is None):
            draft.card_of = draft.face_of = conversation
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
        place = await self.ledger.place_to_write(queue)
        if place is None:
            return self._obey(row, Verdict(LetterState.HELD, NO_STAFF_GROUP))
        row["chat_id"], row["thread_id"] = place.chat_id, place.thread_id
        if place.lacks_its_topic:
            return self._obey(row, Verdict(LetterState.HELD, f"{NO_TOPIC}:{queue.value}"))
        seen = Circumstances(self.ledger.now, self.house.quiet, row["expires_at"])
        return self._obey(row, judge(Kind.STAFF, seen))

    # ------------------------------------------------------------ gates

    async def _circumstances(self, kind: Kind, expires_at: datetime | None, person: Person) -> Circumstances:
        now, care = self.ledger.now, 0
        local = now.astimezone(self.house.calendar.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if kind is Kind.CARE:
            counts = await outbox.sent_since(
                self.ledger.unit, [person.id], Kind.CARE.value, midnight, but=self._collected
            )
            care = counts.get(person.id, 0) + self.care_leaving[person.id]
        return Circumstances(
            now,
            self.house.inconvenient if kind is Kind.CARE else self.house.quiet,
            expires_at,
            person.reachable,
            person.opted_out,
            care,
            self.house.store.sending.care_per_day,
            midnight + A_DAY,
        )

    def _obey(self, row: dict[str, Any], verdict: Verdict) -> None:
        if verdict.state is LetterState.PENDING:
            self._leave(row)
            return
        row["state"], row["reason"] = verdict.state.value, verdict.reason
        row["due_at"] = verdict.until or self.ledger.now + UNTIL_OPENED

    def _leave(self, row: dict[str, Any]) -> None:
        """It leaves with this transaction's commit, in this process's hands."""
        row["state"], row["courier"] = LetterState.SENDING.value, self.house.courier
        row["lease_until"] = self.ledger.now + self.house.lease
        if row["kind"] == Kind.CARE.value:
            self.care_leaving[row["person_id"]] += 1
