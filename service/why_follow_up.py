"""Why was a customer asked, then, or not: the story of a follow-up, for staff (F1–F6, K5).

What they answered is not told, only how much of it: answers are for those who work on them (A3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts_zh.phrases import phrase
from service.why_times import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from domain.follow_ups import FollowUp, Hindrance
    from service.house import House

GROUP, FIGURES = "why_follow_up", "follow_up_figures"


def lines(follow_up: FollowUp, hindrance: Hindrance | None, timers: Sequence[Any], house: House) -> list[str]:
    """The story of `follow_up`: the plan, what happened, what is still to come.

    `timers` are the rows of its conversation; `hindrance`: why the customer would not be asked now.
    """
    told = [*_plan(follow_up, house), _say("history"), *_history(follow_up, house)]
    return told if not follow_up.state.is_open else [*told, *_coming(hindrance, timers, house)]


def _plan(follow_up: FollowUp, house: House) -> Iterator[str]:
    """What it comes after, and the moment that was chosen in the time for it (F1, F2)."""
    sheet = house.questionnaires.get(follow_up.questionnaire)
    state = phrase(FIGURES, f"state_{follow_up.state.value}")
    title = sheet.title if sheet else follow_up.questionnaire
    yield _say("title", number=follow_up.number, title=title, state=state)
    event = phrase(FIGURES, f"event_{follow_up.event.value}")
    yield _say("event", event=event, at=_at(follow_up.occurred_at, house), subject=follow_up.subject)
    if follow_up.after:
        yield _say("after", number=follow_up.after)
    figures = house.store.follow_ups
    hours = {"begins": f"{figures.from_time:%H:%M}", "ends": f"{figures.until_time:%H:%M}"}
    yield _say("window", latest=_at(follow_up.latest_at, house), **hours)
    if follow_up.version:
        yield _say("version", version=follow_up.version)


def _history(follow_up: FollowUp, house: House) -> Iterator[str]:
    """What happened, in its order as far as it is known."""
    if follow_up.invited_at is not None:
        yield _line("invited", follow_up.invited_at, house)
    if follow_up.nudges:
        yield _say("nudged", count=follow_up.nudges, most=house.store.follow_ups.nudges)
    for call in follow_up.calls:
        outcome = phrase(FIGURES, f"call_{call.outcome.value}")
        yield _line("call", call.at, house, who=call.by_name, outcome=outcome)
    given = [answer for answer in follow_up.answers if not answer.is_skipped]
    if follow_up.answers:
        skipped = len(follow_up.answers) - len(given)
        yield _say("by_phone" if follow_up.by_phone else "answers", count=len(given), skipped=skipped)
    if follow_up.complaint:
        yield _say("complaint", number=follow_up.complaint)
    if follow_up.ended_at is not None:
        state = phrase(FIGURES, f"state_{follow_up.state.value}")
        reason = phrase(FIGURES, f"why_{follow_up.reason}") if follow_up.reason else ""
        yield _line(
            "ended_because" if reason else "ended", follow_up.ended_at, house, state=state, reason=reason
        )
    elif follow_up.invited_at is None and not follow_up.calls:
        yield _say("nothing_yet")


def _coming(hindrance: Hindrance | None, timers: Sequence[Any], house: House) -> Iterator[str]:
    """What is planned, and what would keep us from asking if it were due now (F2)."""
    yield _say("coming")
    for row in timers:
        yield _line("timer", row.due_at, house, what=row.what, why=row.why)
    if not timers:
        yield _say("no_timer")
    if hindrance is not None:
        yield _say("hindered", reason=phrase(FIGURES, f"why_{hindrance.value}"))


def _line(key: str, at: datetime, house: House, **words: object) -> str:
    return _say(key, at=_at(at, house), **words)


def _at(at: datetime, house: House) -> str:
    return moment(at, house.calendar.zone)


def _say(key: str, **words: object) -> str:
    return phrase(GROUP, key, **words)
