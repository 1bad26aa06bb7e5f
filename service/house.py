"""The house: everything that stays the same from one transaction to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.core import Dialog
from domain.calendar import StoreCalendar
from domain.quiet_hours import QuietHours
from domain.store import Store
from scripts_zh.rendering import Scripts
from service.invitations import new_secret
from service.measures import Measures
from service.ports import Clock, Incoming
from storage.engine import Books

if TYPE_CHECKING:
    from domain.complaint_routing import RoutingRules
    from domain.questionnaires import Questionnaire


@dataclass(frozen=True, slots=True)
class House:
    """What every transaction needs: the store, its words and dialogs, the books and the clock.

    `quiet`: nobody is written to by itself; `inconvenient`: not even for a follow-up (F2). `courier` names this
    process in the outbox; `lease` is how long its letters stay its own. `menu` maps the words on the menu keyboard to
    their keys, `staff_menu` those for colleagues alone. `questionnaires` are the sheets as the store has them now, by
    id. `bot_name` is the bot's user name ("" while nobody knows it); `new_secret` makes what an invitation is joined
    with. `decode` reads an update that was kept as it came. `reached` is told the named points of the message path, so
    that a test can kill the process there; `measures` counts and times what happens.
    """

    bot_id: int
    store: Store
    calendar: StoreCalendar
    scripts: Scripts
    dialogs: Mapping[str, Dialog]
    books: Books
    clock: Clock
    quiet: QuietHours
    inconvenient: QuietHours
    courier: str
    menu: Mapping[str, str]
    routing: RoutingRules
    questionnaires: Mapping[str, Questionnaire]
    decode: Callable[[Mapping[str, Any]], Incoming]
    staff_menu: Mapping[str, str] = field(default_factory=dict)
    bot_name: str = ""
    new_secret: Callable[[], str] = new_secret
    lease: timedelta = timedelta(seconds=30)
    reached: Callable[[str], None] = field(default=lambda point: None)
    measures: Measures = field(default_factory=Measures)
