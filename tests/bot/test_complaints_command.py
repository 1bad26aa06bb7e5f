"""`complaints`, `routing-report`, `selfcheck` and `why TS…` as a manager types them (C2, C7, C11)."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.complaints import tell_month
from bot.opening import CannotOpen, closed_house, ready_books
from bot.routing_report import report
from bot.run import AFTER_EVERYTHING, BEFORE_EVERYTHING
from bot.settings import Settings, load_settings
from bot.spreadsheet import write_table
from domain.complaint_chain import legs
from domain.complaints import (
    Classification,
    Complainant,
    Complaint,
    ComplaintKind,
    Entry,
    Happening,
    Loss,
    Origin,
    Severity,
)
from service.self_check import examine, lines
from service.why import explain
from storage import audit, complaints, people
from storage.engine import Books
from tests.bot.test_command_line import bot, refused
from tests.service.front_door import demo_store
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from storage.engine import Unit

__all__ = ["postgres_template", "sqlite_template", "sqlite_url"]

STORE = demo_store()
NOVEMBER = datetime(2026, 11, 1, tzinfo=STORE.zone), datetime(2026, 12, 1, tzinfo=STORE.zone)
INTAKE, SUMMARY = "intake.front_desk.1", "summary.after_sales.1"
AN_HOUR = timedelta(hours=1)
SAID = "刹车片换了还是响，电话13812345678，车牌粤B12345，你们到底会不会修，给我一个说法"


def history(opened: datetime, *, accepted: timedelta, loss: Loss = Loss.NONE) -> tuple[Entry, ...]:
    """Captured, the form accepted after so long, and summed up with that loss by 张师傅's fault."""
    at = opened + accepted
    return (
        Entry(opened, Happening.WORDS, details={"text": SAID}),
        Entry(opened, Happening.BEGUN, INTAKE, details={"minutes": 120, "business": False}),
        Entry(at, Happening.ACCEPTED, INTAKE, 1, "李主管"),
        Entry(at, Happening.ENDED, INTAKE, 1, "李主管"),
        Entry(at, Happening.BEGUN, SUMMARY, details={"minutes": 720, "business": False}),
        Entry(at, Happening.ACCEPTED, SUMMARY, 2, "陈经理"),
        Entry(at, Happening.REPORTED, SUMMARY, 2, "陈经理", {"responsible": "张师傅", "loss": loss.value}),
    )


def classified(at: datetime, topic: str, proposed: str, person: int = 1, **more: Any) -> Entry:
    return Entry(at, Happening.CLASSIFIED, "", person, "", {"topic": topic, "proposed": proposed, **more})


async def file(unit: Unit, number: str, opened: datetime, *entries: Entry, **about: Any) -> None:
    """Write a complaint as the desk would have."""
    by = Complainant(name="王先生", phone="13812345678", plate="粤B12345")
    found = Complaint(
        number, Origin.CUSTOMER, by, opened, classification=Classification(**about), history=entries
    )
    await complaints.file(unit, found)
    await complaints.note(unit, number, entries)
    kept = [
        {
            "number": number,
            "leg": leg.name,
            "queue": leg.queue.value,
            "owner_id": leg.owner or None,
            "open": leg.is_open,
            "due_at": None,
        }
        for leg in legs(entries)
    ]
    await complaints.keep_legs(unit, kept)


@pytest.fixture
async def settings(database_url: str) -> Settings:
    """A month in the books of either database: four cases, one of them of December, and two cars that arrived."""
    books = Books(database_url, synchronous="OFF")
    await ready_books(books)
    first, last = NOVEMBER
    async with books.unit() as unit:
        await people.meet(unit, [{"user_id": 9, "first_name": "张师傅", "username": "", "first_seen": first}])
        [zhang] = await people.load(unit, first, user_ids=[9])
        arrival = {
            "person_id": zhang.id,
            "conversation_id": None,
            "action": "appointment.arrived",
            "details": "{}",
        }
        days = {"YY1": first, "YY2": last - timedelta(seconds=1), "YY3": last}
        await audit.write(unit, [arrival | {"at": at, "subject": subject} for subject, at in days.items()])
        await file(
            unit, "TS261101-001", first, *history(first, accepted=AN_HOUR, loss=Loss.HIDDEN),
            classified(first, "parts", "price"), severity=Severity.MAJOR,
        )  # fmt: skip
        second = first + timedelta(days=9)
        await file(
            unit, "TS261110-002", second, *history(second, accepted=3 * AN_HOUR, loss=Loss.VISIBLE),
            classified(second, "price", "price"), kind=ComplaintKind.GRUMBLE,
        )  # fmt: skip
        third = last - timedelta(seconds=1)
        by_customer = classified(third, "parts", "price", by_customer=True)
        await file(unit, "TS261130-003", third, *history(third, accepted=AN_HOUR), by_customer)
        await file(unit, "TS261201-004", last, *history(last, accepted=AN_HOUR, loss=Loss.HIDDEN))
    await books.close()
    return load_settings({"DATABASE_URL": database_url}, None, token_required=False)


async def told(
    settings: Settings, capsys: pytest.CaptureFixture[str], table: Path | None = None
) -> list[str]:
    await tell_month(settings, STORE, *NOVEMBER, table)
    return capsys.readouterr().out.splitlines()


async def test_c11_the_figures_of_a_month(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """What was opened from the first second of the month to its last, every figure with its cases."""
    said = await told(settings, capsys)
    assert said[:2] == [
        "2026 年 11 月投诉 3 单，当月到店 2 台次",
        "投诉单：TS261101-001、TS261110-002、TS261130-003",
    ]
    for line in (
        "前台主管接单 · 全部：办结 3（TS261101-001、TS261110-002、TS261130-003）；"
        "按时 2（TS261101-001、TS261130-003）；超时 1（TS261110-002）；"
        "中位数 提前 1 小时；最慢 超时 1 小时（TS261110-002）",
        "售后经理汇总答复 · 陈经理：处理中 3（TS261101-001、TS261110-002、TS261130-003）",
        "张师傅：单数 1（TS261101-001）；本人登记到店台次 2；比例 50%（上限 2%）；超出单数 1；清单金额 ¥50",
        "TS261110-002：责任人 张师傅；前台主管 未填写；部门负责人 未填写；售后经理 陈经理",
        "单数 1（TS261101-001）；全店到店台次 2；比例 50%（上限 1%）；超出单数 1",
    ):
        assert line in said
    sections = [line.strip("【】") for line in said if line.startswith("【")]
    assert sections == ["各环节时限", "不满意再处理", "隐性损失", "客户抱怨", "显性损失", "重大投诉"]
    assert said[said.index("【不满意再处理】") + 1] == "无"
    assert said[-1].startswith("比例按登记到店的台次计算：本人登记过到店的，用本人的台次；")


async def test_c11_the_same_for_a_spreadsheet(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = await told(settings, capsys, tmp_path / "figures.csv")
    assert said[-1] == f"已写入 {tmp_path / 'figures.csv'}。"
    with (tmp_path / "figures.csv").open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["项目", "环节或投诉单", "人员", "指标", "数值", "投诉单号"]
    assert ["各环节时限", "前台主管接单", "李主管", "超时", "1", "TS261110-002"] in rows
    assert ["隐性损失", "", "张师傅", "清单金额", "¥50", ""] in rows


async def test_c11_a_month_without_any_complaint(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = (moment.replace(year=2025) for moment in NOVEMBER)
    await tell_month(settings, STORE, first, last, None)
    assert capsys.readouterr().out == "2025 年 11 月没有投诉，大家辛苦了，继续保持。\n"


async def test_c2_what_people_corrected(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Words of a colleague alone, the customer's words without phone and plate (A3)."""
    await report(settings, STORE, BEFORE_EVERYTHING, AFTER_EVERYTHING)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "人工确认 2 单，其中 1 单与机器人的判断一致（50%）"
    assert said[1].endswith("：1 单")
    assert said[2].startswith("　TS261101-001　刹车片换了还是响，电话138****5678，")
    assert "TS261130-003" not in "".join(said)
    assert not {"13812345678", "粤B12345"} & set("".join(said).split("，"))
    await report(settings, STORE, AFTER_EVERYTHING, AFTER_EVERYTHING)
    assert capsys.readouterr().out == "这段时间还没有人工确认或更正过的投诉分类。\n"


async def test_c7_why_a_complaint_is_due_when_it_is(settings: Settings) -> None:
    """The story of every deadline, who has it now; nothing that a bystander may not read (A3)."""
    async with closed_house(settings, STORE) as house:
        said = await explain(house, "ts261101-001")
        assert said[0] == "投诉单 TS261101-001，11月1日 周日 00:00 登记（客户提出）"
        assert "　→ 11月1日 周日 02:00 用满 100%（2 小时）：报告上一级" in said
        assert said[-1] == "现在负责「售后经理汇总答复」：陈经理，11-01 01:00:00 接单"
        assert "13812345678" not in "".join(said)
        assert "找不到" in (await explain(house, "TS000000-000"))[0]
        red = lines(await examine(house), house)
    assert red[0].startswith("🔴 自检：4 单投诉处理中，有 ")
    assert any("TS261101-001「售后经理汇总答复」：没有卡片" in line for line in red)


def test_nothing_in_a_table_is_a_formula(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ["a"], [["=1+1"], ["@x"], ["-2"], ["2-1"]])
    assert (tmp_path / "t.csv").read_text("utf-8-sig").split() == ["a", "'=1+1", "'@x", "'-2", "2-1"]
    with pytest.raises(CannotOpen, match="写不了文件"):
        write_table(tmp_path / "none" / "t.csv", ["a"], [])


# ---------------------------------------------------------------- as typed


def test_the_commands_as_typed(tmp_path: Path) -> None:
    """Refusals are one sentence with exit code 2; an empty shop gets kind answers."""
    bot(tmp_path, "init")
    refused(bot(tmp_path, "complaints", "--month", "2026-13"), "请写成 2026-11")
    refused(bot(tmp_path, "complaints", "--month", "9999-12"), "请写成 2026-11")
    refused(bot(tmp_path, "routing-report", "--month", "soon"), "请写成 2026-11")
    month = bot(tmp_path, "complaints", "--month", "2026-11")
    assert (month.returncode, month.stdout) == (0, "2026 年 11 月没有投诉，大家辛苦了，继续保持。\n")
    assert "还没有人工确认" in bot(tmp_path, "routing-report").stdout
    checked = bot(tmp_path, "selfcheck")
    assert (checked.returncode, checked.stdout) == (0, "🟢 自检：没有处理中的投诉，一切正常\n")
