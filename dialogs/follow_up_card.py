"""What a customer sees of a follow-up: invitation, question, rest, other times, end (F2, F3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialogs.core import Button, Kind, Rows, Say
from dialogs.keyboard import in_rows
from dialogs.slot_picker import MINUTE_OF_VALUE
from domain.answer_reading import label_of
from domain.follow_up_plan import offers
from domain.piping import piped, words_of
from domain.plates import find_plate
from domain.questionnaires import NO, RATINGS, YES, Paper, Question, QuestionKind

if TYPE_CHECKING:
    from datetime import datetime

    from dialogs.facts import Facts
    from domain.follow_ups import FollowUp

INVITED: Rows = ((Button("begin"),), (Button("later"), Button("not_now")), (Button("stop"),))
RESTING: Rows = ((Button("go_on"),), (Button("later"), Button("not_now")), (Button("stop"),))
AGREED: Rows = ((Button("go_on", label="at_once"),), (Button("not_now", label="other_time"), Button("stop")))


def known_of(follow_up: FollowUp, facts: Facts) -> dict[str, str]:
    """What the words of a sheet may pipe besides answers (F3)."""
    day, plate = follow_up.occurred_at.astimezone(facts.calendar.zone), find_plate(follow_up.plate)
    return {
        "address": follow_up.address,
        "plate": plate.display if plate else follow_up.plate,
        "work": follow_up.work,
        "advisor": follow_up.advisor_name,
        "store": facts.store.name,
        "date": f"{day.month}月{day.day}日",
    }


def question_card(
    paper: Paper,
    question: Question,
    words: Mapping[str, str],
    *,
    by_phone: bool = False,
    ticked: tuple[str, ...] = (),
    note: str = "",
) -> Say:
    """One question with its buttons; `words` are the known facts.

    `by_phone`: a colleague asks it and presses for the customer. `ticked`: of several options, those chosen so far.
    `note`: what is said above it: "again" (not understood), "heard" (what was sent is kept), "passed_on" (a
    question of theirs went to an advisor).
    """
    counted = [each.id for each in paper.asked if each.kind is not QuestionKind.INFORMATION]
    place = counted.index(question.id) + 1 if question.id in counted else 0
    before = paper.answers.get(question.id)
    shown = {
        "text": piped(question.text, words_of(paper, words)),
        "kind": question.kind.value,
        "place": place,
        "count": len(counted),
        "given": label_of(question, before) if before is not None and not before.is_skipped else "",
        "media": len(before.media) if before is not None else 0,
        "by_phone": by_phone,
        "note": note,
        "required": question.required,
    }
    kind = Kind.STAFF if by_phone else Kind.ANSWER
    rows = (*_choices(question, ticked), *_ways(paper, question, by_phone=by_phone))
    return Say("follow_up/question", shown, rows, kind=kind)


def _choices(question: Question, ticked: tuple[str, ...]) -> Rows:
    """What can be chosen: a row for each label, as large as it gets."""
    match question.kind:
        case QuestionKind.RATING:
            return tuple((Button("answer", code, f"rating_{code}"),) for code in reversed(RATINGS))
        case QuestionKind.YES_NO:
            return ((Button("answer", YES, "yes"), Button("answer", NO, "no")),)
        case QuestionKind.SINGLE:
            options = question.options
            return tuple((Button("answer", each.code, "option", {"name": each.label}),) for each in options)
        case QuestionKind.MULTIPLE:
            boxes = tuple(
                (Button("tick", each.code, "box", {"name": each.label, "ticked": each.code in ticked}),)
                for each in question.options
            )
            return (*boxes, (Button("ticked"),)) if ticked else boxes
        case QuestionKind.INFORMATION:
            return ((Button("read"),),)
        case _:
            return ()


def _ways(paper: Paper, question: Question, *, by_phone: bool) -> Rows:
    """上一题, 跳过 or, where there is an answer already, on with it; 稍后."""
    before = paper.answers.get(question.id)
    answered = before is not None and not before.is_skipped
    onward: tuple[Button, ...] = ()
    if answered and before is not None and (not question.required or before.codes or before.text):
        onward = (Button("on", label="sent_all" if before.media else "keep"),)
    elif not question.required and question.kind is not QuestionKind.INFORMATION:
        onward = (Button("skip"),)
    back = (Button("previous"),) if paper.before(question.id) else ()
    return in_rows((*back, *onward, *(() if by_phone else (Button("later"),))), 2)


def invitation(follow_up: FollowUp, paper: Paper, facts: Facts, *, again: str) -> Say:
    """The opening words, and whether it suits. `again`: why it is sent once more (nudge, agreed)."""
    words = words_of(paper, known_of(follow_up, facts))
    opening = piped(paper.questionnaire.opening, words)
    return Say("follow_up/invite", {"text": opening, "again": again}, INVITED)


def resting_card(paper: Paper, facts: Facts, agreed: datetime | None, *, again: str) -> Say:
    """Half-filled, and taken up whenever it suits; `agreed`: when we ask again by ourselves; `again` as above."""
    left = sum(
        each.id not in paper.answers for each in paper.asked if each.kind is not QuestionKind.INFORMATION
    )
    words = {"count": left, "start": agreed, "now": facts.now, "again": again}
    return Say("follow_up/resting", words, AGREED if agreed else RESTING)


def times_card(facts: Facts, *, again: bool) -> Say:
    """Other times to choose from, or any that is typed."""
    times = offers(facts.now, facts.store.follow_ups, facts.calendar.zone)
    buttons = (
        Button("at", f"{each:{MINUTE_OF_VALUE}}", "time", {"start": each, "now": facts.now}) for each in times
    )
    rows = in_rows(buttons, 1, (Button("go_on", label="at_once"), Button("stop")))
    return Say("follow_up/other_time", {"again": again}, rows)


def read_back(at: datetime, facts: Facts) -> Say:
    """The typed time as it was understood."""
    rows = ((Button("confirm"), Button("not_now", label="other_time")),)
    return Say("follow_up/read_back", {"start": at, "now": facts.now}, rows)


def closing(follow_up: FollowUp, paper: Paper, facts: Facts, note: str) -> Say:
    """Filled in: thanks, in the sheet's own words; `note` as above."""
    words = words_of(paper, known_of(follow_up, facts))
    return Say("follow_up/thanks", {"text": piped(paper.questionnaire.closing, words), "note": note})


def last_words(script: str, follow_up: FollowUp, facts: Facts, **more: Any) -> Say:
    """One of the other ends."""
    return Say(f"follow_up/{script}", {"address": follow_up.address, "store": facts.store, **more})
