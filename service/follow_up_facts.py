"""What a dialog about a follow-up is told: the contact, its sheet in the version begun, and what hinders it (F2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dialogs.core import Kind
from dialogs.facts import (
    FOLLOW_UP,
    OWN_RATINGS,
    QUESTION,
    QUESTIONNAIRES,
    QUESTIONS,
    SOUGHT_CONTACTS,
    TO_CALL,
    Who,
)
from domain.customer_questions import CustomerQuestion
from domain.customers import Customer
from domain.follow_ups import FollowUp, Hindrance
from domain.questionnaires import Paper, Questionnaire
from scripts_zh.questionnaires import UnreadableSheet, from_source
from storage import complaints, customer_questions, customers, follow_ups, outbox, people
from storage.engine import Unit

if TYPE_CHECKING:
    from service.house import House

ABOUT_FOLLOW_UPS = frozenset(
    {FOLLOW_UP, QUESTIONNAIRES, TO_CALL, QUESTION, QUESTIONS, SOUGHT_CONTACTS, OWN_RATINGS}
)


class FollowUpFacts:
    """Follow-ups as they stand in one transaction; `forget` what an effect has changed."""

    def __init__(self, unit: Unit, house: House, now: datetime) -> None:
        self._unit = unit
        self._house = house
        self._now = now
        self._loaded: dict[str, FollowUp | None] = {}
        self._asked: dict[str, CustomerQuestion | None] = {}
        self.care_leaving: Mapping[int, int] = {}

    def forget(self) -> None:
        """An effect changed the books."""
        self._loaded.clear()
        self._asked.clear()

    async def told(
        self, needs: Collection[str], subject: str, who: Who, sought: Customer | None, *, woken: bool
    ) -> dict[str, Any]:
        """The fields of `Facts` that `needs` names, of a conversation about `subject`.

        `sought`: the file of the plate or phone that a colleague wrote just now; `woken`: by a timer.
        """
        if ABOUT_FOLLOW_UPS.isdisjoint(needs):
            return {}
        fields: dict[str, Any] = {}
        if FOLLOW_UP in needs and (follow_up := await self.follow_up(subject)) is not None:
            fields["_follow_up"] = follow_up
            fields["_paper"] = await self.paper(follow_up)
            fields["_hindrance"] = await self.hindrance(follow_up) if woken else None
        if QUESTIONNAIRES in needs:
            fields["_questionnaires"] = self._house.questionnaires
        if TO_CALL in needs:
            fields["_to_call"] = tuple(await follow_ups.to_call(self._unit, self._now))
        if QUESTION in needs:
            fields["_question"] = await self.question(subject)
        if QUESTIONS in needs:
            fields["_questions"] = tuple(await customer_questions.still_open(self._unit))
        if SOUGHT_CONTACTS in needs and sought is not None:
            fields["_sought_contacts"] = tuple(await follow_ups.still_open(self._unit, sought.id))
        if OWN_RATINGS in needs:
            fields["_own_ratings"] = await self.own_ratings(who.person_id)
        return fields

    async def follow_up(self, number: str) -> FollowUp | None:
        """The follow-up, which nobody else changes until this transaction is over."""
        if number not in self._loaded:
            self._loaded[number] = await follow_ups.load(self._unit, number)
        return self._loaded[number]

    async def question(self, number: str) -> CustomerQuestion | None:
        """The customer's question, which nobody else changes until this transaction is over."""
        if number not in self._asked:
            self._asked[number] = await customer_questions.load(self._unit, number)
        return self._asked[number]

    async def paper(self, follow_up: FollowUp) -> Paper | None:
        """Its sheet with the answers: as it was when the customer was asked, before that as it is now."""
        sheet = await self._sheet(follow_up)
        if sheet is None:
            return None
        before = await self.follow_up(follow_up.after) if follow_up.after else None
        return Paper(sheet, follow_up.by_question, before.by_question if before else {})

    async def _sheet(self, follow_up: FollowUp) -> Questionnaire | None:
        present = self._house.questionnaires.get(follow_up.questionnaire)
        if not follow_up.version or (present is not None and present.version == follow_up.version):
            return present
        source = await follow_ups.sheet(self._unit, follow_up.questionnaire, follow_up.version)
        return _read(source) if source else None

    async def hindrance(self, follow_up: FollowUp) -> Hindrance | None:
        """Why the customer is not to be asked now (F2); the lasting reasons first."""
        found = await people.load(
            self._unit, self._now, ids=[follow_up.person_id] if follow_up.person_id else []
        )
        person = found[0] if found else None
        if person is not None and person.opted_out:
            return Hindrance.OPTED_OUT
        if person is None and await follow_ups.wants_no_more(self._unit, follow_up.customer_id):
            return Hindrance.OPTED_OUT
        if (person is not None and person.own_roles) or await self._is_own_car(follow_up.customer_id):
            return Hindrance.OWN_CAR
        whose = follow_up.person_id, follow_up.customer_id, follow_up.plate, follow_up.phone
        if await complaints.is_open_for(self._unit, *whose):
            return Hindrance.COMPLAINT
        if person is None or not person.reachable:
            return Hindrance.UNREACHABLE
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0)
        sent = await outbox.sent_since(self._unit, [person.id], Kind.CARE.value, midnight)
        heard = sent.get(person.id, 0) + self.care_leaving.get(person.id, 0)
        return Hindrance.CONTACTED if heard >= self._house.store.sending.care_per_day else None

    async def _is_own_car(self, customer: int) -> bool:
        file = (await customers.by_ids(self._unit, [customer])).get(customer)
        tiers = self._house.store.tiers
        return file is not None and any(tier.own_cars for tier in tiers if tier.code == file.tier)

    async def own_ratings(self, person: int) -> tuple[int, ...]:
        """The ratings of this month on visits that `person` was responsible for (F7)."""
        first = self._now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = self._now + timedelta(seconds=1)
        return tuple(await follow_ups.ratings_of(self._unit, person, first, until))


@lru_cache(maxsize=128)
def _read(source: str) -> Questionnaire | None:
    """A sheet of an earlier version; None where no present release can read it, so that the contact ends politely."""
    try:
        return from_source(source)
    except UnreadableSheet:
        return None
