"""The customer's side of a repair order: the form to sign, then the one living card of the visit (O2, O5, P3, P7, G2).

Every change is edited into the card; a message of its own comes only where the customer has to hear of it. Once there
is a bill, that is the card (D1, D7). Order and bill are read anew at every event: a press that comes late or twice
finds what stands, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.bill_card import bill_said
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
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
from dialogs.discount_form import DiscountForm
from dialogs.discount_moves import VOID
from dialogs.facts import BILL, ORDER
from dialogs.order_card import BILLED_IN, may_ask, open_request
from dialogs.order_moves import noted, order_words, tell_desk
from dialogs.order_steps import signed
from dialogs.promise_card import card_words, promised_words
from domain.discounts import DiscountState
from domain.pickup import is_shop_open
from domain.repair_orders import OrderHappening, OrderState, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

TO_SIGN: Rows = ((Button("sign"), Button("refuse")), (Button("call"),))
ADVISOR = Button("call", label="ask_advisor")
CALLED_FOR = timedelta(minutes=15)  # a second wish for a call within this time is the same one


@dataclass(frozen=True, slots=True)
class Sheet:
    """When the customer last asked to be called; `billed`: the card is the bill now. All else is in the books."""

    called_at: datetime | None = None
    billed: bool = False


def follow(sheet: Sheet, event: Event, facts: Facts) -> Turn:
    """Take the signature or the decline; afterwards show how the visit goes and say what must be heard."""
    order = facts.order
    if order is None:
        return done()
    match event:
        case Entered():
            return ask(sheet, _card(sheet, order, facts, fresh=True))
        case Told("discount", words):
            return _discount(sheet, order, str(words["state"]), facts)
        case Told(news, words):
            return _told(sheet, order, news, words, facts)
        case Pressed("call") if order.state.is_open:
            return _call(sheet, order, facts)
        case Pressed("ask_discount") if _may_ask(order, facts):
            return stay(Open("discount_form", DiscountForm(by_customer=True), subject=order.number))
        case Pressed(key) if _waits_for_signature(order):
            return _answered(sheet, order, key, facts)
        case Pressed():
            return ask(sheet, _card(sheet, order, facts), Toast("order_sheet/changed"))
        case _:
            return stay(Toast("order_sheet/press_please"))


# ---------------------------------------------------------------- what is told


def _told(sheet: Sheet, order: RepairOrder, news: str, words: Mapping[str, Any], facts: Facts) -> Turn:
    """A line of its own where the customer must hear it; the card follows in place."""
    card = _card(sheet, order, facts)
    match news:
        case "show":
            status, shown = Say("order_sheet/word", card.words, fresh=True), replace(sheet, billed=False)
            return ask(shown, status, _card(shown, order, facts, fresh=True))
        case "billed":
            return _billed(sheet, order, facts)
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
            farewell = Say("order_sheet/farewell", _words(order, facts), fresh=True)
            return done(card, farewell)
        case _:
            return ask(sheet, card)


def _billed(sheet: Sheet, order: RepairOrder, facts: Facts) -> Turn:
    """The bill as it stands is a message of its own, and the card from now on (D7); an older one says so."""
    after = replace(sheet, billed=True)
    older = (_face("order_sheet/older_bill", _words(order, facts), ()),) if sheet.billed else ()
    return ask(after, *older, _card(after, order, facts, fresh=True))


def _discount(sheet: Sheet, order: RepairOrder, state: str, facts: Facts) -> Turn:
    """What became of a discount (D2); that it is being asked, and by whom now, is edited into the card (D5)."""
    card = _card(sheet, order, facts)
    wanted = DiscountState.GRANTED.value if state == VOID else state
    ended = [each for each in facts.discounts if each.state.value == wanted]
    match state:
        case DiscountState.GRANTED:
            return _billed(sheet, order, facts)
        case "refused" | "outdated" | "void" if ended:
            words = _words(order, facts) | {"discount": ended[-1]}
            return ask(sheet, _line("order_sheet/no_discount", words), card)
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
            return ask(sheet, _card(sheet, order, facts))


def _signed(sheet: Sheet, order: RepairOrder, facts: Facts, **read: bool) -> Turn:
    """The form becomes the living card at once; the desk writes it down, and may have more to say already."""
    after = noted(order, *signed(facts, how="phone"))
    return ask(
        sheet,
        _card(sheet, after, facts),
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
        _card(sheet, order, facts),
        Toast("order_sheet/call_noted", words, alert=True),
        tell_desk(order.number, "call_wanted"),
    )


# ---------------------------------------------------------------- faces


def _waits_for_signature(order: RepairOrder) -> bool:
    return order.state is OrderState.AWAITING and not order.is_signed


def _may_ask(order: RepairOrder, facts: Facts) -> bool:
    """Whether the customer may ask for a discount now (D1): once for each bill; the answer stands after that."""
    bill = facts.settlement
    answered = (DiscountState.GRANTED, DiscountState.REFUSED)
    heard = (
        any(each.version == bill.version and each.state in answered for each in facts.discounts)
        if bill
        else False
    )
    return order.state in BILLED_IN and may_ask(facts) and not heard


def _card(sheet: Sheet, order: RepairOrder, facts: Facts, *, fresh: bool = False) -> Say:
    """The form to sign, the bill, or the card as it stands; without buttons once the visit is over.

    A car that goes back to the workshop has no bill: it is the card again until the next one.
    """
    words = _words(order, facts)
    if _waits_for_signature(order):
        return _face("order_sheet/form", words, TO_SIGN, fresh=fresh)
    asking = (Button("ask_discount"),) if _may_ask(order, facts) else ()
    rows = ((*asking, ADVISOR),) if order.state.is_open else ()
    if sheet.billed and facts.settlement:
        return _face("order_sheet/bill", words, rows, fresh=fresh)
    return _face("order_sheet/card", words, rows, fresh=fresh)


def _words(order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """Everything that a face may say; `bill` None while there is none."""
    bill = facts.settlement
    said = bill_said(bill, facts) if bill else {"bill": None, "offers": {}}
    return card_words(order, facts) | said | {"asked": open_request(facts)}


def _question(script: str, yes: str, order: RepairOrder, facts: Facts) -> Say:
    return _face(script, _words(order, facts), ((Button(yes),), (Button("look_again"),)))


def _declined(order: RepairOrder, facts: Facts) -> Say:
    """The last face of an order that the customer did not want (O2)."""
    return _face("order_sheet/declined", _words(order, facts))


def _face(script: str, words: dict[str, Any], rows: Rows = (), *, fresh: bool = False) -> Say:
    """A new card must arrive, or somebody calls; that an edit did not is no reason to call anybody."""
    kind = Kind.NOTICE if fresh else Kind.ANSWER
    return Say(script, words, rows, kind=kind, fresh=fresh, in_place=not fresh)


def _line(script: str, words: dict[str, Any]) -> Say:
    return Say(script, words, kind=Kind.NOTICE, fresh=True)


ORDER_SHEET = Dialog("order_sheet", Sheet, steps=(follow,), needs=frozenset({ORDER, BILL}), patient=True)
