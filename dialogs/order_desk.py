"""The card of a repair order: workshop and advisor see the same one, and take the visit further with it (O1–O5).

It holds the visit's clock (order_clock.py) and is the only one that writes into its history; the customer's card, the
forms and the shop's own questions tell it what they heard. Whoever may press what is in the rows below (R2).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.call import number_for
from dialogs.core import (
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Media,
    Open,
    Pressed,
    Record,
    Say,
    Toast,
    Told,
    Turn,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Entrust
from dialogs.facts import BILL, COLLEAGUES, ORDER, QUESTIONNAIRES
from dialogs.order_card import Held, card, open_request, questions, shown
from dialogs.order_clock import MOMENTS, noticed, timers
from dialogs.order_moves import (
    front_desk_or_above,
    in_charge,
    order_words,
    settlement_or_front_desk,
    workshop_or_front_desk,
)
from dialogs.order_news import heard
from dialogs.order_steps import goes_on, moved, over, signed, written
from dialogs.promise_form import NewPromise
from dialogs.work_form import WorkForm
from dialogs.writing import Writing
from domain.repair_orders import OrderState, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

_STATES = {
    "in_work": OrderState.IN_WORK,
    "inspection": OrderState.INSPECTION,
    "rework": OrderState.IN_WORK,
    "all_ready": OrderState.READY,
    "settled": OrderState.SETTLED,
}
"""Buttons that put the order into another state."""

_FACES = {
    "in_shop": "sign",
    "ready": "ready",
    "by_phone": "by_phone",
    "entrust": "entrust",
    "cancel_order": "cancel",
}


def attend(held: Held, event: Event, facts: Facts) -> Turn:
    """What may happen to the card, from 开单 to 已出厂."""
    order = facts.order
    if order is None or not order.state.is_open:
        return done()
    match event:
        case Entered():
            return ask(
                held,
                card(held, order, facts, fresh=True),
                *_copies(held, order, facts),
                *timers(order, facts),
            )
        case Pressed(key, value) if (key, value) in shown(held, order, facts):
            return _pressed(held, order, event, facts)
        case Woke(name) if name in MOMENTS:
            return written(held, order, facts)
        case Told(news, words):
            return heard(held, order, news, words, facts)
        case _:
            return stay(Toast("order_desk/press_please"))


def _copies(held: Held, order: RepairOrder, facts: Facts) -> tuple[Say, ...]:
    """The advisor works with the same card in their own chat."""
    return tuple(card(held, order, facts, to=person) for person in in_charge(order, facts) if order.advisor)


def _pressed(held: Held, order: RepairOrder, pressed: Pressed, facts: Facts) -> Turn:
    """A button that the card really shows, pressed by somebody who may (the rows below)."""
    match pressed:
        case Pressed("back"):
            return _faced("", order, facts)
        case Pressed("tick", item):
            ticked = tuple(each for each in held.ticked if each != item)
            return _faced("ready", order, facts, ticked if item in held.ticked else (*ticked, item))
        case Pressed(key) if key in _FACES:
            return _faced(_FACES[key], order, facts)
        case Pressed("settled") if open_request(facts):
            return stay(Toast("order_desk/discount_open", alert=True))
        case Pressed(key) if key in _STATES:
            return goes_on(order, _STATES[key], facts)
        case Pressed("signed_on_paper" | "early" | "left" | "cancel_sure" as key):
            return _moved_on(held, order, key, facts)
        case Pressed("phone_yes" | "phone_no" as key, place):
            item = questions(order, facts)[int(place)]
            news = "agreed" if key == "phone_yes" else "refused"
            return heard(Held(), order, news, {"item": item, "by_phone": True}, facts)
        case Pressed("to", person):
            return _entrusted(order, int(person), facts)
        case _:
            return stay(*_opened(order, pressed.key, facts))


def _moved_on(held: Held, order: RepairOrder, key: str, facts: Facts) -> Turn:
    """What takes the visit further and is more than another state."""
    match key:
        case "signed_on_paper":
            return written(Held(), order, facts, *signed(facts, how="paper"))
        case "early":
            entries, effects = noticed(order, facts, early=True)
            return written(held, order, facts, *entries, also=effects)
        case "left":
            return over(order, facts, moved(OrderState.LEFT, facts), news="left")
        case _:
            return over(order, facts, moved(OrderState.CANCELLED, facts), news="cancelled")


def _faced(face: str, order: RepairOrder, facts: Facts, ticked: tuple[str, ...] = ()) -> Turn:
    held = Held(face, ticked)
    return ask(held, card(held, order, facts))


def _opened(order: RepairOrder, key: str, facts: Facts) -> tuple[Effect, ...]:
    """What is done in the private chat of who pressed: forms, numbers, photos (A3)."""
    home = Home(person=facts.who.person_id)
    private = (Toast("order_desk/go_private"),) if facts.in_group else ()
    match key:
        case "bill":
            return Open("bill_form", None, home, order.number), *private
        case "ask_discount":
            return Open("discount_form", None, home, order.number), *private
        case "propose":
            return Open("work_form", WorkForm(), home, order.number), *private
        case "new_time":
            return Open("promise_form", NewPromise(), home, order.number), *private
        case "write":
            return Open("writing", Writing(order.person_id, order.address), home, order.number), *private
        case "contact":
            return *number_for(facts, order.address, order.phone), *private
        case "look":
            return *_photos(order, home, facts), *private
        case _:
            return (Toast("order_desk/press_please"),)


def _photos(order: RepairOrder, home: Home, facts: Facts) -> tuple[Effect, ...]:
    words = order_words(order, facts)
    pictures = tuple(
        Say("order_desk/photo", words, to=home, kind=Kind.STAFF, media=Media(kind, file))
        for kind, file in order.arrival.photos
    )
    return *pictures, Record("photos.opened", order.number)


def _entrusted(order: RepairOrder, person: int, facts: Facts) -> Turn:
    """转交: another colleague is responsible from now on, and has the card."""
    colleague = facts.colleague(person)
    if colleague is None:
        return stay(Toast("order_desk/press_please"))
    after = replace(order, advisor=person, advisor_name=colleague.first_name)
    return ask(
        Held(),
        Entrust(order.number, person, colleague.first_name),
        Record("order.entrusted", order.number, {"to": person}),
        card(Held(), after, facts),
        card(Held(), after, facts, to=person),
    )


def overtaken(held: Held, facts: Facts, key: str) -> Toast | None:
    """Who was quicker."""
    last = facts.order.history[-1] if facts.order and facts.order.history else None
    return Toast("order_desk/taken", {"who": last.who}) if last and last.who else None


ORDER_DESK = Dialog(
    "order_desk",
    Held,
    steps=(attend,),
    needs=frozenset({ORDER, COLLEAGUES, BILL, QUESTIONNAIRES}),
    authority={
        **dict.fromkeys(
            ("in_shop", "in_work", "inspection", "rework", "propose", "back"), workshop_or_front_desk
        ),
        **dict.fromkeys(
            ("signed_on_paper", "ready", "tick", "all_ready", "early", "left"), front_desk_or_above
        ),
        **dict.fromkeys(("new_time", "by_phone", "phone_yes", "phone_no"), front_desk_or_above),
        **dict.fromkeys(("contact", "write", "look"), workshop_or_front_desk),
        **dict.fromkeys(("entrust", "to", "cancel_order", "cancel_sure"), front_desk_or_above),
        **dict.fromkeys(("settled", "bill", "ask_discount"), settlement_or_front_desk),
    },
    overtaken=overtaken,
    patient=True,
    answers_for_news=True,
)
