"""其他问题: what a customer wants to know and the bot cannot tell; a service advisor answers (Q2).

Everything that is written within some minutes is one question. Whoever has said something and falls silent is not
forgotten: it is filed all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Pressed,
    Rows,
    Said,
    Say,
    SentMedia,
    Turn,
    Wake,
    Woke,
    ask,
    ask_again,
    done,
    stay,
)
from dialogs.facts import CUSTOMER_FILE
from dialogs.question_moves import asked, number_of
from domain.intents import Intent, find_command
from domain.spelling import tells_something

if TYPE_CHECKING:
    from dialogs.facts import Facts

ENOUGH = "enough"
GATHERED_AFTER = timedelta(minutes=2)  # of silence: what was said is the question
LONGEST = 2000  # signs of one question; what comes after them is another one
WAY_OUT: Rows = ((Button("cancel"),),)
THAT_IS_ALL: Rows = ((Button("that_is_all"), Button("cancel")),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked so far; `said` may begin with words that the front desk did not understand."""

    said: str = ""


def tell(wanted: Wanted, event: Event, facts: Facts) -> Turn:
    """Ask for the words, gather them, and hand them to an advisor."""
    match event:
        case Entered():
            return _asked(wanted, facts)
        case Woke(name) if name == ENOUGH and wanted.said:
            return _filed(wanted, facts)
        case Woke():
            return stay()
        case Pressed("that_is_all") if wanted.said:
            return _filed(wanted, facts)
        case Said(text) if wanted.said and find_command(text) in (
            Intent.CONFIRM,
            Intent.DECLINE,
            Intent.THANKS,
        ):
            return _filed(wanted, facts)
        case Said(text) if tells_something(text):
            return _gathered(wanted, text, facts)
        case SentMedia(_, _, caption) if tells_something(caption):
            return _gathered(wanted, caption, facts)
        case _:
            return ask_again(wanted, _card("customer_question/ask_again", wanted, facts))


def _asked(wanted: Wanted, facts: Facts) -> Turn:
    if not wanted.said:
        return ask(wanted, _card("customer_question/ask", wanted, facts))
    return ask(wanted, _card("customer_question/heard", wanted, facts), _enough(facts))


def _gathered(wanted: Wanted, text: str, facts: Facts) -> Turn:
    """One card counts them, however many come; a text that would not fit any more is filed with what there is."""
    more = replace(wanted, said="\n".join(filter(None, (wanted.said, text.strip())))[:LONGEST])
    if len(more.said) == LONGEST:
        return _filed(more, facts)
    card = replace(_card("customer_question/heard", more, facts), in_place=bool(wanted.said))
    return ask(more, card, _enough(facts))


def _filed(wanted: Wanted, facts: Facts) -> Turn:
    words = _words(wanted, facts) | {"number": number_of(facts)}
    told = Say("customer_question/filed", words, fresh=True, keyboard="menu")
    return done(told, *asked(wanted.said, None, facts))


def _enough(facts: Facts) -> Wake:
    return Wake(ENOUGH, facts.now + GATHERED_AFTER)


def _card(script: str, wanted: Wanted, facts: Facts) -> Say:
    return Say(script, _words(wanted, facts), THAT_IS_ALL if wanted.said else WAY_OUT)


def _words(wanted: Wanted, facts: Facts) -> dict[str, Any]:
    return {
        "said": wanted.said,
        "address": facts.customer.address if facts.customer else "",
        "days": facts.store.follow_ups.question_days,
        "store": facts.store,
    }


CUSTOMER_QUESTION = Dialog(
    "customer_question",
    Wanted,
    steps=(tell,),
    needs=frozenset({CUSTOMER_FILE}),
    relays=True,  # 怎么取消预约 is the question, no wish of theirs
)
