"""结算单: what is paid for, line by line, with the terms that hold by rule and their arithmetic (B12, D6, D7).

Filled in by a colleague in their own chat; it begins with the bill as it stands, else with what the order says. An
approval is for one version of the bill: whoever changes it reads before that it will be asked anew (D2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING

from dialogs.bill_card import bill_said, lines_of
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Rows,
    Said,
    Say,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import SaveSettlement
from dialogs.facts import BILL, COLLEAGUES, ORDER
from dialogs.keyboard import in_rows
from dialogs.order_card import BILLED_IN
from dialogs.order_moves import order_words, settlement_or_front_desk, tell_desk
from dialogs.standing_discount import asked_anew, at_stake, may_be_granted
from domain.bill_line import read_bill_lines
from domain.intents import Intent, find_intent
from domain.order_line import WrongLine, read_price
from domain.settlement import Benefit, Line, LineKind, Settlement, bill_of

if TYPE_CHECKING:
    from typing import Any

    from dialogs.core import Step
    from dialogs.facts import Facts

CANCEL = (Button("cancel"),)
MOST_LINES = 30
WORK = (LineKind.LABOUR, LineKind.PAINT_LABOUR)
"""What parts may be hidden in: a price that was made for work and parts together."""

KINDS = {each.value: each for each in LineKind}
BENEFITS = {each.value: each for each in (Benefit.VOUCHER, Benefit.PARTS)}


@dataclass(frozen=True, slots=True)
class BillForm:
    """The bill as it is being written. `version`: of the bill that it began with, 0 before the first one.

    `picked`: the place of the line that is being changed. `version` None: nothing is filled in yet.
    """

    lines: tuple[Line, ...] = ()
    insurance: bool = False
    benefit: Benefit = Benefit.NONE
    version: int | None = None
    picked: int = 0


def while_billed(step: Step) -> Step:
    """The step as long as a bill can be written: the work is done, nothing is paid yet."""

    @wraps(step)
    def guarded(form: BillForm, event: Event, facts: Facts) -> Turn:
        order = facts.order
        if order is None or order.state not in BILLED_IN:
            words = {"number": facts.subject, "state": order.state.value if order else ""}
            return done(Say("bill_form/impossible", words, kind=Kind.STAFF))
        return stay() if isinstance(event, Woke) else step(form, event, facts)

    return guarded


# ---------------------------------------------------------------- the whole bill


@while_billed
def look_over(form: BillForm, event: Event, facts: Facts) -> Turn:
    """Every line with its arithmetic; from here each line can be changed, and the whole be confirmed."""
    if form.version is None:
        form = _begun(facts)
    match event:
        case Entered():
            return ask(form, _card(form, facts))
        case Pressed("line", place) if place.isdecimal() and int(place) < len(form.lines):
            return then(change_line, replace(form, picked=int(place)))
        case Pressed("add") if len(form.lines) < MOST_LINES:
            return then(add_lines, form)
        case Pressed("insurance"):
            return _changed(form, facts, insurance=not form.insurance)
        case Pressed(key) if key in BENEFITS and _may_choose(form, facts):
            chosen = BENEFITS[key]
            return _changed(form, facts, benefit=Benefit.NONE if form.benefit is chosen else chosen)
        case Pressed("save") if form.lines:
            return _saved(form, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM and form.lines:
            return _saved(form, facts)
        case Said(text):
            return _typed(form, text, facts, _rows(form, facts))
        case _:
            return ask_again(form, _card(form, facts))


@while_billed
def add_lines(form: BillForm, event: Event, facts: Facts) -> Turn:
    """One line or several, as they are typed."""
    match event:
        case Said(text):
            return _typed(form, text, facts, (CANCEL,))
        case Entered():
            return ask(form, _say("bill_form/ask_lines", form, facts, (CANCEL,)))
        case _:
            return ask_again(form, _say("bill_form/ask_lines", form, facts, (CANCEL,)))


# ---------------------------------------------------------------- one line


@while_billed
def change_line(form: BillForm, event: Event, facts: Facts) -> Turn:
    """What the line is paid for, its price, parts to be named apart, or away with it."""
    picked = form.lines[form.picked]
    match event:
        case Entered():
            return ask(form, _line_card(form, facts))
        case Pressed("kind", value) if value in KINDS:
            return then(look_over, _with(form, replace(picked, kind=KINDS[value])))
        case Pressed("reprice"):
            return then(tell_price, form)
        case Pressed("split") if _may_split(form):
            return then(tell_parts, form)
        case Pressed("remove"):
            return then(look_over, _with(form))
        case Said(text) if (price := read_price(text)) is not None:
            return then(look_over, _with(form, replace(picked, price=price)))
        case _:
            return ask_again(form, _line_card(form, facts))


@while_billed
def tell_price(form: BillForm, event: Event, facts: Facts) -> Turn:
    """The list price of the line; nothing at all may be charged, too."""
    picked = form.lines[form.picked]
    match event:
        case Entered():
            return ask(form, _of_line("bill_form/ask_price", form, facts))
        case Said(text) if (price := read_price(text)) is not None:
            return then(look_over, _with(form, replace(picked, price=price)))
        case _:
            return ask_again(form, _of_line("bill_form/ask_price_again", form, facts))


@while_billed
def tell_parts(form: BillForm, event: Event, facts: Facts) -> Turn:
    """How much of the line is for parts: it becomes two lines that come to the same (D1)."""
    picked = form.lines[form.picked]
    match event:
        case Entered():
            return ask(form, _of_line("bill_form/ask_parts", form, facts))
        case Said(text) if (price := read_price(text)) is not None and 0 < price < picked.price:
            work = replace(picked, price=picked.price - price)
            return then(look_over, _with(form, work, Line(picked.name, LineKind.PARTS, price)))
        case _:
            return ask_again(form, _of_line("bill_form/ask_parts_again", form, facts))


# ---------------------------------------------------------------- how the bill changes


def _begun(facts: Facts) -> BillForm:
    """The bill as it stands, else what the order says."""
    assert facts.order is not None
    former = facts.settlement
    if former is None:
        return BillForm(lines_of(facts.order, facts.store, MOST_LINES), version=0)
    return BillForm(former.lines, former.insurance, former.benefit, former.version)


def _with(form: BillForm, *lines: Line) -> BillForm:
    """The bill with `lines` in place of the picked one."""
    changed = (*form.lines[: form.picked], *lines, *form.lines[form.picked + 1 :])
    return replace(form, lines=changed, picked=0)


def _changed(form: BillForm, facts: Facts, **fields: Any) -> Turn:
    after = replace(form, **fields)
    return ask(after, _card(after, facts))


def _typed(form: BillForm, text: str, facts: Facts, rows: Rows) -> Turn:
    """Lines that were typed stand at the end; the card reads them back."""
    try:
        typed = read_bill_lines(text)
    except WrongLine as wrong:
        words = {"reason": wrong.fault.value, "said": wrong.words}
        return ask_again(form, _say("bill_form/wrong_line", form, facts, rows, **words))
    if len(form.lines) + len(typed) > MOST_LINES:
        return ask_again(form, _say("bill_form/wrong_line", form, facts, rows, reason="full", said=""))
    return then(look_over, replace(form, lines=(*form.lines, *typed)))


def _saved(form: BillForm, facts: Facts) -> Turn:
    """The bill stands like this from now on; order and customer hear of it (D7)."""
    if not settlement_or_front_desk(form, facts):
        refused = Record("order.bill_refused", facts.subject)
        return done(Say("bill_form/not_yours", order_of(facts), kind=Kind.STAFF), refused)
    former = facts.settlement
    if (former.version if former else 0) != form.version:
        return then(look_over, BillForm(), Say("bill_form/overtaken", order_of(facts), kind=Kind.STAFF))
    bill = settlement_of(form, facts)
    if former and former == replace(bill, version=former.version, discount=former.discount):
        return done(Say("bill_form/same", order_of(facts), kind=Kind.STAFF))
    total = bill_of(bill, facts.store.settlement).due
    return done(
        SaveSettlement(bill),
        Record("order.billed", bill.number, {"version": bill.version, "total": total}),
        tell_desk(bill.number, "billed"),
        *asked_anew(bill, facts),
        _say("bill_form/saved", form, facts, ()),
    )


def settlement_of(form: BillForm, facts: Facts) -> Settlement:
    """The next version of the bill. On insurance repairs no benefit of an appointment holds, a voucher neither."""
    order = facts.order
    assert order is not None
    chooses = order.benefits and not form.insurance
    return Settlement(
        order.number,
        (form.version or 0) + 1,
        form.lines,
        form.insurance,
        any(tier.fleet_terms for tier in facts.store.tiers if tier.code == order.tier),
        order.benefits,
        form.benefit if chooses else Benefit.NONE,
    )


def _may_choose(form: BillForm, facts: Facts) -> bool:
    """Whether the customer chooses between the benefits of their appointment (B12)."""
    return facts.order is not None and facts.order.benefits and not form.insurance


def _may_split(form: BillForm) -> bool:
    picked = form.lines[form.picked]
    return picked.kind in WORK and picked.price > 0 and len(form.lines) < MOST_LINES


# ---------------------------------------------------------------- what is shown


def _card(form: BillForm, facts: Facts) -> Say:
    return _say("bill_form/card", form, facts, _rows(form, facts))


def _rows(form: BillForm, facts: Facts) -> Rows:
    lines = (
        Button("line", str(place), words={"place": place + 1, "name": line.name})
        for place, line in enumerate(form.lines)
    )
    add = (Button("add"),) if len(form.lines) < MOST_LINES else ()
    insurance = Button("insurance", label="insurance_off" if form.insurance else "insurance")
    choices = [_choice(each, form) for each in BENEFITS.values()]
    benefit = in_rows(choices, 2) if _may_choose(form, facts) else ()
    save = (Button("save"),) if form.lines else ()
    return in_rows(lines, 2, (*add, insurance), *benefit, save, CANCEL)


def _choice(benefit: Benefit, form: BillForm) -> Button:
    return Button(benefit.value, words={"ticked": form.benefit is benefit})


def _line_card(form: BillForm, facts: Facts) -> Say:
    picked = form.lines[form.picked]
    kinds = [Button("kind", each.value, words={"kind": each}) for each in LineKind if each != picked.kind]
    split = (Button("split"),) if _may_split(form) else ()
    rows = in_rows(kinds, 3, (Button("reprice"), *split, Button("remove")), CANCEL)
    return _of_line("bill_form/line", form, facts, rows)


def _of_line(script: str, form: BillForm, facts: Facts, rows: Rows = (CANCEL,)) -> Say:
    picked = form.lines[form.picked]
    words = {"name": picked.name, "kind": picked.kind, "price": picked.price}
    return Say(script, order_of(facts) | words, rows, kind=Kind.STAFF)


def _say(script: str, form: BillForm, facts: Facts, rows: Rows, **more: Any) -> Say:
    """The bill as the form has it. `discount`: what ends with a change; `again`: whether it can be asked anew."""
    bill, discount = settlement_of(form, facts), at_stake(facts)
    again = discount is not None and may_be_granted(discount, bill, facts)
    words = bill_said(bill, facts) | {"discount": discount, "again": again}
    return Say(script, order_of(facts) | words | more, rows, kind=Kind.STAFF)


def order_of(facts: Facts) -> dict[str, Any]:
    """The words about the order that the bill is for."""
    assert facts.order is not None
    return order_words(facts.order, facts)


BILL_FORM = Dialog(
    "bill_form",
    BillForm,
    steps=(look_over, change_line, tell_price, tell_parts, add_lines),
    needs=frozenset({ORDER, BILL, COLLEAGUES}),
)
