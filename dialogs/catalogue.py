"""All procedures by name: what the engine can begin."""

from collections.abc import Mapping
from types import MappingProxyType

from dialogs.appointment import APPOINTMENT
from dialogs.arrival import ARRIVAL
from dialogs.bay_notice import BAY_NOTICE
from dialogs.booking import BOOKING
from dialogs.core import Dialog
from dialogs.deposit import DEPOSIT
from dialogs.front_desk import FRONT_DESK
from dialogs.moving import MOVING
from dialogs.my_appointments import MY_APPOINTMENTS

_ALL = (
    FRONT_DESK,
    BOOKING,
    MY_APPOINTMENTS,
    APPOINTMENT,
    MOVING,
    BAY_NOTICE,
    DEPOSIT,
    ARRIVAL,
)

DIALOGS: Mapping[str, Dialog] = MappingProxyType({dialog.name: dialog for dialog in _ALL})
