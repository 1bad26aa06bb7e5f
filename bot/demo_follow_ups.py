"""The demo's follow-ups: two cars that left days ago, one owner asked in the chat soon, one to be rung (F1, F4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.demo_cast import FORMER, LAST_WORK, Regular
from bot.demo_visits import ADVISOR
from dialogs.core import Home
from dialogs.follow_up_moves import Contact
from domain.follow_up_plan import first_convenient
from domain.follow_ups import FollowUp, FollowUpState, follow_up_number
from domain.people import Queue
from domain.questionnaires import FollowUpEvent
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from storage import customers, follow_ups, people
from storage.engine import Unit

SHEET = "satisfaction"
LEFT = timedelta(days=4)  # ago
SOON = timedelta(hours=2)  # from now


async def asked_soon(unit: Unit, house: House) -> None:
    """Two visits of last week: one owner is asked in two hours at the earliest, one is in the list of calls."""
    now = house.clock.now()
    zone, figures = house.calendar.zone, house.store.follow_ups
    await _open_file(unit, FORMER, now)
    ledger = Ledger(unit, now)
    play = Play(house, ledger, Briefing(unit, house, now))
    (advisor,) = await people.load(unit, now, user_ids=[ADVISOR])
    for place, plate in enumerate(LAST_WORK, start=1):
        owner = await customers.by_plate(unit, plate)
        assert owner is not None, f"nobody of the cast owns {plate}"
        contact = FollowUp(
            number=follow_up_number(now - LEFT, 900, place),
            questionnaire=SHEET,
            event=FollowUpEvent.LEFT,
            customer_id=owner.id,
            occurred_at=now - LEFT,
            due_at=first_convenient(now + SOON, figures, zone),
            latest_at=now + LEFT,
            person_id=owner.person_id or 0,
            address=owner.address,
            phone=owner.phone,
            plate=plate,
            work=LAST_WORK[plate],
            advisor=advisor.id,
            advisor_name=advisor.first_name,
            state=FollowUpState.PLANNED if owner.person_id else FollowUpState.TO_CALL,
        )
        await follow_ups.plan(unit, contact)
        home = Home(person=owner.person_id) if owner.person_id else Home(queue=Queue.FRONT_DESK)
        await play.begin("follow_up", home, Contact(), contact.number, NOBODY)
    await ledger.flush()


async def _open_file(unit: Unit, regular: Regular, now: datetime) -> None:
    """A customer who was here, and is not in the chat."""
    number = await customers.open_file(
        unit,
        None,
        now - LEFT,
        name=regular.name,
        surname=regular.surname,
        salutation=regular.salutation,
        phone=regular.phone,
    )
    for plate, model in regular.cars:
        await customers.keep_vehicle(unit, number, plate, model, now)
