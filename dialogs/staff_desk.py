"""Commands and menu of colleagues: /order, /cars, /absent …, 接车开单, 邀请同事. Others get a polite no (R2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dialogs import call_list, in_shop, my_work, question_list, slot_picker
from dialogs.absence import subject_of
from dialogs.absence_form import AbsenceForm
from dialogs.appointment_form import Form, service_named
from dialogs.call_moves import may_call
from dialogs.caller_complaint import Caller
from dialogs.core import (
    Dialog,
    Event,
    Home,
    Kind,
    Open,
    Record,
    Said,
    Say,
    Tell,
    Turn,
    ask,
)
from dialogs.departure import Departure
from dialogs.effects import BindGroup
from dialogs.facts import QUESTIONNAIRES, RECEPTION, SCHEDULE, SOUGHT, SOUGHT_CONTACTS
from dialogs.follow_up_form import form_of
from dialogs.invitation import Inviting
from dialogs.my_ratings import Wanted as OwnRatings
from dialogs.order_form_car import begun
from dialogs.order_form_filing import may_open
from dialogs.patterns import LONGEST_TEXT
from dialogs.proposal import Proposed
from dialogs.register import Wanted
from dialogs.slot_picker import Chosen, Declined
from dialogs.walk_in import WalkIn
from domain.appointments import Source
from domain.order_line import WrongLine
from domain.people import MANAGERS, Queue, is_staff
from domain.plates import find_plate
from domain.slots import Refusal
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.customers import Customer
    from domain.moments import Moment
    from domain.store import Service


@dataclass(frozen=True, slots=True)
class Desk:
    """Nothing is remembered from one command to the next."""


def listen(desk: Desk, event: Event, facts: Facts) -> Turn:
    """One command, one answer (R2)."""
    if not is_staff(facts.who.roles):
        return ask(desk, Say("staff_desk/not_staff"), Record("command.refused"))
    match event:
        case Said(text) if text.startswith("/"):
            return _command(desk, text, facts)
        case Said(text) if text in MENU:
            return MENU[text](desk, facts)
        case _:
            return ask(desk, HELP)


def _command(desk: Desk, text: str, facts: Facts) -> Turn:  # noqa: C901 - a line per command
    command, *more = text.split(maxsplit=1)
    rest = "".join(more)
    match command.removeprefix("/").partition("@")[0].lower():
        case "bind":
            return _bind(desk, facts)
        case "propose":
            return _propose(desk, rest, facts)
        case "walkin":
            return _walk_in(desk, rest, facts)
        case "order":
            return _order(desk, rest.strip(), facts)
        case "register":
            return _register(desk, facts)
        case "cars":
            return _in_shop(desk, facts)
        case "calls":
            return _calls(desk, facts)
        case "followup":
            return _follow_up(desk, rest.strip(), facts)
        case "ratings":
            return _my_ratings(desk, facts)
        case "questions":
            return _questions(desk, facts)
        case "absent":
            return _absent(desk, rest.strip(), facts)
        case "invite":
            return _invite(desk, facts)
        case "selfcheck":
            return _self_check(desk, facts)
        case "leave":
            return ask(desk, Open("departure", Departure()))
        case "dismiss":
            return _dismiss(desk, rest, facts)
        case "help" | "start" | "menu":
            return ask(desk, HELP)
        case _:
            return ask(desk, _to_staff("staff_desk/unknown"))


def _order(desk: Desk, line: str, facts: Facts) -> Turn:
    """O1: a repair order at reception, as a form or from one line; what is missing there is asked."""
    if not may_open(desk, facts):
        refused = Record("command.refused", details={"command": "order"})
        return ask(desk, _to_staff("order_form/not_yours"), refused)
    if len(line) > LONGEST_TEXT:
        return ask(desk, Say("shared/too_long"))
    try:
        return ask(desk, Open("order_form", begun(line, facts)))
    except WrongLine as wrong:
        return ask(desk, _to_staff("order_form/wrong_item", reason=wrong.fault.value, said=wrong.words))


def _register(desk: Desk, facts: Facts) -> Turn:
    return ask(desk, Open("register", Wanted()))


def _absent(desk: Desk, name: str, facts: Facts) -> Turn:
    """R4: of oneself, or a manager says it of a colleague. What is registered already shows itself."""
    if name:
        return _not_a_manager(desk, "absent", facts) or ask(desk, Open("absence", AbsenceForm(name=name)))
    registered = Tell("away", subject_of(facts.who.person_id), "show")
    if facts.who.absent_until is not None:
        return ask(desk, registered)
    return ask(desk, registered, Open("absence", AbsenceForm()))


def _my_work(desk: Desk, facts: Facts) -> Turn:
    return ask(desk, *my_work.asked_for(facts))


def _in_shop(desk: Desk, facts: Facts) -> Turn:
    return ask(desk, *in_shop.asked_for(facts))


def _questions(desk: Desk, facts: Facts) -> Turn:
    """Q2: what customers want to know and nobody has answered yet."""
    return ask(desk, *question_list.asked_for(facts))


def _calls(desk: Desk, facts: Facts) -> Turn:
    """F4: the customers who are called, in private."""
    return ask(desk, *call_list.asked_for(facts))


def _follow_up(desk: Desk, line: str, facts: Facts) -> Turn:
    """F1: an event that only a colleague saw, as a form or from one line; what is missing there is asked."""
    if not may_call(desk, facts):
        refused = Record("command.refused", details={"command": "followup"})
        return ask(desk, _to_staff("call_list/not_yours"), refused)
    if len(line) > LONGEST_TEXT:
        return ask(desk, Say("shared/too_long"))
    return ask(desk, Open("follow_up_form", form_of(line, facts), Home(person=facts.who.person_id)))


def _my_ratings(desk: Desk, facts: Facts) -> Turn:
    """F7: one's own, together and in private only."""
    return ask(desk, Open("my_ratings", OwnRatings(), Home(person=facts.who.person_id)))


def _caller_complaint(desk: Desk, facts: Facts) -> Turn:
    """C1: on behalf of somebody who calls or stands at the counter."""
    return ask(desk, Open("caller_complaint", Caller()))


def _invite(desk: Desk, facts: Facts) -> Turn:
    """R3: managers only."""
    return _not_a_manager(desk, "invite", facts) or ask(desk, Open("invitation", Inviting()))


def _self_check(desk: Desk, facts: Facts) -> Turn:
    """Managers may have every complaint looked through now; in private they get the result too."""
    if refused := _not_a_manager(desk, "selfcheck", facts):
        return refused
    asked = {"person": 0 if facts.in_group else facts.who.person_id}
    return ask(desk, Tell("self_check", "", "wanted", asked), _to_staff("staff_desk/self_check"))


def _customer_menu(desk: Desk, facts: Facts) -> Turn:
    return ask(desk, Say("staff_desk/customer_menu", keyboard="menu_of_staff", kind=Kind.STAFF))


def _staff_menu(desk: Desk, facts: Facts) -> Turn:
    return ask(desk, Say("staff_desk/menu", keyboard="staff", kind=Kind.STAFF))


def _not_a_manager(desk: Desk, command: str, facts: Facts) -> Turn | None:
    """The polite no that is written down (R2); None for a manager."""
    if not MANAGERS.isdisjoint(facts.who.roles):
        return None
    refused = Record("command.refused", details={"command": command})
    return ask(desk, _to_staff("staff_desk/managers_only"), refused)


def _bind(desk: Desk, facts: Facts) -> Turn:
    """A manager makes the group they write in the staff group (R2)."""
    if refused := _not_a_manager(desk, "bind", facts):
        return refused
    if not facts.in_group:
        return ask(desk, _to_staff("staff_desk/bind_in_group"))
    words = {"store": facts.store, "who": facts.who.first_name}
    bound = Say("staff_desk/bound", words, to=Home(queue=Queue.FRONT_DESK), kind=Kind.STAFF)
    return ask(desk, BindGroup(), Record("group.bound"), bound, _to_staff("staff_desk/bound_note"))


def _dismiss(desk: Desk, rest: str, facts: Facts) -> Turn:
    """A manager ends a colleague's roles (R3)."""
    if refused := _not_a_manager(desk, "dismiss", facts):
        return refused
    if not rest.strip():
        return ask(desk, _to_staff("staff_desk/dismiss_usage"))
    return ask(desk, Open("departure", Departure(rest.strip())))


def _propose(desk: Desk, rest: str, facts: Facts) -> Turn:
    """B1: the shop proposes a time to the owner of a plate."""
    plate, service, moment = find_plate(rest), service_named(rest, facts), understand(rest, facts.now).moment
    if not plate or service is None or moment is None or moment.grain != "minute":
        return ask(desk, _to_staff("staff_desk/propose_usage"))
    owner = facts.sought
    if owner is None:
        return ask(desk, _to_staff("staff_desk/no_file", plate=plate))
    if not owner.person_id:
        return ask(desk, _to_staff("staff_desk/no_chat", plate=plate, phone=owner.phone))
    match slot_picker.moment_chosen(moment, service, facts):
        case Chosen(start):
            form = _form(owner, plate, service, start, Source.SHOP)
            words = {
                "address": owner.address,
                "plate": plate,
                "service": service,
                "start": start,
                "now": facts.now,
            }
            proposal = Open("proposal", Proposed(form, facts.who.person_id), Home(person=owner.person_id))
            return ask(desk, proposal, Record("proposal.made"), _to_staff("staff_desk/proposed", **words))
        case Declined(reason, wanted):
            return ask(desk, _cannot(reason, wanted, service, facts))
        case _:
            return ask(desk, _to_staff("staff_desk/propose_usage"))


def _walk_in(desk: Desk, rest: str, facts: Facts) -> Turn:
    """B3: staff may enter what comes too soon for an appointment."""
    plate, service, moment = find_plate(rest), service_named(rest, facts), understand(rest, facts.now).moment
    if not plate or service is None or moment is None or moment.grain != "minute":
        return ask(desk, _to_staff("staff_desk/walkin_usage"))
    owner = facts.sought
    if owner is None:
        return ask(desk, _to_staff("staff_desk/no_file", plate=plate))
    start = _start_of_walk_in(moment, facts)
    if facts.schedule.end_of(start, 0).date() != start.date():
        return ask(desk, _cannot(Refusal.CLOSED_DAY, start, service, facts))
    form = _form(owner, plate, service, start, Source.WALK_IN)
    return ask(desk, Open("walk_in", WalkIn(form, owner.id, owner.person_id or 0)))


def _start_of_walk_in(moment: Moment, facts: Facts) -> datetime:
    """Today unless a day was said; a clock that has just passed means now."""
    if moment.day_was_said:
        readings = [moment.start] + ([moment.other_reading] if moment.other_reading else [])
    else:
        today = datetime.combine(facts.now.date(), moment.start.timetz())
        readings = [today] + ([moment.other_reading] if moment.other_reading else [])
    opened = (each for each in readings if facts.schedule.end_of(each, 0) == each)
    return max(next(opened, readings[0]), facts.now.replace(second=0, microsecond=0))


def _form(owner: Customer, plate: str, service: Service, start: datetime, source: Source) -> Form:
    model = next((vehicle.model for vehicle in owner.vehicles if vehicle.plate == plate), "")
    return Form(
        consented=owner.consent_at is not None,
        name=owner.name,
        surname=owner.surname,
        salutation=owner.salutation,
        salutation_asked=True,
        phone=owner.phone,
        plate=str(plate),
        model=model,
        model_asked=True,
        service=service.code,
        start=start,
        source=source,
        tier=owner.tier,
    )


def _cannot(reason: Refusal, wanted: datetime, service: Service, facts: Facts) -> Say:
    offers = facts.schedule.nearest(service, wanted, facts.now)
    words = {"start": wanted, "now": facts.now, "booking": facts.store.booking, "offers": offers}
    return _to_staff("staff_desk/cannot", reason=reason.value, **words)


def _to_staff(script: str, **words: Any) -> Say:
    return Say(script, words, kind=Kind.STAFF)


HELP = Say("staff_desk/help", keyboard="staff", kind=Kind.STAFF)

MENU: Mapping[str, Callable[[Desk, Facts], Turn]] = MappingProxyType(
    {
        "我的待办": _my_work,
        "接车开单": lambda desk, facts: _order(desk, "", facts),
        "在修车辆": _in_shop,
        "代客投诉": _caller_complaint,
        "客户咨询": _questions,
        "回访名单": _calls,
        "登记回访": lambda desk, facts: _follow_up(desk, "", facts),
        "我的评价": _my_ratings,
        "不在岗": lambda desk, facts: _absent(desk, "", facts),
        "邀请同事": _invite,
        "预约登记": _register,
        "客户菜单": _customer_menu,
        "员工菜单": _staff_menu,
    }
)
"""What each word of the colleagues' keyboard (scripts_zh/shared/keyboards.yaml) leads to."""

STAFF_DESK = Dialog(
    "staff_desk",
    Desk,
    steps=(listen,),
    needs=frozenset({SOUGHT, SCHEDULE, RECEPTION, QUESTIONNAIRES, SOUGHT_CONTACTS}),
    lasting=True,
)
