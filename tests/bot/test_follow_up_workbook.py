"""The forms of follow-ups as an Excel file (F4): every contact in words, nothing a formula, few cells at a time."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell import WriteOnlyCell

from bot.follow_up_forms import RECORD, REGISTER, contacts_of, record_rows
from bot.follow_up_workbook import LONGEST_TEXT, WIDEST, write_workbook
from bot.opening import CannotOpen
from domain.follow_ups import CallMade, CallOutcome
from domain.questionnaires import Answer
from tests.bot.follow_up_month import A_DAY, FIRST, STATES, follow_up, november, rated
from tests.bot.test_follow_up_charts import report

if TYPE_CHECKING:
    from pathlib import Path

RECORD_SHEET, REGISTER_SHEET = "跟踪服务电话记录表", "跟踪服务电话登记表"
FUNCTION_SCOPED = HealthCheck.function_scoped_fixture


def written(path: Path, *found: Any) -> Any:
    write_workbook(path, report(*found))
    return openpyxl.load_workbook(path)


def rows(sheet: Any) -> list[dict[str, Any]]:
    """Below the title, by their headings."""
    _, headings, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, line, strict=True)) for line in lines]


def test_f4_the_record_has_every_contact_and_call_in_the_order_in_which_they_were(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", *november())
    assert book.sheetnames == [RECORD_SHEET, REGISTER_SHEET]
    told = rows(book[RECORD_SHEET])
    assert [(row["序号"], row["回访单号"], row["方式"], row["结果"]) for row in told] == [
        (1, "HF01", "聊天", "已答复"),
        (2, "HF02", "聊天", "已答复"),
        (3, "HF03", "聊天", "只答了一部分"),
        (4, "HF04", "聊天", "没有答复"),
        (5, "HF05", "电话", "无人接听"),
        (6, "HF05", "电话", "已接通"),
    ]
    assert told[1] == {
        "序号": 2,
        "回访单号": "HF02",
        "联系时间": datetime(2026, 11, 4, 10),  # noqa: DTZ001 - a spreadsheet knows no zones: the store's time
        "方式": "聊天",
        "回访人": "机器人",
        "客户": "王女士",
        "电话": "138 1234 5678",
        "车牌": "粤B·12345",
        "维修单号": "JC261101-001",
        "维修项目": "换机油",
        "服务顾问": "孙顾问",
        "问卷": "满意度",
        "结果": "已答复",
        "回答": "接待得怎么样？　2分（不满意）\n还有什么想说的？　=1+1 【照片 2 个】",
        "备注": None,
        "投诉单号": "TS261105-001",
    }
    # What is only read is no answer; a skipped question says so.
    assert told[0]["回答"].split("\n") == [
        "接待得怎么样？　5分",
        "住几楼？　五楼",
        "还有什么想说的？　（跳过）",
    ]
    assert told[0]["备注"] == "提醒 2 次"
    # What a colleague entered stands with the call in which it was heard.
    assert [(row["回访人"], row["回答"], row["备注"]) for row in told[4:]] == [
        ("周跟踪", None, "+86 打不通"),
        ("周跟踪", "接待得怎么样？　3分（不满意）", "@客户很忙"),
    ]


def test_f4_the_register_has_every_follow_up_by_date(tmp_path: Path) -> None:
    told = rows(written(tmp_path / "a.xlsx", *november())[REGISTER_SHEET])
    assert [row["回访单号"] for row in told] == [f"HF0{each}" for each in range(1, 9)]
    assert [(row["状态"], row["未进行原因"], row["平均分"]) for row in told] == [
        ("已完成", None, 5),
        ("已完成", None, 2),
        ("未答复", None, 4),
        ("未答复", None, None),
        ("已完成", None, 3),
        ("未进行", "客户已退订", None),
        ("未进行", "本店或同事的车", None),
        ("待回访", None, None),
    ]
    called = told[4]
    assert (called["起因"], called["电话次数"], called["提醒次数"], called["不满意"]) == (
        "维修出厂",
        2,
        0,
        "是",
    )
    first = FIRST.replace(tzinfo=None)
    assert called["起因时间"] == first + timedelta(hours=10, seconds=3)
    assert called["首次联系"] == first + timedelta(days=4, hours=10)
    assert told[5]["首次联系"] is None


@pytest.mark.parametrize("begins", ["=1+1", "+86 138", "-5", "@SUM(A1)", "\t=1", "#N/A", "=HYPERLINK(1)"])
def test_what_somebody_typed_is_never_a_formula(tmp_path: Path, begins: str) -> None:
    """Nor an error value; and where it looks like a formula it stays text when somebody edits the cell."""
    call = CallMade(FIRST, 7, begins, CallOutcome.REACHED, begins)
    found = follow_up("HF01", FIRST, address=begins, work=begins, advisor_name=begins, calls=(call,))
    book = written(tmp_path / "a.xlsx", found)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == begins]
    assert (
        len(cells) == 2 * 3 + 2 + 2
    )  # record: twice customer, work, advisor, and who called with a note; register
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.quotePrefix for cell in cells} == {begins[0] != "#"}
    others = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert others == []


def test_what_no_workbook_may_hold_is_left_out_and_what_is_too_long_is_cut(tmp_path: Path) -> None:
    long = follow_up("HF01", FIRST, address="王\x00\x0b\ufffe女士", work="长" * 40_000)
    [told] = rows(written(tmp_path / "a.xlsx", long)[RECORD_SHEET])
    assert told["客户"] == "王女士"
    assert (len(told["维修项目"]), told["维修项目"][-1]) == (LONGEST_TEXT, "…")


def test_headings_stay_in_sight_and_columns_fit(tmp_path: Path) -> None:
    for sheet, columns in zip(written(tmp_path / "a.xlsx", *november()), (RECORD, REGISTER), strict=True):
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A3", "$1:$2")
        assert sheet["A1"].value == f"{sheet.title}　鹏程汽车4S店　2026 年 11 月"
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert sheet.max_column == len(columns)
        for column in sheet.iter_cols(min_row=2):
            room = sheet.column_dimensions[column[0].column_letter].width
            words = [cell.value for cell in column if isinstance(cell.value, str)]
            longest = max(len(line) for text in words for line in text.split("\n"))
            assert min(longest, WIDEST) <= room <= WIDEST
        times = [
            cell for row in sheet.iter_rows(min_row=3) for cell in row if isinstance(cell.value, datetime)
        ]
        assert {cell.number_format for cell in times} == {"yyyy-mm-dd hh:mm"}


def test_times_are_the_stores(tmp_path: Path) -> None:
    """Whatever zone the books tell them in."""
    [told] = rows(written(tmp_path / "a.xlsx", follow_up("HF01", FIRST.astimezone(UTC)))[REGISTER_SHEET])
    assert told["起因时间"] == FIRST.replace(tzinfo=None)


def test_what_a_colleague_entered_stands_with_the_last_call_that_reached_somebody() -> None:
    tried = (CallOutcome.REACHED, CallOutcome.REACHED, CallOutcome.NO_ANSWER)
    made = tuple(CallMade(FIRST + each * A_DAY, 7, "周", outcome) for each, outcome in enumerate(tried))
    found = follow_up("HF01", FIRST, invited_at=None, calls=made, answers=(rated(4, by=7),))
    assert [len(each.answers) for each in contacts_of(found)] == [0, 1, 0]


def test_answers_of_a_call_that_nobody_noted_were_given_on_the_phone() -> None:
    entered = follow_up("HF01", FIRST, invited_at=None, state=STATES.ANSWERED, answers=(rated(4, by=7),))
    [row] = record_rows(report(entered), contacts_of(entered))
    assert (row["way"], row["by"], row["outcome"]) == ("电话", "", "已答复")


def test_a_version_that_nobody_kept_is_told_by_its_codes() -> None:
    unknown = follow_up(
        "HF01", FIRST, version="gone", answers=(Answer("manners", ("5",)), Answer("w", (), "好"))
    )
    [row] = record_rows(report(unknown), contacts_of(unknown))
    assert row["answers"] == "manners　5\nw　好"


texts = st.text(max_size=20)
outcomes = st.sampled_from(CallOutcome)
moments = st.integers(0, 50).map(lambda hours: FIRST + timedelta(hours=hours))
calls = st.lists(st.builds(CallMade, moments, st.just(7), texts, outcomes, texts), max_size=3)
given_answers = st.lists(st.sampled_from(("manners", "floor", "wishes")), unique=True).flatmap(
    lambda names: st.tuples(
        *(st.builds(Answer, st.just(name), st.just(()), texts, by=st.integers(0, 1)) for name in names)
    )
)


@settings(suppress_health_check=[FUNCTION_SCOPED])
@given(calls, given_answers, st.sampled_from((None, FIRST + A_DAY)))
def test_f4_every_contact_and_every_answer_is_in_the_record_once(
    made: list[CallMade], answers: tuple[Answer, ...], invited: datetime | None
) -> None:
    found = follow_up("HF01", FIRST, calls=tuple(made), answers=answers, invited_at=invited)
    contacts = contacts_of(found)
    told = [each.call for each in contacts if each.call is not None]
    assert sorted(map(repr, told)) == sorted(map(repr, made))
    assert sorted(answer.question for each in contacts for answer in each.answers) == sorted(
        answer.question for answer in answers
    )
    assert (invited is None) or any(each.call is None and each.at == invited for each in contacts)
    assert [each.at for each in contacts] == sorted(each.at for each in contacts)


@settings(suppress_health_check=[FUNCTION_SCOPED], max_examples=20)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_make_a_workbook_that_opens(tmp_path: Path, name: str, note: str) -> None:
    call = CallMade(FIRST, 7, name, CallOutcome.REACHED, note)
    written(tmp_path / "a.xlsx", follow_up("HF01", FIRST, address=name, work=note, calls=(call,)))


def test_f4_of_thousands_of_follow_ups_few_cells_are_alive(tmp_path: Path) -> None:
    """The rows are gone through one by one: a month of a large store needs no more memory than a day's."""
    plain = follow_up("HF01", FIRST, answers=(rated(5),))
    most = seen = 0

    class Counting(tuple[Any, ...]):
        def __iter__(self) -> Any:
            nonlocal most, seen
            for each in super().__iter__():
                seen += 1
                if seen % 1_500 == 0:
                    most = max(most, sum(type(one) is WriteOnlyCell for one in gc.get_objects()))
                yield each

    found = Counting([plain] * 2_000)
    write_workbook(tmp_path / "a.xlsx", replace(report(), follow_ups=found))
    assert seen >= 6_000
    assert most <= 4 * (len(RECORD) + len(REGISTER))
    opened = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)
    assert sum(1 for _ in opened[REGISTER_SHEET].iter_rows()) == 2_002
    opened.close()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="写不了文件"):
        write_workbook(tmp_path, report(*november()))
