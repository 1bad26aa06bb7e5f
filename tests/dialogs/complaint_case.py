"""A complaint played on the desk without a database: everybody's cards, what each place reads, and time."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dialogs.catalogue import DIALOGS
from dialogs.complaint import Account
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
from dialogs.facts import Who
from domain.complaint_chain import Leg, alarms_of, leg_called, open_legs
from domain.complaints import ALARMS, Complaint, ComplaintState, Earlier
from domain.people import Queue, Role
from tests.dialogs.conftest import CALENDAR, SCRIPTS, STORE, Conversation, Desk, rendered

WANG = Who(3, "小王")
CHEN = Who(31, "陈晓", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
LIU = Who(32, "刘洋", roles=frozenset({Role.FRONT_DESK_MANAGER}))
ZHAO = Who(33, "赵敏", roles=frozenset({Role.AFTER_SALES_MANAGER}))
SUN = Who(34, "孙立", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
QIAN = Who(35, "钱进", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
WU = Who(36, "吴芳", roles=frozenset({Role.PARTS_MANAGER}))
FENG = Who(37, "冯军", roles=frozenset({Role.GENERAL_MANAGER}))
LIN = Who(38, "林顾问", roles=frozenset({Role.ADVISOR}))
STAFF = (CHEN, LIU, ZHAO, SUN, QIAN, WU, FENG, LIN)
NOBODY = Who()

SOLUTION = "更换隔音棉，周三免费返工"
REPORT = {
    "contact": "今天电话联系，客户希望返工",
    "cause": "process",
    "responsible": "张师傅",
    "solution": SOLUTION,
    "promise": "",
    "loss": "none",
}


@dataclass
class Talk:
    """One conversation about the case, where it lives, and the card it shows there."""

    conversation: Conversation
    home: Home
    card: Say | None = None

    @property
    def open(self) -> bool:
        return bool(self.conversation.step)

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.card.buttons for button in row] if self.card else []

    @property
    def face(self) -> str:
        """The card's words and labels as they are now."""
        assert self.card is not None
        labels = [SCRIPTS.label(self.conversation.dialog, b.label or b.key, b.words) for b in self.buttons]
        return "\n".join([SCRIPTS.text(self.card.script, self.card.words), *labels])


@dataclass(frozen=True)
class Heard:
    """One message: where, when, its words."""

    home: Home
    at: datetime
    script: str
    text: str
    say: Say


@dataclass
class Case:
    """Everything that is going on about one complaint."""

    desk: Desk
    talks: list[Talk] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk.colleagues = STAFF

    # ------------------------------------------------------------ what happens

    def file(self, text: str) -> Case:
        """Mr Wang complains in these words; everything that is opened by it begins."""
        self.begin("complaint", Account(text), Home(person=WANG.person_id), WANG)
        return self

    def begin(self, dialog: str, state: Any, home: Home, who: Who, subject: str = "") -> Talk:
        """A dialog begins at `home`."""
        talk = Talk(self.desk.begin(dialog, state, subject), home)
        self.talks.append(talk)
        self.on(talk, Entered(), who)
        return talk

    def on(self, talk: Talk, event: Event, who: Who) -> None:
        """`talk` answers `event` of `who`; what follows from it in other talks happens too."""
        desk, conversation = self.desk, talk.conversation
        desk.who, desk.home_person = who, talk.home.person or 0
        desk.my_complaints = self._mine()
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
        dialog, conversation = DIALOGS[talk.conversation.dialog], talk.conversation
        permit = dialog.authority.get(pressed.key)
        self.desk.who, self.desk.home_person = who, talk.home.person or 0
        if permit is None and talk.home.queue:
            return False
        if permit is not None and not permit(conversation.state, self.desk.facts(conversation)):
            return False
        self.on(talk, pressed, who)
        return True

    def report(self, leg: str, solution: str = SOLUTION) -> None:
        """The owner of `leg` hands in its form."""
        told = Told("reported", {"leg": leg, "report": REPORT | {"solution": solution}})
        owner = self.leg(leg).owner
        self.on(self.at(leg), told, next(each for each in STAFF if each.person_id == owner))

    def add(self, *texts: str) -> None:
        """The customer presses 补充说明 and says something; three seconds later it has arrived."""
        self.press(WANG, self.sheet, "more")
        words = self.of("complaint_words")[-1].conversation
        for text in texts:
            self.on(self.of("complaint_words")[-1], Said(text), WANG)
        self.until(words.timers["gathered"])

    def gone(self, person: Who, to: Who | None, **changes: Any) -> None:
        """`person` is away or has left; `to` stands in: their roles change, and their work moves (R3, R4)."""
        away = self.desk.now + timedelta(days=9)
        left = replace(person, absent_until=away, substitute=to.person_id if to else 0)
        left = replace(left, **changes)
        self.desk.colleagues = tuple(
            left if each.person_id == person.person_id else each for each in self.desk.colleagues
        )
        if to:
            self.lend(to, person)
        words = {"person": person.person_id, "to": to.person_id if to else 0}
        for talk in self.of("complaint_desk"):
            if self.leg(talk.conversation.state.leg).owner == person.person_id:
                self.on(talk, Told("owner_gone", words), NOBODY)

    def lend(self, to: Who, person: Who) -> None:
        """`to` acts in the roles of `person` too."""
        self.desk.colleagues = tuple(
            replace(each, roles=each.roles | person.roles, lent=each.lent | (person.roles - each.roles))
            if each.person_id == to.person_id
            else each
            for each in self.desk.colleagues
        )

    # ------------------------------------------------------------ time

    def until(self, moment: datetime, *, down: bool = False) -> None:
        """Time passes until `moment`, and every timer rings; `down`: nobody rings any before that moment."""
        if down:
            self.desk.now = moment
        while due := self._next(moment):
            at, _, talk, name = due
            self.desk.now = max(self.desk.now, at)
            talk.conversation.timers.pop(name)
            self.on(talk, Woke(name, late=down and at < moment), NOBODY)
        self.desk.now = moment

    def later(self, *, down: bool = False, **span: float) -> None:
        """The same, for a while."""
        self.until(self.desk.now + timedelta(**span), down=down)

    def _next(self, moment: datetime) -> tuple[datetime, int, Talk, str] | None:
        due = [
            (at, talk.conversation.id, talk, name)
            for talk in self.talks
            if talk.open
            for name, at in talk.conversation.timers.items()
            if at <= moment
        ]
        return min(due, key=lambda each: each[:2], default=None)

    # ------------------------------------------------------------ what there is

    @property
    def complaint(self) -> Complaint:
        assert self.desk.complaint is not None
        return self.desk.complaint

    @property
    def sheet(self) -> Talk:
        """The customer's progress sheet."""
        return next(talk for talk in self.talks if talk.conversation.dialog == "complaint_sheet")

    def of(self, dialog: str) -> list[Talk]:
        """The open conversations of `dialog`."""
        return [talk for talk in self.talks if talk.open and talk.conversation.dialog == dialog]

    def at(self, leg: str) -> Talk:
        """The card of `leg`, which has to be open."""
        (found,) = [talk for talk in self.of("complaint_desk") if talk.conversation.state.leg == leg]
        return found

    def leg(self, name: str) -> Leg:
        """That leg by its history."""
        found = leg_called(name, self.complaint.history)
        assert found is not None
        return found

    @property
    def open(self) -> list[str]:
        """The names of the open legs."""
        return [leg.name for leg in open_legs(self.complaint.history)]

    def read(self, where: Queue | Who, since: int = 0) -> list[str]:
        """What was read at a queue or in somebody's private chat, from message number `since` on."""
        place = Home(queue=where) if isinstance(where, Queue) else Home(person=where.person_id)
        return [each.text for each in self.heard[since:] if each.home == place]

    def rung(self) -> Counter[tuple[str, str]]:
        """Which alarms have rung at which leg, how often."""
        return Counter((each.leg, each.happening.value) for each in self.complaint.of(*ALARMS))

    def _mine(self) -> tuple[Earlier, ...]:
        known = self.desk.complaint
        if known is None or known.state is ComplaintState.CLOSED:
            return ()
        return (Earlier(known.number, known.opened_at, known.classification.category, known.state),)

    def _hear(self, talk: Talk, say: Say) -> None:
        home = talk.home if say.to == HERE else say.to
        text = rendered(talk.conversation.dialog, say)
        self.heard.append(Heard(home, self.desk.now, say.script, text, say))
        if say.to == HERE and (say.buttons or say.in_place):
            talk.card = say


def _said(text: str) -> Event:
    from dialogs.core import Said

    return Said(text)


# ---------------------------------------------------------------- on the way


def filed(desk: Desk, text: str = "你们喷的漆有色差，前台还不理人") -> Case:
    """A complaint that nobody has accepted yet."""
    return Case(desk).file(text)


def at_handling(desk: Desk) -> Case:
    """Accepted by Ms Chen at the front desk."""
    case = filed(desk)
    case.press(CHEN, case.at("intake.front_desk.1"), "accept")
    return case


def at_dispatch(desk: Desk) -> Case:
    """Handed up to the after-sales manager, who has accepted."""
    case = at_handling(desk)
    case.report("handling.front_desk.1")
    case.press(CHEN, case.at("handling.front_desk.1"), "hand_up")
    case.press(ZHAO, case.at("dispatch.after_sales.1"), "accept")
    return case


def dispatch(case: Case, leg: str, *queues: Queue) -> None:
    """The after-sales manager dispatches to exactly these departments."""
    card = case.at(leg)
    case.press(ZHAO, card, "dispatch")
    for queue in {*queues} ^ {Queue(each) for each in card.conversation.state.chosen}:
        case.press(ZHAO, card, "department", queue.value)
    case.press(ZHAO, card, "send")


def at_departments(desk: Desk, *queues: Queue) -> Case:
    """Dispatched; nobody has accepted there."""
    case = at_dispatch(desk)
    dispatch(case, "dispatch.after_sales.1", *(queues or (Queue.WORKSHOP,)))
    return case


def returned(case: Case, leg: str, who: Who, solution: str = SOLUTION) -> None:
    """`who` accepts `leg` and returns its result."""
    case.press(who, case.at(leg), "accept")
    case.report(leg, solution)
    case.press(who, case.at(leg), "result")


def at_summary(desk: Desk) -> Case:
    """The workshop has returned its result."""
    case = at_departments(desk)
    returned(case, "department.workshop.1", SUN)
    return case


def closed(desk: Desk) -> Case:
    """The customer has the answer."""
    case = at_summary(desk)
    case.report("summary.after_sales.1")
    case.press(ZHAO, case.at("summary.after_sales.1"), "close")
    return case


# ---------------------------------------------------------------- what must always be true


def assert_in_order(case: Case) -> None:
    """Open means somebody works on it, with exactly the alarms that its history demands; each rings once (C4, C6)."""
    legs = open_legs(case.complaint.history)
    assert (case.complaint.state is ComplaintState.OPEN) == bool(legs)
    cards = case.of("complaint_desk")
    assert sorted(talk.conversation.state.leg for talk in cards) == sorted(leg.name for leg in legs)
    for leg in legs:
        timers = dict(case.at(leg.name).conversation.timers)
        reminder = timers.pop("pause_reminder", None)
        assert timers == {
            alarm.value: at for alarm, at in alarms_of(leg, STORE.complaints, CALENDAR).items()
        }, leg.name
        assert (reminder is not None) == (leg.pause is not None)
        assert reminder is None or reminder <= case.desk.now + STORE.complaints.pause_reminder
        assert leg.owner == 0 or leg.owner in {each.person_id for each in present(case)}
    ended = [talk for talk in case.talks if not talk.open]
    assert not any(talk.conversation.timers for talk in ended)
    assert all(count == 1 for count in case.rung().values())


def present(case: Case) -> list[Who]:
    """Who is there."""
    return [each for each in case.desk.colleagues if not each.absent_until]


def assert_nothing_unmasked(case: Case, *raw: str) -> None:
    """No group reads a whole plate or number, and no line of the audit log has one (A3, R5)."""
    queues = "\n".join(each.text for each in case.heard if each.home.queue)
    labels = " ".join(
        str(b.words) for each in case.heard if each.home.queue for row in each.say.buttons for b in row
    )
    written = "\n".join(str(each) for each in case.records)
    plain = re.sub(r"[\s·•.\-]|<[^>]*>", "", f"{queues}\n{labels}\n{written}")
    assert [each for each in raw if re.sub(r"[\s·•.\-]", "", each) in plain] == []
