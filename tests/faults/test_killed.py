"""The program dies (kill -9) at every named point of the message path: nothing is lost and nothing happens twice.

"Must be shown" 3: no update lost, no effect twice, at most one message repeated for each death.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.shop import GROUP, LI, LIS_PLATE, WANG, ZHANG, in_some_days
from tests.faults.stage import open_stage, the_time
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import AsyncIterator, Callable

    from tests.faults.program import Nursery, Program
    from tests.faults.stage import Stage
    from tests.faults.tally import Tally

POINTS = (
    "received",  # decoded, nothing written
    "noted",  # in the inbox, not committed
    "stepped",  # the step has run
    "before_commit",  # everything is written
    "after_commit",  # nothing has left yet
    "before_send",  # a letter is about to leave: the first, the second
    "before_send:2",
    "after_send",  # it has arrived, which is not written down yet: the first, the second
    "after_send:2",
    "settled",  # its receipt is committed
)
CONFIRMED = "confirmed"  # the service has heard that we have the update
A_LEASE = 1  # minutes: longer than a dead courier's letters stay its own


@pytest.fixture(params=["polling", "webhook"])
def webhook_port(request: pytest.FixtureRequest) -> int:
    """Updates by long polling (0), or by webhook to this port."""
    return int(request.getfixturevalue("unused_tcp_port")) if request.param == "webhook" else 0


@pytest.fixture(params=["aiogram", "ptb"] if LONG else ["aiogram"])
def channel(request: pytest.FixtureRequest) -> str:
    """By either library in the long form; in the short one python-telegram-bot has its turn at the end of this file."""
    return str(request.param)


@pytest.fixture
async def stage(
    nursery: Nursery, database_url: str, tmp_path: Path, webhook_port: int, channel: str
) -> AsyncIterator[Stage]:
    """Either database, either way in."""
    async with open_stage(nursery, database_url, tmp_path, webhook_port, channel) as opened:
        yield opened


class Undisturbed:
    """What there is to be seen, and in the books, when nothing goes wrong; told once per journey."""

    def __init__(self, said: Counter[tuple[int, str]], effects: dict[str, Any]) -> None:
        self.said = said
        self.effects = effects

    async def holds_for(
        self, stage: Stage, deaths: int, tally: Tally, fault: str, recovery: float | None = None
    ) -> None:
        """The same was said, at most one message twice for each death, and the same was done.

        `recovery`: seconds from the start of the last program until all was done.
        """
        effects, more = await stage.effects(), (stage.all_said() - self.said).total()
        updates, wanted = effects["updates"], self.effects["updates"]
        tally(fault, deaths=deaths, updates=updates, lost=wanted - updates, repeated=more, recovery=recovery)
        assert effects == self.effects
        assert self.said - stage.all_said() == {}, "something was not said"
        # Of a card that was brought twice one copy is pressed and changes; the other stays as it was.
        repeated = stage.all_said() - self.said
        assert repeated.total() <= deaths, repeated


# ---------------------------------------------------------------- a customer whom we know, killed at 确认


async def fill_in(stage: Stage) -> None:
    """/start, and four taps to the card that waits for 确认."""
    start = in_some_days()
    await stage.say(WANG, "/start")
    await stage.read(WANG, "王先生，您好")
    await stage.say(WANG, "预约服务")
    await stage.press(WANG, "service:minor")
    await stage.press(WANG, f"day:{start:%Y-%m-%d}")
    await stage.press(WANG, f"slot:{start:%Y-%m-%dT%H:%M}")
    await stage.read(WANG, "请核对预约单")


async def see_it_booked(stage: Stage) -> None:
    """The customer has the form and the workshop its card."""
    await stage.read(WANG, "预约成功")
    await stage.read(GROUP, "请预留工位")
    await stage.settled()


@pytest.fixture(scope="module")
def booked(nursery: Nursery, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The journey of a customer whom we know, without any death."""

    async def journey(stage: Stage) -> None:
        await fill_in(stage)
        await stage.press(WANG, "confirm:")
        await see_it_booked(stage)

    folder = tmp_path_factory.mktemp("booked")
    books = shutil.copy(sqlite_template, folder)
    return asyncio.run(undisturbed(journey, nursery, Path(books), folder))


async def undisturbed(
    journey: Callable[[Stage], Any], nursery: Nursery, books: Path, folder: Path
) -> Undisturbed:
    """What `journey` leaves when one program serves all of it."""
    async with open_stage(nursery, f"sqlite+aiosqlite:///{books}", folder) as stage:
        program = await stage.start()
        await journey(stage)
        await program.stop()
        return Undisturbed(stage.all_said(), await stage.effects())


@pytest.mark.parametrize("point", [*POINTS, CONFIRMED])
async def test_killed_while_it_books(stage: Stage, booked: Undisturbed, point: str, tally: Tally) -> None:
    await (await filled_in(stage)).stop()
    program = await stage.start("" if point == CONFIRMED else point)
    await stage.press(WANG, "confirm:")
    if point == CONFIRMED:
        await stage.see(lambda: not len(stage.sandbox.exchange.queue), "the update is confirmed")
        await program.kill()
    assert await program.exit() == -signal.SIGKILL
    await after_a_death(stage)
    began = monotonic()
    program = await stage.start()
    await see_it_booked(stage)
    recovery = monotonic() - began
    await program.stop()
    await booked.holds_for(stage, 1, tally, f"kill -9 at {point.partition(':')[0]}", recovery)


async def filled_in(stage: Stage) -> Program:
    """A program that has served the customer up to the card."""
    program = await stage.start()
    await fill_in(stage)
    await stage.settled()
    return program


async def after_a_death(stage: Stage) -> None:
    """On PostgreSQL another process may be the dead one's neighbour, and takes its letters over after a while only.

    The long form waits for that, and says how long it takes.
    """
    if "postgresql" in stage.url and not LONG:
        await stage.pass_time(A_LEASE)


# ---------------------------------------------------------------- a stranger, and every program dies soon


async def become_a_customer(stage: Stage) -> None:
    """Everything a new customer is asked: texts, a contact, presses; and the workshop answers."""
    start = in_some_days(hour=11)
    await stage.say(LI, "/start")
    await stage.read(LI, "欢迎")
    await stage.say(LI, "预约服务")
    await stage.press(LI, "agree:")
    await stage.read(LI, "请问怎么称呼您")
    await stage.say(LI, "李静女士")
    await stage.read(LI, "请留一个方便联系您的手机号")
    await stage.sandbox.user(LI).share_contact()
    await stage.read(LI, "请输入车牌号")
    await stage.say(LI, LIS_PLATE)
    await stage.press(LI, "skip:")
    await stage.press(LI, "service:quick")
    await stage.press(LI, f"day:{start:%Y-%m-%d}")
    await stage.press(LI, f"slot:{start:%Y-%m-%dT%H:%M}")
    await stage.press(LI, "confirm:")
    await stage.read(LI, "预约成功")
    await stage.press(ZHANG, "got_it:", chat=GROUP)
    await stage.read(GROUP, "师傅")
    await stage.settled()


@pytest.fixture(scope="module")
def joined(nursery: Nursery, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The journey of a stranger, without any death."""
    folder = tmp_path_factory.mktemp("joined")
    books = shutil.copy(sqlite_template, folder)
    return asyncio.run(undisturbed(become_a_customer, nursery, Path(books), folder))


@asynccontextmanager
async def mortals(stage: Stage) -> AsyncIterator[list[str]]:
    """Programs one after the other, each of which dies at its second arrival at the next point; where they died."""
    died: list[str] = []

    async def live() -> None:
        while True:
            point = POINTS[len(died) % len(POINTS)].partition(":")[0] + ":2"
            program = await stage.start(point)
            assert await program.exit() == -signal.SIGKILL
            died.append(point)
            await after_a_death(stage)

    async with asyncio.TaskGroup() as group:
        life = group.create_task(live())
        yield died
        life.cancel()


async def test_killed_again_and_again(stage: Stage, joined: Undisturbed, tally: Tally) -> None:
    async with mortals(stage) as died:
        await become_a_customer(stage)
    await stage.programs[-1].kill()
    assert len(died) >= len(POINTS)
    await after_a_death(stage)
    program = await stage.start()
    await stage.settled()
    await program.stop()
    print(f"{len(died) + 1} deaths, {(stage.all_said() - joined.said).total()} messages repeated")
    await joined.holds_for(stage, len(died) + 1, tally, "kill -9 again and again")


# ---------------------------------------------------------------- two messages in one breath


@pytest.mark.parametrize("webhook_port", [0])
@pytest.mark.parametrize("point", ["before_send:2", "after_send:2"])
async def test_of_two_messages_to_one_chat_only_one_is_repeated(stage: Stage, point: str) -> None:
    """A stranger is welcomed and introduced to the house: two letters, one after the other."""
    program = await stage.start(point)
    await stage.say(LI, "/start")
    assert await program.exit() == -signal.SIGKILL
    await after_a_death(stage)
    program = await stage.start()
    await stage.settled()
    await program.stop()
    said = stage.all_said()
    assert len(said) == 2
    assert said.total() <= 3, said
    assert stage.said(LI)[-1] != stage.said(LI)[0], "the introduction comes last"


# ---------------------------------------------------------------- what comes due while nobody is there


@pytest.mark.parametrize(
    "point", ["", "stepped", "before_commit", "after_commit", "before_send", "after_send"]
)
async def test_a_reminder_due_while_the_program_is_down(
    stage: Stage, booked: Undisturbed, point: str, tally: Tally
) -> None:
    """It is written once, and leaves once; only who dies with it under way repeats it (B8)."""
    program = await filled_in(stage)
    await stage.press(WANG, "confirm:")
    await stage.read(GROUP, "请预留工位")
    await stage.press(ZHANG, "got_it:", chat=GROUP)
    await stage.read(GROUP, "已收到")
    await stage.settled()
    await program.stop()
    before = stage.all_said()
    await stage.pass_time(until_the_reminder())
    if point:
        assert await (await stage.start(point)).exit() == -signal.SIGKILL
        await after_a_death(stage)
    began = monotonic()
    program = await stage.start()
    await stage.read(WANG, "到店提醒")
    late = monotonic() - began
    await stage.settled()
    await program.stop()
    effects = await stage.effects()
    more = (stage.all_said() - before).total() - 1
    tally(
        "a timer that came due while the program was dead",
        deaths=bool(point),
        repeated=more,
        timers=1,
        late=late,
    )
    assert effects["letters"]["appointment/reminder", "sent"] == 1
    assert ("appointment", "reminder_24h") not in effects["timers"]
    assert (stage.all_said() - before).total() == 1 + (point == "after_send")


def until_the_reminder() -> int:
    """Minutes from now until a day before the appointment, and a little."""
    return int((in_some_days() - timedelta(days=1) - the_time()) / timedelta(minutes=1)) + 2


# ---------------------------------------------------------------- the very command, and the other library


@pytest.mark.parametrize("channel", ["aiogram", "ptb"])
@pytest.mark.parametrize("point", ["before_commit", "after_send"])
async def test_python_bot_py_run(
    nursery: Nursery,
    sqlite_url: str,
    tmp_path: Path,
    booked: Undisturbed,
    channel: str,
    point: str,
    tally: Tally,
) -> None:
    """A fresh interpreter each time, as a service manager starts it; CHANNEL=ptb keeps the same promise."""
    async with open_stage(nursery, sqlite_url, tmp_path, channel=channel) as stage:
        program = await stage.start(fresh=True)
        await fill_in(stage)
        await stage.settled()
        await program.stop()
        program = await stage.start(point, fresh=True)
        await stage.press(WANG, "confirm:")
        assert await program.exit() == -signal.SIGKILL
        program = await stage.start(fresh=True)
        await see_it_booked(stage)
        await program.stop()
        await booked.holds_for(stage, 1, tally, "kill -9 of python bot.py run")


# ---------------------------------------------------------------- a polite end


async def test_who_is_asked_to_stop_repeats_nothing(stage: Stage) -> None:
    """Asked to stop when the first of two letters has just arrived: none is lost, and none is brought again."""
    program = await stage.start()
    await stage.say(LI, "/start")
    await stage.read(LI, "欢迎")
    await program.stop()
    await after_a_death(stage)
    program = await stage.start()
    await stage.settled()
    await program.stop()
    assert set(stage.all_said().values()) == {1}
    assert len(stage.said(LI)) == 2
