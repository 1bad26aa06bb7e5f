"""`followups` as a manager types it: coverage, response and satisfaction of a month, and of the months before (F7)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.follow_up_forms import RECORD, REGISTER
from bot.followups import GROUP, tell_month
from bot.opening import CannotOpen, ready_books
from bot.settings import Settings, load_settings
from dialogs.core import MEDIA
from domain.follow_up_figures import OVERDUE
from domain.follow_ups import (
    DECLINED,
    NO_MORE,
    NOTHING_TO_ASK,
    TOO_LATE,
    CallOutcome,
    FollowUpState,
    Hindrance,
)
from domain.questionnaires import FollowUpEvent
from scripts_zh.phrases import groups
from storage.engine import Books
from tests.bot.follow_up_month import (
    A_DAY,
    A_SECOND,
    DECEMBER,
    FIRST,
    NEW,
    NOW,
    OLD,
    STORE,
    follow_up,
    keep,
    november,
    rated,
)
from tests.bot.test_command_line import ROOT, bot, refused
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["postgres_template", "sqlite_template", "sqlite_url"]


@pytest.fixture
async def settings(database_url: str) -> Settings:
    """A month in the books of either database, and a follow-up on either side of it."""
    books = Books(database_url, synchronous="OFF")
    await ready_books(books)
    async with books.unit() as unit:
        before = follow_up("HF00", FIRST - A_SECOND, answers=(rated(5), rated(5)))
        after = follow_up("HF09", DECEMBER, answers=(rated(1),))
        await keep(unit, before, *november(), after)
    await books.close()
    return load_settings({"DATABASE_URL": database_url}, None, token_required=False)


async def test_f7_the_figures_of_a_month(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """From its first second to its last; what is nought is not said, and few ratings say that they are few."""
    await tell_month(settings, STORE, FIRST, NOW)
    all_told = (
        "应回访 7 份，已联系 5 份（覆盖率 71.4%），答复 3 份（答复率 60%）；只答了一部分 1 份"
        "；平均 3.50 分，满意率 50%（4 个评分）"
    )
    few = "（评分不到 5 个，说明不了什么，仅供参考）"
    assert capsys.readouterr().out.splitlines() == [
        "2026 年 11 月回访：应回访 7 份，已联系 5 份（覆盖率 71.4%），答复 3 份（答复率 60%）",
        "客户满意度（CSI）：平均 3.50 分，满意率 50%（4 个评分）",
        "其中：只答了一部分 1 份；电话答复 1 份；不用回访、不计入应回访 1 份",
        "",
        "【按问卷】",
        f"满意度：{all_told}",
        "",
        "【按题目】",
        "满意度·接待得怎么样？：平均 3.50 分，满意率 50%（4 个评分）",
        "",
        "【按服务顾问】",
        "孙顾问：应回访 6 份，已联系 4 份（覆盖率 66.7%），答复 2 份（答复率 50%）；只答了一部分 1 份"
        f"；平均 3.67 分，满意率 66.7%（3 个评分）{few}",
        "没有服务顾问：应回访 1 份，已联系 1 份（覆盖率 100%），答复 1 份（答复率 100%）"
        f"；平均 3.00 分，满意率 0%（1 个评分）{few}",
        "",
        "【按问卷版本】",
        f"满意度（版本 {OLD.version}，11-04 起）：已联系 4 份，答复 3 份（答复率 75%）"
        "；平均 3.33 分，满意率 33.3%（3 个评分）",
        f"满意度（版本 {NEW.version}，11-04 起）：已联系 1 份，答复 0 份（答复率 0%）；只答了一部分 1 份"
        "；平均 4.00 分，满意率 100%（1 个评分）",
        "",
        "【没有联系的，原因】",
        "客户已退订 1；过了时间还没有联系 1",
        "",
        "【联系了、没有答复的，原因】",
        "到期没有答复 1",
        "",
        "【打过的电话】",
        "无人接听 1；已接通 1",
        "",
        "【不满意的回答】",
        "有不满意回答的 2 份，已转投诉 1 份",
        "转成的投诉单（回访单 → 投诉单）：HF02 → TS261105-001",
        "　HF05 还没有转投诉，请尽快跟进。",
        "",
        "【近 6 个月】",
        *(f"2026-0{each}：没有回访" for each in (6, 7, 8, 9)),
        "2026-10：应回访 1 份，已联系 1 份（覆盖率 100%），答复 0 份（答复率 0%）；只答了一部分 1 份"
        "；平均 5.00 分，满意率 100%（1 个评分）",
        f"2026-11：{all_told}",
        "",
        "覆盖率＝已联系÷应回访；答复率＝答复÷已联系；满意率＝4 分和 5 分÷全部评分。"
        "按客户出厂（或其他起因）的月份计算。",
    ]


async def test_f7_what_is_still_to_come_is_not_due_yet(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await tell_month(settings, STORE, FIRST, DECEMBER)
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("2026 年 11 月回访：应回访 6 份，已联系 5 份")
    assert told[2].endswith("还没到时间、不计入应回访 1 份；不用回访、不计入应回访 1 份")


async def test_a_month_without_any_says_so_and_writes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    month = FIRST.replace(year=2025)
    await tell_month(settings, STORE, month, NOW, tmp_path / "charts", tmp_path / "a.xlsx")
    assert capsys.readouterr().out.splitlines() == [
        "2025 年 11 月没有回访。",
        "没有内容，图表和表格都没有写。",
    ]
    assert not {"charts", "a.xlsx"} & set(os.listdir(tmp_path))
    await tell_month(settings, STORE, month, NOW)
    assert capsys.readouterr().out.splitlines() == ["2025 年 11 月没有回访。"]


async def test_f4_f7_charts_and_workbook_are_written_where_asked(
    settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await tell_month(settings, STORE, FIRST, NOW, tmp_path / "new" / "charts", tmp_path / "a.xlsx")
    names = [f"followups-2026-11-{each}.png" for each in ("questions", "advisors", "trend")]
    charts = [tmp_path / "new" / "charts" / name for name in names]
    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"已写入 {path}。" for path in (*charts, tmp_path / "a.xlsx")
    ]
    assert all(path.stat().st_size > 5_000 for path in (*charts, tmp_path / "a.xlsx"))


async def test_a_place_that_cannot_be_written_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(CannotOpen, match="写不了文件"):
        await tell_month(settings, STORE, FIRST, NOW, charts=tmp_path / "file")
    with pytest.raises(CannotOpen, match="写不了文件"):
        await tell_month(settings, STORE, FIRST, NOW, workbook=tmp_path / "none" / "a.xlsx")


def test_the_command_as_typed(tmp_path: Path) -> None:
    """Refusals are one sentence with exit code 2; without a month it is the present one."""
    bot(tmp_path, "init")
    for wrong in ("2026-13", "0001-03", "9999-12"):
        refused(bot(tmp_path, "followups", "--month", wrong), "请写成 2026-11")
    done = bot(tmp_path, "followups", "--charts", "charts", "--xlsx", "a.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "没有内容，图表和表格都没有写。"


def test_the_bot_starts_without_the_library_that_draws(tmp_path: Path) -> None:
    """Only `followups --charts` takes its time to import it."""
    rooms = "bot.run, bot.opening, bot.followups, bot.follow_up_workbook"
    code = f"import sys, {rooms}; sys.exit('matplotlib' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, cwd=tmp_path)
    assert run.returncode == 0


async def test_f7_days_are_the_stores(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The first of November in the store is still October in UTC."""
    await tell_month(settings, STORE, (FIRST - A_DAY).replace(day=1), NOW)
    assert "应回访 1 份" in capsys.readouterr().out.splitlines()[0]


CODES = {
    "why": (
        *(OVERDUE, NOTHING_TO_ASK, DECLINED, NO_MORE, TOO_LATE, CallOutcome.WRONG_NUMBER),
        *Hindrance,
        *(each for each in FollowUpState if not each.is_open),
    ),
    "call": tuple(CallOutcome),
    "event": tuple(FollowUpEvent),
    "state": tuple(FollowUpState),
    "media": tuple(sorted(MEDIA)),
    "column": (*RECORD, *REGISTER),
}


@pytest.mark.parametrize("words", CODES)
def test_every_code_has_a_word(words: str) -> None:
    """A reason that somebody adds is not told as a code."""
    assert [code for code in CODES[words] if f"{words}_{code}" not in groups()[GROUP]] == []


def test_every_word_is_used() -> None:
    """Or nobody would mend it."""
    named = re.compile(rf"(?:{'|'.join(CODES)})_")
    rooms = ("followups", "follow_up_charts", "follow_up_forms", "follow_up_workbook")
    code = "".join((ROOT / "bot" / f"{room}.py").read_text("utf-8") for room in rooms)
    forms = {f"{form}{title}" for form in ("record", "register") for title in ("", "_title")}
    plain = [key for key in groups()[GROUP] if not named.match(key) and key not in forms]
    besides = ("besides_partly", "besides_by_phone", "besides_under_way", "besides_ahead", "besides_needless")
    assert [key for key in plain if f'"{key}"' not in code and key not in besides] == []
