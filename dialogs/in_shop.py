"""在修车辆: the cars in the shop with state and promised time, the most urgent first (R4, A3).

In private one's own cars stand before the others, plain; in the staff group everybody's, masked. One list per
colleague and one for the group: a new one takes the place of the old.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.authority import anyone_of_staff
from dialogs.core import (
    HERE,
    Button,
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Rows,
    Say,
    Tell,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import COLLEAGUES, IN_SHOP
from dialogs.keyboard import in_rows
from dialogs.order_moves import tell_desk
from dialogs.standing_list import NEWER, list_anew
from domain.people import Queue, who_acts_for

if TYPE_CHECKING:
    from datetime import datetime

    from dialogs.facts import CarInShop, Facts

MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part is shown: only one's own cars or all of them, and which page, from 0."""

    mine: bool = False
    page: int = 0


def asked_for(facts: Facts) -> tuple[Tell, Open]:
    """What 在修车辆 does for the colleague who acts, in the group for all: the old list goes, a new one comes."""
    if facts.in_group:
        home, subject = Home(queue=Queue.WORKSHOP), "cars-group"
    else:
        home, subject = HERE, f"cars-{facts.who.person_id}"
    return list_anew("in_shop", subject, Asked(), home)


def show(asked: Asked, event: Event, facts: Facts) -> Turn:
    """The list; a press brings the order's card to whoever pressed, into their private chat."""
    match event:
        case Told(news) if news == NEWER:
            return done()
        case Entered() | Pressed("refresh"):
            return _listed(asked, facts)
        case Pressed("mine" | "everybody" as key) if not _is_group(facts):
            return _listed(Asked(mine=key == "mine"), facts)
        case Pressed("earlier" | "further", number) if number.isdecimal():
            return _listed(replace(asked, page=int(number)), facts)
        case Pressed("open", number):
            return _opened(asked, number, facts)
        case _:
            return stay(Toast("in_shop/press_please"))


def _opened(asked: Asked, number: str, facts: Facts) -> Turn:
    car = next((each for each in facts.in_shop if each.number == number), None)
    if car is None:
        changed = _listed(asked, facts)
        return ask(changed.state, *changed.effects, Toast("in_shop/gone"))
    shown = tell_desk(number, "show_to", person=facts.who.person_id)
    return stay(shown, Toast("in_shop/shown", {"number": number}))


def _listed(asked: Asked, facts: Facts) -> Turn:
    """One page; where cars have left meanwhile, the last one that there is."""
    if not facts.in_shop:
        return ask(Asked(), Say("in_shop/nobody", buttons=((Button("refresh"),),), kind=Kind.STAFF))
    group = _is_group(facts)
    own = () if group else tuple(each for each in facts.in_shop if _is_mine(each, facts))
    mine = bool(own) and asked.mine
    cars = sorted(own if mine else facts.in_shop, key=lambda each: _urgency(each, own))
    pages = -(-len(cars) // MOST_LINES)
    here = Asked(mine, min(asked.page, pages - 1))
    lines = cars[here.page * MOST_LINES :][:MOST_LINES]
    words = {
        "lines": tuple(_words(each, facts) for each in lines),
        "own": sum(each in own for each in lines),
        "cars": len(cars),
        "overdue": sum(_is_overdue(each, facts.now) for each in cars),
        "page": here.page + 1,
        "pages": pages,
        "group": group,
        "now": facts.now,
    }
    rows = _buttons(lines, here, pages, facts, switch=bool(own))
    return ask(here, Say("in_shop/list", words, rows, kind=Kind.STAFF))


def _urgency(car: CarInShop, own: tuple[CarInShop, ...]) -> tuple[bool, bool, datetime | None, str]:
    # Times of which one is missing are never compared: the flag before them differs.
    return car not in own, car.promised_at is None, car.promised_at, car.number


def _words(car: CarInShop, facts: Facts) -> dict[str, Any]:
    """One line; `late`: the promise is broken, `soon`: it is due within the short lead (P1)."""
    lead = timedelta(hours=facts.store.visits.short_lead_hours)
    late = _is_overdue(car, facts.now)
    return {
        "plate": car.plate,
        "address": car.address,
        "state": car.state,
        "promise": car.promised_at,
        "who": car.advisor_name,
        "late": late,
        "soon": not late and _is_overdue(car, facts.now + lead),
    }


def _is_overdue(car: CarInShop, at: datetime) -> bool:
    """Whether the promised time has come `at` this moment, and there is still work to do."""
    return car.state.is_in_work and car.promised_at is not None and car.promised_at <= at


def _is_mine(car: CarInShop, facts: Facts) -> bool:
    """One's own, and those of whom one stands in for (R4)."""
    return facts.who.person_id in (car.advisor, who_acts_for(car.advisor, facts.colleagues))


def _is_group(facts: Facts) -> bool:
    return facts.queue is not None


def _buttons(lines: list[CarInShop], here: Asked, pages: int, facts: Facts, *, switch: bool) -> Rows:
    label = "open_masked" if _is_group(facts) else "open"
    cars = (Button("open", each.number, label, {"plate": each.plate}) for each in lines)
    turning = (
        (Button("earlier", str(here.page - 1)),) if here.page else (),
        (Button("further", str(here.page + 1)),) if here.page + 1 < pages else (),
    )
    switching = (Button("everybody") if here.mine else Button("mine"),) if switch else ()
    return in_rows(cars, 2, sum(turning, ()), (*switching, Button("refresh")))


IN_SHOP_LIST = Dialog(
    "in_shop",
    Asked,
    steps=(show,),
    needs=frozenset({IN_SHOP, COLLEAGUES}),
    authority=dict.fromkeys(("open", "earlier", "further", "mine", "everybody", "refresh"), anyone_of_staff),
    patient=True,
)
