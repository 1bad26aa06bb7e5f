"""Who complains and who works on it, and what they press: at random, mostly what fits, sometimes what does not."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from dialogs.complaint_moves import Held
from dialogs.core import Said
from domain.complaint_chain import Leg, leg_name, open_legs
from domain.complaint_ladder import DEPARTMENTS, may_own
from domain.complaints import ComplaintState, Step
from domain.people import Role
from service.ports import Incoming, Sender
from storage import complaints, places
from storage.people import PEOPLE, STAFF_ROLES
from tests.faults.duty import Reported, Task
from tests.faults.presses import Card, Presses, cards_of
from tests.faults.shop import GROUP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from domain.complaints import Complaint
    from storage.engine import Books, Unit

SUPERVISORS = 301, 302
FRONT_DESK_MANAGER = 303
AFTER_SALES_MANAGER = 304
GENERAL_MANAGER = 311
ROLES = {
    **dict.fromkeys(SUPERVISORS, Role.FRONT_DESK_SUPERVISOR),
    FRONT_DESK_MANAGER: Role.FRONT_DESK_MANAGER,
    AFTER_SALES_MANAGER: Role.AFTER_SALES_MANAGER,
    305: Role.WORKSHOP_SUPERVISOR,
    306: Role.WORKSHOP_SUPERVISOR,
    307: Role.PARTS_MANAGER,
    308: Role.CUSTOMER_CARE_MANAGER,
    309: Role.SETTLEMENT_MANAGER,
    310: Role.SALES_MANAGER,
    GENERAL_MANAGER: Role.GENERAL_MANAGER,
}
"""The colleagues, by their number."""

FIRST_CUSTOMER = 1001
FAULTS = (
    "我要投诉，喷漆有色差",
    "我要投诉，修完又坏了，返修了两次",
    "我要投诉，配件等了半个月还没到",
    "我要投诉，收费比说好的贵了三百块",
    "我要投诉，前台接待态度很差",
    "我要投诉，销售答应的赠品一直没有给",
    "我要投诉，刹车失灵差点出事故",
)
MORE_WORDS = "车上的脚垫也弄脏了", "当时在场的还有我太太", "照片我下午再补给你们看"
FORM = {
    "contact": "今天电话联系，客户希望返工", "cause": "process", "responsible": "师傅", "solution": "周三免费返工",
    "promise": "", "loss": "none",
}  # fmt: skip

Moves = list[tuple[int, str, str]]
"""Who presses which button with which value, one after the other on the same card."""


async def gather(
    books: Books, customers: int, now: datetime, roles: Mapping[int, Role] = MappingProxyType(ROLES)
) -> None:
    """All colleagues in their roles, a bound staff group, and so many customers. Everybody's number is their user's."""
    everybody = [*roles, *range(FIRST_CUSTOMER, FIRST_CUSTOMER + customers)]
    who = {"first_name": "小林", "username": "", "reachable": True, "opted_out": False, "first_seen": now}
    async with books.unit() as unit:
        await unit.run_many(insert(PEOPLE), ({"id": one, "user_id": one} | who for one in everybody))
        held = ({"person_id": one, "role": role.value, "since": now} for one, role in roles.items())
        await unit.run_many(insert(STAFF_ROLES), held)
        await places.bind(unit, GROUP, has_topics=False)
        if unit.is_postgres:  # its counter knows nothing of numbers that were given by hand
            counter = func.pg_get_serial_sequence(PEOPLE.name, "id")
            await unit.rows(select(func.setval(counter, everybody[-1])))


@dataclass(frozen=True)
class Case:
    """An unfinished case: its history, the cards of its open legs, the customer's sheet."""

    complaint: Complaint
    desks: tuple[tuple[Leg, Card, Held], ...]
    sheet: Card | None


async def cases(unit: Unit, wanted: Collection[str], read: Any) -> list[Case]:
    """The cases `wanted` as they are in the books; `read` makes what a card remembers out of its state."""
    of_case = await cards_of(unit, wanted)
    found = []
    for complaint in await complaints.load_many(unit, wanted):
        legs = {leg.name: leg for leg in open_legs(complaint.history)}
        held = [(card, read(card.state)) for card in of_case.get((complaint.number, "complaint_desk"), ())]
        desks = tuple((legs[state.leg], card, state) for card, state in held if state.leg in legs)
        sheets = of_case.get((complaint.number, "complaint_sheet"), [])
        found.append(Case(complaint, desks, sheets[0] if sheets else None))
    return found


class Shift(Presses):
    """Everybody's presses and words about complaints."""

    # ------------------------------------------------------------ customers

    def complains(self, customer: int) -> Incoming:
        """A customer complains in their own words (C1)."""
        return self._says(customer, self.rng.choice(FAULTS))

    def _says(self, user: int, text: str) -> Incoming:
        return Incoming(next(self.numbers), Sender(user, "客户"), user, Said(text))

    def _at_the_sheet(self, case: Case) -> Iterator[Incoming]:
        """More words, 一键找店长, or the verdict (C8, C10)."""
        sheet, customer = case.sheet, case.complaint.by.person
        assert sheet is not None
        if case.complaint.state is ComplaintState.CLOSED:
            verdict = self.rng.choice(("dissatisfied", "dissatisfied", "satisfied"))
            yield self.press(customer, customer, sheet, verdict)
            return
        yield self.press(customer, customer, sheet, self.rng.choice(("more", "more", "boss")))
        yield self._says(customer, self.rng.choice(MORE_WORDS))

    # ------------------------------------------------------------ colleagues

    def works_on(self, case: Case) -> list[list[Task]]:
        """What people do about `case`, each one thing after the other; in some cases two race for it."""
        rng = self.rng
        if case.sheet is not None and (not case.desks or rng.random() < 0.1):
            return [[tuple(self._at_the_sheet(case))]]
        if not case.desks:
            return []
        leg, card, held = rng.choice(case.desks)
        if not held.face and not leg.pause and rng.random() < 0.5:
            return [self._all_of_it(case, leg, card)]
        deeds: list[list[Task]] = [[tuple(self._sequence(card, self._moves(case, leg, held)))]]
        if rng.random() < 0.15:  # somebody else at the same time, perhaps at the other process
            deeds.append([tuple(self._sequence(card, self._moves(case, leg, held)))])
        if rng.random() < 0.05:  # who must not, or what is not there
            deeds.append([(self.press(rng.choice((*ROLES, FIRST_CUSTOMER)), GROUP, card, rng.choice(KEYS)),)])
        return deeds

    def _all_of_it(self, case: Case, leg: Leg, card: Card) -> list[Task]:
        """Somebody takes the step from where it is to its end: accepts it, reports it, passes it on."""
        deeds: list[Task] = []
        who, name, step = leg.owner, leg.name, leg.step
        if not who:
            who = self.rng.choice(_able(leg)[:-1])
            deeds.append((self.press(who, GROUP, card, "accept"),))
            if step is Step.INTAKE:  # the supervisor's own handling begins with it (C4)
                step = Step.HANDLING
                name = leg_name(step, leg.queue, leg.round)
        if leg.report is None and step is not Step.DISPATCH:
            deeds.append(Reported(who, case.complaint.number, name, FORM))
        last = self._onward(case, step, who)
        return [*deeds, tuple(self._sequence(card, last, len(deeds)))]

    def _sequence(self, card: Card, moves: Moves, before: int = 0) -> Iterator[Incoming]:
        """`before`: so many things happen to the card before."""
        for later, (user, key, value) in enumerate(moves, start=before):
            yield self.press(user, GROUP, card, key, value, later)
            if self.rng.random() < 0.05:  # a double tap
                yield self.press(user, GROUP, card, key, value, later)

    def _moves(self, case: Case, leg: Leg, held: Held) -> Moves:
        rng = self.rng
        able = _able(leg)
        if not leg.owner:
            return [(rng.choice(able), "accept", "")]
        who = leg.owner
        if held.face:
            return [(who, "back", "")]
        if leg.pause and rng.random() < 0.7:
            return [(who, "go_on", "")]
        match rng.random():
            case draw if draw < 0.08 and not leg.pause:
                return [(who, "pause", ""), (who, "because", rng.choice(("reply", "visit", "papers")))]
            case draw if draw < 0.14:
                return [(rng.choice((who, GENERAL_MANAGER)), "hand_over", ""), (who, "release", "")]
            case draw if draw < 0.22:
                to = rng.choice([one for one in able if one != who] or able)
                return [(who, "hand_over", ""), (who, "to", str(to))]
            case draw if draw < 0.26:
                return [(who, "classify", ""), (who, "severity", rng.choice(("minor", "major")))]
            case draw if draw < 0.29:
                return [(who, "contact", "")]
        return self._onward(case, leg.step, leg.owner)

    def _onward(self, case: Case, step: Step, who: int) -> Moves:
        """What takes the step further: 转售后经理, 派单, 反馈结果 or 不属本部门, 结案."""
        rng = self.rng
        dispatch = [(who, "dispatch", ""), *self._picks(who, case.complaint), (who, "send", "")]
        match step:
            case Step.HANDLING:
                return [(who, "hand_up", "")]
            case Step.DISPATCH:
                return dispatch
            case Step.DEPARTMENT:
                return [(who, "decline" if rng.random() < 0.1 else "result", "")]
        return dispatch if rng.random() < 0.1 else [(who, "close", "")]

    def _picks(self, who: int, complaint: Complaint) -> Moves:
        """One to three departments: what is proposed already need not be pressed."""
        wanted = set(self.rng.sample([queue.value for queue in DEPARTMENTS], self.rng.randint(1, 3)))
        presses = sorted(wanted ^ {complaint.classification.department.value})
        return [(who, "department", queue) for queue in presses]


def _able(leg: Leg) -> list[int]:
    """Who may own it; the general manager, who may own everything, is the last."""
    return [one for one, role in ROLES.items() if may_own((role,), leg.step, leg.queue)]


KEYS = "accept", "send", "release", "result", "close", "never_was", "go_on"
