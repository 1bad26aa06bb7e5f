"""Gates: what every outgoing message passes before it leaves, by its kind. A refusal names its gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dialogs.core import Kind
from domain.quiet_hours import QuietHours
from storage.outbox import LetterState


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the gates look at. `now` and the instants are aware; `care_today` counts this person's care messages."""

    now: datetime
    quiet: QuietHours
    expires_at: datetime | None = None
    reachable: bool = True
    opted_out: bool = False
    care_today: int = 0
    care_per_day: int = 1
    next_day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it leave (PENDING), does it wait until `until` (HELD), or is it let go (DROPPED)? `reason` names the gate."""

    state: LetterState
    reason: str = ""
    until: datetime | None = None


Gate = Callable[[Circumstances], Verdict | None]

LEAVES = Verdict(LetterState.PENDING)
UNREACHABLE = "chat_unreachable"


def not_stale(seen: Circumstances) -> Verdict | None:
    """A reminder of yesterday helps nobody: let go once its time is over."""
    if seen.expires_at is not None and seen.now >= seen.expires_at:
        return Verdict(LetterState.DROPPED, "stale")
    return None


def chat_reachable(seen: Circumstances) -> Verdict | None:
    """Who blocked the bot gets nothing until they come back."""
    return None if seen.reachable else Verdict(LetterState.DROPPED, UNREACHABLE)


def opted_in(seen: Circumstances) -> Verdict | None:
    """退订 is honoured for good (K5, F2)."""
    return Verdict(LetterState.DROPPED, "opted_out") if seen.opted_out else None


def outside_quiet_hours(seen: Circumstances) -> Verdict | None:
    """Nobody is woken at night; what is still worth something waits for the morning (B8)."""
    if not seen.quiet.is_quiet(seen.now):
        return None
    morning = seen.quiet.next_loud(seen.now)
    if seen.expires_at is not None and morning >= seen.expires_at:
        return Verdict(LetterState.DROPPED, "stale")
    return Verdict(LetterState.HELD, "quiet_hours", morning)


def under_daily_cap(seen: Circumstances) -> Verdict | None:
    """No more than so many care messages a day to one customer (K5)."""
    if seen.care_today < seen.care_per_day:
        return None
    return Verdict(LetterState.HELD, "daily_cap", seen.next_day or seen.now)


GATES: Mapping[Kind, tuple[Gate, ...]] = {
    Kind.ANSWER: (chat_reachable,),
    Kind.NOTICE: (not_stale, chat_reachable),
    Kind.REMINDER: (not_stale, chat_reachable, outside_quiet_hours),
    Kind.CARE: (not_stale, chat_reachable, opted_in, outside_quiet_hours, under_daily_cap),
    Kind.STAFF: (not_stale, chat_reachable),
}


def judge(kind: Kind, seen: Circumstances) -> Verdict:
    """The first gate that objects decides; nothing objects: it leaves."""
    for gate in GATES[kind]:
        if (verdict := gate(seen)) is not None:
            return verdict
    return LEAVES
