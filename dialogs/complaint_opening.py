"""A complaint is filed: the form is made at once, its first card and the customer's sheet with it (C1–C4, C9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.complaint_moves import begins, cards, entry, is_major, managers_hear, noted
from dialogs.core import Effect, Home, Open, Record
from dialogs.effects import FileComplaint
from domain.complaint_chain import legs
from domain.complaint_routing import propose
from domain.complaints import Classification, Complainant, Complaint, Entry, Happening, Origin, Step
from domain.people import Role

if TYPE_CHECKING:
    from datetime import datetime

    from dialogs.facts import Facts


def opened(
    number: str,
    origin: Origin,
    by: Complainant,
    said: tuple[str, ...],
    media: tuple[tuple[str, str], ...],
    about: Classification,
    facts: Facts,
    *,
    confirmed: bool = False,
) -> tuple[Effect, ...]:
    """File complaint `number` of `by`. Its dialog needs COLLEAGUES; `media` is (kind, file) of what was sent.

    `confirmed`: a colleague has chosen `about` themselves (the dialog needs ROUTING then: what would have been
    proposed is noted beside it). 重大 goes to the after-sales manager at once (C9).
    """
    complaint = Complaint(number, origin, by, facts.now, classification=about, confirmed=confirmed)
    complaint = noted(
        complaint,
        entry(Happening.CAPTURED, facts, origin=origin.value, topic=about.topic),
        *(entry(Happening.WORDS, facts, text=text) for text in said),
        *(entry(Happening.MEDIA, facts, kind=kind, file_id=file) for kind, file in media),
        *(_chosen(said, about, facts) if confirmed else ()),
    )
    begun = begins(complaint, Step.INTAKE, facts)
    filed = noted(complaint, begun)
    heard: tuple[Effect, ...] = ()
    if is_major(filed):
        heard = managers_hear("complaint_desk/major", {"number": number}, facts, Role.AFTER_SALES_MANAGER)
        filed = noted(filed, entry(Happening.MAJOR, facts))
    sheet = (Open("complaint_sheet", None, Home(person=by.person), number),) if by.person else ()
    record = Record("complaint.filed", number, {"origin": origin.value, "topic": about.topic})
    return FileComplaint(filed), record, *cards(filed, begun), *heard, *sheet


def _chosen(said: tuple[str, ...], about: Classification, facts: Facts) -> tuple[Entry, ...]:
    """What a colleague chose, and what the bot would have: the store tunes routing.yaml by it (C5)."""
    proposed = propose(said, facts.routing).classification.topic
    return (
        entry(
            Happening.CLASSIFIED, facts, topic=about.topic, severity=about.severity.value, proposed=proposed
        ),
    )


def first_answer(by: Complainant, facts: Facts) -> datetime | None:
    """By when the form is accepted at the latest (C4.1), of a complaint that `by` makes now."""
    nothing = Complaint("", Origin.CUSTOMER, by, facts.now)
    return legs((begins(nothing, Step.INTAKE, facts),))[0].due(facts.calendar)


def known_as(facts: Facts) -> Complainant:
    """Whoever this conversation is held with, as their file has it. Needs CUSTOMER_FILE."""
    file = facts.customer
    if file is None:
        return Complainant(person=facts.home_person, name=facts.who.first_name)
    plate = file.vehicles[0].plate if len(file.vehicles) == 1 else ""
    return Complainant(facts.home_person, file.id, file.address or facts.who.first_name, file.phone, plate)


def with_phone(by: Complainant, phone: str) -> Complainant:
    """`by`, to be called at `phone` from now on."""
    return replace(by, phone=phone)
