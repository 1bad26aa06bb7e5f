"""我的预约 and 维修进度: what we know of the customer's visits, each with its own card (B9, O5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.core import Dialog, Event, Say, Tell, Turn, done
from dialogs.facts import APPOINTMENTS, CUSTOMER_FILE, MY_ORDERS

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class Asked:
    """What the customer asked about: ``appointments``, ``progress`` or ``move``."""

    about: str = "appointments"


def show(asked: Asked, event: Event, facts: Facts) -> Turn:
    """Every car in the shop shows its own card (O5), every standing appointment its card with 改期 and 取消."""
    if asked.about == "progress" and facts.my_orders:
        return done(*(Tell("order_sheet", number, "show") for number in facts.my_orders))
    standing = facts.appointments
    words = {
        "about": asked.about,
        "address": facts.customer.address if facts.customer else "",
        "appointments": tuple((each, _service(each.service, facts)) for each in standing),
        "now": facts.now,
        "store": facts.store,
    }
    script = "my_appointments/progress" if asked.about == "progress" else "my_appointments/list"
    match event:
        case _ if asked.about == "progress" or not standing:
            return done(Say(script, words, keyboard="menu"))
        case _:
            cards = (Tell("appointment", each.number, "show") for each in standing)
            return done(Say(script, words, keyboard="menu"), *cards)


def _service(code: str, facts: Facts) -> str:
    return next((service.name for service in facts.store.services if service.code == code), code)


MY_APPOINTMENTS = Dialog(
    "my_appointments",
    Asked,
    steps=(show,),
    needs=frozenset({CUSTOMER_FILE, APPOINTMENTS, MY_ORDERS}),
    patient=True,
)
