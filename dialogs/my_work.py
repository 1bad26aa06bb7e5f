"""我的待办: what a colleague owns and what waits at their desks, the most urgent first (C4, C6, R4).

One list per colleague: a new one takes the place of the old.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.authority import anyone_of_staff
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
    Pressed,
    Rows,
    Say,
    Tell,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import WORK
from dialogs.keyboard import in_rows
from dialogs.standing_list import NEWER, list_anew
from domain.complaints import Step

if TYPE_CHECKING:
    from datetime import datetime

    from dialogs.facts import Facts, Work

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list shows: complaint and leg of every line, in its order."""

    lines: tuple[tuple[str, str], ...] = ()


def asked_for(facts: Facts) -> tuple[Tell, Open]:
    """What 我的待办 does for the colleague who acts: the old list goes, a new one comes."""
    return list_anew("my_work", f"work-{facts.who.person_id}", Listed())


def show(listed: Listed, event: Event, facts: Facts) -> Turn:
    """The list; a press brings the card itself, which then stays true in the private chat too."""
    match event:
        case Told(news) if news == NEWER:
            return done()
        case Entered() | Pressed("refresh"):
            return _listed(facts)
        case Pressed("open", place) if place.isdecimal() and int(place) < len(listed.lines):
            return _opened(listed.lines[int(place)], facts)
        case _:
            return stay(Toast("my_work/press_please"))


def _opened(line: tuple[str, str], facts: Facts) -> Turn:
    number, leg = line
    if line not in {(each.number, each.leg) for each in facts.work}:
        changed = _listed(facts)
        return ask(changed.state, *changed.effects, Toast("my_work/not_waiting", {"number": number}))
    shown = {"person": facts.who.person_id, "leg": leg}
    return stay(Tell("complaint_desk", number, "show_to", shown), Toast("my_work/shown", {"number": number}))


def _listed(facts: Facts) -> Turn:
    """What is one's own before what waits for anybody; what waits for the customer comes last in each."""
    ordered = sorted(facts.work, key=_urgency)
    shown = ordered[:MOST_LINES]
    entries = tuple(_words(place, work, facts) for place, work in enumerate(shown, start=1))
    words = {
        "own": tuple(each for each in entries if each["mine"]),
        "waiting": tuple(each for each in entries if not each["mine"]),
        "left_out": len(ordered) - len(shown),
        "now": facts.now,
    }
    script = "my_work/list" if shown else "my_work/nothing"
    return ask(
        Listed(tuple((each.number, each.leg) for each in shown)),
        Say(script, words if shown else {}, _buttons(shown), kind=Kind.STAFF),
    )


def _urgency(work: Work) -> tuple[bool, bool, datetime | None, str]:
    # Times of which one is missing are never compared: the flag before them differs.
    return not work.mine, work.due_at is None, work.due_at, work.number


def _words(place: int, work: Work, facts: Facts) -> dict[str, Any]:
    """One line: `late` in minutes, 0 while there is time; without `due` it waits for the customer."""
    late = max(timedelta(), facts.now - work.due_at) if work.due_at else timedelta()
    return {
        "place": place,
        "number": work.number,
        "step": work.leg.split(".")[0],
        "department": work.queue.value if work.leg.startswith(Step.DEPARTMENT) else "",
        "due": work.due_at,
        "late": int(late.total_seconds() // 60),
        "mine": work.mine,
    }


def _buttons(shown: list[Work]) -> Rows:
    entries = [
        Button("open", str(place), words={"place": place + 1, "number": each.number})
        for place, each in enumerate(shown)
    ]
    pairs = in_rows(entries, 2)
    return *pairs, (Button("refresh"),)


MY_WORK = Dialog(
    "my_work",
    Listed,
    steps=(show,),
    needs=frozenset({WORK}),
    authority={"open": anyone_of_staff, "refresh": anyone_of_staff},
    patient=True,
)
