"""What a visit's other procedures tell the order's card, and what follows from it (O2, X1–X3, G2, P4, P5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dialogs.additional_work import Question
from dialogs.call import UNDELIVERABLE
from dialogs.core import Effect, Home, Kind, Open, Say, Tell, Turn, ask, stay
from dialogs.order_card import Held, card
from dialogs.order_clock import (
    ask_advisor,
    call_task,
    customer_hears,
    open_hour,
    plain_time,
    settled_questions,
)
from dialogs.order_moves import colleagues_hear, entry, in_charge, noted, order_words
from dialogs.order_steps import moved, over, signed, written
from domain.additional_work import open_questions
from domain.pickup import last_word, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

Words = Mapping[str, Any]


def heard(held: Held, order: RepairOrder, news: str, words: Words, facts: Facts) -> Turn:
    """Write down what was told, and what follows from it; news that nobody knows changes nothing."""
    known = _NEWS.get(news)
    return known(held, order, words, facts) if known else stay()


# ---------------------------------------------------------------- the customer's own card


def _signed(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """`no_guarantee`: the customer has read that line about their parts, and confirmed it (O1)."""
    if order.state is not OrderState.AWAITING:
        return stay()
    return written(held, order, facts, *signed(facts, how="phone", **words))


def _declined(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """不同意: courteous, and the order is closed (O2)."""
    if order.state is not OrderState.AWAITING:
        return stay()
    declined = entry(OrderHappening.DECLINED, facts)
    return over(order, facts, declined, moved(OrderState.CANCELLED, facts), news="cancelled")


def _call_wanted(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    return stay(call_task(order, "visit_call"))


# ---------------------------------------------------------------- the pickup notice


def _answered(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """准时到, 晚点到, 改时间 (P4); that it will be later is told to whoever is in charge."""
    answer = str(words["answer"])
    also: tuple[Effect, ...] = ()
    if answer != "on_time":
        said = order_words(order, facts) | {"answer": answer}
        also = colleagues_hear("order_desk/pickup_answer", said, in_charge(order, facts))
    return written(held, order, facts, entry(OrderHappening.ANSWERED, facts, answer=answer), also=also)


def _pickup_changed(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """The customer comes at another time: it is the promise from now on, and they have just read it (P5)."""
    at = words["at"].isoformat()
    chosen = (
        entry(OrderHappening.PROMISED, facts, at=at, reason="customer"),
        entry(OrderHappening.TOLD, facts, promise=at),
    )
    told = order_words(noted(order, *chosen), facts) | {"answer": "changed"}
    line = colleagues_hear("order_desk/pickup_answer", told, in_charge(order, facts))
    over = Tell("pickup", order.number, "over")
    return written(
        held, order, facts, *chosen, also=(over, Tell("order_sheet", order.number, "moved"), *line)
    )


# ---------------------------------------------------------------- additional work


def _proposed(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """X1: the customer gets it at once; who has no chat is called."""
    if not order.state.is_promised:
        return stay()
    item, until = str(words["item"]), words["until"]
    proposed = entry(
        OrderHappening.PROPOSED,
        facts,
        item=item,
        price=str(words["price"]),
        why=words["why"],
        until=until.isoformat() if until else "",
        safety=bool(words["safety"]),
        photo=list(words["photo"]) if words["photo"] else None,
    )
    over = Tell("additional_work", order.number, "over", {"item": item})
    if order.person_id:
        question = Open("additional_work", Question(item), Home(person=order.person_id), order.number)
        return written(held, order, facts, proposed, also=(over, question))
    task = entry(OrderHappening.CALL_TASK, facts, item=item)
    said = order_words(order, facts) | {name: words[name] for name in ("item", "price", "why", "safety")}
    home = Home(customer=order.customer_id)
    read_out = Say("additional_work/question", said | {"due": until}, to=home, kind=Kind.NOTICE)
    return written(held, order, facts, proposed, task, also=(read_out,))


def _agreed(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """同意: the workshop reads it in the same second, and the promise moves with everything that hangs on it (X3)."""
    proposed = _open_proposal(order, str(words["item"]), facts)
    if proposed is None:
        return stay()
    item, until = str(words["item"]), str(proposed.details["until"])
    entries = [entry(OrderHappening.AGREED, facts, item=item, **_how(words))]
    promise = standing_promise(order)
    also: tuple[Effect, ...] = ()
    if until and promise and datetime.fromisoformat(until) > promise.at:
        if datetime.fromisoformat(until) > facts.now:
            # The new time was part of the question, so that the customer has read it.
            entries += [
                entry(OrderHappening.PROMISED, facts, at=until, reason=item),
                entry(OrderHappening.TOLD, facts, promise=until),
            ]
            also = (*settled_questions(order), Tell("pickup", order.number, "over"))
        else:  # the answer came too late for it: a time that is over cannot be promised
            asked, also = ask_advisor(noted(order, *entries), facts)
            entries += asked
    return _work_answered(held, order, tuple(entries), also, words, facts)


def _refused(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """不同意: kept with its time and who was told (X3)."""
    if _open_proposal(order, str(words["item"]), facts) is None:
        return stay()
    told = list(in_charge(order, facts))
    refused = entry(OrderHappening.REFUSED, facts, item=words["item"], told=told, **_how(words))
    return _work_answered(held, order, (refused,), (), words, facts)


def _work_answered(
    held: Held,
    order: RepairOrder,
    entries: tuple[OrderEntry, ...],
    also: tuple[Effect, ...],
    words: Words,
    facts: Facts,
) -> Turn:
    after = noted(order, *entries)
    item, answer = str(words["item"]), entries[0].happening.value
    proposal = [each for each in order.of(OrderHappening.PROPOSED) if each.details["item"] == item][-1]
    said = order_words(after, facts) | {
        "item": item,
        "answer": answer,
        "price": Decimal(proposal.details["price"]),
        "safety": bool(proposal.details["safety"]),
        "by_phone": entries[0].who if words.get("by_phone") else "",
    }
    line = Say("order_desk/work_answered", said, kind=Kind.STAFF, fresh=True)
    ended = Tell("additional_work", order.number, "answered", {"item": item, "answer": answer})
    shown = Tell("order_sheet", order.number, "moved")
    heard = colleagues_hear("order_desk/work_answered", said, in_charge(order, facts))
    return written(held, order, facts, *entries, also=(line, *heard, *also, ended, shown))


def _work_call(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """请来电: a call to make at once."""
    item = str(words["item"])
    wanted = entry(OrderHappening.CALL_WANTED, facts, item=item)
    after = noted(order, wanted)
    if not any(each.item == item and each.call for each in open_questions(after, facts.store.visits)):
        return stay()
    task = entry(OrderHappening.CALL_TASK, facts, item=item)
    return written(held, order, facts, wanted, task, also=(call_task(order, "work_call", item),))


def _work_reminded(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    return written(held, order, facts, entry(OrderHappening.WORK_REMINDED, facts, item=words["item"]))


def _work_silent(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """30 minutes without an answer: silence is never consent, somebody calls (X2)."""
    item = str(words["item"])
    task = entry(OrderHappening.CALL_TASK, facts, item=item)
    return written(held, order, facts, task, also=(call_task(order, "work_unanswered", item),))


def _open_proposal(order: RepairOrder, item: str, facts: Facts) -> OrderEntry | None:
    if not any(each.item == item for each in open_questions(order, facts.store.visits)):
        return None
    return [each for each in order.of(OrderHappening.PROPOSED) if each.details["item"] == item][-1]


def _how(words: Words) -> dict[str, str]:
    return {"how": "phone"} if words.get("by_phone") else {}


# ---------------------------------------------------------------- progress and new times


def _progress(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """What the workshop answered (G1, G2)."""
    promise = standing_promise(order)
    answer = str(words["answer"])
    if promise is None or not order.state.is_in_work:
        return stay()
    match answer:
        case "late":
            later = max(promise.at, facts.now) + timedelta(minutes=int(words["minutes"]))
            said = entry(OrderHappening.PROGRESS, facts, answer=answer, reason="longer")
            return _promise(held, order, open_hour(plain_time(later), facts), "longer", facts, said)
        case "parts":
            said = entry(OrderHappening.PROGRESS, facts, answer=answer, reason="parts")
            asked, cards = ask_advisor(noted(order, said), facts)
            return written(held, order, facts, said, *asked, also=cards)
        case "contact":
            said = entry(OrderHappening.PROGRESS, facts, answer=answer)
            return written(held, order, facts, said, also=(call_task(order, "workshop_asks"),))
        case _:
            return written(held, order, facts, entry(OrderHappening.PROGRESS, facts, answer=answer))


def _promised(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """A new time by a colleague: the customer reads it in the same second, with the reason (G2, P5)."""
    if not order.state.is_promised:
        return stay()
    return _promise(held, order, words["at"], str(words["reason"]), facts)


def _promise(
    held: Held, order: RepairOrder, at: datetime, reason: str, facts: Facts, *before: OrderEntry
) -> Turn:
    promised = entry(OrderHappening.PROMISED, facts, at=at.isoformat(), reason=reason)
    # An older notice is no longer true, and the shop's questions were about another time.
    ended = (*settled_questions(order), Tell("pickup", order.number, "over"))
    advisors = tuple(person for person in in_charge(order, facts) if person != facts.who.person_id)
    after = noted(order, *before, promised)
    said = order_words(after, facts) | {"reason": reason}
    heard = colleagues_hear("order_desk/new_time", said, advisors)
    return written(held, order, facts, *before, promised, also=(*ended, *heard))


def _on_time(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """Whoever is in charge says that it will be ready in time (P3)."""
    on_time = entry(OrderHappening.PROGRESS, facts, answer="on_time")
    return written(held, order, facts, on_time, also=settled_questions(order))


# ---------------------------------------------------------------- the bill


def _billed(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """The bill was written or changed: the customer reads it, and a discount is asked anew (D1, D2)."""
    # The card first: what the others say of it in their turn is newer.
    return ask(
        held,
        card(held, order, facts),
        Tell("order_sheet", order.number, "billed"),
        Tell("discount_desk", order.number, "lines_changed"),
    )


def _discount(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """Asked, granted or refused: the card shows it."""
    return written(held, order, facts)


# ---------------------------------------------------------------- words to the customer


def _word(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """The draft of a silent visit goes out."""
    told = entry(OrderHappening.TOLD, facts)
    over = Tell("silent_visit", order.number, "over")
    return written(held, order, facts, told, also=(customer_hears(order, "word", facts), over))


def _wrote(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """A colleague wrote to the customer in their own words."""
    over = Tell("silent_visit", order.number, "over")
    return written(held, order, facts, entry(OrderHappening.TOLD, facts), also=(over,))


def _unreachable(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    """A notice did not arrive: one call to make with its text, and none more about the same thing (P4)."""
    tasks = [
        entry(OrderHappening.CALL_TASK, facts, item=each.item)
        for each in open_questions(order, facts.store.visits)
        if each.call
    ]
    promise = standing_promise(order)
    if promise and last_word(order) is OrderHappening.NOTICED:
        tasks.append(entry(OrderHappening.CALL_TASK, facts, promise=promise.at.isoformat()))
    call = call_task(order, UNDELIVERABLE, str(words["text"]), in_chat=False)
    return written(held, order, facts, *tasks, also=(call,))


def _show_to(held: Held, order: RepairOrder, words: Words, facts: Facts) -> Turn:
    return stay(card(held, order, facts, to=int(words["person"])))


_NEWS: Mapping[str, Callable[[Held, RepairOrder, Words, Facts], Turn]] = {
    "signed": _signed,
    "declined": _declined,
    "call_wanted": _call_wanted,
    "answered": _answered,
    "pickup_changed": _pickup_changed,
    "proposed": _proposed,
    "agreed": _agreed,
    "refused": _refused,
    "work_call": _work_call,
    "work_reminded": _work_reminded,
    "work_silent": _work_silent,
    "progress": _progress,
    "promised": _promised,
    "on_time": _on_time,
    "billed": _billed,
    "discount": _discount,
    "word": _word,
    "wrote": _wrote,
    "unreachable": _unreachable,
    "show_to": _show_to,
}
