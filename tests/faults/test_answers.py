"""Twenty classes of answers on every kind of message, over real HTTP, by both libraries.

What was certainly not delivered arrives; never before the time that the service asked for. What may have been
delivered is said once more, and no more. What can never arrive is not tried again, and somebody is told.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from bot.channels import aiogram, ptb
from storage.engine import Books
from tests.bot.channels.stage import CLASSES
from tests.clock import FakeClock
from tests.faults.errands import ERRANDS, Errand, Way, open_way
from tests.faults.house import a_seed
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from tests.faults.tally import Tally

Then = Literal["later", "never", "anew", "unknown"]
FIVE_MINUTES, AN_HOUR = 300, 3600
OUR_OWN_PAUSE = 1
AGAIN_AFTER = 5
A_LITTLE = 0.5  # seconds
PATIENCE = 0.5  # seconds until a call counts as hanging


@dataclass(frozen=True, slots=True)
class Answer:
    """A class of answers: how the sandbox is told to give it `times` times, and what has to follow.

    `wait`: seconds before which it may not be tried again. `after`: the work had been done. `suits`: the kinds of
    messages that the service answers so.
    """

    strike: Callable[[Way, int], None]
    then: Then
    wait: float = 0
    after: bool = False
    suits: Callable[[Errand], bool] = lambda errand: True
    hangs: bool = False


def refuse(status: int, words: str, **more: int) -> Callable[[Way, int], None]:
    """The service says no."""

    def strike(way: Way, times: int) -> None:
        way.sandbox.faults.refuse(way.errand.method, status, words, chat=way.chat, times=times, **more)

    return strike


def broken(name: str, **more: bool) -> Callable[[Way, int], None]:
    """There is no proper answer."""

    def strike(way: Way, times: int) -> None:
        getattr(way.sandbox.faults, name)(way.errand.method, chat=way.chat, times=times, **more)

    return strike


def nobody_listens(way: Way, times: int) -> None:
    """Connections are refused."""
    way.post.refused = times


def in_private(errand: Errand) -> bool:
    """The words are about a person."""
    return not errand.to_group


def in_the_group(errand: Errand) -> bool:
    """The words are about the group, or one of its topics."""
    return errand.to_group and errand.method != "createForumTopic"


def in_a_topic(errand: Errand) -> bool:
    """There is a topic to be found."""
    return in_the_group(errand) and not errand.changes


def is_edit(errand: Errand) -> bool:
    """There is a message to be found, and words to be said anew."""
    return errand.changes and bool(errand.words)


ANSWERS = {
    "429 with retry_after": Answer(refuse(429, "Too Many Requests: retry after 37", retry_after=37), "later", 37),
    "429 without": Answer(refuse(429, "Too Many Requests"), "later", OUR_OWN_PAUSE),
    "400 our mistake": Answer(refuse(400, "Bad Request: can't parse entities"), "never"),
    "400 chat not found": Answer(refuse(400, "Bad Request: chat not found"), "never"),
    "400 topic deleted": Answer(
        refuse(400, "Bad Request: message thread not found"), "anew", suits=in_a_topic
    ),
    "400 message gone": Answer(refuse(400, "Bad Request: message to edit not found"), "anew", suits=is_edit),
    "401": Answer(refuse(401, "Unauthorized"), "later", FIVE_MINUTES),
    "403 blocked": Answer(refuse(403, "Forbidden: bot was blocked by the user"), "never", suits=in_private),
    "403 kicked": Answer(refuse(403, "Forbidden: bot was kicked from the supergroup chat"), "never",
                         suits=in_the_group),
    "403 deactivated": Answer(refuse(403, "Forbidden: user is deactivated"), "never", suits=in_private),
    "404": Answer(refuse(404, "Not Found"), "later", FIVE_MINUTES),
    "409": Answer(refuse(409, "Conflict: terminated by other getUpdates request"), "later", FIVE_MINUTES),
    "413": Answer(refuse(413, "Request Entity Too Large"), "never"),
    "500 without body": Answer(broken("empty_500"), "unknown", AGAIN_AFTER),
    "500 after the effect": Answer(broken("empty_500", after_effect=True), "unknown", AGAIN_AFTER, after=True),
    "502 page": Answer(broken("html_502"), "unknown", AGAIN_AFTER),
    "truncated": Answer(broken("truncate"), "unknown", AGAIN_AFTER, after=True),
    "refused connection": Answer(nobody_listens, "later", OUR_OWN_PAUSE),
    "reset before": Answer(broken("reset", after_effect=False), "unknown", AGAIN_AFTER),
    "reset after": Answer(broken("reset", after_effect=True), "unknown", AGAIN_AFTER, after=True),
    "timeout after delivery": Answer(broken("hang", after_effect=True), "unknown", AGAIN_AFTER, after=True, hangs=True),
    "hang": Answer(broken("hang"), "unknown", AGAIN_AFTER, hangs=True),
}  # fmt: skip
"""The issue's twenty, and 500 and the reset once more after the work was done."""

CASES = [(name, kind) for name, one in ANSWERS.items() for kind in ERRANDS if one.suits(ERRANDS[kind])]


# ---------------------------------------------------------------- what has to follow


async def later(way: Way, answer: Answer) -> list[str]:
    """Certainly not delivered: again at its time, not before."""
    found = await _once_more(way, answer)
    return found if way.arrived == 1 else [*found, f"arrived {way.arrived} times"]


async def unknown(way: Way, answer: Answer) -> list[str]:
    """Perhaps delivered: once more, and if that is lost too never again, and somebody is told."""
    found = await _once_more(way, answer)
    if not 1 <= way.arrived <= 1 + answer.after:
        found.append(f"arrived {way.arrived} times")
    if answer.after and way.errand.changes:
        return found  # the second time it finds the message as it should be, and says so
    await way.write()
    answer.strike(way, 2)
    for seconds in (0, AGAIN_AFTER, AGAIN_AFTER, FIVE_MINUTES, AN_HOUR):
        await way.passes(seconds)
    if way.calls != 2:
        found.append(f"lost twice and tried {way.calls} times")
    return found + await _given_up(way, "unknown")


async def never(way: Way, answer: Answer) -> list[str]:
    """For good: not tried again, and somebody is told."""
    await way.write()
    answer.strike(way, 1)
    for seconds in (0, 1, AGAIN_AFTER, FIVE_MINUTES, AN_HOUR):
        await way.passes(seconds)
    found = [f"tried {way.calls} times"] if way.calls != 1 else []
    return found + await _given_up(way, "failed", "held", "dropped")


async def anew(way: Way, answer: Answer) -> list[str]:
    """The place is gone, the words are not: said in a new one."""
    await way.write()
    answer.strike(way, 1)
    await way.passes(0)
    await way.passes(1)
    found = [f"arrived {way.arrived} times"] if way.arrived != 1 else []
    return found if await way.state() == "sent" else [*found, await way.state()]


FOLLOWS: dict[Then, Callable[[Way, Answer], Awaitable[list[str]]]] = {
    "later": later,
    "never": never,
    "anew": anew,
    "unknown": unknown,
}


async def _once_more(way: Way, answer: Answer) -> list[str]:
    """Tried once, and once more at its time; then it is there."""
    await way.write()
    answer.strike(way, 1)
    await way.passes(0)
    first = way.calls
    await way.passes(answer.wait - A_LITTLE)
    found = [f"tried {way.calls} times before its time"] if way.calls != first or first > 1 else []
    await way.passes(A_LITTLE)
    if way.calls != first + 1:
        found.append(f"tried {way.calls - first} times at its time")
    state = await way.state()
    return found if state == "sent" else [*found, f"it is {state}"]


async def _given_up(way: Way, *states: str) -> list[str]:
    state = await way.state()
    found = [] if state in states else [f"it is {state}"]
    if not way.errand.changes and not await way.is_told():  # a change rings on no phone, and is no news
        found.append("nobody is told")
    return found


# ---------------------------------------------------------------- every pair


@pytest.fixture
def cases() -> list[tuple[str, str]]:
    """All pairs in the long form; in the short one each class on one kind, and one that hangs."""
    if LONG:
        return CASES
    rng = random.Random(a_seed("ANSWERS_SEED"))
    names = [name for name, one in ANSWERS.items() if name == "hang" or not one.hangs]
    return [rng.choice([case for case in CASES if case[0] == name]) for name in names]


@pytest.mark.parametrize("channel", CLASSES)
async def test_every_answer_to_every_kind_of_message(
    channel: str, cases: list[tuple[str, str]], sqlite_url: str, tally: Tally
) -> None:
    failed = []
    for number, (name, kind) in enumerate(cases):
        books = Books(copied(sqlite_url, number), synchronous="OFF")
        with capture_logs(), patience(ANSWERS[name]):
            async with open_way(books, FakeClock(), channel, ERRANDS[kind]) as way:
                found = await FOLLOWS[ANSWERS[name].then](way, ANSWERS[name])
        await books.close()
        tally("twenty classes of API answers on every kind of message", repeated=max(way.arrived - 1, 0))
        failed += [f"{name} on {kind}: {each}" for each in found]
    assert not failed, "\n".join(failed)


def copied(url: str, number: int) -> str:
    """Books of its own for each."""
    file = Path(str(make_url(url).database))
    return f"sqlite+aiosqlite:///{shutil.copy(file, file.with_name(f'{number}.db'))}"


@contextmanager
def patience(answer: Answer) -> Iterator[None]:
    """Who hangs is not waited for for long."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (aiogram, ptb) if answer.hangs else ():
            patch.setattr(module, "TOTAL", PATIENCE)
        yield
