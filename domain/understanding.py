"""Everything the bot reads in one message: time, plate, phone number, intent (B15)."""

from dataclasses import dataclass
from datetime import datetime

from domain.intents import Intent, find_intent
from domain.moments import Moment, understand_moment
from domain.phones import Phone, locate_phone
from domain.plates import Plate, locate_plate

_STOP = "，"


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was read; None for each thing that the message does not hold."""

    moment: Moment | None
    plate: Plate | None
    phone: Phone | None
    intent: Intent | None


def understand(text: str, now: datetime) -> Understanding:
    """Read a message once; `now` is aware store time.

    The plate and the phone number are taken out before a time is looked for: their digits are no clock.
    """
    rest = text
    plate = locate_plate(rest)
    if plate:
        rest = _without(rest, plate[1], plate[2])
    phone = locate_phone(rest)
    if phone:
        rest = _without(rest, phone[1], phone[2])
    return Understanding(
        moment=understand_moment(rest, now),
        plate=plate[0] if plate else None,
        phone=phone[0] if phone else None,
        intent=find_intent(rest),
    )


def _without(text: str, begin: int, stop: int) -> str:
    return text[:begin] + _STOP * (stop - begin) + text[stop:]
