"""`python bot.py import-orders` as somebody at the front desk types it (O4)."""

from __future__ import annotations

import csv
import fcntl
import io
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from bot import order_file
from bot.import_orders import bring_in, import_file, summary
from bot.opening import CannotOpen
from bot.settings import load_settings
from domain.calendar import StoreCalendar
from service.order_list import Meaning
from storage import orders
from tests.bot.test_command_line import bot, refused
from tests.clock import FakeClock
from tests.service.front_door import demo_store, furnish
from tests.storage.conftest import books, postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from storage.engine import Books

__all__ = ["books", "postgres_template", "sqlite_template", "sqlite_url"]

STORE = demo_store()
HEAD = ("工单号", "车牌", "客户", "手机", "维修项目", "预计交车时间", "服务顾问")
GOOD = ("RO1", "粤B54321", "李娜女士", "13900000001", "小保养、更换机滤", "2026-11-23 17:00", "孙小敏")


def a_list(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows((HEAD, *rows))
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def changed(row: tuple[str, ...] = GOOD, **cells: str) -> tuple[str, ...]:
    """`row` with other cells under these headings."""
    return tuple(cells.get(head, cell) for head, cell in zip(HEAD, row, strict=True))


def many(count: int) -> list[tuple[str, ...]]:
    return [
        changed(工单号=f"RO{n}", 车牌=f"粤B{n:05d}", 手机=f"139{n:08d}", 服务顾问="") for n in range(count)
    ]


def soon() -> str:
    """A time at which the store is open, some days from now, whenever the test runs."""
    calendar = StoreCalendar.of(STORE)
    opening = calendar.next_opening(datetime.now(UTC) + timedelta(days=1))
    return f"{opening + timedelta(hours=3):%Y-%m-%d %H:%M}"


def kept(shop: Path) -> list[Any]:
    """The orders in the books of `shop`."""
    with sqlite3.connect(shop / "data/bot.sqlite3") as database:
        return database.execute("SELECT reference, plate, items FROM repair_orders").fetchall()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a store in it."""
    assert bot(tmp_path, "init").returncode == 0
    return tmp_path


# ---------------------------------------------------------------- as it is typed


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig"])
def test_o4_it_is_a_preview_until_it_is_told_to_write(shop: Path, encoding: str) -> None:
    """GBK and UTF-8 with its mark, from the file into the books; the second time nothing is left to do."""
    a_list(shop / "工单.csv", changed(预计交车时间=soon()), encoding=encoding)
    looked = bot(shop, "import-orders", "工单.csv")
    assert (looked.returncode, looked.stderr) == (0, "")
    assert "粤B·54321，李娜女士，139****0001，小保养、更换机滤" in looked.stdout
    assert "13900000001" not in looked.stdout
    assert "--yes" in looked.stdout
    assert kept(shop) == []
    written = bot(shop, "import-orders", "工单.csv", "--yes")
    assert written.returncode == 0
    assert "已写入：新工单 1 张" in written.stdout
    [(reference, plate, items)] = kept(shop)
    assert (reference, plate, "更换机滤" in items) == ("RO1", "粤B54321", True)
    again = bot(shop, "import-orders", "工单.csv", "--yes")
    assert "没有变化 1" in again.stdout
    assert "没有要写入的内容" in again.stdout
    assert len(kept(shop)) == 1


def test_o4_a_wrong_row_is_told_with_line_heading_reason_and_cure_and_the_others_are_written(
    shop: Path,
) -> None:
    good = changed(预计交车时间=soon())
    past = changed(good, 工单号="RO2", 车牌="粤B54322", 预计交车时间="2026-11-02 10:00")
    hidden = changed(good, 工单号="RO3", 车牌="粤B54323", 手机="139****0001")
    a_list(shop / "工单.csv", past, good, hidden)
    done = bot(shop, "import-orders", "工单.csv", "--yes")
    assert done.returncode == 1
    first, second = (line for line in done.stdout.splitlines() if "行：「" in line)
    assert first.startswith(
        "第 2 行：「预计交车时间」已经过了（2026-11-02 10:00），请先改成新的时间，例如 20"
    )
    assert second == "第 4 行：「手机」被星号遮住了（139****0001），请导出完整的号码。"
    assert [row[0] for row in kept(shop)] == ["RO1"]


def test_o4_what_is_no_list_of_orders_is_one_line(shop: Path) -> None:
    refused(bot(shop, "import-orders", "nowhere.csv"), "nowhere.csv")
    (shop / "客户.csv").write_text("姓名,备注\n王,无\n", encoding="utf-8")
    refused(bot(shop, "import-orders", "客户.csv", "--yes"), "「车牌号」这一栏没有找到")


def test_o4_while_the_bot_has_the_file_one_can_look_but_not_write(shop: Path) -> None:
    """One process writes to an SQLite file."""
    a_list(shop / "工单.csv", changed(预计交车时间=soon()))
    (shop / "data").mkdir(exist_ok=True)
    with (shop / "data/bot.sqlite3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert bot(shop, "import-orders", "工单.csv").returncode == 0
        refused(bot(shop, "import-orders", "工单.csv", "--yes"), "正被另一个机器人进程使用")
    assert kept(shop) == []


async def test_o4_an_unreachable_database_is_one_line(tmp_path: Path) -> None:
    settings = load_settings(
        {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, None, token_required=False
    )
    with pytest.raises(CannotOpen, match="DATABASE_URL"):
        await import_file(settings, STORE, a_list(tmp_path / "a.csv", GOOD), writes=True)


async def test_o4_exit_code_1_also_for_a_preview_with_a_wrong_row(tmp_path: Path, sqlite_url: str) -> None:
    settings = load_settings({"DATABASE_URL": sqlite_url}, None, token_required=False)
    path = a_list(tmp_path / "a.csv", changed(车牌="没有"))
    with pytest.raises(typer.Exit) as left:
        await import_file(settings, STORE, path, writes=False)
    assert left.value.exit_code == 1


async def test_o4_a_file_that_breaks_off_in_the_middle_changes_nothing(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read to its end before the first row is written."""
    settings = load_settings({"DATABASE_URL": sqlite_url}, None, token_required=False)

    def breaks_off(path: Path) -> Any:
        yield 2, dict(zip(HEAD, changed(预计交车时间=soon()), strict=True))
        raise CannotOpen("broken")

    monkeypatch.setattr(order_file, "rows", breaks_off)
    with pytest.raises(CannotOpen, match="broken"):
        await import_file(settings, STORE, tmp_path / "a.csv", writes=True)
    with sqlite3.connect(tmp_path / "desk.db") as database:
        assert database.execute("SELECT * FROM repair_orders").fetchall() == []


# ---------------------------------------------------------------- what is told


async def test_o4_the_preview_counts_every_row_and_shows_the_first_ten_new_ones(
    books: Books, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On either database, in more portions than one."""
    house = furnish(books, FakeClock(), [])
    path = tmp_path / "a.csv"
    a_list(path, *many(120))
    went_on: list[int] = []
    account = await bring_in(house, path, writes=True, went_on=went_on.append)
    assert sum(went_on) == account.counts[Meaning.NEW] == 120
    assert capsys.readouterr().out == ""
    later = [
        *(changed(row, 预计交车时间="2026-11-24 16:00") for row in many(2)),
        *many(120)[2:119],
        changed(many(120)[119], 工单号="RO999"),
        *(changed(row, 工单号=f"{row[0]}x", 车牌=f"粤C{row[1][2:]}") for row in many(11)),
        changed(工单号="RO500", 预计交车时间="2026-11-24 03:00"),
    ]
    a_list(path, *later)
    account = await bring_in(house, path, writes=False)
    assert capsys.readouterr().out.splitlines() == [
        *(
            f"第 {n + 2} 行：粤B·0000{n} 的交车时间改为 11月24日 周二 16:00，单号 {number}。"
            for n, number in enumerate(await numbers(books, 2))
        ),
        f"第 121 行：粤B·00119 已在店，单号 {(await numbers(books, 120))[119]}，这一行跳过。",
        "第 133 行：「预计交车时间」不在营业时间内（2026-11-24 03:00），请改成营业时间，例如 2026-11-24 09:00。",
    ]
    told = list(summary(account, house, writes=False))
    assert told[0] == "新工单（前 10 张）："
    assert told[1] == (
        "第 122 行：粤C·00000，李娜女士，139****0000，小保养、更换机滤，11月23日 周一 17:00 前交车，"
        "服务顾问 未指定。"
    )
    assert len(told) == 13
    assert told[11] == "共 132 行：新工单 11，改交车时间 2，没有变化 117，已在店 1，有误 1。"
    assert told[12].startswith("这是预览")


async def numbers(books: Books, count: int) -> list[str]:
    """Our numbers of the orders RO0, RO1 …"""
    async with books.glance() as unit:
        found = await orders.known(unit, [f"RO{n}" for n in range(count)], (), FakeClock().now())
    by = {row.reference: row.number for row in found}
    return [by[f"RO{n}"] for n in range(count)]


async def test_o4_a_bar_goes_on_above_which_the_lines_are_read(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal; what is piped away gets no bar (the other tests)."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    settings = load_settings({"DATABASE_URL": sqlite_url}, None, token_required=False)
    path = a_list(tmp_path / "a.csv", changed(车牌="没有"), changed(预计交车时间=soon()))
    with pytest.raises(typer.Exit):
        await import_file(settings, STORE, path, writes=False)
    assert "导入工单" in err.getvalue()
    assert "2/2" in err.getvalue()
    assert "第 2 行：「车牌」看不懂（没有）" in err.getvalue() + out.getvalue()
    assert "共 2 行" in out.getvalue()
