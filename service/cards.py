"""Cards: what a conversation at a queue shows, at its place in the staff group and on every copy (D2, R4).

A card lies in its queue's topic. Copies of it lie in private chats of colleagues, because a dialog wanted it so or
because there is no staff group; they show what the card shows, and their buttons work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from dialogs.core import Kind
from domain.people import Queue, Role
from service import letters
from service.ledger import Draft
from storage import conversations, copies, outbox, people, places
from storage.conversations import OVER, Conversation
from storage.outbox import TOLD_PRIVATELY, LetterState
from storage.people import Person

if TYPE_CHECKING:
    from service.drafting import Drafting

SHOW_AGAIN = "show_again"  # no wording: the letter that has misplaced cards shown where they belong
BUTTONS_GO = "buttons_go"  # no wording: the letter that takes the buttons off a message and leaves its words
AT_ONCE = 200
SHOWN = ("script", "payload", "turn")  # what a message shows, as the columns of its letter


# ---------------------------------------------------------------- who is told where there is no staff group


async def on_duty(drafting: Drafting, queue: Queue) -> list[Person]:
    """Who serves `queue` now and can be written to; where nobody does, the general managers."""
    here = [
        one
        for one in await drafting.ledger.staff()
        if one.reachable and one.roles and one.absent_until is None
    ]
    roles = frozenset(drafting.house.store.staff.desks.get(queue, ()))
    serving = [one for one in here if not roles.isdisjoint(one.roles)]
    return serving or [one for one in here if Role.GENERAL_MANAGER in one.roles]


async def tell_privately(drafting: Drafting, draft: Draft, colleagues: Collection[Person]) -> None:
    """Instead of the queue's topic: a line goes to each of `colleagues`, a new card lies with each of them.

    The letter to the queue is kept for its story; a changed card is changed on its copies (`settle`).
    """
    row, conversation = draft.row, draft.face_of
    row["state"], row["reason"], row["due_at"] = (
        LetterState.DROPPED.value,
        TOLD_PRIVATELY,
        drafting.ledger.now,
    )
    drafting.ledger.drafts.append(draft)
    if conversation is not None and draft.card_of is None:
        return
    for colleague in colleagues:
        await _lay_with(drafting, colleague, row, conversation)


async def _lay_with(
    drafting: Drafting, colleague: Person, face: Mapping[str, Any], conversation: Conversation | None
) -> None:
    """A letter to `colleague` that shows what `face` shows: a copy of the conversation's card, or a mere line."""
    row = drafting.blank(Kind(face["kind"]), face["script"])
    row |= {name: face[name] for name in (*SHOWN, "conversation_id", "expires_at")}
    await drafting.to_person(row, colleague)
    drafting.ledger.drafts.append(Draft(row, copy_of=conversation, for_desk=conversation is None))


def _each_once(drafts: list[Draft]) -> list[Draft]:
    """Who is told a line by name, and is told it once more because the desk has no topic, reads it once."""
    repeatable = {_line(each) for each in drafts if each.for_desk}
    kept: list[Draft] = []
    told: set[tuple[Any, ...]] = set()
    for each in drafts:
        line = _line(each)
        if line in repeatable and line in told:
            continue
        told.add(line)
        kept.append(each)
    return kept


def _line(draft: Draft) -> tuple[Any, ...]:
    """Who reads what; a card, a copy or a change of one is like no other."""
    row, is_card = draft.row, draft.card_of or draft.face_of or draft.copy_of
    if is_card or row["edits_letter"] is not None or row["edits_message"] is not None:
        return (id(draft),)
    return tuple(row[name] for name in ("person_id", "queue", "conversation_id", "script", "payload"))


# ---------------------------------------------------------------- within one transaction


def new_card(drafting: Drafting, conversation: Conversation) -> Draft | None:
    """The card that this transaction is about to post for `conversation`."""
    return next((each for each in reversed(drafting.ledger.drafts) if each.card_of is conversation), None)


def show(drafting: Drafting, conversation: Conversation, face: Mapping[str, Any]) -> None:
    """Copies that this transaction is about to post show `face` already; a change that it overtakes is not posted."""
    drafts = drafting.ledger.drafts
    for each in drafts:
        if each.copy_of is conversation:
            each.row |= {name: face[name] for name in SHOWN}
    drafting.ledger.drafts = [
        each for each in drafts if each.face_of is not conversation or not _same_message(each.row, face)
    ]


def _same_message(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        one[name] is not None and one[name] == other[name] for name in ("edits_letter", "edits_message")
    )


async def settle(drafting: Drafting) -> None:
    """Change every copy of the cards that this transaction changes or ends; the last thing before it is written."""
    ledger = drafting.ledger
    ledger.drafts = _each_once(ledger.drafts)
    faces = {each.face_of.id: each.row for each in ledger.drafts if each.face_of and each.face_of.queue}
    fresh = [each for each in ledger.drafts if each.copy_of is not None]
    over = {
        one.id for one in ledger.conversations.values() if one.changed and one.status == OVER and one.queue
    }
    concerned = {*faces, *over, *(each.copy_of.id for each in fresh if each.copy_of)}
    living = await copies.of(ledger.unit, sorted(concerned))
    await _know(drafting, {copy.person_id for copy in living})
    final = over - faces.keys() if living else set()
    cards = {number: ledger.conversations[number].card_letter for number in final}
    faces |= await outbox.last_faces(ledger.unit, {one: card for one, card in cards.items() if card})
    renewed = {(each.copy_of.id, each.row["person_id"]) for each in fresh if each.copy_of}
    done = []
    for copy in living:
        number, person = copy.conversation_id, ledger.people[copy.person_id]
        is_renewed, has_left = (number, person.id) in renewed, not person.roles
        if is_renewed or has_left or number in over or not person.reachable:
            done.append(copy.letter_id)
        if person.reachable and (is_renewed or has_left or number in faces or number in over):
            # Who has left the house reads nothing new (R3).
            face = None if has_left else faces.get(number)
            await _change(drafting, copy, face, is_renewed=is_renewed, ends=number in over)
    for each in fresh:
        _seal(each, over)
    await copies.forget(ledger.unit, done)


async def _know(drafting: Drafting, numbers: Collection[int]) -> None:
    ledger = drafting.ledger
    strangers = sorted(set(numbers) - ledger.people.keys())
    ledger.know(await people.load(ledger.unit, ledger.now, ids=strangers))


async def _change(
    drafting: Drafting, copy: copies.Copy, face: Any | None, *, is_renewed: bool, ends: bool
) -> None:
    """The message of `copy` shows `face`; where a newer copy takes its place it says so; at the end without buttons."""
    if is_renewed:
        words = drafting.house.scripts.text("shared/card_moved", {})
        shown: dict[str, Any] = {"script": "shared/card_moved", "payload": letters.payload(words), "turn": 0}
    elif face is None:
        shown = {"script": BUTTONS_GO, "payload": letters.payload(""), "turn": 0}
    else:
        kept = dict(face) if isinstance(face, dict) else face._mapping  # noqa: SLF001 - public, whatever its name says
        shown = {name: kept[name] for name in SHOWN}
        if ends:
            shown["payload"] = letters.without_buttons(shown["payload"])
    row = drafting.blank(Kind.STAFF, shown["script"])
    row |= shown | {"conversation_id": copy.conversation_id, "edits_letter": copy.letter_id}
    await drafting.to_person(row, drafting.ledger.people[copy.person_id])
    drafting.ledger.drafts.append(Draft(row))


def _seal(draft: Draft, over: Collection[int]) -> None:
    """A new copy of what is over, or one that cannot be brought, will not be changed again."""
    assert draft.copy_of is not None
    if draft.copy_of.id in over:
        draft.row["payload"] = letters.without_buttons(draft.row["payload"])
    if draft.copy_of.id in over or draft.row["state"] == LetterState.DROPPED.value:
        draft.copy_of = None


async def show_there(drafting: Drafting, conversation: Conversation, person: Person, message: int) -> None:
    """`person` pressed an old message of their own chat: the present card comes there, unless it is that very one."""
    unit = drafting.ledger.unit
    mine = [
        copy.letter_id for copy in await copies.of(unit, [conversation.id]) if copy.person_id == person.id
    ]
    if (person.user_id, message) in (await outbox.messages(unit, mine)).values():
        return  # it is being changed just now
    face = (await outbox.last_faces(unit, {conversation.id: conversation.card_letter or 0})).get(
        conversation.id
    )
    if face is not None:
        await _lay_with(drafting, person, face._mapping, conversation)  # noqa: SLF001


# ---------------------------------------------------------------- cards that do not lie where they belong


def ask_to_show_again(drafting: Drafting) -> None:
    """The staff group, or a topic of it, was bound, moved or lost: live cards are shown where they belong now.

    That is done by a letter of its own, in as many transactions as it takes, by whichever process comes first.
    """
    if any(each.row["script"] == SHOW_AGAIN for each in drafting.ledger.drafts):
        return
    row = drafting.blank(Kind.STAFF, SHOW_AGAIN)
    row |= {"payload": letters.payload("")}
    drafting.ledger.drafts.append(Draft(row))


async def show_again(drafting: Drafting) -> tuple[set[int], bool]:
    """Show some of the live cards that do not lie where they belong.

    Which letters are cards no more, and whether there may be more of them to show.
    What they show stays the same, so nothing is asked of their dialogs, and their timers stay as they are.
    """
    ledger, unit = drafting.ledger, drafting.ledger.unit
    found = await places.misplaced(unit, AT_ONCE)
    had = await conversations.load_free(unit, found)
    # Until we had them another process may have shown them, or they have come to their end.
    still = await places.misplaced(unit, AT_ONCE, [one.id for one in had]) if had else []
    free = [one for one in had if one.id in still]
    ledger.take(free)
    cards = {one.id: one.card_letter for one in free if one.card_letter is not None}
    faces = await outbox.last_faces(unit, cards)
    if cards:
        await outbox.supersede(unit, cards, ledger.now)
    for conversation in free:
        face = faces[conversation.id]._mapping  # noqa: SLF001 - public, whatever its name says
        row = drafting.blank(Kind.STAFF, face["script"])
        row |= {name: face[name] for name in (*SHOWN, "conversation_id", "expires_at")}
        conversation.card_message, conversation.changed = None, True
        draft = Draft(row, card_of=conversation, face_of=conversation)
        await drafting.to_desk(draft, Queue(conversation.queue))
    return set(cards.values()), len(found) == AT_ONCE or len(had) < len(found)
