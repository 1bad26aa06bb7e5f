"""Write down the books as a release leaves them in the middle of everything, with all buttons that people had then.

    git worktree add ../release <tag>
    .venv/bin/python -m tests.upgrade.write_books ../release
    git worktree remove ../release

Once for each release, when it is tagged. Its own code and its own tests' stages make the books; here only the last
step is added, `<tag>.jsonl` in this folder. Lines of JSON: the head, then ``[table, row]`` as SQLite keeps it, then
``["shown", chat, message, tap]`` for each button and ``["said", dialect, statement]`` for each statement that the
release sent to its database.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BOOKED, HALF_WAY, COMPLAINING, UNHEARD, UNDER_WAY = range(7_001, 7_006)
BOOKING = ("预约服务", "=同意", "王先生", "+", "车牌", "=跳过", "=小保养", "=明天", "=:", "=confirm")
LISTS = re.compile(r"\((?:\$\d+(?:::\w+)?|\?)(?:, (?:\$\d+(?:::\w+)?|\?))+\)")


def main() -> None:
    """Start this file again inside the release that was named."""
    from tests.postgres import open_postgres

    release = Path(sys.argv[1]).resolve()
    tag = _out_of("git", "-C", str(release), "describe", "--tags", "--always")
    with tempfile.TemporaryDirectory() as folder, open_postgres() as server:
        lines = Path(folder, "lines")
        inside = {"PYTHONPATH": str(release), "WRITE_TO": str(lines), "RELEASE": tag}
        inside["PG_URL"] = server.url(server.create())
        subprocess.run([sys.executable, __file__], cwd=folder, env=os.environ | inside, check=True)
        target = HERE / f"{tag}.jsonl"
        target.write_bytes(lines.read_bytes())
    print(f"{target.name}: {target.stat().st_size:,} bytes")


def _out_of(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


# ---------------------------------------------------------------- within the release


async def write(release: str) -> list[Any]:
    """The same shop on either database: the tables of the one in SQLite, the statements of both."""
    from storage.engine import Books
    from storage.upgrade import HEAD, upgrade
    from tests.clock import FakeClock

    clock = FakeClock()
    lines: list[Any] = [{"release": release, "revision": HEAD, "now": clock.now().isoformat()}]
    for url in ("sqlite+aiosqlite:///desk.db", os.environ["PG_URL"]):
        books = Books(url)
        await upgrade(books)
        said = _overhear(books)
        found = await live_through(books, clock)
        lines += [] if books.is_postgres else found
        lines += [["said", books.url.get_backend_name(), statement] for statement in sorted(said)]
        await books.close()
    return lines


def _overhear(books: Any) -> set[str]:
    """Every statement from now on, once for each shape: lists of any length count as one."""
    from storage import engine

    shapes, said = set[str](), set[str]()

    def hear(statement: str) -> None:
        shape = LISTS.sub("(…)", statement)
        if shape not in shapes and statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            shapes.add(shape)
            said.add(statement)

    if hasattr(engine, "Link"):
        _overhear_links(hear)
    else:  # the releases before storage/engine.py had a wire of its own
        from sqlalchemy import event

        event.listen(books.engine.sync_engine, "before_cursor_execute", lambda *heard: hear(heard[2]))
    return said


def _overhear_links(hear: Any) -> None:
    from storage.postgres_driver import PostgresLink
    from storage.sqlite_driver import SqliteFile

    for kind in (PostgresLink, SqliteFile):
        for name in ("fetch", "fetch_many", "execute", "execute_many"):
            setattr(kind, name, _heard(getattr(kind, name), hear))


def _heard(method: Any, hear: Any) -> Any:
    def said(link: Any, sql: str, *values: Any) -> Any:
        hear(sql)
        return method(link, sql, *values)

    return said


async def live_through(books: Any, clock: Any) -> list[Any]:
    """Open a shop, let people do all sorts of things, stop in the middle of it: rows, buttons, what was left out."""
    from dialogs.core import Said
    from service.ports import Sender, TryLater
    from tests.service.front_door import open_door
    from tests.service.stages import WAITING, open_shop, stand_at

    lines: list[Any] = []
    async with open_door(books, clock) as door:
        await open_shop(door)
        for user, steps in ((BOOKED, len(BOOKING)), (HALF_WAY, 7)):
            for step in BOOKING[:steps]:
                await _act(door, Sender(user, f"客户{user}"), step)
        for stage in WAITING:
            try:
                await stand_at(door, *stage)
            except Exception as error:  # two of a kind, say
                lines.append(["left out", ".".join(stage), type(error).__name__])
        await door.say(Sender(COMPLAINING, "陈女士"), "我要投诉！上周换的刹车片又响了，电话13812345678")
        door.post.will_answer(UNHEARD, TryLater("502", timedelta(hours=1)))
        for words in ("地址", "咨询"):  # the second waits for the first, which failed
            await door.say(Sender(UNHEARD, "听不到"), words)
        door.post.closed[UNDER_WAY] = asyncio.Event()
        door.post.arrived.clear()
        for words in ("地址", "咨询"):  # the first is under way
            await door.intake.put([door.update(Sender(UNDER_WAY, "正在发"), Said(words))])
        await door.post.arrived.wait()
        lines += _shown(door)
        if not books.is_postgres:
            lines += _rows(books.url.database)
    return lines


async def _act(door: Any, who: Any, step: str) -> None:
    if step[0] == "=":
        await door.press(who, step[1:])
    elif step == "+":
        await door.share(who, f"138{who.user_id:08}")
    else:
        await door.say(who, f"粤B7{who.user_id}" if step == "车牌" else step)


def _shown(door: Any) -> list[Any]:
    """Every button of every message as it lies in a chat now: chat, message, what it carries."""
    return [
        ["shown", chat, message, [face.tap.conversation, face.tap.turn, face.tap.key, face.tap.value]]
        for (chat, message), letter in sorted(door.post.faces.items())
        for row in letter.buttons
        for face in row
    ]


def _rows(file: str) -> list[Any]:
    """What lies in the tables, parents before children; what is not there is left out."""
    import sqlite3

    from storage.tables import METADATA

    lines = []
    with closing(sqlite3.connect(file)) as books:
        books.row_factory = sqlite3.Row
        for table in METADATA.sorted_tables:
            for row in books.execute(f"SELECT * FROM {table.name}"):
                lines.append(
                    [table.name, {name: value for name, value in dict(row).items() if value is not None}]
                )
    return lines


if __name__ == "__main__":
    if "WRITE_TO" in os.environ:
        found = asyncio.run(write(os.environ["RELEASE"]))
        text_of = "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in found)
        Path(os.environ["WRITE_TO"]).write_text(text_of, encoding="utf-8")
    else:
        main()
