"""The appointment form 预约单: what is written into it on the way, and what its card shows (B2, B5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from domain.appointments import Source, has_benefits
from domain.slots import Refusal
from domain.store import Service, ServiceGroup

if TYPE_CHECKING:
    from dialogs.facts import Facts

GROUP_WORDS = {
    ServiceGroup.MAINTENANCE: re.compile(r"保养|机油|机滤|首保|滤芯"),
    ServiceGroup.BODYWORK: re.compile(r"钣喷|喷漆|补漆|钣金|刮蹭|剐蹭|划痕"),
    ServiceGroup.INSPECTION: re.compile(r"年检|年审|验车"),
    ServiceGroup.DIAGNOSIS: re.compile(r"诊断|检测|异响|故障|抖动|打不着|灯亮"),
    ServiceGroup.REPAIR: re.compile(r"维修|修理|修车|换胎|刹车"),
}
"""What people say for each kind of visit."""


@dataclass(frozen=True, slots=True)
class Form:
    """All that is remembered between two messages while a form is filled in.

    `heard` is what the customer wrote before we asked (明天下午三点做个小保养); it is read when its turn comes.
    `day`, `since` and `until` (o'clock) are the times on show; `refusal`, `wanted`, `whole_day` say what
    could not be had; `number` and `held_until` are there as soon as a bay is held for `start`.
    """

    consented: bool = False
    name: str = ""
    surname: str = ""
    salutation: str = ""
    salutation_asked: bool = False
    phone: str = ""
    plate: str = ""
    model: str = ""
    model_asked: bool = False
    service: str = ""
    description: str = ""
    heard: str = ""
    day: date | None = None
    since: int = 0
    until: int = 24
    skip: int = 0
    start: datetime | None = None
    refusal: Refusal | None = None
    wanted: datetime | None = None
    whole_day: bool = False
    number: str = ""
    held_until: datetime | None = None
    source: Source = Source.CUSTOMER
    tier: str = ""

    @property
    def address(self) -> str:
        """王先生; the whole name while the salutation is unknown."""
        return f"{self.surname}{self.salutation}" if self.salutation else self.name


def service_of(code: str, facts: Facts) -> Service | None:
    """The service with this code; None for one that the store offers no more."""
    return next((service for service in facts.store.services if service.code == code), None)


def card_words(form: Form, service: Service, facts: Facts) -> dict[str, Any]:
    """What the confirm card and the signed form show."""
    assert form.start is not None
    return {
        "number": form.number,
        "address": form.address,
        "phone": form.phone,
        "plate": form.plate,
        "model": form.model,
        "service": service,
        "description": form.description,
        "start": form.start,
        "now": facts.now,
        "deposit": deposit_of(service, facts),
        "deposit_until": deposit_until(form.start, facts),
        "store": facts.store,
        "benefits": has_benefits(facts.now, form.start, facts.store.booking.minimum_lead, form.source),
    }


def deposit_of(service: Service, facts: Facts) -> Decimal:
    """B5: what has to be paid down for the parts of this service."""
    return facts.store.booking.deposit_for(service.parts_price)


def deposit_until(start: datetime, facts: Facts) -> datetime:
    """B5: when the deposit has to be here, at the latest when the car is."""
    return min(facts.now + facts.store.booking.deposit_wait, start)


def service_named(text: str, facts: Facts) -> Service | None:
    """The service whose name stands in the text, without what stands in brackets behind it; of several the longest."""
    said = "".join(text.split())
    named = [service for service in facts.store.services if service.name.partition("（")[0] in said]
    return max(named, key=lambda each: len(each.name), default=None)


def services_meant(text: str, facts: Facts) -> tuple[Service, ...]:
    """The services that a text may mean: the one it names, else those whose name or kind it touches (B15).

    保养 means 小保养 and 大保养 where the shop offers both; 换机油 means the same.
    """
    if named := service_named(text, facts):
        return (named,)
    said = "".join(text.split())
    alike = tuple(service for service in facts.store.services if len(said) > 1 and said in service.name)
    groups = {group for group, words in GROUP_WORDS.items() if words.search(said)}
    return alike or tuple(service for service in facts.store.services if service.group in groups)
