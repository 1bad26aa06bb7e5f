"""Which conversation an update belongs to ("One message", 3), and whether the person may touch it (R2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialogs.authority import at_own_desk
from dialogs.core import Dialog, Entered, Event, Home, Pressed, Said, Toast
from domain.people import is_staff
from service import cards
from service.occasion import Occasion
from service.ports import Incoming
from storage import outbox, states
from storage.conversations import OVER, Conversation
from storage.people import Person

if TYPE_CHECKING:
    from service.house import House
    from service.play import Play

FRONT_DESK, STAFF_DESK = "front_desk", "staff_desk"
START = "/start"  # brings an invitation, or the house's first words
EXPIRED, NOT_YOURS = Toast("shared/expired"), Toast("shared/not_yours")
EVERYBODYS_COMMANDS = ("/menu", "/help")  # colleagues see what they may command, everybody else the menu


@dataclass(frozen=True, slots=True)
class Route:
    """Where an event goes; `toast` is shown over the button. Without a conversation nothing else happens."""

    conversation: Conversation | None
    event: Event
    occasion: Occasion
    toast: Toast | None = None


async def route(play: Play, person: Person, update: Incoming) -> Route:
    """Find the conversation that `update` belongs to."""
    assert update.event is not None
    occasion = Occasion(
        person=person,
        press_id=update.press_id,
        card=update.card,
        chat_id=update.chat_id,
        in_group=update.in_group,
        group_has_topics=update.group_has_topics,
    )
    if isinstance(update.event, Pressed):
        return await _pressed(play, update, update.event, occasion)
    command = isinstance(update.event, Said) and update.event.text.startswith("/")
    if update.in_group:
        if not command:
            return Route(None, update.event, occasion)  # colleagues talking among themselves
        return Route(await lasting(play, STAFF_DESK, person), update.event, occasion)
    if command and desk_for(update.event, person, play.house) == STAFF_DESK:
        return Route(await lasting(play, STAFF_DESK, person), update.event, occasion)
    return Route(await _listening(play, person, update.event), update.event, occasion)


def desk_for(event: Event, person: Person, house: House) -> str:
    """Which desk hears what no procedure waits for: the staff desk commands, and of a colleague the words of their
    menu, /menu and /help; the front desk everything else. Strangers are told at the staff desk that it is for staff
    (R2)."""
    if not isinstance(event, Said):
        return FRONT_DESK
    if not event.text.startswith("/"):
        return STAFF_DESK if event.text in house.staff_menu and is_staff(person.roles) else FRONT_DESK
    command = event.text.split(maxsplit=1)[0].split("@")[0]
    everybodys = command == START or (command in EVERYBODYS_COMMANDS and not is_staff(person.roles))
    return FRONT_DESK if everybodys else STAFF_DESK


async def _pressed(play: Play, update: Incoming, event: Pressed, occasion: Occasion) -> Route:
    person = occasion.person
    assert person is not None
    tap, nothing = update.tap, Route(None, event, occasion, EXPIRED)
    conversation = await play.ledger.conversation(tap.conversation) if tap else None
    if tap is None or conversation is None:
        play.ledger.record("forged_press", "", person.id, None, {})
        return nothing
    dialog = play.house.dialogs.get(conversation.dialog)
    if dialog is None:
        return nothing
    if not await _may_press(play, conversation, dialog, tap.key, occasion):
        _write_down(play, "refused_press", person, conversation, dialog, tap.key)
        return Route(None, event, occasion, NOT_YOURS)
    if conversation.queue and (conversation.status == OVER or tap.turn != conversation.turn):
        # What colleagues tried to decide is kept, be it too late or with a button of old (R5).
        _write_down(play, "late_press", person, conversation, dialog, tap.key)
    if conversation.status == OVER:
        return replace(nothing, toast=await _too_late(play, conversation, dialog, tap.key, occasion))
    if tap.turn == conversation.turn:
        return Route(conversation, event, occasion)
    too_late = Route(None, event, occasion, await _too_late(play, conversation, dialog, tap.key, occasion))
    if conversation.queue and not update.in_group:
        await cards.show_there(play.drafting, conversation, person, update.card)
        return too_late
    # A second tap on the card that is being changed just now needs no second card; an old card shows the present one.
    if update.card and update.card in (conversation.card_message, await _card_at_queue(play, conversation)):
        return too_late
    return replace(
        too_late,
        conversation=conversation,
        event=Entered(),
        occasion=Occasion(person=person, press_id=update.press_id),
    )


def _write_down(
    play: Play, action: str, person: Person, conversation: Conversation, dialog: Dialog, key: str
) -> None:
    """Who tried what on which card (R2, R5). A key that is none of the dialog's rows comes from the person's own
    device, and may be anything: it is left out."""
    details = {"button": key} if key in dialog.authority else {}
    play.ledger.record(action, conversation.subject, person.id, conversation.id, details)


async def _too_late(
    play: Play, conversation: Conversation, dialog: Dialog, key: str, occasion: Occasion
) -> Toast:
    """Who was quicker, where the dialog can tell; else that the card has changed."""
    if dialog.overtaken is None:
        return EXPIRED
    facts = await play.briefing.facts(dialog, conversation, occasion.who, in_group=occasion.in_group)
    try:
        state = states.read(dialog, conversation.state, conversation.version)
    except states.UnreadableState:
        return EXPIRED
    return dialog.overtaken(state, facts, key) or EXPIRED


async def _card_at_queue(play: Play, conversation: Conversation) -> int | None:
    """The message that the card is in the staff group: who presses a copy does not tell us."""
    number = conversation.card_letter
    if not conversation.queue or number is None:
        return None
    _, message = (await outbox.messages(play.ledger.unit, [number])).get(number, (0, None))
    return message


async def _may_press(
    play: Play, conversation: Conversation, dialog: Dialog, key: str, occasion: Occasion
) -> bool:
    """In a private chat only its person may press, at a staff queue nobody without a row; a row has to hold (R2)."""
    private = conversation.person_id is not None
    if private and conversation.person_id != occasion.who.person_id:
        return False
    permit = dialog.authority.get(key)
    if permit is None:
        return private
    facts = await play.briefing.facts(dialog, conversation, occasion.who, in_group=occasion.in_group)
    try:
        state = states.read(dialog, conversation.state, conversation.version)
    except states.UnreadableState:  # no step will run: the press only hands the card over to a person
        return private or at_own_desk(None, facts)
    return permit(state, facts)


async def _listening(play: Play, person: Person, event: Event) -> Conversation:
    """Free text goes to the conversation that asked last and takes text, else to the desk for it."""
    for conversation in play.ledger.held_with(person.id):
        dialog = play.house.dialogs.get(conversation.dialog)
        if dialog is None or dialog.hears(conversation.step):
            return conversation
    return await lasting(play, desk_for(event, person, play.house), person)


async def lasting(play: Play, name: str, person: Person) -> Conversation:
    """The one lasting conversation of dialog `name` with `person`; begun when there is none."""
    found = play.ledger.held_with(person.id, name)
    return found[0] if found else await play.begin(name, Home(person=person.id))
