"""The customer's side of a repair order: the form to sign, then the one living card of the visit (O2, O5, P3, P7, G2).

Every change is edited into the card; a message of its own comes only where the customer has to hear of it. The order
is read anew at every event: a press that comes late or twice finds what stands, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Rows,
    Say,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import ORDER
from dialogs.order_moves import noted, order_words, tell_desk
from dialogs.order_steps import signed
from dialogs.promise_card import card_words, promised_words
from domain.pickup import is_shop_open
from domain.repair_orders import OrderHappening, OrderState, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

TO_SIGN: Rows = ((Button("sign"), Button("refuse")), (Button("call"),))
UNDER_WAY: Rows = ((Button("call", label="ask_advisor"),),)
CALLED_FOR = timedelta(minutes=15)  # a second wish for a call within this time is the same one


@dataclass(frozen=True, slots=True)
class Sheet:
    """When the customer last asked to be called; all else is the order's history."""

    called_at: datetime | None = None


def follow(sheet: Sheet, event: Event, facts: Facts) -> Turn:
    """Take the signature or the decline; afterwards show how the visit goes and say what must be heard."""
    order = facts.order
    if order is None:
        return done()
    match event:
        case Entered():
            return ask(sheet, _card(order, facts, fresh=True))
        case Told(news, words):
            return _told(sheet, order, news, words, facts)
        case Pressed("call") if order.state.is_open:
            return _call(sheet, order, facts)
        case Pressed(key) if _waits_for_signature(order):
            return _answered(sheet, order, key, facts)
        case Pressed():
            return ask(sheet, _card(order, facts), Toast("order_sheet/changed"))
        case _:
            return stay(Toast("order_sheet/press_please"))


# ---------------------------------------------------------------- what is told


def _told(sheet: Sheet, order: RepairOrder, news: str, words: Mapping[str, Any], facts: Facts) -> Turn:
    """A line of its own where the customer must hear it; the card follows in place."""
    card = _card(order, facts)
    match news:
        case "show":
            status = Say("order_sheet/word", order_words(order, facts), fresh=True)
            return ask(sheet, status, _card(order, facts, fresh=True))
        case "promised":
            return ask(sheet, _line("order_sheet/promised", promised_words(order, facts)), card)
        case "delayed":
            return ask(sheet, _line("order_sheet/delayed", _delay(order, words, facts)), card)
        case "word":
            return ask(sheet, _line("order_sheet/word", order_words(order, facts)), card)
        case "cancelled" if order.of(OrderHappening.DECLINED):
            return done(_declined(order, facts))
        case "cancelled":
            return done(card, _line("order_sheet/cancelled", order_words(order, facts)))
        case "left":
            # They have just left the counter: nobody is called to hear good wishes.
            farewell = Say("order_sheet/farewell", order_words(order, facts), fresh=True)
            return done(card, farewell)
        case _:
            return ask(sheet, card)


def _delay(order: RepairOrder, words: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """What the delay notice says (P3): why, the new time if it is known, whether the promised one has passed."""
    notice = order.of(OrderHappening.DELAYED)
    reason = str(notice[-1].details.get("reason") or "") if notice else ""
    said = {"reason": reason, "due": None, "late": False} | dict(words)
    return order_words(order, facts) | said


# ---------------------------------------------------------------- what is pressed


def _answered(sheet: Sheet, order: RepairOrder, key: str, facts: Facts) -> Turn:
    """确认 or 不同意 (O2); parts without a guarantee are read before, a decline is asked back once."""
    match key:
        case "sign" if order.unwarranted:
            return ask(sheet, _question("order_sheet/no_guarantee", "sign_knowing", order, facts))
        case "sign":
            return _signed(sheet, order, facts)
        case "sign_knowing":
            return _signed(sheet, order, facts, no_guarantee=True)
        case "refuse":
            return ask(sheet, _question("order_sheet/sure", "refuse_surely", order, facts))
        case "refuse_surely":
            return ask(sheet, _declined(order, facts), tell_desk(order.number, "declined"))
        case _:
            return ask(sheet, _card(order, facts))


def _signed(sheet: Sheet, order: RepairOrder, facts: Facts, **read: bool) -> Turn:
    """The form becomes the living card at once; the desk writes it down, and may have more to say already."""
    after = noted(order, *signed(facts, how="phone"))
    return ask(
        sheet,
        _card(after, facts),
        Toast("order_sheet/signed", order_words(after, facts)),
        tell_desk(order.number, "signed", **read),
    )


def _call(sheet: Sheet, order: RepairOrder, facts: Facts) -> Turn:
    """请来电, 有事找顾问: one call to make, however often it is pressed."""
    if sheet.called_at is not None and facts.now - sheet.called_at < CALLED_FOR:
        return stay(Toast("order_sheet/call_known"))
    words = order_words(order, facts) | {"open": is_shop_open(facts.now, facts.calendar)}
    return ask(
        replace(sheet, called_at=facts.now),
        _card(order, facts),
        Toast("order_sheet/call_noted", words, alert=True),
        tell_desk(order.number, "call_wanted"),
    )


# ---------------------------------------------------------------- faces


def _waits_for_signature(order: RepairOrder) -> bool:
    return order.state is OrderState.AWAITING and not order.is_signed


def _card(order: RepairOrder, facts: Facts, *, fresh: bool = False) -> Say:
    """The form to sign, or the card as it stands; without buttons once the visit is over."""
    words = card_words(order, facts)
    if _waits_for_signature(order):
        return _face("order_sheet/form", words, TO_SIGN, fresh=fresh)
    return _face("order_sheet/card", words, UNDER_WAY if order.state.is_open else (), fresh=fresh)


def _question(script: str, yes: str, order: RepairOrder, facts: Facts) -> Say:
    return _face(script, card_words(order, facts), ((Button(yes),), (Button("look_again"),)))


def _declined(order: RepairOrder, facts: Facts) -> Say:
    """The last face of an order that the customer did not want (O2)."""
    return _face("order_sheet/declined", card_words(order, facts))


def _face(script: str, words: dict[str, Any], rows: Rows = (), *, fresh: bool = False) -> Say:
    """A new card must arrive, or somebody calls; that an edit did not is no reason to call anybody."""
    kind = Kind.NOTICE if fresh else Kind.ANSWER
    return Say(script, words, rows, kind=kind, fresh=fresh, in_place=not fresh)


def _line(script: str, words: dict[str, Any]) -> Say:
    return Say(script, words, kind=Kind.NOTICE, fresh=True)


ORDER_SHEET = Dialog("order_sheet", Sheet, steps=(follow,), needs=frozenset({ORDER}), patient=True)
