"""What has to leave during the month, worked out from what people do alone: the rulebook in other words.

Not one line of the bot's own arithmetic is used. When somebody does something to an order in the very minute in which
something of it falls due, that comes right after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from tests.service.month import (
    MINUTE,
    STORE_TIME,
    TWO_DAYS,
    Answer,
    Car,
    Deed,
    Reached,
    closing_before,
    half_an_hour_later,
    is_open,
    opening_after,
    shift,
)

HALF_AN_HOUR = 30 * MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """One thing that leaves: when, about which car, what, and the promised time it has to name (None: none)."""

    at: datetime
    car: int
    what: str
    names: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standstill:
    """The process is down from `since` on; everything waits until it is `back`."""

    since: datetime
    back: datetime


def awake(moment: datetime, standstills: Sequence[Standstill]) -> datetime:
    """When what should happen at `moment` happens: nothing answers people, and nothing rings, while the bot is down."""
    return next((down.back for down in standstills if down.since <= moment < down.back), moment)


def expected(car: Car, standstills: Sequence[Standstill] = ()) -> list[Expected]:
    """Everything that has to leave about `car`."""
    visit = _Visit(car, standstills)
    visit.play()
    return visit.leaves


def worked_until(since: datetime, length: timedelta) -> datetime:
    """When `length` of working time has passed since a moment; lunch from twelve to one does not count."""
    for begins, ends in _spans(since):
        begins = max(begins, since)
        if begins < ends:
            if begins + length <= ends:
                return begins + length
            length -= ends - begins
    raise AssertionError


def worked(since: datetime, until: datetime) -> timedelta:
    """Working time between two moments."""
    total = timedelta(0)
    for begins, ends in _spans(since):
        if begins >= until:
            break
        total += max(min(ends, until) - max(begins, since), timedelta(0))
    return total


def _spans(since: datetime) -> Iterator[tuple[datetime, datetime]]:
    for ahead in range(60):
        day = since.date() + timedelta(days=ahead)
        if hours := shift(day):
            noon, one = (datetime.combine(day, time(hour), STORE_TIME) for hour in (12, 13))
            yield hours[0], noon
            yield one, hours[1]


@dataclass
class _Visit:
    """One visit, played by the rules: what stands now, and what has left so far."""

    car: Car
    standstills: Sequence[Standstill]
    now: datetime = field(init=False)
    arrived: datetime = field(init=False)
    promised: datetime = field(init=False)  # the time that stands
    made: datetime = field(init=False)  # since when it counts
    state: str = "come"
    word: str = ""  # the last word to the customer about the standing promise: notice, delay
    word_at: datetime | None = None
    answered: bool = False
    workshop_asked: list[datetime] = field(default_factory=list)
    workshop_answered: bool = False
    asked_before_it: bool = False  # the workshop had been asked when the promise was made
    advisor_asked: datetime | None = None
    said_late: bool = False
    proposed_at: datetime | None = None  # additional work that waits for an answer
    proposed_until: datetime | None = None
    reminded: bool = False
    called_about_it: bool = False
    silent_since: datetime = field(init=False)
    wanted: list[tuple[datetime, Deed, datetime | None]] = field(default_factory=list)
    leaves: list[Expected] = field(default_factory=list)

    def play(self) -> None:
        """Everything in the order of time."""
        self.promised = self.car.promised
        for deed in self.car.deeds:
            self._want(deed.at, deed)
        while self.wanted:
            at, deed, about = self.wanted[0]
            if (soonest := min(self._due(), default=None)) and soonest[0] < at:
                self.now = max(soonest[0], self.now)
                self._fall_due(soonest[1])
                continue
            self.now = at
            self.wanted.pop(0)
            self._do(deed, about)
            while (soonest := min(self._due_of_the_order(), default=None)) and soonest[0] <= at:
                self._fall_due(soonest[1])

    def _want(self, at: datetime, deed: Deed, about: datetime | None = None) -> None:
        """`about` is the moment of the question that an answer belongs to."""
        self.wanted.append((awake(at, self.standstills), deed, about))
        self.wanted.sort(key=lambda each: each[0])

    # ------------------------------------------------------------ what people do

    def _do(self, deed: Deed, about: datetime | None) -> None:
        match deed.what:
            case "come":
                self.silent_since = self.now
                if self.car.reached is not Reached.PHONE:
                    self._tell("sheet", self.promised)
            case "sign":
                self.state, self.arrived, self.made = "in work", self.now, self.now
                self.silent_since = self.now
            case "ready":
                self.state, self.advisor_asked = "ready", None
                if self.word == "delay" or max(self._usual(), self.made) <= self.now:
                    self._notice()
            case "early" if self.state == "ready" and self.word != "notice":
                self._notice()
            case "promise" if self._can_be_said(deed):
                self._promise(deed.until)
            case "settle" | "leave":
                self.state, self.proposed_at = deed.what, None
                if deed.what == "leave" and self.car.reached is Reached.CHAT:
                    self._leave("farewell")
            case "answer" if self.state == "ready" and about == self.word_at:
                self.answered = True
            case "workshop" if self.state == "in work" and self.workshop_asked[:1] == [about]:
                self.workshop_answered = True
                if self.car.workshop.what == "late" and not self.said_late:
                    self.said_late = True
                    self._promise(half_an_hour_later(self.promised, self.now))
            case "propose":
                self._propose(deed.until)
            case "decide" if about == self.proposed_at and self.state in ("in work", "ready"):
                self._decide()
            case "advisor" if about == self.advisor_asked and self._can_be_said(deed):
                self._promise(deed.until)

    def _can_be_said(self, deed: Deed) -> bool:
        """Nobody promises what is past, or what stands already."""
        return deed.until is not None and self.now < deed.until != self.promised

    def _propose(self, until: datetime | None) -> None:
        """X1: at once; the new time is part of the question where it is later than the promised one."""
        self.proposed_at, self.reminded = self.now, False
        self.called_about_it = self.car.reached is not Reached.CHAT
        self.proposed_until = until if until and until > max(self.promised, self.now) else None
        self._tell("question", self.proposed_until or (self.promised if self.promised > self.now else None))
        if self.car.reached is Reached.CHAT:
            self._react(self.car.decides, "decide")

    def _decide(self) -> None:
        """X3: agreed, the promise moves with the answer; the customer has read the new time in the question."""
        until, self.proposed_at = self.proposed_until, None
        if self.car.decides.what == "agree" and until and until > max(self.promised, self.now):
            self._stands(until)
            self.silent_since = self.now
        elif self.car.decides.what == "agree" and until and until > self.promised:
            self._fall_due("ask advisor")  # the answer came after the time that it agreed to

    def _stands(self, until: datetime) -> None:
        self.asked_before_it = self.asked_before_it or bool(self.workshop_asked)
        self.promised, self.made = until, self.now
        self.word, self.word_at, self.answered = "", None, False
        self.workshop_asked, self.workshop_answered, self.advisor_asked = [], False, None

    def _promise(self, until: datetime | None) -> None:
        assert until is not None
        self._stands(until)
        if self.state == "ready" and self._usual() <= self.now:
            self._notice()
        else:
            self._tell("new time", self.promised)

    # ------------------------------------------------------------ what falls due

    def _usual(self) -> datetime:
        """P1, P8: an hour before, four from two days on; where nobody is there then, at the closing before."""
        hours = 4 if self.promised - self.arrived >= TWO_DAYS else 1
        moment = self.promised - timedelta(hours=hours)
        return moment if is_open(moment) else closing_before(moment)

    def _late(self) -> datetime:
        """P3 and decision 0013: by when the customer hears that the car is not ready."""
        if self._usual() - HALF_AN_HOUR > self.made:
            return self._usual()
        share = self.made + (self.promised - self.made) * 3 / 4
        if is_open(share):
            return share
        if closing_before(share) > self.made:
            return closing_before(share)
        return opening_after(share) if opening_after(share) < self.promised else self.made

    def _question(self) -> datetime:
        moment = self._late() - HALF_AN_HOUR
        return max(self.made, moment if is_open(moment) else closing_before(moment))

    def _due(self) -> list[tuple[datetime, str]]:
        """What falls due next, as far as it can be seen now."""
        return self._due_of_the_order() + self._due_of_the_question()

    def _due_of_the_question(self) -> list[tuple[datetime, str]]:
        """X2: reminded after a quarter of an hour, called after half an hour."""
        if not self.proposed_at or self.called_about_it:
            return []
        found = [(self.proposed_at + HALF_AN_HOUR, "call: work_unanswered")]
        if not self.reminded:
            found.append((self.proposed_at + 15 * MINUTE, "reminder"))
        return [(awake(at, self.standstills), what) for at, what in found]

    def _due_of_the_order(self) -> list[tuple[datetime, str]]:
        found: list[tuple[datetime, str]] = []
        if self.state == "ready":
            if self.word != "notice":
                found.append((self._usual(), "notice"))
            elif not self.answered and self.car.reached is Reached.CHAT and self.word_at:
                found.append((self.word_at + HALF_AN_HOUR, "unanswered"))
        if self.state == "in work":
            if not self.word:
                found.append((self._late(), "delay"))
                if not self.advisor_asked:
                    found.append((self._question(), "ask advisor"))
            found += self._questions_to_the_workshop()
            found.append((worked_until(self.silent_since, timedelta(hours=4)), "silence"))
        return [(awake(at, self.standstills), what) for at, what in found]

    def _questions_to_the_workshop(self) -> list[tuple[datetime, str]]:
        """G1, G3: after three quarters of the working time, and a second time after a quarter of an hour."""
        if not self.workshop_asked:
            share = worked(self.arrived, self.promised) * 3 / 4
            due = worked_until(self.arrived, share)
            if not share or due <= self.made:
                return []
            if self.asked_before_it and (left := worked(self.made, self.promised) * 3 / 4):
                due = max(due, worked_until(self.made, left))
            return [(due, "ask workshop")]
        again = len(self.workshop_asked) == 1 and not self.workshop_answered
        return [(self.workshop_asked[0] + 15 * MINUTE, "ask again")] if again else []

    def _fall_due(self, what: str) -> None:
        match what:
            case "notice":
                self._notice()
            case "delay":
                self.word, self.word_at = "delay", self.now
                self._tell("delay", self.promised)
                self._leave("no reason", self.promised)
            case "unanswered":
                self.answered = True
                self._leave("call: unanswered")
            case "ask workshop" | "ask again":
                self.workshop_asked.append(self.now)
                self._leave(what, self.promised)
                if what == "ask workshop":
                    self._react(self.car.workshop, "workshop")
            case "ask advisor":
                self.advisor_asked = self.now
                self._leave(what, self.promised)
                self._react(self.car.advisor, "advisor")
            case "silence":
                self.silent_since = self.now
                self._leave("silence")
            case "reminder":
                self.reminded = True
                self._leave(what)
            case "call: work_unanswered":
                self.called_about_it = True
                self._leave(what)
                self._leave("no answer")

    def _notice(self) -> None:
        self.word, self.word_at, self.answered = "notice", self.now, False
        # A car that is late can be fetched at once: there is no time to name.
        self._tell("notice", self.promised if self.promised > self.now else None)
        if self.car.reached is Reached.CHAT:
            self._react(self.car.answers, "answer")

    def _react(self, answer: Answer, what: str) -> None:
        if answer.what:
            self._want(self.now + answer.wait, Deed(self.now, what, answer.until), self.now)

    def _tell(self, what: str, names: datetime | None) -> None:
        """Into the chat; who cannot be reached there is called, with the same words."""
        self.silent_since = self.now
        self._leave(what if self.car.reached is Reached.CHAT else f"call: {what}", names)

    def _leave(self, what: str, names: datetime | None = None) -> None:
        self.leaves.append(Expected(self.now, self.car.number, what, names))
