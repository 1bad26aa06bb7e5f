"""How a follow-up goes on by the clock, is put off, and ends (F2, F5, F6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.complaint_opening import first_answer
from dialogs.core import Effect, Kind, Record, Say, Turn, Unwake, Wake, done, stay
from dialogs.effects import GiveAnswer, NoteFollowUp, OptOut
from dialogs.follow_up_answers import filled
from dialogs.follow_up_card import closing, last_words
from dialogs.follow_up_complaint import complained
from dialogs.follow_up_planning import followed
from domain.complaints import Complainant
from domain.follow_up_plan import expires_at, first_convenient, gives_up_at, next_nudge, tomorrow
from domain.follow_ups import (
    DECLINED,
    NOTHING_TO_ASK,
    TOO_LATE,
    FollowUp,
    FollowUpState,
    Hindrance,
)

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.questionnaires import Answer, Paper

ONE_DAY = timedelta(days=1)
FIRST, NUDGE, AGREED, RESTS = "first", "nudge", "agreed", "rests"
"""Why we say something by ourselves: the invitation, a reminder, the time they chose, silence (no message then)."""

TIMERS = {"due": FIRST, "nudge": NUDGE, "agreed": AGREED}


@dataclass(frozen=True, slots=True)
class Contact:
    """What is remembered of a contact; answers are in the books.

    `question`: the one that is asked now ("": the next one that is open); `ticked`: of its options, those chosen so
    far; `heard`: something was sent to it already. `sending`: why the next card is shown ("": they pressed or typed).
    `wished`: a time they typed, which we read back; `agreed`: the time at which we ask again.
    """

    question: str = ""
    ticked: tuple[str, ...] = ()
    heard: bool = False
    sending: str = ""
    wished: datetime | None = None
    agreed: datetime | None = None


# ---------------------------------------------------------------- by the clock


def hindered(follow_up: FollowUp, paper: Paper | None, sending: str, facts: Facts) -> Turn | None:
    """The look before each message of ours: whoever must not be asked now is asked later, or not at all (F2).

    None: nothing hinders it. UNREACHABLE is left to the caller.
    """
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    match facts.hindrance:
        case Hindrance.OPTED_OUT | Hindrance.OWN_CAR as reason:
            return done(*ended(follow_up, reason.value, facts))
        case _ if paper is None or (sending == FIRST and (paper.next is None or paper.is_needless)):
            return done(*ended(follow_up, NOTHING_TO_ASK, facts))
        case Hindrance.COMPLAINT:
            return _tried_again(follow_up, sending, facts)
        case Hindrance.CONTACTED if (
            sending != AGREED
        ):  # what they asked for themselves is no second care message
            return _tried_again(follow_up, sending, facts)
        case _ if (opens := first_convenient(facts.now, figures, zone)) > facts.now:
            return stay(wake(sending, opens, follow_up))
        case _:
            return None


def _tried_again(follow_up: FollowUp, sending: str, facts: Facts) -> Turn:
    """Another day, at another time of it; the first question at the latest some days after its time is over."""
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    at = tomorrow(facts.now, follow_up.number, figures, zone)
    if sending != FIRST:
        return stay(wake(sending, at, follow_up))
    if at.astimezone(UTC) > gives_up_at(follow_up, figures).astimezone(UTC):
        return done(*ended(follow_up, TOO_LATE, facts))
    return stay(wake(sending, at, follow_up), NoteFollowUp(replace(follow_up, due_at=at)))


def asking(follow_up: FollowUp, paper: Paper, sending: str, facts: Facts) -> tuple[Effect, ...]:
    """What is noted with a message of ours, and when the next one is due."""
    noted = follow_up
    if sending == FIRST:
        sheet = paper.questionnaire.version
        noted = replace(
            follow_up, state=FollowUpState.INVITED, version=sheet, invited_at=facts.now, due_at=facts.now
        )
    elif sending == NUDGE:
        noted = replace(follow_up, nudges=follow_up.nudges + 1)
    wakes: tuple[Effect, ...] = (nudged(noted, facts),)
    if sending == FIRST:
        over = expires_at(facts.now, facts.store.follow_ups)
        record = Record("follow_up.invited", follow_up.number, {"sheet": follow_up.questionnaire})
        wakes = (*wakes, wake("expires", over, follow_up), record)
    return NoteFollowUp(noted), *wakes


def put_off(follow_up: FollowUp, at: datetime, facts: Facts) -> tuple[Effect, ...]:
    """They chose another time: we ask then, and keep still until then. A sheet lasts a day longer than that (F2)."""
    invited = follow_up.invited_at or facts.now
    over = expires_at(invited, facts.store.follow_ups)
    last = max(over, at + ONE_DAY, key=lambda moment: moment.astimezone(UTC))
    return (
        NoteFollowUp(replace(follow_up, due_at=at)),
        Unwake("nudge"),
        Unwake("rest"),
        wake("agreed", at, follow_up),
        wake("expires", last, follow_up),
    )


def nudged(follow_up: FollowUp, facts: Facts) -> Effect:
    """The next reminder, counted from now; none where there were enough (F2)."""
    at = next_nudge(follow_up, facts.now, facts.store.follow_ups, facts.calendar.zone)
    return Unwake("nudge") if at is None else wake("nudge", at, follow_up)


def wake(name: str, at: datetime, follow_up: FollowUp) -> Wake:
    """A timer of this contact; `name` may be what is sent then."""
    timer = next((timer for timer, sending in TIMERS.items() if sending == name), name)
    return Wake(timer, at, {"number": follow_up.number})


def manner(sending: str) -> dict[str, Any]:
    """How a card is sent: an invitation and its reminders as care, what was agreed as a reminder of it."""
    match sending:
        case "first" | "nudge":
            return {"kind": Kind.CARE, "fresh": True}
        case "agreed":
            return {"kind": Kind.REMINDER, "fresh": True}
        case "rests":
            return {"in_place": True}
        case _:
            return {}


# ---------------------------------------------------------------- ends


def ended(follow_up: FollowUp, reason: str, facts: Facts) -> tuple[Effect, ...]:
    """It is over before it is filled in; what was answered so far still counts."""
    answered = any(not answer.is_skipped for answer in follow_up.answers)
    state = FollowUpState.ANSWERED if answered else FollowUpState.SKIPPED
    return _noted(replace(follow_up, state=state, reason=reason, ended_at=facts.now))


def expired(follow_up: FollowUp, facts: Facts) -> tuple[Effect, ...]:
    """The time is over; what was left bad or open is asked about later (F1)."""
    if follow_up.invited_at is None:
        return ended(follow_up, TOO_LATE, facts)
    over = replace(follow_up, state=FollowUpState.EXPIRED, ended_at=facts.now)
    return *_noted(over), *followed(over, facts)


def finished(
    follow_up: FollowUp, paper: Paper, facts: Facts, *given: Effect, in_place: bool = False, note: str = ""
) -> Turn:
    """Filled in: thanks (F3). `note`: what else is said, "passed_on" of a question of theirs."""
    over = replace(follow_up, state=FollowUpState.ANSWERED, ended_at=facts.now)
    thanks = replace(closing(follow_up, paper, facts, note), in_place=in_place)
    return done(*given, *_noted(over), thanks, *followed(over, facts))


def annoyed(follow_up: FollowUp, paper: Paper, answer: Answer, facts: Facts) -> Turn:
    """A bad answer becomes a complaint, and nothing else is asked (F5)."""
    number, filed = complained(follow_up, paper, answer, facts)
    after = filled(paper, answer)
    over = replace(
        follow_up,
        state=FollowUpState.ANSWERED,
        complaint=number,
        ended_at=facts.now,
        answers=tuple(after.answers.values()),
    )
    by = Complainant(follow_up.person_id, follow_up.customer_id, follow_up.address, follow_up.phone)
    words = {"number": number, "due": first_answer(by, facts), "now": facts.now}
    sorry = last_words("sorry", follow_up, facts, **words)
    given = GiveAnswer(follow_up.number, answer)
    return done(given, *_noted(over), sorry, *filed, *followed(over, facts))


def never_again(follow_up: FollowUp, facts: Facts) -> Turn:
    """退订: no care messages any more (K5)."""
    out = Hindrance.OPTED_OUT.value
    return done(OptOut(), *ended(follow_up, out, facts), Say("front_desk/opt_out"))


def cancelled(contact: Contact, facts: Facts) -> tuple[Effect, ...]:
    """取消, 人工: they will not go on with it."""
    follow_up = facts.follow_up
    return () if follow_up is None or not follow_up.state.is_open else ended(follow_up, DECLINED, facts)


def _noted(over: FollowUp) -> tuple[Effect, ...]:
    record = Record("follow_up.ended", over.number, {"state": over.state.value, "reason": over.reason})
    return NoteFollowUp(over), record
