"""申请优惠: how much and why, read back with the arithmetic before anybody is asked for it (D1, D7).

The customer fills it in on their own card, a colleague for them; nothing can be asked that nobody could grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Refused,
    Rows,
    Said,
    Say,
    Turn,
    ask,
    ask_again,
    done,
    then,
)
from dialogs.discount_moves import asked
from dialogs.facts import BILL, COLLEAGUES, ORDER
from dialogs.keyboard import in_rows
from dialogs.order_card import BILLED_IN, open_request
from dialogs.order_moves import order_words, settlement_or_front_desk
from domain.discounts import LADDER, is_allowed, level_for, limit_of, steps_for
from domain.intents import Intent, find_intent
from domain.settlement import Bill, bill_of
from domain.spelling import tells_something
from domain.spoken_shares import read_share

if TYPE_CHECKING:
    from dialogs.core import Step
    from dialogs.facts import Facts

REASONS: Mapping[bool, tuple[str, ...]] = {
    True: ("regular", "waited", "elsewhere"),
    False: ("regular", "waited", "elsewhere", "large", "sorry"),
}
"""Usual reasons of `discount_reason` in phrases.yaml, as customers (True) and colleagues name them."""

LONGEST_REASON = 100
CANCEL = (Button("cancel"),)


@dataclass(frozen=True, slots=True)
class DiscountForm:
    """What is filled in so far. `reason`: a usual one's code or typed words, "" once `reasoned`: none was given.

    `version`: the bill that it was read back against.
    """

    by_customer: bool = False
    share: Decimal | None = None
    reason: str = ""
    reasoned: bool = False
    version: int = 0


def while_possible(step: Step) -> Step:
    """The step as long as a discount can be asked: there is a bill with room for one, and none is being asked."""

    @wraps(step)
    def guarded(form: DiscountForm, event: Event, facts: Facts) -> Turn:
        why = "open" if isinstance(event, Refused) else _impossible(facts)
        if not why:
            return step(form, event, facts)
        state = facts.order.state.value if facts.order else ""
        words = {"number": facts.subject, "why": why, "state": state, "form": form}
        return done(Say("discount_form/impossible", words))

    return guarded


def _impossible(facts: Facts) -> str:
    """Why nothing can be asked now; "" if it can."""
    bill = facts.settlement
    if facts.order is None or facts.order.state not in BILLED_IN or bill is None:
        return "no_bill"
    if bill.insurance:
        return "insurance"
    if open_request(facts) is not None:
        return "open"
    return "" if possible_steps(facts) else "no_room"


def possible_steps(facts: Facts) -> tuple[Decimal, ...]:
    """The shares that somebody might grant on this bill, beyond what it has off already; the smallest first (D4)."""
    assert facts.settlement is not None
    every = steps_for(LADDER, facts.settlement, facts.store.settlement)
    return tuple(each for each in every if each > facts.settlement.discount)


def offered_steps(form: DiscountForm, facts: Facts) -> tuple[Decimal, ...]:
    """What is offered as buttons: to customers what the first role asked may grant, so that nobody is led to ask for
    the most that could ever be had; all that is possible where that role has no room, and to colleagues."""
    every = possible_steps(facts)
    usual = limit_of(LADDER[:1], facts.store.settlement)
    return (tuple(each for each in every if each <= usual) if form.by_customer else ()) or every


# ---------------------------------------------------------------- line by line


@while_possible
def choose_share(form: DiscountForm, event: Event, facts: Facts) -> Turn:
    """How much: a usual step, or typed."""
    steps = {str(each): each for each in offered_steps(form, facts)}
    buttons = [_share(form, each, facts) for each in steps.values()]
    rows = in_rows(buttons, 1 if form.by_customer else 2, CANCEL)
    match event:
        case Entered():
            return ask(form, _card("discount_form/ask_share", form, facts, rows))
        case Pressed("share", value) if value in steps:
            return onward(replace(form, share=steps[value]))
        case Said(text) if (share := read_share(text)) is not None:
            if why := _too_much(share, facts):
                words = {"why": why, "share": share, "room": max(steps.values())}
                return ask(form, _card("discount_form/not_so_much", form, facts, rows, **words))
            return onward(replace(form, share=share))
        case _:
            return ask_again(form, _card("discount_form/ask_share_again", form, facts, rows))


@while_possible
def tell_reason(form: DiscountForm, event: Event, facts: Facts) -> Turn:
    """Why: a usual reason, or typed; customers need not say."""
    reasons = REASONS[form.by_customer]
    skip = (Button("skip"),) if form.by_customer else ()
    rows = in_rows((Button("reason", each, each) for each in reasons), 2, (*skip, *CANCEL))
    question = _card("discount_form/ask_reason", form, facts, rows)
    match event:
        case Entered():
            return ask(form, question)
        case Pressed("reason", reason) if reason in reasons:
            return onward(replace(form, reason=reason, reasoned=True))
        case Pressed("skip") if form.by_customer:
            return onward(replace(form, reason="", reasoned=True))
        case Said(text) if form.by_customer and find_intent(text) is Intent.DECLINE:
            return onward(replace(form, reason="", reasoned=True))
        case Said(text) if tells_something(text) and len(" ".join(text.split())) <= LONGEST_REASON:
            return onward(replace(form, reason=" ".join(text.split()), reasoned=True))
        case Said():
            return ask(form, _card("discount_form/ask_reason_again", form, facts, rows))
        case _:
            return ask_again(form, question)


@while_possible
def check(form: DiscountForm, event: Event, facts: Facts) -> Turn:
    """Read back line by line, to the fen (D7)."""
    assert facts.settlement is not None
    match event:
        case Entered():
            read = replace(form, version=facts.settlement.version)
            return ask(read, _read_back(read, facts))
        case Pressed("submit"):
            return _submitted(form, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _submitted(form, facts)
        case Pressed("change_share"):
            return then(choose_share, replace(form, share=None))
        case Pressed("change_reason"):
            return then(tell_reason, replace(form, reason="", reasoned=False))
        case _:
            return ask_again(form, _read_back(form, facts))


# ---------------------------------------------------------------- the way from line to line


def onward(form: DiscountForm) -> Turn:
    """Go on with what is still missing."""
    if form.share is None:
        return then(choose_share, form)
    return then(check if form.reasoned else tell_reason, form)


def _too_much(share: Decimal, facts: Facts) -> str:
    """Why this share cannot be asked; "" if it can (D4)."""
    assert facts.settlement is not None
    if share <= facts.settlement.discount:
        return "granted"
    figures = facts.store.settlement
    if level_for(share, figures) is None or not is_allowed(share, facts.settlement, figures):
        return "floor"
    return ""


def _submitted(form: DiscountForm, facts: Facts) -> Turn:
    """It is asked, unless the bill has changed while it was read, or a colleague may not ask any more (R2)."""
    order, bill = facts.order, facts.settlement
    assert order is not None
    assert bill is not None
    assert form.share is not None
    if not form.by_customer and not settlement_or_front_desk(form, facts):
        refused = Record("discount.not_asked", facts.subject)
        return done(Say("discount_form/not_yours", {"number": facts.subject}, kind=Kind.STAFF), refused)
    if _too_much(form.share, facts):
        changed = _card("discount_form/changed", form, facts)
        return then(choose_share, replace(form, share=None), changed)
    if bill.version != form.version:
        return then(check, form, _card("discount_form/changed", form, facts))
    sent = _card("discount_form/sent", form, facts, asked=form.share)
    return done(
        *asked(order, bill, form.share, form.reason, facts, by_customer=form.by_customer),
        sent,
    )


# ---------------------------------------------------------------- what is shown


def _after(share: Decimal, facts: Facts) -> Bill:
    """The bill with that share off instead of what it has off now."""
    assert facts.settlement is not None
    return bill_of(replace(facts.settlement, discount=share), facts.store.settlement)


def _share(form: DiscountForm, share: Decimal, facts: Facts) -> Button:
    """9.5 折 省 ¥62.40 for customers, 5%（¥62.40）for colleagues."""
    saved = _due(facts) - _after(share, facts).due
    label = "" if form.by_customer else "percent"
    return Button("share", str(share), label, {"share": share, "saved": saved})


def _due(facts: Facts) -> Decimal:
    assert facts.settlement is not None
    return bill_of(facts.settlement, facts.store.settlement).due


def _card(script: str, form: DiscountForm, facts: Facts, rows: Rows = (), **words: Any) -> Say:
    assert facts.order is not None
    assert facts.settlement is not None
    now = bill_of(facts.settlement, facts.store.settlement)
    said = order_words(facts.order, facts) | {"form": form, "bill": now}
    return Say(script, said | words, rows, kind=Kind.ANSWER if form.by_customer else Kind.STAFF)


def _read_back(form: DiscountForm, facts: Facts) -> Say:
    assert form.share is not None
    after = _after(form.share, facts)
    rows = (Button("submit"),), (Button("change_share"), Button("change_reason")), CANCEL
    words = {"after": after, "share": form.share, "saved": _due(facts) - after.due}
    return _card("discount_form/check", form, facts, rows, **words)


DISCOUNT_FORM = Dialog(
    "discount_form",
    DiscountForm,
    steps=(choose_share, tell_reason, check),
    needs=frozenset({ORDER, BILL, COLLEAGUES}),
    relays=True,
)
