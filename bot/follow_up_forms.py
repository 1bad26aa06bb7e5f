"""The two forms of follow-ups, row by row (F4): 跟踪服务电话记录表, every contact and call with what was answered, and
跟踪服务电话登记表, every follow-up by date.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from bot.followups import GROUP, HUNDREDTH, Report, named
from domain.answer_reading import label_of
from domain.follow_up_results import Ratings, has_answered, is_finished, rated, version_of
from domain.follow_ups import CallMade, CallOutcome, FollowUp
from domain.piping import piped
from domain.questionnaires import Answer, Question, QuestionKind
from scripts_zh.phrases import phrase
from scripts_zh.wording import phone, plate

Value = str | int | Decimal | datetime | None

RECORD = (
    *("place", "number", "contacted_at", "way", "by", "customer", "phone", "plate", "order", "work"),
    *("advisor", "sheet", "outcome", "answers", "note", "complaint"),
)
REGISTER = (
    *("occurred_at", "event", "number", "customer", "phone", "plate", "order", "advisor", "sheet"),
    *("due_at", "latest_at", "first_at", "ended_at", "state", "reason", "nudges", "calls", "average"),
    *("dissatisfied", "complaint"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a follow-up: the invitation in the chat, or a `call`; and the answers that were given to it."""

    at: datetime
    follow_up: FollowUp
    call: CallMade | None
    answers: tuple[Answer, ...]

    @property
    def by_phone(self) -> bool:
        """Whether a colleague spoke with the customer, be the call itself noted or not."""
        return self.call is not None or (
            self.follow_up.invited_at is None and any(each.by for each in self.answers)
        )


def contacts_of(follow_up: FollowUp) -> list[Contact]:
    """Its contacts, the oldest first. Customers answer to the invitation; what colleagues enter was heard in a call."""
    theirs = tuple(each for each in follow_up.answers if not each.by)
    heard = tuple(each for each in follow_up.answers if each.by)
    answered = _call_of_answers(follow_up.calls) if heard else None
    contacts = [
        Contact(call.at, follow_up, call, heard if place == answered else ())
        for place, call in enumerate(follow_up.calls)
    ]
    besides = theirs if answered is not None else theirs + heard
    if follow_up.invited_at is not None or besides:
        first = follow_up.invited_at or besides[0].at or follow_up.due_at
        contacts.append(Contact(first, follow_up, None, besides))
    return sorted(contacts, key=lambda each: each.at)


def _call_of_answers(calls: Sequence[CallMade]) -> int | None:
    """Which call the answers that a colleague entered belong to: the last that reached somebody, else the last."""
    reached = [place for place, call in enumerate(calls) if call.outcome is CallOutcome.REACHED]
    return (reached or list(range(len(calls))) or [None])[-1]  # type: ignore[list-item]


def record_rows(report: Report, contacts: Iterable[Contact]) -> Iterator[Mapping[str, Value]]:
    """跟踪服务电话记录表: a row for each contact, in their order."""
    for place, contact in enumerate(contacts, 1):
        follow_up, call = contact.follow_up, contact.call
        yield _about(report, follow_up) | {
            "place": place,
            "contacted_at": contact.at,
            "way": _say("way_call" if contact.by_phone else "way_chat"),
            "by": call.by_name if call else "" if contact.by_phone else _say("by_bot"),
            "work": follow_up.work,
            "outcome": named("call", call.outcome.value) if call else _outcome(contact),
            "answers": "\n".join(_answered(report, contact)),
            "note": call.note if call else _nudged(follow_up),
        }


def register_rows(report: Report) -> Iterator[Mapping[str, Value]]:
    """跟踪服务电话登记表: a row for each follow-up, by the date of what it comes after."""
    for each in report.follow_ups:
        contacts = contacts_of(each)
        ratings = Ratings.of(rating for _, rating in rated(each, report.sheets))
        yield _about(report, each) | {
            "occurred_at": each.occurred_at,
            "event": _say(f"event_{each.event.value}"),
            "due_at": each.due_at,
            "latest_at": each.latest_at,
            "first_at": contacts[0].at if contacts else None,
            "ended_at": each.ended_at,
            "state": _say(f"state_{each.state.value}"),
            "reason": named("why", each.reason) if each.reason else "",
            "nudges": each.nudges,
            "calls": len(each.calls),
            "average": None
            if ratings.average is None
            else ratings.average.quantize(HUNDREDTH, ROUND_HALF_UP),
            "dissatisfied": _say("yes") if any(answer.bad for answer in each.answers) else "",
        }


def _about(report: Report, follow_up: FollowUp) -> dict[str, Value]:
    """What both forms say of a follow-up."""
    return {
        "number": follow_up.number,
        "customer": follow_up.address,
        "phone": phone(follow_up.phone),
        "plate": plate(follow_up.plate) if follow_up.plate else "",
        "order": follow_up.subject,
        "advisor": follow_up.advisor_name,
        "sheet": report.title(follow_up.questionnaire),
        "complaint": follow_up.complaint,
    }


def _outcome(contact: Contact) -> str:
    """What came of an invitation: answered, partly, nothing and why, or it still runs."""
    follow_up = contact.follow_up
    if has_answered(follow_up) and any(not answer.is_skipped for answer in contact.answers):
        finished = is_finished(follow_up) and not follow_up.by_phone
        return _say("outcome_answered" if finished else "outcome_partly")
    if follow_up.state.is_open:
        return _say("outcome_open")
    return named("why", follow_up.reason) if follow_up.reason else _say("outcome_silent")


def _nudged(follow_up: FollowUp) -> str:
    return _say("nudged", count=follow_up.nudges) if follow_up.nudges else ""


def _answered(report: Report, contact: Contact) -> Iterator[str]:
    """A line for each question that was put: its words and the answer's."""
    sheet = report.sheets.get(version_of(contact.follow_up))
    for answer in contact.answers:
        question = sheet.question(answer.question) if sheet else None
        if question is not None and question.kind is QuestionKind.INFORMATION:
            continue
        asked = " ".join(piped(question.text, {}).split()) if question else answer.question
        bad = _say("bad_mark") if answer.bad else ""
        yield _say("answer", question=asked, answer=_in_words(question, answer), bad=bad)


def _in_words(question: Question | None, answer: Answer) -> str:
    if answer.is_skipped:
        return _say("skipped")
    plain = _say("between").join(answer.codes) or answer.text
    said = label_of(question, answer) if question else plain
    kinds = Counter(kind for kind, _ in answer.media)
    media = (_say("media", name=named("media", kind), count=count) for kind, count in kinds.items())
    return " ".join(part for part in (" ".join(said.split()), *media) if part)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
