"""The command line as an operator types it: one clear line for every mistake, exit code 2, never a traceback."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from sandbox import Sandbox

ROOT = Path(__file__).parents[2]
TOKEN = "4200:typed-at-the-terminal"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An empty folder to run a shop in."""
    return tmp_path


def bot(shop: Path, *words: str, feed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *words],
        cwd=shop,
        env={"PATH": "", "LANG": "C.UTF-8", **environment},
        input=feed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], words: str, code: int = 2) -> None:
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert words in done.stderr + done.stdout


def test_run_without_a_token_says_what_to_do(shop: Path) -> None:
    refused(bot(shop, "run"), "BOT_TOKEN")


def test_run_without_a_store_file_names_init(shop: Path) -> None:
    refused(bot(shop, "run", BOT_TOKEN=TOKEN), "bot.py init")


def test_init_writes_the_store_once_and_invites_the_first_manager(shop: Path) -> None:
    """R3: the invitation can be copied; the second init changes nothing."""
    first = bot(shop, "init")
    assert first.returncode == 0
    command, advice = first.stdout.splitlines()[-2:]
    assert "发给机器人：/start " in command
    assert "上面这一行" in advice
    written = (shop / "store.yaml").read_text(encoding="utf-8")
    assert "没有改动" in bot(shop, "init").stdout
    assert (shop / "store.yaml").read_text(encoding="utf-8") == written
    assert bot(shop, "check").returncode == 0


def test_check_lists_every_mistake(shop: Path) -> None:
    bot(shop, "init")
    file = shop / "store.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("hold_minutes:", "hold_minuts:"), encoding="utf-8")
    refused(bot(shop, "check"), "hold_minuts")


def test_an_unknown_role_is_answered_with_the_known_ones(shop: Path) -> None:
    bot(shop, "init")
    refused(bot(shop, "invite", "--role", "boss"), "车间主管")
    assert "车间主管" in bot(shop, "invite", "--role", "车间主管").stdout


def test_understand_prints_what_is_read(shop: Path) -> None:
    """B15."""
    done = bot(shop, "understand", "下周三上午十点半做保养，车牌粤B12345", "--now", "2026-11-21T10:00")
    read = json.loads(done.stdout)
    assert (read["start"], read["plate"], read["intent"]) == ("2026-11-25T10:30:00", "粤B12345", "booking")


def test_understand_reads_a_chat_history_line_by_line(shop: Path) -> None:
    lines = [
        {"id": "a", "text": "明天下午三点", "now": "2026-11-21T10:00"},
        {"id": "b", "text": "你们店真不错"},
        {"text": "没有编号"},
    ]
    feed = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\nnonsense\n"
    read = [json.loads(line) for line in bot(shop, "understand", "--jsonl", feed=feed).stdout.splitlines()]
    assert [(one["id"], one.get("start")) for one in read[:2]] == [("a", "2026-11-22T15:00:00"), ("b", None)]
    assert "error" in read[3]


def test_why_register_backup_and_restore(shop: Path) -> None:
    """B7: the register opens in a spreadsheet; what is backed up comes back."""
    bot(shop, "init")
    assert "找不到" in bot(shop, "why", "M1").stdout
    assert bot(shop, "register", "forms.csv").returncode == 0
    with (shop / "forms.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[0] == "单号"
    refused(bot(shop, "register", "forms.csv", "--from", "soon"), "2026-11-01")
    assert bot(shop, "backup", "copy.db").returncode == 0
    refused(bot(shop, "backup", "copy.db"), "已经存在")
    assert bot(shop, "restore", "copy.db").returncode == 0
    refused(bot(shop, "backup"), "--into")
    assert "保留最新的 144 份" in bot(shop, "backup", "--into", "shelf").stdout
    assert "desk-2" in bot(shop, "restore", "shelf").stdout


def test_an_unreachable_database_is_one_line(shop: Path) -> None:
    bot(shop, "init")
    done = bot(shop, "migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    refused(done, "DATABASE_URL", os.EX_TEMPFAIL)


def test_a_service_that_is_away_is_no_mistake(shop: Path) -> None:
    """After a power cut the network may be there a moment later than the bot: it is started again."""
    bot(shop, "init")
    done = bot(shop, "run", BOT_TOKEN=TOKEN, BOT_API_BASE="http://127.0.0.1:9")
    refused(done, "连不上 Telegram", os.EX_TEMPFAIL)


async def test_a_wrong_token_is_one_line(shop: Path) -> None:
    bot(shop, "init")
    sandbox = Sandbox([], [], token=TOKEN, clock=lambda: datetime.now(UTC))
    base = await sandbox.start()
    try:
        import asyncio

        done = await asyncio.to_thread(bot, shop, "run", BOT_TOKEN="4200:not-this-one", BOT_API_BASE=base)
    finally:
        await sandbox.stop()
    refused(done, "BOT_TOKEN")


async def test_a_taken_port_is_one_line(shop: Path, database_url: str) -> None:
    """Found by one of several tasks, after the house has opened; the operator reads the same as ever."""
    import asyncio

    sandbox = Sandbox([], [], token=TOKEN, clock=lambda: datetime.now(UTC))
    settings = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_BASE": await sandbox.start(),
        "DATABASE_URL": database_url,
        "WEBHOOK_URL": "https://desk.example/updates",
        "WEBHOOK_SECRET": "s3cret_-",
    }
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = "{}:{}".format(*taken.getsockname())
        try:
            for command in ("migrate", "init"):
                await asyncio.to_thread(bot, shop, command, DATABASE_URL=database_url)
            done = await asyncio.to_thread(bot, shop, "run", WEBHOOK_LISTEN=place, **settings)
        finally:
            await sandbox.stop()
    refused(done, f"不能在 {place} 上监听")
    assert "mistake" not in done.stderr


def test_a_second_process_on_the_same_file_is_refused(shop: Path) -> None:
    """One process is SQLite's rule; the lock is the first one's for as long as it lives."""
    import fcntl

    bot(shop, "init")
    with (shop / "data" / "bot.sqlite3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        refused(bot(shop, "run", BOT_TOKEN=TOKEN), "另一个机器人进程")


def test_a_second_demo_says_so_and_leaves_the_first_alone(shop: Path) -> None:
    """Same folder, same port: one line, exit 2; the first one's page and books go on."""
    first = subprocess.Popen(
        [sys.executable, str(ROOT / "bot.py"), "demo", "--port", "0"],
        cwd=shop,
        env={"PATH": "", "LANG": "C.UTF-8"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with first:
        try:
            assert first.stdout is not None
            page = urlsplit(first.stdout.readline().partition("：")[2].strip())
            second = bot(shop, "demo", "--port", str(page.port))
            refused(second, f"端口 {page.port} 已被占用")
            assert (second.stdout, second.stderr.count("\n")) == ("", 1)
            with urlopen(f"{page.geturl()}/page/plan", timeout=30) as answer:
                assert json.load(answer)["plan"]
        finally:
            first.terminate()
            first.communicate(timeout=60)
    assert first.returncode == 0
    assert list(shop.iterdir()) == []
