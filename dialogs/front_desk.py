"""The front desk: the first words, the menu, and whatever a person writes when nothing else is going on (B14, Q1, R3).

It lasts as long as the person does and reads the customer file only: everything else it hands on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.appointment_form import Form, services_meant
from dialogs.complaint import Account
from dialogs.core import (
    MEDIA,
    Button,
    Dialog,
    Entered,
    Event,
    Open,
    Pressed,
    Record,
    Refused,
    Rows,
    Said,
    Say,
    SentMedia,
    Turn,
    ask,
    ask_again,
    hand_over,
)
from dialogs.customer_question import LONGEST, Wanted
from dialogs.effects import Join, OptOut
from dialogs.facts import CUSTOMER_FILE, ROUTING
from dialogs.keyboard import in_rows
from dialogs.my_appointments import Asked
from domain.complaint_routing import propose
from domain.intents import (
    Intent,
    asks_about_complaint,
    calls_for_complaint,
    find_command,
    has_content,
)
from domain.opting_out import Wish, care_wish
from domain.people import is_staff
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts

QUESTIONS = ("hours", "address", "phones", "prices", "procedure", "rescue")
QUESTION_WORDS = {
    "rescue": re.compile(r"救援|拖车|抛锚|趴窝|搭电"),
    "hours": re.compile(r"营业|几点(?:开|关|上|下)|开门|关门|上班|下班"),
    "address": re.compile(r"地址|位置|在哪|哪里|怎么走|导航"),
    "phones": re.compile(r"电话"),
    "prices": re.compile(r"多少钱|价格|价位|费用|收费|报价|贵不贵|什么价"),
    "procedure": re.compile(r"流程|手续|带什么|需要带|怎么预约|怎么约"),
}
MINE = "我的预约"
COMPLAIN = "投诉建议"
LONGEST_HEARD = 200
MENU: Rows = (
    (Button("book"), Button("progress")),
    (Button("complain"), Button("questions")),
    (Button("human"),),
)
ASKED_MENU: Rows = (*MENU[:-1], (Button("ask_advisor"), Button("human")))


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether the house has been introduced to this person (B14); `unread`: what they asked last, which 问服务顾问
    hands on (Q2)."""

    introduced: bool = False
    unread: str = ""


def listen(desk: Desk, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per wish
    """Hear what the person wants and lead them there; never silent (B15)."""
    match event:
        case Refused(Join(), reason):
            tried = Record("invitation.refused", details={"reason": reason})
            return ask(desk, Say(f"front_desk/invitation_{reason}", _words(facts)), tried)
        case Entered():
            return ask(desk, Say("shared/menu", _words(facts), MENU))
        case Said("/start"):
            return _welcomed(desk, facts)
        case Said(text) if text.startswith("/start "):
            return _invited(desk, text.removeprefix("/start ").strip(), facts)
        case Pressed("book"):
            return ask(desk, Open("booking", Form()))
        case Pressed("mine"):
            return ask(desk, Open("my_appointments", Asked()))
        case Pressed("progress"):
            return ask(desk, Open("my_appointments", Asked("progress")))
        case Pressed("questions"):
            return _offered(desk, "", facts)
        case Pressed("ask_advisor"):
            return ask(replace(desk, unread=""), Open("customer_question", Wanted(desk.unread)))
        case Pressed("complain"):
            return ask(desk, Open("complaint", Account()))
        case Pressed("human"):
            return hand_over("human")
        case Pressed("opt_out"):
            return _care_changed(desk, Wish.OUT)
        case Pressed("keep_care"):
            return ask(desk, Say("front_desk/care_kept"))
        case Pressed(key) if key in QUESTIONS:
            return _answered(_asking(desk, ""), key, facts)
        case Said(text):
            return _heard(desk, text, facts)
        case SentMedia(kind, file, caption) if kind in MEDIA and file and calls_for_complaint(caption):
            return ask(desk, Open("complaint", Account(caption, sent=((kind, file),))))
        case _:
            return ask_again(desk, Say("front_desk/not_understood", _words(facts), MENU))


def _welcomed(desk: Desk, facts: Facts) -> Turn:
    known = facts.customer is not None and bool(facts.customer.name)
    introduced = () if known or desk.introduced else (Say("front_desk/introduction", _words(facts), MENU),)
    script = "front_desk/welcome_back" if known else "front_desk/welcome"
    keyboard = "staff" if is_staff(facts.who.roles) else "menu"
    return ask(Desk(introduced=True), Say(script, _words(facts), keyboard=keyboard, fresh=True), *introduced)


def _invited(desk: Desk, token: str, facts: Facts) -> Turn:
    """R3: a single-use link makes somebody a colleague."""
    if not token:
        return _welcomed(desk, facts)
    return ask(
        desk, Join(token), Say("front_desk/joined", _words(facts), keyboard="staff"), Record("staff.joined")
    )


def _heard(desk: Desk, text: str, facts: Facts) -> Turn:  # noqa: C901 - a line per wish
    """What the words ask for (B15)."""
    if MINE in text:
        return ask(desk, Open("my_appointments", Asked()))
    if asks_about_complaint(text):
        return ask(desk, Open("complaint", Account(asks_state=True)))
    if calls_for_complaint(text):
        return ask(desk, Open("complaint", _account(text)))
    if (wish := care_wish(text)) is not None:
        return _care_changed(desk, wish)
    read = understand(text, facts.now)
    day_was_said = read.moment is not None and read.moment.day_was_said
    match read.intent:
        case Intent.QUESTION | None if question := _question(text):
            return _answered(_asking(desk, text), question, facts)
        case Intent.QUESTION if not day_was_said:
            return _offered(desk, text, facts)
        case Intent.PROGRESS:
            return ask(desk, Open("my_appointments", Asked("progress")))
        case Intent.RESCHEDULE | Intent.CANCEL | Intent.OPT_OUT:  # 退订预约 is no 退订
            return ask(desk, Open("my_appointments", Asked("move")))
        case Intent.COMPLAINT:
            return ask(desk, Open("complaint", _account(text)))
        case Intent.HUMAN | Intent.ARRIVED as asked:
            return hand_over(asked.value)
        case Intent.MENU | Intent.BACK:
            return ask(desk, Say("shared/menu", _words(facts), keyboard="menu"))
        case Intent.GREETING if not desk.introduced and facts.customer is None:
            return _welcomed(desk, facts)
        case Intent.THANKS | Intent.GREETING | Intent.CONFIRM | Intent.DECLINE as word:
            return ask(desk, Say(f"front_desk/{word.value}", _words(facts)))
    if read.intent is None and not read.plate and not day_was_said and _describes_a_fault(text, facts):
        return ask(desk, Open("complaint", Account(text, doubtful=True)))
    if read.intent or read.plate or day_was_said or services_meant(text, facts):
        return ask(desk, Open("booking", Form(heard=text[:LONGEST_HEARD])))
    return ask_again(_asking(desk, text), Say("front_desk/not_understood", _words(facts), ASKED_MENU))


def _asking(desk: Desk, text: str) -> Desk:
    """`text` is what they want to know, unless it is a mere word of the menu."""
    return replace(desk, unread="" if find_command(text) else text[:LONGEST])


def _offered(desk: Desk, text: str, facts: Facts) -> Turn:
    """What is answered at once, and that an advisor answers the rest (Q1, Q2)."""
    return ask(_asking(desk, text), Say("front_desk/questions", _words(facts), _questions()))


def _care_changed(desk: Desk, wish: Wish) -> Turn:
    """退订 and 恢复订阅 hold from this moment, and for good (F2, K5); where the words leave a doubt, we ask."""
    if wish is Wish.UNSURE:
        return ask(desk, Say("front_desk/opt_out_sure", buttons=((Button("opt_out"), Button("keep_care")),)))
    out = wish is Wish.OUT
    return ask(
        desk,
        OptOut(out),
        Say(f"front_desk/{wish.value}"),
        Record("care.opted_out" if out else "care.opted_in"),
    )


def _describes_a_fault(text: str, facts: Facts) -> bool:
    """取车时多了一道划痕: no angry word, but plainly something that people complain about (C1)."""
    return facts.routing.is_sure(propose(text, facts.routing))


def _account(text: str) -> Account:
    """投诉, 差评, 找经理 are plain; other angry words might be one, and we ask (C1)."""
    plain = calls_for_complaint(text) or not has_content(text)
    return Account(text, doubtful=not plain, asked_by_name=plain and text != COMPLAIN)


def _question(text: str) -> str:
    return next((key for key, words in QUESTION_WORDS.items() if words.search(text)), "")


def _answered(desk: Desk, key: str, facts: Facts) -> Turn:
    """Q1: hours, address, prices, procedure and rescue are answered at once, from the store file."""
    others = tuple(Button(each) for each in QUESTIONS if each != key)
    rows = in_rows(others, 3, (Button("ask_advisor"), Button("book"), Button("human")))
    return ask(desk, Say(f"front_desk/{key}", _words(facts), rows))


def _questions() -> Rows:
    return in_rows((Button(each) for each in QUESTIONS), 3, (Button("ask_advisor"), Button("human")))


def _words(facts: Facts) -> dict[str, Any]:
    return {
        "store": facts.store,
        "address": facts.customer.address if facts.customer else "",
        "staff": is_staff(facts.who.roles),
        "week": facts.store.hours_on(facts.now.date()).by_weekday(),
        "now": facts.now,
    }


FRONT_DESK = Dialog(
    "front_desk", Desk, steps=(listen,), needs=frozenset({CUSTOMER_FILE, ROUTING}), lasting=True
)
