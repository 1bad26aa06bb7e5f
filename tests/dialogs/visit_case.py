"""A visit played on the desk without a database: everybody's cards and forms, what each place reads, and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dialogs.catalogue import DIALOGS
from dialogs.core import (
    HERE,
    Button,
    Entered,
    Event,
    Home,
    Open,
    Pressed,
    Record,
    Said,
    Say,
    Tell,
    Toast,
    Told,
    Woke,
)
from dialogs.facts import Reception, Who
from domain.people import Queue, Role
from domain.pickup import plan
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder
from domain.silent_visits import nudge_due
from tests.dialogs.conftest import CALENDAR, SCRIPTS, STORE, Conversation, Desk, rendered
from tests.dialogs.conftest import WANG as FILE

WANG = Who(3, "小王")
LIN = Who(11, "林顾问", roles=frozenset({Role.ADVISOR}))
SUN = Who(34, "孙立", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
CHEN = Who(31, "陈晓", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
QIAN = Who(35, "钱会计", roles=frozenset({Role.SETTLEMENT_MANAGER}))
STAFF = (LIN, SUN, CHEN, QIAN)
EVERYBODY = (WANG, *STAFF)
NOBODY = Who()
PLATE = "粤B12345"

ABOUT_THE_VISIT = (
    "order_sheet",
    "pickup",
    "additional_work",
    "progress_check",
    "delay_question",
    "silent_visit",
)
"""What is over when the car has left."""

WORDS = (OrderHappening.TOLD, OrderHappening.NOTICED, OrderHappening.DELAYED)
TELLING = {
    OrderHappening.NOTICED: ("pickup/notice",),
    OrderHappening.DELAYED: ("order_sheet/delayed",),
}
"""With which message the customer hears of what is written down."""


@dataclass
class Talk:
    """One conversation about the visit, where it lives, and the card it shows there."""

    conversation: Conversation
    home: Home
    card: Say | None = None

    @property
    def dialog(self) -> str:
        return self.conversation.dialog

    @property
    def open(self) -> bool:
        return bool(self.conversation.step)

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.card.buttons for button in row] if self.card else []


@dataclass(frozen=True)
class Heard:
    """One message: where, when, its words."""

    home: Home
    at: datetime
    script: str
    text: str


@dataclass
class VisitCase:
    """Everything that is going on about one order. `known`: the promised time that the customer heard of last."""

    desk: Desk
    talks: list[Talk] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk.colleagues = STAFF

    # ------------------------------------------------------------ what happens

    def open(self, line: str = f"{PLATE} 小保养 今天17:00 398") -> VisitCase:
        """The advisor opens the order with one line and 确认开单; everything that is opened by it begins."""
        self.desk.reception = Reception(PLATE, FILE)
        desk = self.begin("staff_desk", None, Home(person=LIN.person_id), LIN)
        self.on(desk, Said(f"/order {line}"), LIN)
        self.press(LIN, self.one("order_form"), "open_order")
        return self

    def begin(self, dialog: str, state: Any, home: Home, who: Who, subject: str = "") -> Talk:
        """A dialog begins at `home`."""
        talk = Talk(self.desk.begin(dialog, state, subject), home)
        self.talks.append(talk)
        if not DIALOGS[dialog].lasting:
            self.on(talk, Entered(), who)
        return talk

    def on(self, talk: Talk, event: Event, who: Who) -> None:
        """`talk` answers `event` of `who`; what follows from it in other talks happens too."""
        desk, conversation = self.desk, talk.conversation
        desk.who, desk.home_person = who, talk.home.person or 0
        conversation.on(event)
        for effect in conversation.effects:
            match effect:
                case Say():
                    self._hear(talk, effect)
                case Toast(script, words):
                    self.toasts.append(SCRIPTS.text(script, words))
                case Open(dialog, state, home, subject):
                    self.begin(dialog, state, talk.home if home == HERE else home, who, subject)
                case Tell(dialog, subject, news, words):
                    for other in self.of(dialog):
                        if other.conversation.subject == subject:
                            self.on(other, Told(news, words), who)
                case Record():
                    self.records.append(effect)

    def press(self, who: Who, talk: Talk, key: str, value: str | None = None) -> bool:
        """`who` presses a button that is shown; false when they may not (R2)."""
        shown = next((each for each in talk.buttons if each.key == key and value in (None, each.value)), None)
        assert shown is not None, f"{key} is not on {[(each.key, each.value) for each in talk.buttons]}"
        return self.tap(who, talk, Pressed(shown.key, shown.value))

    def tap(self, who: Who, talk: Talk, pressed: Pressed) -> bool:
        """The data of a button reach `talk`, however somebody came by them."""
        dialog, conversation = DIALOGS[talk.dialog], talk.conversation
        permit = dialog.authority.get(pressed.key)
        self.desk.who, self.desk.home_person = who, talk.home.person or 0
        if talk.home.person not in (None, who.person_id) or (permit is None and talk.home.queue):
            return False
        if permit is not None and not permit(conversation.state, self.desk.facts(conversation)):
            return False
        self.on(talk, pressed, who)
        return True

    def step(self, who: Who, *keys: str) -> None:
        """`who` presses these buttons of the order's card, one after the other."""
        for key in keys:
            assert self.press(who, self.hub, key), key

    def ready(self) -> None:
        """The checklist is gone through and the car is ready (P2)."""
        self.step(LIN, "ready")
        for item in ("checked", "cleaned", "counted", "summed"):
            assert self.press(LIN, self.hub, "tick", item)
        self.step(LIN, "all_ready")

    def propose(
        self, item: str = "前刹车片", until: str = "", *, safety: bool = False, who: Who | None = None
    ) -> None:
        """Additional work is proposed, with the new hand-over time in words if it takes longer (X1)."""
        self.step(who or SUN, "propose")
        form = self.one("work_form")
        for words in (item, "磨到底了，刹车时会响", "480"):
            self.on(form, Said(words), who or SUN)
        if until:
            self.on(form, Said(until), who or SUN)
        if any(
            button.key == "unchanged" for button in form.buttons
        ):  # also where that was no later than promised
            self.press(who or SUN, form, "unchanged")
        for key in ("safety" if safety else "no_safety", "skip", "send"):
            self.press(who or SUN, form, key)

    def promise(self, words: str, reason: str = "parts") -> None:
        """The advisor promises another time (P5)."""
        self.step(LIN, "new_time")
        form = self.one("promise_form")
        self.press(LIN, form, "reason", reason)
        self.on(form, Said(words), LIN)
        for key in ("sure", "send"):
            if form.open and any(button.key == key for button in form.buttons):
                self.press(LIN, form, key)

    # ------------------------------------------------------------ time

    def until(self, moment: datetime, *, down: bool = False) -> None:
        """Time passes until `moment`, and every timer rings in its order; `down`: nobody rings any before that moment.

        While the clock runs, nobody's promised time passes in silence.
        """
        if down:
            self.desk.now = moment
        while stop := self._next(moment):
            self.desk.now = max(self.desk.now, stop)
            for talk, name, at in list(self._due()):
                if talk.open and talk.conversation.timers.get(name) == at:
                    talk.conversation.timers.pop(name)
                    self.on(talk, Woke(name, late=down and at < moment), NOBODY)
            assert_heard(self)
        self.desk.now = moment

    def later(self, *, down: bool = False, **span: float) -> None:
        """The same, for a while."""
        self.until(self.desk.now + timedelta(**span), down=down)

    def _next(self, moment: datetime) -> datetime | None:
        """When something rings, or the time that the customer waits for has come."""
        rings = [at for talk in self.talks if talk.open for at in talk.conversation.timers.values()]
        rings += [known] if (known := last_heard(self)[0]) and known > self.desk.now else []
        return min((at for at in rings if at <= moment), default=None)

    def _due(self) -> Iterator[tuple[Talk, str, datetime]]:
        due = [
            (at, talk.conversation.id, name, talk)
            for talk in self.talks
            if talk.open
            for name, at in talk.conversation.timers.items()
            if at <= self.desk.now
        ]
        for at, _, name, talk in sorted(due, key=lambda each: each[:3]):
            yield talk, name, at

    # ------------------------------------------------------------ what there is

    @property
    def order(self) -> RepairOrder:
        assert self.desk.order is not None
        return self.desk.order

    @property
    def hub(self) -> Talk:
        """The order's own card."""
        return self.one("order_desk")

    def of(self, dialog: str) -> list[Talk]:
        """The open conversations of `dialog`."""
        return [talk for talk in self.talks if talk.open and talk.dialog == dialog]

    def one(self, dialog: str) -> Talk:
        """The only open conversation of `dialog`."""
        (found,) = self.of(dialog)
        return found

    def read(self, where: Queue | Who, script: str = "") -> list[Heard]:
        """What was read at a queue or in somebody's private chat."""
        place = Home(queue=where) if isinstance(where, Queue) else Home(person=where.person_id)
        return [each for each in self.heard if each.home == place and script in ("", each.script)]

    def _hear(self, talk: Talk, say: Say) -> None:
        home = talk.home if say.to == HERE else say.to
        text = rendered(talk.dialog, say)
        shown = say.in_place or (say.copy and not say.fresh)
        if not shown:
            self.heard.append(Heard(home, self.desk.now, say.script, text))
        if say.to == HERE and (say.buttons or say.in_place):
            talk.card = say


# ---------------------------------------------------------------- on the way


def signed(desk: Desk, line: str = f"{PLATE} 小保养 今天17:00 398") -> VisitCase:
    """The customer has confirmed: the car is in the shop."""
    case = VisitCase(desk).open(line)
    assert case.press(WANG, case.one("order_sheet"), "sign")
    return case


def in_work(desk: Desk) -> VisitCase:
    """The workshop is at it."""
    case = signed(desk)
    case.step(SUN, "in_work")
    return case


def ready(desk: Desk) -> VisitCase:
    """Ready long before the promised time."""
    case = in_work(desk)
    case.step(SUN, "inspection")
    case.ready()
    return case


def left(desk: Desk) -> VisitCase:
    """Noticed, paid, gone."""
    case = ready(desk)
    case.later(hours=7.5)
    case.step(LIN, "settled", "left")
    return case


# ---------------------------------------------------------------- what must always be true


def last_heard(case: VisitCase) -> tuple[datetime | None, OrderHappening | None]:
    """Which promised time the customer knows, and what they heard about it last."""
    order = case.desk.order
    known: datetime | None = None
    word: OrderHappening | None = None
    for entry in order.history if order else ():
        about = entry.details.get("promise")
        if entry.happening is OrderHappening.PROMISED and known is None:
            known, word = datetime.fromisoformat(entry.details["at"]), OrderHappening.TOLD
        elif entry.happening in WORDS and about:
            known, word = datetime.fromisoformat(about), entry.happening
    return known, word


def assert_heard(case: VisitCase) -> None:
    """Issue 4: the customer hears of a new time before the old one has passed, always."""
    known, word = last_heard(case)
    if case.desk.order and case.order.state.is_in_work and known and known <= case.desk.now:
        assert word is OrderHappening.DELAYED


def assert_in_order(case: VisitCase) -> None:
    """Open means a card and exactly the timers that the history asks for; over means that nothing is left of it."""
    order = case.order
    assert len(case.of("order_desk")) == int(order.state.is_open)
    if order.state.is_open:
        assert case.hub.conversation.timers == moments_of(order)
    else:
        assert [talk.dialog for talk in case.talks if talk.open and talk.dialog in ABOUT_THE_VISIT] == []
    assert [talk.dialog for talk in case.talks if not talk.open and talk.conversation.timers] == []
    assert_noticed_once(order)
    assert_told(case)


def moments_of(order: RepairOrder) -> dict[str, datetime]:
    """What the rules ask for: the plan of the standing promise, and the silent visit."""
    planned = plan(order, STORE.visits, CALENDAR)
    nudge = nudge_due(order, STORE.visits, CALENDAR)
    return dict(planned.moments if planned else {}) | ({"silence": nudge} if nudge else {})


def assert_noticed_once(order: RepairOrder) -> None:
    """P5: one notice per promise, unless a delay notice or a new promise took it back."""
    last = None
    for entry in order.of(OrderHappening.PROMISED, *TELLING):
        assert not (entry.happening is last is OrderHappening.NOTICED)
        last = entry.happening


def assert_told(case: VisitCase) -> None:
    """Whatever is written down as said was said, in that second, once."""
    for happening, scripts in TELLING.items():
        written = [entry.at for entry in case.order.of(happening)]
        said = [each.at for each in case.read(WANG) if each.script in scripts]
        assert said == written, happening


def grown(before: tuple[OrderEntry, ...], order: RepairOrder) -> bool:
    """A history is only ever added to."""
    return order.history[: len(before)] == before


def is_over(order: RepairOrder) -> bool:
    return order.state in (OrderState.LEFT, OrderState.CANCELLED)
