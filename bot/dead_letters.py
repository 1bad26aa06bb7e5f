"""`python bot.py dead-letters`: what could not be handled, looked at and decided about while the bot works.

Nothing is handled here: a decision is one short write, and the running bot acts on it with its next look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from bot import buttons
from bot.opening import CannotOpen, closed_house
from scripts_zh.phrases import phrase
from storage import audit, dead_letters
from storage.dead_letters import DeadLetterState

if TYPE_CHECKING:
    from bot.settings import Settings
    from domain.store import Store
    from service.house import House
    from storage.engine import Unit

OPEN = (DeadLetterState.KEPT, DeadLetterState.ASKED)
SOURCES = {"U": "update", "T": "timer"}  # the letters of the references that staff are told
OURS = {"update": ("type", "status", "language_code", "mime_type"), "timer": ("name", "due_at")}
"""Where words stand that no person has written: the messaging service's, and our own."""
PLACE = re.compile(r'  File ".*?([^/"]+/[^/"]+)", line (\d+), in (\S+)')
FAILED = re.compile(r"([A-Za-z_][\w.]*)(?::|$)")


class Action(StrEnum):
    """What an operator may do with dead letters."""

    LIST = "list"
    SHOW = "show"
    REPLAY = "replay"
    LET_GO = "let-go"


async def attend(
    settings: Settings,
    store: Store,
    action: Action,
    names: Sequence[str],
    *,
    everything: bool,
    plain: bool,
) -> None:
    """List, show or decide. Raises CannotOpen.

    `names` are numbers of the list, or references as staff are told them (U and the update's number, or T and the
    timer's).
    """
    if action is not Action.LIST and not names and not (everything and action is Action.REPLAY):
        raise CannotOpen(_say("which", action=action.value))
    async with closed_house(settings, store) as house:
        if action in (Action.LIST, Action.SHOW):
            async with house.books.glance() as unit:
                if action is Action.LIST:
                    lines = [_line(row, house) for row in await _listed(unit, everything)]
                    lines = [*lines, _say("next")] if lines else [_say("none")]
                else:
                    lines = [line for row in await _named(unit, names)
                             for line in await _whole(unit, row, house, plain=plain)]  # fmt: skip
        else:
            async with house.books.unit() as unit:
                lines = await _decide(unit, house, action, names)
    for line in lines:
        typer.echo(line)


async def _listed(unit: Unit, everything: bool) -> list[Any]:
    return [row for row in await dead_letters.all_of(unit) if everything or row.state in OPEN]


async def _named(unit: Unit, names: Sequence[str]) -> list[Any]:
    """Those that are meant, in the order of their numbers. Raises CannotOpen for a name that nothing has."""
    rows = await dead_letters.all_of(unit)
    found: dict[int, Any] = {}
    unknown = []
    for name in names:
        source, reference = SOURCES.get(name[:1].upper()), name[1:]
        meant = [
            row
            for row in rows
            if (str(row.id) == name or (row.source == source and row.reference == reference))
        ]
        found |= {row.id: row for row in meant}
        unknown += [] if meant else [name]
    if unknown:
        raise CannotOpen(_say("unknown", names=_listing(unknown)))
    return [found[number] for number in sorted(found)]


async def _decide(unit: Unit, house: House, action: Action, names: Sequence[str]) -> list[str]:
    """One short write, which the running bot does not mind, not even on SQLite."""
    if names:
        numbers = [row.id for row in await _named(unit, names)]
    else:
        numbers = [row.id for row in await _listed(unit, False) if row.state == DeadLetterState.KEPT]
    now = house.clock.now()
    if action is Action.REPLAY:
        done, changed = "replay_asked", await dead_letters.decide(unit, numbers, DeadLetterState.ASKED, None)
    else:
        done, changed = "put_aside", await dead_letters.decide(unit, numbers, DeadLetterState.LET_GO, now)
    about = {"at": now, "person_id": None, "conversation_id": None, "action": done, "details": "{}"}
    await audit.write(unit, [about | {"subject": f"D{number}"} for number in sorted(changed)])
    as_before = set(numbers) - changed
    lines = [_say(done, names=_listing(sorted(changed)))] if changed else []
    lines += [_say("as_before", names=_listing(sorted(as_before)))] if as_before else []
    return lines or [_say("none")]


# ---------------------------------------------------------------- what is shown


def _line(row: Any, house: House) -> str:
    at = f"{row.at.astimezone(house.calendar.zone):%Y-%m-%d %H:%M}"
    what = _say(row.source, reference=row.reference)
    return _say("line", number=row.id, at=at, what=what, state=_say(row.state), error=gist(row.error))


async def _whole(unit: Unit, row: Any, house: House, *, plain: bool) -> list[str]:
    failed = [line for line in await audit.about(unit, f"D{row.id}") if line.action == "replay_failed"]
    lines = [_line(row, house)]
    if row.settled_at is not None:
        lines.append(_say("settled", at=f"{row.settled_at.astimezone(house.calendar.zone):%Y-%m-%d %H:%M}"))
    if failed:
        lines.append(_say("failed_again", count=len(failed)))
    if plain:
        return [*lines, row.payload, row.error.rstrip()]
    return [*lines, _without_words(row), *_places(row.error), _say("masked")]


def gist(error: str) -> str:
    """The traceback `error` in one line that names no customer: what kind of error, and where."""
    kinds, places = list(_kinds(error)), PLACE.findall(error)
    kind = kinds[-1] if kinds else "?"
    if not places:
        return kind
    file, line, function = places[-1]
    return _say("gist", kind=kind, file=file, line=line, function=function)


def _kinds(error: str) -> Iterator[str]:
    """The exceptions that a traceback names: its lines at the margin, without their messages."""
    for line in error.splitlines():
        named = FAILED.match(line)
        if named and not line.startswith(("Traceback ", "During ", "The above ")):
            yield named[1]


def _places(error: str) -> Iterator[str]:
    """A traceback without what an exception says of itself: that may be a customer's words."""
    for line in error.splitlines():
        place = PLACE.match(line)
        if place:
            yield f"  {place[1]}:{place[2]} {place[3]}"
        else:
            yield from _kinds(line)


def _without_words(row: Any) -> str:
    try:
        kept = json.loads(row.payload)
    except ValueError:
        return _hidden(row.payload)
    return json.dumps(_masked(kept, OURS.get(row.source, ())), ensure_ascii=False, indent=1)


def _masked(value: Any, ours: Collection[str], key: str = "") -> Any:
    """`value` without names, numbers to ring, places and words; numbers that only we understand stay."""
    match value:
        case dict():
            return {name: _masked(each, ours, name) for name, each in value.items()}
        case list():
            return [_masked(each, ours, key) for each in value]
        case str() if key == "data" and (tap := buttons.decode(value)):
            return value.removesuffix(tap.value)
        case str() if value and key not in ours:
            return _hidden(value)
        case float():
            return _hidden(str(value))  # where somebody is
    return value


def _hidden(text: str) -> str:
    return _say("hidden", count=len(text))


def _listing(names: Collection[object]) -> str:
    return phrase("cli", "between").join(str(name) for name in names)


def _say(key: str, **words: object) -> str:
    return phrase("dead_letter", key, **words)
