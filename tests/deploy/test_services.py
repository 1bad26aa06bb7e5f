"""What deploy/ installs is true: units that systemd accepts, lines that really run, paths that exist, exit codes."""

from __future__ import annotations

import asyncio
import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from sqlalchemy.engine import make_url

from sandbox import PhoneOwner, Sandbox
from storage import conversations, dead_letters, people, upgrade
from storage.backup import NUMBERS_APART, UsePostgresTools, restore
from storage.engine import Books
from tests.clock import MONDAY_TEN
from tests.deploy.places import DEPLOY, ROOT, installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.postgres import Postgres

UNITS = (
    sorted(DEPLOY.glob("*.service"))
    + sorted(DEPLOY.glob("*.timer"))
    + [DEPLOY / "postgresql/desk-backup.service"]
)
TOKEN = "4200:installed-as-a-service"
LI = PhoneOwner(102, "李娜", started=True)


def read(unit: Path) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=False, interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]  # directives are spelt with capitals
    found.read(unit)
    return found


def command(unit: str) -> str:
    return read(DEPLOY / unit)["Service"]["ExecStart"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: str(unit.relative_to(DEPLOY)))
def test_systemd_accepts_it(unit: Path, tmp_path: Path) -> None:
    """Every directive is known, every calendar readable, every program there (in the places of this machine)."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("No systemd here: install the package `systemd` to have its own word on the units.")
    for each in UNITS:
        if each.name != unit.name:
            (tmp_path / each.name).write_text(installed(each.read_text(encoding="utf-8"), tmp_path))
    (tmp_path / unit.name).write_text(installed(unit.read_text(encoding="utf-8"), tmp_path))
    done = subprocess.run(
        [analyze, "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_units_name_is_in_the_house() -> None:
    """Files below /opt/desk are those of this folder; the virtual environment is made by the guide."""
    guide = (ROOT / "docs/how-to/operate.md").read_text(encoding="utf-8")
    for unit in UNITS:
        for path in re.findall(r"/opt/desk/([\w./-]+)", unit.read_text(encoding="utf-8")):
            assert (ROOT / path).exists() or path == ".venv/bin/python", f"{unit.name}: {path}"
        for path in re.findall(r"(?:/etc|/var)/[\w./-]+", unit.read_text(encoding="utf-8")):
            assert path in guide, f"the guide does not say who makes {path} for {unit.name}"


def test_the_service_comes_back_unless_a_setting_is_wrong() -> None:
    desk = read(DEPLOY / "desk.service")
    assert desk["Service"]["Restart"] == "on-failure"
    # A mistake is 2, what is only away 75: tests/bot/test_command_line.py.
    assert desk["Service"]["RestartPreventExitStatus"] == "2"
    assert desk["Unit"]["StartLimitIntervalSec"] == "0"  # nobody gives up
    assert int(desk["Service"]["TimeoutStopSec"]) > 10


@pytest.fixture
async def service() -> AsyncIterator[tuple[Sandbox, str]]:
    """A messaging service on this machine, and its address."""
    sandbox = Sandbox([LI], [], token=TOKEN, clock=lambda: datetime.now(UTC))
    yield sandbox, await sandbox.start()
    await sandbox.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """/var/lib/desk with a store file."""
    (tmp_path / "var/lib/desk").mkdir(parents=True)
    (tmp_path / "var/backups/desk").mkdir(parents=True)
    done = start(f"{sys.executable} {ROOT / 'bot.py'} init", tmp_path, {})
    done.communicate(timeout=60)
    assert done.returncode == 0
    return tmp_path


def start(line: str, shop: Path, settings: dict[str, str]) -> subprocess.Popen[str]:
    """Run a line of a unit as systemd would: in its folder, with nothing but its environment file."""
    return subprocess.Popen(
        shlex.split(installed(line, shop)),
        cwd=shop / "var/lib/desk",
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_the_service_runs_is_well_and_ends_in_time(shop: Path, service: tuple[Sandbox, str]) -> None:
    """ExecStart for real: healthy; beside it a backup and a dead letter replayed; gone when told to."""
    with closing(socket()) as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {"BOT_TOKEN": TOKEN, "BOT_API_BASE": service[1], "STATUS_LISTEN": place}
    bot = start(command("desk.service"), shop, settings)
    try:
        assert "开始接待" in await asyncio.to_thread(bot.stdout.readline)  # type: ignore[union-attr]
        assert await asyncio.to_thread(_status, f"http://{place}/healthz") == 200
        assert await _done(start(command("desk-backup.service"), shop, settings)) == (0, "")
        [file] = (shop / "var/backups/desk").iterdir()
        assert re.fullmatch(r"desk-\d{8}T\d{6}Z\.sqlite3", file.name)

        await _keep_a_dead_letter(shop)
        replay = command("desk.service").removesuffix("run") + "dead-letters replay --all"
        assert await _done(start(replay, shop, settings)) == (0, "")
        said = await service[0].wait_for(lambda: service[0].calls_of("sendMessage", LI.id), timeout=30)
        assert ["示范路" in call.params["text"] for call in said] == [True]

        bot.send_signal(signal.SIGTERM)
        assert await _done(bot) == (0, "")
    finally:
        bot.kill()


async def _done(program: subprocess.Popen[str]) -> tuple[int | None, str]:
    """Its exit code, and what it complained of (the log is no complaint)."""
    _, trouble = await asyncio.to_thread(program.communicate, None, 60)
    return program.returncode, "".join(line for line in trouble.splitlines() if not line.startswith("{"))


async def _keep_a_dead_letter(shop: Path) -> None:
    """What an earlier release could not read."""
    sender = {"id": LI.id, "is_bot": False, "first_name": LI.first_name}
    chat = {"id": LI.id, "type": "private"}
    message = {"message_id": 1, "date": 0, "from": sender, "chat": chat, "text": "地址"}
    books = Books(f"sqlite+aiosqlite:///{shop / 'var/lib/desk/data/bot.sqlite3'}")
    async with books.unit() as unit:
        update = json.dumps({"update_id": 900, "message": message})
        await dead_letters.keep(unit, MONDAY_TEN, "update", "900", update, "ValueError: a bug")
    await books.close()


def _status(address: str) -> int:
    with urlopen(address, timeout=20) as answer:
        return int(answer.status)


# ---------------------------------------------------------------- PostgreSQL


def test_dumps_are_made_kept_and_put_back(
    postgres: Postgres, postgres_url: str, shop: Path, tmp_path: Path
) -> None:
    """The unit's own line for the books in PostgreSQL, and the line by which `restore` puts them back."""
    url = make_url(postgres_url)
    asyncio.run(_meet(postgres_url, "before"))
    settings = {
        "PATH": f"{postgres.programs}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": str(url.query["host"]),
        "PGUSER": str(url.username),
        "PGDATABASE": str(url.database),
    }
    folder = tmp_path / "var/backups/desk"
    for name in ("desk-20260101T000000Z.dump", "desk-20260102T000000Z.dump", "desk-notes.dump"):
        (folder / name).write_text("")
    line = command("postgresql/desk-backup.service").replace(" 144", " 2")
    done = start(line, shop, settings)
    told, trouble = done.communicate(timeout=60)
    assert (done.returncode, told, trouble) == (0, "", "")
    kept = sorted(file.name for file in folder.iterdir())
    assert kept[0] == "desk-20260102T000000Z.dump"
    assert (len(kept), kept[2]) == (3, "desk-notes.dump")
    assert (folder / kept[1]).stat().st_mode & 0o077 == 0

    asyncio.run(_meet(postgres_url, "after"))
    with pytest.raises(UsePostgresTools) as advised:
        asyncio.run(restore(postgres_url, folder / kept[1]))
    again = subprocess.run(
        advised.value.command, shell=True, env=settings, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert asyncio.run(_people(postgres_url)) == ["before"]
    assert asyncio.run(_next_conversation(postgres_url)) > NUMBERS_APART


def test_a_dump_that_failed_leaves_the_others_alone(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "var/backups/desk"
    (folder / "desk-20260101T000000Z.dump").write_text("the only one")
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho no server >&2\nexit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    line = command("postgresql/desk-backup.service").replace(" 144", " 1")
    done = start(line, shop, {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"})
    _, trouble = done.communicate(timeout=60)
    assert done.returncode != 0
    assert "no server" in trouble
    assert [file.name for file in folder.iterdir()] == ["desk-20260101T000000Z.dump"]


FIELDS = {"dialog": "booking", "step": "choose_day", "state": "{}", "version": 1} | {
    "asked_at": MONDAY_TEN,
    "opened_at": MONDAY_TEN,
}


async def _meet(url: str, name: str) -> None:
    books = Books(url)
    await upgrade.upgrade(books)
    async with books.unit() as unit:
        known = {"username": "", "reachable": True, "opted_out": False, "first_seen": MONDAY_TEN}
        await people.meet(unit, [known | {"user_id": len(name), "first_name": name}])
        await conversations.begin(unit, FIELDS)
    await books.close()


async def _people(url: str) -> list[str]:
    books = Books(url)
    async with books.glance() as unit:
        found = [row.first_name for row in await unit.rows(people.PEOPLE.select())]
    await books.close()
    return found


async def _next_conversation(url: str) -> int:
    books = Books(url)
    async with books.unit() as unit:
        number = await conversations.begin(unit, FIELDS)
    await books.close()
    return number
