"""Play one event in one conversation and collect what follows (ARCHITECTURE, "One message", 5–7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogs.call import UNDELIVERABLE, Call
from dialogs.core import (
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Open,
    Outcome,
    Pressed,
    Record,
    Refused,
    Said,
    Say,
    Tell,
    TellWork,
    Toast,
    Told,
    TradeEffect,
    Unwake,
    Wake,
    Woke,
)
from dialogs.effects import BindGroup, Join, Leave, OptOut, Replace, Return
from dialogs.facts import EXPECTED, RECEPTION, SOUGHT, Facts
from dialogs.patterns import SILENCES, UNKNOWN_STEP, Footprint, Response, Standing, respond
from domain.people import Queue, is_staff
from domain.phones import find_phone
from domain.plates import find_plate
from service import cards
from service.briefing import Briefing
from service.drafting import Drafting
from service.house import House
from service.ledger import Ledger, ToastSlip
from service.letters import plain
from service.occasion import NOBODY, Occasion
from service.routing import desk_for, lasting
from service.trade import Bench, EffectRefused, apply
from storage import complaints, customer_questions, outbox, people, places, states, subjects
from storage.conversations import OPEN, OVER, RESTING, Conversation

MOST_REFUSALS = 3  # a step that insists on what is refused is a bug


class Play:
    """The events of one transaction, one after the other, on one ledger."""

    def __init__(self, house: House, ledger: Ledger, briefing: Briefing) -> None:
        self.house = house
        self.ledger = ledger
        self.briefing = briefing
        self.drafting = Drafting(house, ledger)
        briefing.count_care(self.drafting.care_leaving)
        self._interrupted: Conversation | None = None

    # ------------------------------------------------------------ events

    async def begin(
        self, name: str, home: Home, state: Any = None, subject: str = "", occasion: Occasion | None = None
    ) -> Conversation:
        """Begin dialog `name` at `home`. With `occasion` (or a state) its first step is entered at once."""
        dialog = self.house.dialogs[name]
        remembered = states.write(dialog.state() if state is None else state)
        conversation = await self.ledger.begin(
            name, dialog.version, dialog.first.__name__, remembered, home, subject
        )
        if occasion is not None:
            await self.event(conversation, Entered(), occasion)
        return conversation

    async def event(self, conversation: Conversation, event: Event, occasion: Occasion = NOBODY) -> None:
        """Let `conversation` answer `event`."""
        if conversation.status == OVER:
            return
        if conversation.status == RESTING:
            if isinstance(event, Woke) and event.name in SILENCES:
                return  # nobody is waiting for an answer; a bay that is held still runs out (B4)
            if occasion.press_id:
                self._take_up(conversation)
        dialog = self.house.dialogs.get(conversation.dialog)
        standing = _standing(dialog, conversation) if dialog else None
        if dialog is None or standing is None:
            # What no present release can read must block nobody: a person takes over.
            await self._finish(conversation, Outcome.HAND_OVER, UNKNOWN_STEP, event, occasion)
            return
        if occasion.card and await self._at_home(conversation, occasion):
            conversation.card_message = occasion.card
        response = await self._respond(dialog, conversation, standing, event, occasion)
        if response.interrupted:
            await self._interrupt(conversation, event, occasion)
            return
        self._keep(dialog, conversation, response)
        with self.drafting.turn(conversation, occasion, edits=response.outcome is not Outcome.STAY):
            for effect in response.effects:
                await self._apply(effect, conversation, occasion, ending=response.standing is None)
            if response.standing is None or response.outcome is Outcome.HAND_OVER:
                await self._finish(conversation, response.outcome, response.reason, event, occasion)

    async def _at_home(self, conversation: Conversation, occasion: Occasion) -> bool:
        """Whether the card was pressed where the conversation lives; elsewhere messages have other numbers."""
        if not conversation.queue:
            return True
        place = await self.ledger.place(Queue(conversation.queue)) if occasion.in_group else None
        return place is not None and place.chat_id == occasion.chat_id

    async def _respond(
        self, dialog: Dialog, conversation: Conversation, standing: Standing, event: Event, occasion: Occasion
    ) -> Response:
        """Run the step; write its trade effects; where they are refused, undo and run it again on Refused."""
        facts = await self._facts(dialog, conversation, event, occasion)
        menu = self._menu(occasion)
        response = respond(dialog, standing, event, facts, menu)
        for _ in range(MOST_REFUSALS):
            trade = [effect for effect in response.effects if isinstance(effect, TradeEffect)]
            refused = await self._trade(trade, conversation, occasion) if trade else None
            if refused is None:
                return response
            facts = await self._facts(dialog, conversation, event, occasion)
            response = respond(dialog, standing, refused, facts, menu)
        raise RecursionError(
            f"{dialog.name}.{standing.step} insists on what was refused: let it answer Refused with a question."
        )

    def _menu(self, occasion: Occasion) -> Mapping[str, str]:
        """The words that interrupt a procedure; a colleague's are more."""
        staff = self.house.staff_menu if is_staff(occasion.who.roles) else {}
        return {**self.house.menu, **staff} if staff else self.house.menu

    async def _trade(
        self, trade: list[TradeEffect], conversation: Conversation, occasion: Occasion
    ) -> Refused | None:
        bench = Bench(
            self.ledger.unit,
            self.house.store,
            self.briefing,
            self.ledger.now,
            conversation,
            occasion.person.id if occasion.person else 0,
            self.house.questionnaires,
            occasion.chat_id,
            occasion.group_has_topics,
        )
        effect = trade[0]
        try:
            async with self.ledger.unit.savepoint():
                for effect in trade:
                    await apply(effect, bench)
        except EffectRefused as refusal:
            self.briefing.forget()
            return Refused(effect, str(refusal))
        return None

    async def _facts(
        self, dialog: Dialog, conversation: Conversation, event: Event, occasion: Occasion
    ) -> Facts:
        sought = ""
        if isinstance(event, Said) and not {SOUGHT, RECEPTION}.isdisjoint(dialog.needs):
            sought = str(find_plate(event.text) or find_phone(event.text) or "")
        elif isinstance(event, Pressed) and event.key == EXPECTED and RECEPTION in dialog.needs:
            sought = event.value
        return await self.briefing.facts(
            dialog,
            conversation,
            occasion.who,
            in_group=occasion.in_group,
            sought=sought,
            woken=isinstance(event, Woke),
        )

    def _keep(self, dialog: Dialog, conversation: Conversation, response: Response) -> None:
        standing = response.standing
        if response.outcome is not Outcome.STAY:
            conversation.turn += 1
        if standing is None:
            return
        conversation.step, conversation.misses = standing.step, standing.misses
        conversation.state, conversation.version = states.write(standing.state), dialog.version
        conversation.trail = _trail_text(standing)
        conversation.asked_at = self.ledger.now
        conversation.changed = True

    # ------------------------------------------------------------ effects

    async def _apply(
        self, effect: Effect, conversation: Conversation, occasion: Occasion, *, ending: bool = False
    ) -> None:
        match effect:
            case Say():
                await self._say(effect, conversation)
            case Toast():
                self.toast(occasion.press_id, effect.script, dict(effect.words), alert=effect.alert)
            case Wake(name, at, words):
                what, why = self.house.scripts.timer(conversation.dialog, name, words)
                self.ledger.wake(conversation.id, name, at, what, why)
            case Unwake(name):
                self.ledger.unwake(conversation.id, name)
            case Open():
                await self._open(effect, conversation, occasion, ending=ending)
            case Tell() | TellWork():
                for other in await self._told(effect):
                    await self.event(other, Told(effect.news, effect.words), Occasion(person=occasion.person))
            case Record(action, subject, details):
                actor = occasion.person.id if occasion.person else 0
                self.ledger.record(action, subject, actor, conversation.id, details)
            case TradeEffect():
                await self._after(effect, conversation, occasion)

    async def _say(self, say: Say, conversation: Conversation) -> None:
        """To a customer's file: into their chat; who has none is called, with the text ready (P1, P3)."""
        if say.to.customer is None:
            await self.drafting.say(say, conversation)
            return
        file = await self.briefing.customer(say.to.customer)
        if file is not None and file.person_id:
            await self.drafting.say(replace(say, to=Home(person=file.person_id)), conversation)
            return
        text = plain(self.house.scripts.text(say.script, say.words))
        name, phone = (file.address or file.name, file.phone) if file else ("", "")
        call = Call(UNDELIVERABLE, name, phone, text)
        await self.begin("call", Home(queue=Queue.FRONT_DESK), call, conversation.subject, NOBODY)

    async def _told(self, effect: Tell | TellWork) -> list[Conversation]:
        """The conversations that hear of it."""
        if isinstance(effect, Tell):
            return await self.ledger.about(effect.dialog, effect.subject)
        unit = self.ledger.unit
        await people.staff_changes(unit)
        cases = sorted({number for number, _ in await complaints.owned(unit, effect.person)})
        questions = await customer_questions.owned(unit, effect.person)
        await subjects.lock(unit, [*cases, *questions])
        owned = [("complaint_desk", number) for number in cases]
        owned += [("question_desk", number) for number in questions]
        return [each for dialog, number in owned for each in await self.ledger.about(dialog, number)]

    async def _after(self, effect: TradeEffect, conversation: Conversation, occasion: Occasion) -> None:
        """What a trade effect, written by now, means for the rest of this transaction."""
        match effect:
            case Join() | Leave() | Replace() | Return():
                await self.ledger.refresh_roles()  # also for what they press in this very batch
                # What waits for want of anybody to tell may have somebody now.
                await places.release(self.ledger.unit, outbox.NO_STAFF_GROUP, self.ledger.now)
            case OptOut():  # counts for what is still said in this very transaction
                number = effect.person or conversation.person_id or occasion.who.person_id
                (await self.ledger.person(number)).opted_out = effect.out
            case BindGroup():
                self.ledger.forget_places()
                await self.drafting.topics()
                cards.ask_to_show_again(self.drafting)

    def toast(
        self, press_id: str, script: str, words: dict[str, Any] | None = None, *, alert: bool = False
    ) -> None:
        """Answer a press after the commit; the first word said wins."""
        if press_id and not any(slip.press_id == press_id for slip in self.ledger.toasts):
            text = self.house.scripts.text(script, words or {})
            self.ledger.toasts.append(ToastSlip(press_id, text, alert))

    async def _open(
        self, effect: Open, conversation: Conversation, occasion: Occasion, *, ending: bool
    ) -> None:
        home = effect.home
        if home.person is None and home.queue is None:
            home = Home(conversation.person_id, Queue(conversation.queue) if conversation.queue else None)
        dialog = self.house.dialogs[effect.dialog]
        interrupts = None
        if home.person is not None and not (dialog.patient or dialog.lasting):
            if self._interrupted is not None and self._interrupted.dialog == effect.dialog:
                return  # the procedure that was wished for is the one that is going on
            interrupts = await self._make_way(home.person, effect, conversation)
            if interrupts is None and ending and home.person == conversation.person_id:
                # What follows in its place also takes over what waits for it.
                interrupts, conversation.interrupts = conversation.interrupts, None
        began = await self.begin(effect.dialog, home, effect.state, effect.subject)
        began.interrupts = interrupts
        began.changed = True
        await self.event(began, Entered(), Occasion(person=occasion.person))

    async def _make_way(self, person: int, effect: Open, opener: Conversation) -> int | None:
        """One procedure at a time in a chat: another one rests until the new one is over, an older same one ends.

        A patient card that just listens rests only where nothing else has to: it can be taken up by itself.
        """
        interrupted = None
        for other in self._listening(person, opener):
            dialog = self.house.dialogs[other.dialog]
            if other.dialog == effect.dialog:
                await self._end_quietly(dialog, other)
            elif not (dialog.patient and interrupted):
                other.status, other.changed = RESTING, True
                interrupted = other.id
        return interrupted

    def _listening(self, person: int, opener: Conversation) -> list[Conversation]:
        """What takes the free text of `person` besides `opener`, patient cards last."""
        dialogs = self.house.dialogs
        found = [
            other
            for other in self.ledger.held_with(person)
            if other.id != opener.id and other.dialog in dialogs and dialogs[other.dialog].hears(other.step)
        ]
        return sorted(found, key=lambda other: dialogs[other.dialog].patient)

    def _take_up(self, conversation: Conversation) -> None:
        """A card of a resting procedure was pressed: it goes on, and what was going on rests until it is over."""
        conversation.status, conversation.changed = OPEN, True
        for other in self.ledger.conversations.values():
            if other.interrupts == conversation.id:
                other.interrupts, other.changed = conversation.interrupts, True
        for other in self.ledger.held_with(conversation.person_id or 0):
            dialog = self.house.dialogs.get(other.dialog)
            if other.id == conversation.id or dialog is None or dialog.patient or dialog.lasting:
                continue
            other.status, other.changed = RESTING, True
            conversation.interrupts = other.id

    async def _end_quietly(self, dialog: Dialog, conversation: Conversation) -> None:
        standing = _standing(dialog, conversation)
        if standing is not None and dialog.cancelled is not None:
            facts = await self._facts(dialog, conversation, Entered(), NOBODY)
            for effect in dialog.cancelled(standing.state, facts):
                if isinstance(effect, TradeEffect):
                    await self._trade([effect], conversation, NOBODY)
        self.ledger.end(conversation)

    # ------------------------------------------------------------ interruptions and endings

    async def _interrupt(self, conversation: Conversation, event: Event, occasion: Occasion) -> None:
        """A menu word in the middle: the desk answers it, then the conversation asks again or rests."""
        assert occasion.person is not None
        desk = await lasting(self, desk_for(event, occasion.person, self.house), occasion.person)
        self._interrupted, turn = conversation, conversation.turn
        try:
            await self.event(desk, event, occasion)
        finally:
            self._interrupted = None
        if conversation.status == OPEN and conversation.turn == turn:
            # It was not asked again already, by a procedure that it rested for and that is over by now.
            await self.event(conversation, Entered(), Occasion(person=occasion.person))

    async def _finish(
        self, conversation: Conversation, outcome: Outcome, reason: str, event: Event, occasion: Occasion
    ) -> None:
        if outcome is Outcome.HAND_OVER:
            await self._hand_over(conversation, reason, event, occasion)
        dialog = self.house.dialogs.get(conversation.dialog)
        if dialog is not None and dialog.lasting and reason != UNKNOWN_STEP:
            return
        self.ledger.end(conversation)
        resting = await self.ledger.conversation(conversation.interrupts) if conversation.interrupts else None
        if resting is not None and resting.status == RESTING:
            resting.status, resting.changed = OPEN, True
            await self.drafting.say(Say("shared/resumed"), resting)
            await self.event(resting, Entered(), Occasion(person=occasion.person))

    async def _hand_over(
        self, conversation: Conversation, reason: str, event: Event, occasion: Occasion
    ) -> None:
        """The customer hears that a person comes; the front desk hears who waits and what was said last."""
        person = occasion.person
        if person is None and conversation.person_id is not None:
            person = await self.ledger.person(conversation.person_id)
        customer = await self.briefing.customer_of(person.id) if person else None
        call = Call(
            reason,
            (customer.address if customer and customer.name else "") or (person.first_name if person else ""),
            customer.phone if customer else "",
            event.text if isinstance(event, Said) else "",
            person=person.id if person and person.reachable and conversation.person_id == person.id else 0,
        )
        if conversation.person_id is not None:
            await self.drafting.say(Say("shared/handed_over", {"store": self.house.store}), conversation)
        await self.begin("call", Home(queue=Queue.FRONT_DESK), call, conversation.subject, NOBODY)
        self.ledger.record("handed_over", conversation.subject, 0, conversation.id, {"reason": reason})


def _standing(dialog: Dialog, conversation: Conversation) -> Standing | None:
    try:
        state = states.read(dialog, conversation.state, conversation.version)
    except states.UnreadableState:
        return None
    return Standing(conversation.step, state, conversation.misses, _trail(dialog, conversation))


def _trail(dialog: Dialog, conversation: Conversation) -> tuple[Footprint, ...]:
    """The way back; where an earlier release's footprints cannot be read, there is none."""
    if conversation.trail == "[]":
        return ()
    try:
        return tuple(
            Footprint(step, states.read(dialog, json.dumps(kept), conversation.version))
            for step, kept in json.loads(conversation.trail)
        )
    except states.UnreadableState:
        return ()


def _trail_text(standing: Standing) -> str:
    if not standing.trail:
        return "[]"
    kept = [[footprint.step, json.loads(states.write(footprint.state))] for footprint in standing.trail]
    return json.dumps(kept, ensure_ascii=False)
