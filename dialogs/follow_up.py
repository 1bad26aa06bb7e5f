"""Follow-up 跟踪回访: one contact with a customer, from the day it is planned to its end (F1–F6).

It waits until it is due, invites, and asks one question after the other on the same card. Whoever falls silent finds
it where they left it; whoever has no time says when. In every step a timer may find that it is over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dialogs.core import (
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Media,
    Outcome,
    Pressed,
    Said,
    Say,
    SentMedia,
    Toast,
    Told,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import GiveAnswer, NoteFollowUp
from dialogs.facts import COLLEAGUES, FOLLOW_UP, QUESTIONNAIRES, ROUTING
from dialogs.follow_up_answers import filled, sent, taken, ticks
from dialogs.follow_up_card import (
    invitation,
    known_of,
    question_card,
    read_back,
    resting_card,
    times_card,
)
from dialogs.follow_up_moves import (
    AGREED,
    FIRST,
    NUDGE,
    ONE_DAY,
    RESTS,
    TIMERS,
    Contact,
    annoyed,
    asking,
    cancelled,
    ended,
    expired,
    finished,
    hindered,
    manner,
    never_again,
    nudged,
    put_off,
    wake,
)
from dialogs.question_moves import asked as question_filed
from dialogs.slot_picker import MINUTE_OF_VALUE, of_our_age
from domain.customer_questions import is_question
from domain.follow_up_plan import expires_at, first_convenient, gives_up_at, later, wished
from domain.follow_ups import NOTHING_TO_ASK, TOO_LATE, FollowUp, FollowUpState, Hindrance
from domain.intents import Intent, find_command
from domain.opting_out import Wish, care_wish
from domain.people import Queue
from domain.putting_off import puts_off
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.core import Effect
    from dialogs.facts import Facts
    from domain.moments import Moment
    from domain.questionnaires import Answer, Paper, Question


def planned(contact: Contact, event: Event, facts: Facts) -> Turn:
    """Nobody has heard of it yet: it waits for its time (F1)."""
    follow_up = facts.follow_up
    if follow_up is None or not follow_up.state.is_open:
        return done()
    match event:
        case Entered():
            return ask(contact, wake("due", follow_up.due_at, follow_up))
        case Woke("due"):
            return _we_ask(contact, follow_up, FIRST, facts)
        case _:
            return stay()


def invite(contact: Contact, event: Event, facts: Facts) -> Turn:
    """开始, 稍后, 不方便, 不再打扰 (F2)."""
    follow_up, paper = facts.follow_up, facts.paper
    if follow_up is None or paper is None or not follow_up.state.is_open:
        return _over(event, facts)
    match event:
        case Entered():
            card = invitation(follow_up, paper, facts, again=_again(contact))
            return ask(replace(contact, sending=""), replace(card, **manner(contact.sending)))
        case Woke("rest"):
            return stay()
        case _:
            return _anywhere(contact, event, follow_up, facts) or stay(Toast("follow_up/press_please"))


def question(contact: Contact, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per sort of answer
    """One question at a time; a press, words, a voice message or a photo answer it, each where it fits (F3)."""
    follow_up, paper = facts.follow_up, facts.paper
    if follow_up is None or paper is None or not follow_up.state.is_open:
        return _over(event, facts)
    asked = _asked(contact, paper)
    if asked is None:
        return finished(follow_up, paper, facts)
    match event:
        case Entered():
            return ask(contact, _card(contact, asked, follow_up, paper, facts))
        case Pressed("previous"):
            return _shown(paper.before(asked.id) or asked, follow_up, paper, facts)
        case Said(text) if find_command(text) is Intent.BACK:
            return _shown(paper.before(asked.id) or asked, follow_up, paper, facts)
        case Said(text) if care_wish(text) is Wish.OUT:
            return never_again(follow_up, facts)
        case Said(text) if puts_off(text):
            return _later(contact, follow_up, facts)
        case Said(text) if find_command(text) is Intent.RESCHEDULE:
            return then(other_time, replace(contact, wished=None))
        case Pressed("on"):
            return _on(follow_up, paper, facts)
        case SentMedia() if (given := sent(paper, asked, event, facts)) is not None:
            return _kept(contact, given, follow_up, paper, facts)
        case _ if (ticked := ticks(asked, event, contact.ticked)) is not None:
            ticking = replace(contact, ticked=ticked)
            return ask(ticking, _card(ticking, asked, follow_up, paper, facts), *_clocks(follow_up, facts))
        case _ if (given := taken(paper, asked, event, facts, contact.ticked)) is not None:
            return _answered(given, asked, follow_up, paper, facts)
        case _:
            return _anywhere(contact, event, follow_up, facts) or ask_again(
                contact, _card(contact, asked, follow_up, paper, facts, note="again")
            )


def other_time(contact: Contact, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per way to say it
    """When does it suit? A time from the card at once; a typed one is read back (F2)."""
    follow_up = facts.follow_up
    if follow_up is None or facts.paper is None or not follow_up.state.is_open:
        return _over(event, facts)
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    match event:
        case Entered():
            return ask(contact, _times(contact, facts), _rest(facts))
        case Pressed("at", value) if (at := _pressed(value, facts)) is not None:
            return _agreed(contact, wished(at, facts.now, figures, zone), follow_up, facts)
        case Pressed("confirm") if contact.wished is not None:
            return _agreed(contact, wished(contact.wished, facts.now, figures, zone), follow_up, facts)
        case Said(text) if contact.wished is not None and find_command(text) is Intent.CONFIRM:
            return _agreed(contact, wished(contact.wished, facts.now, figures, zone), follow_up, facts)
        case Pressed("not_now"):
            return then(other_time, replace(contact, wished=None))
        case Said(text) if contact.wished is not None and find_command(text) is Intent.DECLINE:
            return then(other_time, replace(contact, wished=None))
        case Said(text) if care_wish(text) is Wish.OUT:
            return never_again(follow_up, facts)
        case Said(text) if (moment := understand(text, facts.now).moment) and of_our_age(moment.start):
            return then(
                other_time, replace(contact, wished=wished(_meant(moment, facts), facts.now, figures, zone))
            )
        case Said(text) if puts_off(text):
            return _later(contact, follow_up, facts)
        case _:
            return _anywhere(contact, event, follow_up, facts) or ask_again(
                replace(contact, wished=None), times_card(facts, again=True)
            )


def resting(contact: Contact, event: Event, facts: Facts) -> Turn:
    """Half-filled, or put off: the card waits, 继续 takes it up (F2)."""
    follow_up, paper = facts.follow_up, facts.paper
    if follow_up is None or paper is None or not follow_up.state.is_open:
        return _over(event, facts)
    match event:
        case Entered():
            card = resting_card(paper, facts, contact.agreed, again=_again(contact))
            return ask(replace(contact, sending=""), replace(card, **manner(contact.sending)))
        case Woke("rest"):
            return stay()
        case _:
            return _anywhere(contact, event, follow_up, facts) or stay(Toast("follow_up/press_please"))


def to_call(contact: Contact, event: Event, facts: Facts) -> Turn:
    """They cannot be asked in the chat: a colleague calls, or nobody does in time (F4)."""
    follow_up, paper = facts.follow_up, facts.paper
    if follow_up is None or not follow_up.state.is_open:
        return done()
    match event:
        case Entered() if (
            paper is not None and follow_up.invited_at and facts.who.person_id == facts.home_person
        ):
            # An old card was pressed: they are back.
            return then(invite, Contact(), *_back(follow_up, facts))
        case Entered():
            last = max(gives_up_at(follow_up, facts.store.follow_ups), facts.now + ONE_DAY, key=_instant)
            return ask(contact, wake("gives_up", last, follow_up))
        case Woke("gives_up") if follow_up.held_by(facts.now, facts.store.follow_ups):
            return stay(wake("gives_up", facts.now + facts.store.follow_ups.call_kept, follow_up))
        case Woke("gives_up"):
            return done(
                *(expired(follow_up, facts) if follow_up.invited_at else ended(follow_up, TOO_LATE, facts))
            )
        case _:
            return stay()


# ---------------------------------------------------------------- in every step


def _anywhere(contact: Contact, event: Event, follow_up: FollowUp, facts: Facts) -> Turn | None:
    """What a card of ours always leads to, and what the clock does; None: this step's own business."""
    match event:
        case Pressed("begin" | "go_on"):
            return _begun(contact, follow_up, facts)
        case Pressed("later"):
            return _later(contact, follow_up, facts)
        case Pressed("not_now"):
            return then(other_time, replace(contact, wished=None))
        case Pressed("stop"):
            return never_again(follow_up, facts)
        case Woke("rest" | "nudge" | "agreed") if facts.paper is not None and facts.paper.next is None:
            # Everything was answered, the last with a voice message or a photo, and no more came.
            return finished(follow_up, facts.paper, facts, in_place=True)
        case Woke("rest"):
            return then(resting, replace(contact, sending=RESTS, wished=None))
        case Woke("expires"):
            return _expired(event, follow_up, facts)
        case Woke(name) if name in TIMERS:
            return _we_ask(contact, follow_up, TIMERS[name], facts)
        case Woke() | Told():
            return stay()
        case _:
            return None


def _we_ask(contact: Contact, follow_up: FollowUp, sending: str, facts: Facts) -> Turn:
    """A message by ourselves, if nothing hinders it: invitation, reminder, or at the time they chose (F2)."""
    paper = facts.paper
    if follow_up.state is FollowUpState.TO_CALL:
        return _left_to_colleagues()
    if (turn := hindered(follow_up, paper, sending, facts)) is not None:
        over = turn.outcome is Outcome.DONE and follow_up.invited_at is not None
        return replace(turn, effects=(*turn.effects, _gone(Woke(sending)))) if over else turn
    if paper is None or facts.hindrance is Hindrance.UNREACHABLE:
        return _left_to_colleagues(NoteFollowUp(replace(follow_up, state=FollowUpState.TO_CALL)))
    step = resting if follow_up.state is FollowUpState.ANSWERING else invite
    telling = replace(contact, sending=sending, agreed=None, wished=None)
    return then(step, telling, *asking(follow_up, paper, sending, facts))


def _again(contact: Contact) -> str:
    return contact.sending if contact.sending in (NUDGE, AGREED) else ""


def _back(follow_up: FollowUp, facts: Facts) -> tuple[Effect, ...]:
    """They can be asked in the chat again, for a day at least."""
    over = expires_at(follow_up.invited_at or facts.now, facts.store.follow_ups)
    last = max(over, facts.now + ONE_DAY, key=_instant)
    back = replace(follow_up, state=FollowUpState.INVITED)
    return NoteFollowUp(back), Unwake("gives_up"), wake("expires", last, back), nudged(back, facts)


def _expired(event: Event, follow_up: FollowUp, facts: Facts) -> Turn:
    if follow_up.state is FollowUpState.TO_CALL:
        return _left_to_colleagues()
    return done(*expired(follow_up, facts), _gone(event))


def _left_to_colleagues(*noted: Effect) -> Turn:
    """They are called, because the chat does not reach them, or because a colleague does so by themselves (F4)."""
    return then(
        to_call, Contact(), *noted, *(Unwake(name) for name in ("nudge", "agreed", "rest", "expires"))
    )


def _begun(contact: Contact, follow_up: FollowUp, facts: Facts) -> Turn:
    begun: tuple[Effect, ...] = ()
    if follow_up.state is not FollowUpState.ANSWERING:
        begun = (NoteFollowUp(replace(follow_up, state=FollowUpState.ANSWERING)),)
    at = replace(contact, wished=None, agreed=None)
    return then(question, at, *begun, Unwake("agreed"), *_clocks(follow_up, facts))


def _later(contact: Contact, follow_up: FollowUp, facts: Facts) -> Turn:
    return _agreed(contact, later(facts.now, facts.store.follow_ups, facts.calendar.zone), follow_up, facts)


def _agreed(contact: Contact, at: datetime, follow_up: FollowUp, facts: Facts) -> Turn:
    waiting = replace(contact, wished=None, agreed=at)
    return then(resting, waiting, *put_off(follow_up, at, facts))


def _over(event: Event, facts: Facts) -> Turn:
    """It ended elsewhere, or its sheet cannot be read any more: nobody is left with a dead card."""
    follow_up = facts.follow_up
    is_open = follow_up is not None and follow_up.state.is_open
    noted = ended(follow_up, NOTHING_TO_ASK, facts) if follow_up is not None and is_open else ()
    return done(*noted, _gone(event))


def _gone(event: Event) -> Say:
    return Say("follow_up/over", in_place=isinstance(event, Woke | Told))


def _clocks(follow_up: FollowUp, facts: Facts) -> tuple[Effect, ...]:
    """Silence counts from now."""
    return nudged(follow_up, facts), _rest(facts)


def _rest(facts: Facts) -> Wake:
    return Wake("rest", facts.now + facts.store.follow_ups.rest_after, {"number": facts.subject})


# ---------------------------------------------------------------- questions and answers


def _asked(contact: Contact, paper: Paper) -> Question | None:
    """The question that lies before them; where an earlier answer took it away, the next open one."""
    return next((each for each in paper.asked if each.id == contact.question), paper.next)


def _card(
    contact: Contact, asked: Question, follow_up: FollowUp, paper: Paper, facts: Facts, note: str = ""
) -> Say:
    known = known_of(follow_up, facts)
    return question_card(paper, asked, known, ticked=contact.ticked, note=note)


def _shown(
    asked: Question, follow_up: FollowUp, paper: Paper, facts: Facts, *before: Effect, note: str = ""
) -> Turn:
    """Ask it; what was chosen of it earlier is ticked still."""
    given = paper.answers.get(asked.id)
    at = Contact(asked.id, given.codes if given else ())
    return ask(at, *before, _card(at, asked, follow_up, paper, facts, note), *_clocks(follow_up, facts))


def _on(follow_up: FollowUp, paper: Paper, facts: Facts, *before: Effect, note: str = "") -> Turn:
    """The next open question, or the end."""
    if paper.next is None:
        return finished(follow_up, paper, facts, *before, note=note)
    return _shown(paper.next, follow_up, paper, facts, *before, note=note)


def _answered(given: Answer, asked: Question, follow_up: FollowUp, paper: Paper, facts: Facts) -> Turn:
    """Kept; a bad one ends the questions with a complaint, a question of theirs goes to an advisor (F5, Q2)."""
    if given.bad:
        return annoyed(follow_up, paper, given, facts)
    after = filled(paper, given)
    filed = _asked_back(given, asked, follow_up, after, facts)
    kept = GiveAnswer(follow_up.number, given), *filed
    answered = replace(follow_up, answers=tuple(after.answers.values()))
    return _on(answered, after, facts, *kept, note="passed_on" if filed else "")


def _kept(contact: Contact, given: Answer, follow_up: FollowUp, paper: Paper, facts: Facts) -> Turn:
    """A voice message or photo: it is kept, and more may follow; an album is one answer, and one card."""
    asked = paper.questionnaire.question(given.question)
    if given.bad or asked is None:
        return annoyed(follow_up, paper, given, facts)
    after = filled(paper, given)
    hearing = replace(contact, question=asked.id, heard=True)
    card = _card(hearing, asked, follow_up, after, facts, note="heard")
    effects: tuple[Effect, ...] = (
        GiveAnswer(follow_up.number, given),
        *_spoken(given, asked, follow_up, facts),
    )
    return ask(hearing, *effects, replace(card, in_place=contact.heard), *_clocks(follow_up, facts))


def _asked_back(
    given: Answer, asked: Question, follow_up: FollowUp, paper: Paper, facts: Facts
) -> tuple[Effect, ...]:
    """A question of the customer's, for an advisor; kind words are none (Q2)."""
    if not asked.asks_back or not given.text or not is_question(given.text):
        return ()
    places = [each.id for each in paper.questionnaire.questions if each.asks_back]
    return question_filed(given.text, follow_up, facts, places.index(asked.id) + 1)


def _spoken(given: Answer, asked: Question, follow_up: FollowUp, facts: Facts) -> tuple[Say, ...]:
    """A question that is spoken or photographed cannot be filed in words: the front desk gets to hear it (Q2)."""
    if not asked.asks_back:
        return ()
    words = {"number": follow_up.number, "name": follow_up.address, "plate": follow_up.plate}
    desk = Home(queue=Queue.FRONT_DESK)
    return (
        Say("follow_up/spoken", words, to=desk, kind=Kind.STAFF, media=Media(*given.media[-1]), fresh=True),
    )


# ---------------------------------------------------------------- other times


def _times(contact: Contact, facts: Facts) -> Say:
    return times_card(facts, again=False) if contact.wished is None else read_back(contact.wished, facts)


def _pressed(value: str, facts: Facts) -> datetime | None:
    try:
        at = datetime.strptime(value, MINUTE_OF_VALUE).replace(tzinfo=facts.calendar.zone)
    except ValueError:
        return None
    return at if of_our_age(at) else None


def _meant(moment: Moment, facts: Facts) -> datetime:
    """三点 is the one at which people are awake."""
    readings = [
        each for each in (moment.start, moment.other_reading) if each is not None and of_our_age(each)
    ]
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    suitable = (
        each for each in readings if first_convenient(each, figures, zone) == each and each > facts.now
    )
    return next(suitable, moment.start)


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


FOLLOW_UP_DIALOG = Dialog(
    "follow_up",
    Contact,
    steps=(planned, invite, question, other_time, resting, to_call),
    needs=frozenset({FOLLOW_UP, QUESTIONNAIRES, COLLEAGUES, ROUTING}),
    cancelled=cancelled,
    patient=True,
    listens_in=frozenset({"question", "other_time"}),
    serves=Intent.COMPLAINT,
    relays=True,  # 希望下次早点打电话给我 is an answer
    is_care=True,
)
