"""A small store for the tests of this room: lunch from 12 to 13, two kinds of bays, three services."""

from datetime import time
from typing import Any

from domain.store import Bay, DayHours, Pause, Service, ServiceGroup, Store, WeekHours

DAY = DayHours(opens=time(8, 30), closes=time(17, 30), breaks=(Pause(starts=time(12), ends=time(13)),))
WORKDAYS = WeekHours(monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY)
ALL_DAYS = WeekHours(
    monday=DAY, tuesday=DAY, wednesday=DAY, thursday=DAY, friday=DAY, saturday=DAY, sunday=DAY
)

SHORT = Service(code="short", name="小保养", group=ServiceGroup.MAINTENANCE, bay_kind="lift", minutes=60)
LONG = Service(code="long", name="大保养", group=ServiceGroup.MAINTENANCE, bay_kind="lift", minutes=150)
TWO_DAYS = Service(code="body", name="钣金喷漆", group=ServiceGroup.BODYWORK, bay_kind="lift", minutes=960)
PAINT = Service(code="paint", name="补漆", group=ServiceGroup.BODYWORK, bay_kind="booth", minutes=60)

BAYS = (
    Bay(id="L1", kind="lift", name="1号"),
    Bay(id="L2", kind="lift", name="2号"),
    Bay(id="L3", kind="lift", name="3号"),
    Bay(id="P1", kind="booth", name="烤漆房"),
)


def example_store(**changes: Any) -> Store:
    """The example, with what a test wants otherwise."""
    given: dict[str, Any] = {
        "name": "示范店",
        "address": "示范路1号",
        "phones": ("0755-55550100",),
        "rescue_phone": "0755-55550120",
        "hours": ALL_DAYS,
        "bays": BAYS,
        "services": (SHORT, LONG, TWO_DAYS, PAINT),
        "national_holidays": False,
    }
    return Store(**given | changes)
