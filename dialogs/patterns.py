"""What people do in every procedure: 取消, 返回, 人工, silence, not understood twice, a menu word in the middle.

Written once here, around the step that waits; the steps themselves never see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dialogs.core import (
    HERE,
    Advanced,
    Button,
    Dialog,
    EditedText,
    Effect,
    Entered,
    Event,
    Outcome,
    Pressed,
    Said,
    Say,
    SentMedia,
    Step,
    Wake,
    Woke,
    advance,
)
from dialogs.facts import Facts
from domain.intents import Intent, calls_for_complaint, find_command, find_intent
from domain.opting_out import Wish, care_command, care_wish
from domain.people import is_staff

SILENCES = SILENCE_NUDGE, SILENCE_CLOSE = "silence_nudge", "silence_close"
UNKNOWN_STEP = "unknown_step"
MISSES_BEFORE_HELP = 2
LONGEST_TRAIL = 8
LONGEST_TEXT = 1000  # what somebody types in one message to a form; longer is kindly refused

HELP = ((Button("human"), Button("cancel")),)
BACK = Button("back")
WAYS_OUT = frozenset({"cancel", "keep_old"})  # 返回 stands before them
WAYS_BACK = frozenset({"back", "change_time", "other_time"})  # a card that has one needs no second

_INTERRUPTING = frozenset(
    {Intent.PROGRESS, Intent.COMPLAINT, Intent.QUESTION, Intent.MENU, Intent.BOOKING, Intent.GREETING}
)


@dataclass(frozen=True, slots=True)
class Footprint:
    """A step that was asked before the present one, with the state it was asked with (for 返回)."""

    step: str
    state: Any


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands between two events."""

    step: str
    state: Any
    misses: int = 0
    trail: tuple[Footprint, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """What one event does: the outcome, the new standing (None when it is over), and the effects.

    `interrupted`: the text is a menu word and belongs to the front desk; this conversation then asks again.
    """

    outcome: Outcome
    standing: Standing | None
    effects: tuple[Effect, ...] = ()
    reason: str = ""
    interrupted: bool = False


def respond(
    dialog: Dialog, standing: Standing, event: Event, facts: Facts, menu: Mapping[str, str]
) -> Response:
    """Let `dialog` answer `event`. `menu`: the words on the menu keyboard (label → key).

    A step that no release ever knew hands over to a person. Where there is a question before, 返回 stands
    beside the card's way out.
    """
    response = _respond(dialog, standing, event, facts, menu)
    if dialog.lasting or dialog.patient or response.standing is None or not response.standing.trail:
        return response
    return replace(response, effects=tuple(_with_way_back(effect) for effect in response.effects))


def _with_way_back(effect: Effect) -> Effect:
    if not isinstance(effect, Say) or effect.to != HERE or not WAYS_BACK.isdisjoint(_keys(effect)):
        return effect
    return replace(effect, buttons=tuple(_row_with_way_back(row) for row in effect.buttons))


def _keys(say: Say) -> set[str]:
    return {button.key for row in say.buttons for button in row}


def _row_with_way_back(row: tuple[Button, ...]) -> tuple[Button, ...]:
    place = next((place for place, button in enumerate(row) if button.key in WAYS_OUT), None)
    return row if place is None else (*row[:place], BACK, *row[place:])


def _respond(
    dialog: Dialog, standing: Standing, event: Event, facts: Facts, menu: Mapping[str, str]
) -> Response:
    step = dialog.step(standing.step)
    if step is None:
        return Response(Outcome.HAND_OVER, None, reason=UNKNOWN_STEP)
    if not dialog.hears(step.__name__):
        return _advanced(dialog, standing, event, advance(step, standing.state, event, facts), facts)
    if (early := _before(dialog, standing, step, event, facts, menu)) is not None:
        return early
    advanced = advance(step, standing.state, event, facts)
    if advanced.outcome is Outcome.ASK_AGAIN and _is_menu_wish(event):
        return Response(Outcome.STAY, standing, interrupted=True)
    return _advanced(dialog, standing, event, advanced, facts)


def _before(
    dialog: Dialog, standing: Standing, step: Step, event: Event, facts: Facts, menu: Mapping[str, str]
) -> Response | None:
    """Answer what no step has to know about; None leaves the event to the step."""
    match event:
        case Said(text) if _belongs_elsewhere(dialog, text, facts, menu):
            return Response(Outcome.STAY, standing, interrupted=True)
        case SentMedia(caption=caption) if caption and _complains(dialog, caption, facts):
            return Response(Outcome.STAY, standing, interrupted=True)
        case Said(text) if len(text) > LONGEST_TEXT and not dialog.open_ended:
            return Response(Outcome.STAY, standing, (Say("shared/too_long"),))
        case Said(text):
            return _command(dialog, standing, step, _meant_for_us(dialog, text, facts), facts)
        case Pressed("human"):
            return _hand_over(dialog, standing, facts)
        case Pressed("cancel"):
            return _cancel(dialog, standing, facts)
        case Pressed("back"):
            return _go_back(dialog, standing, facts)
        case Woke(name) if name == SILENCE_NUDGE:
            return _nudge(standing, advance(step, standing.state, Entered(), facts), facts)
        case Woke(name) if name == SILENCE_CLOSE:
            undone = _undone(dialog, standing, facts)
            return Response(Outcome.DONE, None, (*undone, Say("shared/silence_closed")))
    return None


def _belongs_elsewhere(dialog: Dialog, text: str, facts: Facts, menu: Mapping[str, str]) -> bool:
    """A word of the menu, a command, the plain wish to complain, which interrupts everything (C1), or 退订 (K5).

    Where every word is kept (`open_ended`), 菜单 by itself still asks for the menu.
    """
    if dialog.open_ended and find_command(text) is Intent.MENU:
        return True
    if _wants_care_changed(dialog, text, facts):
        return True
    return text in menu or text.startswith(("/start", "/menu", "/help")) or _complains(dialog, text, facts)


def _complains(dialog: Dialog, text: str, facts: Facts) -> bool:
    """Whether the words, or those under a photo, plainly ask to complain.

    A colleague who writes to a customer about a complaint makes none.
    """
    if dialog.relays and is_staff(facts.who.roles):
        return False
    return dialog.serves is not Intent.COMPLAINT and calls_for_complaint(text)


def _wants_care_changed(dialog: Dialog, text: str, facts: Facts) -> bool:
    """退订 or 恢复订阅; among words for somebody else, or that are kept, only by itself (F2, K5)."""
    if dialog.is_care:
        return care_command(text) is Wish.IN
    if dialog.relays and is_staff(facts.who.roles):
        return False
    if dialog.relays or dialog.open_ended:
        return care_command(text) is not None
    return care_wish(text) in (Wish.OUT, Wish.IN)


def _meant_for_us(dialog: Dialog, text: str, facts: Facts) -> Intent | None:
    """What the words ask of us; of a message to somebody else only a bare command, and 请来电 is no colleague's."""
    if dialog.open_ended:  # 取消 and 返回 are words like others there; who wants a person gets one
        return Intent.HUMAN if find_command(text) is Intent.HUMAN else None
    if not dialog.relays:
        return find_intent(text)
    wish = find_command(text)
    return None if wish is Intent.HUMAN and is_staff(facts.who.roles) else wish


def _command(
    dialog: Dialog, standing: Standing, step: Step, intent: Intent | None, facts: Facts
) -> Response | None:
    match intent:
        case Intent.HUMAN:
            return _hand_over(dialog, standing, facts)
        case Intent.CANCEL:
            return _cancel(dialog, standing, facts)
        case Intent.BACK if not dialog.patient:
            return _go_back(dialog, standing, facts)
    return None


def _nudge(standing: Standing, again: Advanced, facts: Facts) -> Response:
    """Ask once more; it closes so long after this nudge, however late that came."""
    if again.outcome in (Outcome.DONE, Outcome.HAND_OVER):
        return Response(again.outcome, None, again.effects, again.reason)
    figures = facts.store.dialogs
    closes = Wake(SILENCE_CLOSE, facts.now + figures.close_after - figures.nudge_after)
    return Response(
        Outcome.ASK, _moved(standing, Entered(), again), (Say("shared/silence_nudge"), *again.effects, closes)
    )


def _undone(dialog: Dialog, standing: Standing, facts: Facts) -> tuple[Effect, ...]:
    return dialog.cancelled(standing.state, facts) if dialog.cancelled else ()


def _cancel(dialog: Dialog, standing: Standing, facts: Facts) -> Response:
    undone = _undone(dialog, standing, facts)
    return Response(Outcome.DONE, None, (*undone, Say("shared/cancelled", keyboard="menu")))


def _hand_over(dialog: Dialog, standing: Standing, facts: Facts) -> Response:
    return Response(Outcome.HAND_OVER, None, _undone(dialog, standing, facts), reason="asked")


def _go_back(dialog: Dialog, standing: Standing, facts: Facts) -> Response:
    """Ask the question before this one again, as it was asked then; at the first question, ask that again."""
    trail = standing.trail
    before = trail[-1] if trail else Footprint(standing.step, standing.state)
    step = dialog.step(before.step) or dialog.first
    again = advance(step, before.state, Entered(came_back=bool(trail)), facts)
    effects = (*(_undone(dialog, standing, facts) if trail else ()), *again.effects)
    if again.outcome in (Outcome.DONE, Outcome.HAND_OVER):
        return Response(again.outcome, None, effects, again.reason)
    return Response(Outcome.ASK, Standing(again.step, again.state, 0, trail[:-1]), effects)


def _is_menu_wish(event: Event) -> bool:
    return isinstance(event, Said) and find_intent(event.text) in _INTERRUPTING


def _advanced(dialog: Dialog, standing: Standing, event: Event, advanced: Advanced, facts: Facts) -> Response:
    effects = advanced.effects
    if advanced.outcome in (Outcome.DONE, Outcome.HAND_OVER):
        keeps = standing if dialog.lasting else None
        return Response(advanced.outcome, keeps, effects, advanced.reason)
    if advanced.outcome is Outcome.STAY:
        return Response(Outcome.STAY, replace(standing, state=advanced.state), effects)
    moved = _moved(standing, event, advanced)
    if advanced.outcome is Outcome.ASK_AGAIN:
        moved, effects = _missed(dialog, moved, standing.misses + 1, event, effects)
    if not (dialog.lasting or dialog.patient or dialog.open_ended or isinstance(event, Woke)):
        # Silence counts from what the person did last: a timer that asks something must not begin it anew.
        effects = (*effects, *_silence(facts))
    return Response(advanced.outcome, moved, effects)


def _missed(
    dialog: Dialog, moved: Standing, misses: int, event: Event, effects: tuple[Effect, ...]
) -> tuple[Standing, tuple[Effect, ...]]:
    """Say what we cannot read; the second time in a row offer a person (B15: never silence)."""
    match event:
        case SentMedia():
            return moved, (Say("shared/text_please", {"kind": event.kind}),)
        case EditedText():
            return moved, (Say("shared/edited"),)
    if misses < MISSES_BEFORE_HELP or dialog.lasting or dialog.patient:
        return replace(moved, misses=misses), effects
    return replace(moved, misses=0), (Say("shared/not_understood_twice", buttons=HELP),)


def _moved(standing: Standing, event: Event, advanced: Advanced) -> Standing:
    trail = standing.trail
    # A step that was only Entered and led on has asked nothing that one could go back to.
    if advanced.step != standing.step and not isinstance(event, Entered):
        trail = (*trail, Footprint(standing.step, standing.state))[-LONGEST_TRAIL:]
    return Standing(advanced.step, advanced.state, 0, trail)


def _silence(facts: Facts) -> tuple[Effect, ...]:
    """The question that was just asked waits only so long for its answer."""
    figures = facts.store.dialogs
    return (
        Wake(SILENCE_NUDGE, facts.now + figures.nudge_after),
        Wake(SILENCE_CLOSE, facts.now + figures.close_after),
    )
