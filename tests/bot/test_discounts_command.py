"""`discounts` as a manager types it: every decision of the month, what they come to, what still waits (R5, D2, A3)."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bot.discounts import tell_month
from bot.opening import ready_books
from bot.settings import Settings, load_settings
from domain.discounts import Discount, DiscountState
from domain.people import Role
from domain.repair_orders import RepairOrder
from domain.settlement import Settlement
from storage import customers, discounts, orders, settlements
from storage.engine import Books
from tests.bot.test_command_line import bot, refused
from tests.service.front_door import demo_store
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from pathlib import Path

    from storage.engine import Unit

__all__ = ["postgres_template", "sqlite_template", "sqlite_url"]

STORE = demo_store()
FIRST, LAST = datetime(2026, 11, 1, tzinfo=STORE.zone), datetime(2026, 12, 1, tzinfo=STORE.zone)
A_SECOND = timedelta(seconds=1)
GRANTED, REFUSED = DiscountState.GRANTED, DiscountState.REFUSED
PLATE, OTHER = "粤B12345", "粤BD12345"


async def keep(unit: Unit, owner: int, number: str, at: datetime, minutes: int = 0, **about: Any) -> None:
    """A request asked at `at`; with a state in `about` it ended that many minutes later."""
    asked = Discount(
        number, "JC261101-001", 1, Decimal("0.08"), at, Role.BUSINESS_SUPERVISOR, Decimal("1280.50"), owner
    )
    ended = {name: about.pop(name) for name in ("state", "granted", "amount", "refusal") if name in about}
    assert await discounts.ask(unit, replace(asked, **about))
    if ended:
        who = {"decided_by": 11, "decided_name": "郑主管", "decided_at": at + timedelta(minutes=minutes)}
        if ended["state"] is REFUSED:
            who |= {"decided_by": 12, "decided_name": "陈经理"}
        ended["state"] = ended["state"].value
        assert await discounts.change(unit, number, **who, **ended)


@pytest.fixture
async def settings(database_url: str) -> Settings:
    """A month in the books of either database, and a decision on either side of it."""
    books = Books(database_url, synchronous="OFF")
    await ready_books(books)
    async with books.unit() as unit:
        owner = await customers.open_file(unit, None, FIRST, name="王芳")
        for number, plate, version in (("JC261101-001", PLATE, 1), ("JC261101-002", OTHER, 2)):
            order = RepairOrder(number, plate, owner, 0, "王女士", 0, "", FIRST)
            assert await orders.file(unit, order, None)
            await settlements.save(unit, Settlement(number, version), FIRST, 0)
        granted: dict[str, Any] = {"state": GRANTED, "granted": Decimal("0.05"), "amount": Decimal("64.03")}
        second: dict[str, Any] = {
            "order": "JC261101-002",
            "tier": "fleet",
            "asked_by": 9,
            "asked_name": "孙顾问",
        }
        await keep(unit, owner, "YH261031-001", FIRST - A_SECOND, **granted)
        await keep(unit, owner, "YH261101-002", FIRST, **granted, reason="regular")
        tomorrow = FIRST + timedelta(days=1, hours=10)
        await keep(
            unit, owner, "YH261102-003", tomorrow, 3, **granted, **second, reason="=1+1 电话13812345678\n谢谢"
        )
        await keep(unit, owner, "YH261102-004", tomorrow, 75, **granted, **second, version=2)
        no: dict[str, Any] = {"state": REFUSED, "refusal": "margin"}
        await keep(unit, owner, "YH261130-005", LAST - A_SECOND, **no, reason="waited")
        await keep(unit, owner, "YH261130-006", LAST - A_SECOND, state=DiscountState.WITHDRAWN)
        await keep(unit, owner, "YH261201-007", LAST, **granted)
        await keep(unit, owner, "YH261130-008", LAST - A_SECOND, level=Role.GENERAL_MANAGER)
        await keep(unit, owner, "YH261201-009", LAST, **second)
    await books.close()
    return load_settings({"DATABASE_URL": database_url}, None, token_required=False)


async def test_r5_every_decision_of_a_month(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """From its first second to its last; what was granted on a bill that changed is told and not counted (D2)."""
    await tell_month(settings, STORE, FIRST, LAST, None)
    said = capsys.readouterr().out.splitlines()
    fleet = "JC261101-002　粤B·D***45　集团客户：孙顾问申请 8%"
    plain = "JC261101-001　粤B·1**45　普通客户：客户申请 8%"
    assert said == [
        "2026 年 11 月优惠审批：同意 3 笔，优惠 ¥128.06；其中作废 1 笔；驳回 1 笔；等待时间中位数 2 分钟",
        "",
        f"11-01 00:00　YH261101-002　{plain}，郑主管同意 5%，优惠 ¥64.03，用时 0 分钟；理由：老客户",
        f"11-02 10:03　YH261102-003　{fleet}，郑主管同意 5%，用时 3 分钟；后来结算单改了，这笔作废，不计金额"
        "；理由：=1+1 电话138****5678 谢谢",
        f"11-02 11:15　YH261102-004　{fleet}，郑主管同意 5%，优惠 ¥64.03，用时 1 小时 15 分钟",
        f"11-30 23:59　YH261130-005　{plain}，陈经理驳回（毛利不足），用时 0 分钟；理由：等待时间长",
        "",
        "【按审批人】",
        "郑主管：同意 3 笔，优惠 ¥128.06；其中作废 1 笔；等待时间中位数 3 分钟",
        "陈经理：驳回 1 笔；等待时间中位数 0 分钟",
        "",
        "【按申请理由】",
        "没有写理由：同意 1 笔，优惠 ¥64.03；等待时间中位数 1 小时 15 分钟",
        "老客户：同意 1 笔，优惠 ¥64.03；等待时间中位数 0 分钟",
        "自己写的理由：同意 1 笔，优惠 ¥0；其中作废 1 笔；等待时间中位数 3 分钟",
        "等待时间长：驳回 1 笔；等待时间中位数 0 分钟",
        "",
        "【按客户类别】",
        "普通客户：同意 1 笔，优惠 ¥64.03；驳回 1 笔；等待时间中位数 0 分钟",
        "集团客户：同意 2 笔，优惠 ¥64.03；其中作废 1 笔；等待时间中位数 39 分钟",
        "",
        "当月优惠预算 ¥20,000，已用 ¥128.06，还剩 ¥19,871.94。",
        "",
        "【还没有决定】",
        f"11-30 23:59　YH261130-008　{plain}，应付 ¥1,280.50，等总经理决定",
    ]


async def test_r5_the_same_for_a_spreadsheet(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Row by row, money and minutes as plain numbers, and no formula, whatever somebody typed."""
    await tell_month(settings, STORE, FIRST, LAST, tmp_path / "discounts.csv")
    assert capsys.readouterr().out.splitlines()[-1] == f"已写入 {tmp_path / 'discounts.csv'}。"
    with (tmp_path / "discounts.csv").open(encoding="utf-8-sig", newline="") as file:
        heading, *rows = csv.reader(file)
    assert {len(row) for row in rows} == {len(heading)}
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    assert [row["结果"] for row in told] == ["同意", "同意（后来作废）", "同意", "驳回", "还没有决定"]
    assert told[1] == {
        "申请单号": "YH261102-003",
        "维修单号": "JC261101-002",
        "车牌": "粤B·D***45",
        "客户类别": "集团客户",
        "优惠前金额（元）": "1280.50",
        "申请优惠": "8%",
        "申请人": "孙顾问",
        "申请时间": "2026-11-02 10:00",
        "申请理由": "'=1+1 电话138****5678 谢谢",
        "结果": "同意（后来作废）",
        "批准优惠": "5%",
        "优惠金额（元）": "0.00",
        "审批人": "郑主管",
        "审批时间": "2026-11-02 10:03",
        "用时（分钟）": "3",
        "驳回原因": "",
    }
    assert (told[3]["批准优惠"], told[3]["驳回原因"], told[4]["审批人"]) == ("", "毛利不足", "")
    assert sum(Decimal(row["优惠金额（元）"] or 0) for row in told) == Decimal("128.06")


async def test_more_than_the_months_goodwill(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    small = replace(STORE, settlement=replace(STORE.settlement, goodwill_month=Decimal(100)))
    await tell_month(settings, small, FIRST, LAST, None)
    assert "当月优惠预算 ¥100，已用 ¥128.06，超出 ¥28.06。" in capsys.readouterr().out.splitlines()


async def test_a_month_without_decisions_tells_what_waits_today(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was asked later than the month is none of its business."""
    await tell_month(settings, STORE, FIRST.replace(year=2025), LAST.replace(year=2025), None)
    assert capsys.readouterr().out.splitlines() == [
        "2025 年 11 月没有审批过优惠。",
        "",
        "当月优惠预算 ¥20,000，已用 ¥0，还剩 ¥20,000。",
    ]


def test_the_command_as_typed(tmp_path: Path) -> None:
    """Refusals are one sentence with exit code 2; without a month it is the present one."""
    bot(tmp_path, "init")
    refused(bot(tmp_path, "discounts", "--month", "2026-13"), "请写成 2026-11")
    refused(bot(tmp_path, "discounts", "--month", "2026-11", "--csv", "none/t.csv"), "写不了文件")
    done = bot(tmp_path, "discounts")
    assert (done.returncode, "月没有审批过优惠。" in done.stdout) == (0, True)
