"""One row of the shop's own list of orders → what a repair order needs, or all that is wrong with it (O1, O4)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from domain import order_cells
from domain.handover_times import NotThen, nearest, why_not
from domain.moments.wording import half_width
from domain.names import PersonName, read_name
from domain.order_cells import Cell, FaultKind, Refused, Unread
from domain.phones import Phone
from domain.plates import Plate

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar

Read = TypeVar("Read")

WHOLE_ROW = ""
"""The heading under which a row says what is wrong with it as a whole."""


class Column(StrEnum):
    """What a column of the list can be about; the value is the heading that the guides name."""

    NUMBER = "单号"
    PLATE = "车牌号"
    CUSTOMER = "客户"
    PHONE = "电话"
    ITEMS = "项目"
    PROMISED = "承诺交车时间"
    ARRIVED = "进厂时间"
    AMOUNT = "估价"
    ADVISOR = "服务顾问"
    MILEAGE = "里程"
    SYMPTOM = "故障描述"


REQUIRED = (Column.PLATE, Column.PHONE, Column.PROMISED)
"""Without these there is no promise to keep, and nobody to tell."""

LONGEST = 60
LONGEST_ITEM = 100
LONGEST_SYMPTOM = 500

# The first heading of a column that is filled in counts, so the surest stand first.
_HEADINGS = {
    Column.NUMBER: "单号 工单号 维修单号 维修工单号 派工单号 委托书号 订单号 工单编号 单据号 单据编号 结算单号 ro号 ro",
    Column.PLATE: "车牌号 车牌 车牌号码 车号 牌照 牌照号 号牌号码 车辆牌照",
    Column.CUSTOMER: "客户姓名 客户 姓名 客户名称 车主 车主姓名 送修人 送修人姓名 联系人 联系人姓名",
    Column.PHONE: (
        "手机 手机号 手机号码 客户手机 联系手机 送修人手机 送修人电话 "
        "电话 电话号码 联系电话 客户电话 车主电话 联系方式"
    ),
    Column.ITEMS: "项目 维修项目 服务项目 作业项目 施工项目 维修内容 作业内容 维修类型 业务类型",
    Column.PROMISED: (
        "承诺交车时间 承诺交车 承诺时间 约定交车时间 预计交车时间 预计交车 预交车时间 交车时间 "
        "预计完工时间 预计完工 预计取车时间 承诺取车时间 取车时间 预计出厂时间"
    ),
    Column.ARRIVED: "进厂时间 进店时间 到店时间 来店时间 入厂时间 接车时间 开单时间 进厂日期 开单日期",
    Column.AMOUNT: "估价 预估金额 估价金额 预估费用 预计费用 预计金额 报价 金额 总金额 合计 合计金额 费用",
    Column.ADVISOR: "服务顾问 顾问 接待 接待员 接车人 接待顾问 接车顾问 服务顾问姓名 sa",
    Column.MILEAGE: "里程 里程数 进厂里程 行驶里程 公里数 公里 表显里程",
    Column.SYMPTOM: "故障描述 客户描述 报修内容 故障现象 客户需求",
}
_MEANING = {
    heading: (column, rank)
    for column, headings in _HEADINGS.items()
    for rank, heading in enumerate(headings.split())
}
_ORNAMENT = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】|[\s*:_\-·.、/'\"\ufeff\u200b]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: under which heading (as in the file), the beginning of what stands there, the line it repeats.

    `cure`: what could stand there instead.
    """

    kind: FaultKind
    heading: str = WHOLE_ROW
    value: str = ""
    line: int = 0
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A row that can become a repair order; times are aware, `amount` is yuan, `mileage` kilometres.

    `customer` is as written (a company's name too), `name` what is known of a person's name, `promised_under` the
    heading of the promised time.
    """

    plate: Plate
    phone: Phone
    promised: datetime
    number: str = ""
    customer: str = ""
    name: PersonName | None = None
    items: tuple[str, ...] = ()
    arrived: datetime | None = None
    amount: Decimal | None = None
    advisor: str = ""
    mileage: int | None = None
    symptom: str = ""
    promised_under: str = field(default=Column.PROMISED.value, compare=False)


def column_of(heading: str) -> Column | None:
    """What a heading is about, whatever its spaces, asterisks and brackets; None for a column nobody asks for."""
    meaning = _MEANING.get(_plain(heading))
    return meaning[0] if meaning else None


def heading_faults(headings: Sequence[str]) -> tuple[Fault, ...]:
    """Why a list with these headings cannot be read: a required column is missing, or a heading stands there twice."""
    plain = [_plain(heading) for heading in headings]
    twice = [
        Fault(FaultKind.COLUMN_TWICE, heading)
        for place, heading in enumerate(headings)
        if column_of(heading) and plain[place] in plain[:place]
    ]
    named = {column_of(heading) for heading in headings}
    missing = [Fault(FaultKind.NO_COLUMN, column.value) for column in REQUIRED if column not in named]
    return (*missing, *twice)


def read_row(cells: Mapping[str, Cell], now: datetime, zone: tzinfo) -> OrderRow | tuple[Fault, ...]:
    """The order of a row (heading → cell), or all its faults. `now` aware; times without zone are of `zone`.

    Headings are as in the file. Under WHOLE_ROW stands what is wrong with the row as a whole, if anything.
    """
    row = _Row(cells)
    if row.faults and not row.plan:
        return tuple(row.faults)  # nothing could be read of it: what is missing is no news
    line = partial(order_cells.read_text, longest=LONGEST)
    when = partial(order_cells.read_time, now=now, zone=zone)
    number = row.read(Column.NUMBER, partial(order_cells.read_number, longest=LONGEST))
    plate = row.read(Column.PLATE, order_cells.read_plate)
    phone = row.read(Column.PHONE, order_cells.read_phone)
    promised = row.read(Column.PROMISED, when)
    arrived = row.read(Column.ARRIVED, when)
    customer = row.read(Column.CUSTOMER, line) or ""
    items = row.read(Column.ITEMS, partial(order_cells.read_items, longest=LONGEST_ITEM))
    amount = row.read(Column.AMOUNT, order_cells.read_amount)
    advisor = row.read(Column.ADVISOR, line)
    mileage = row.read(Column.MILEAGE, order_cells.read_mileage)
    symptom = row.read(Column.SYMPTOM, partial(order_cells.read_text, longest=LONGEST_SYMPTOM))
    if promised and arrived and promised <= arrived:
        row.refuse(Column.PROMISED, FaultKind.BEFORE_ARRIVAL)
    if row.faults or plate is None or phone is None or promised is None:
        return tuple(row.faults)
    return OrderRow(
        plate=plate,
        phone=phone,
        promised=promised,
        number=number or "",
        customer=customer,
        name=read_name(customer),
        items=items or (),
        arrived=arrived,
        amount=amount,
        advisor=advisor or "",
        mileage=mileage,
        symptom=symptom or "",
        promised_under=row.heading(Column.PROMISED),
    )


def promise_fault(row: OrderRow, now: datetime, calendar: "StoreCalendar") -> Fault | None:
    """Why nobody can be promised this time: it is past, or the shop is shut then; with the nearest time that can be.

    The same rule as for a time that an advisor types (O4).
    """
    reason = why_not(row.promised, now, calendar, order_cells.FURTHEST)
    if reason is None:
        return None
    others = nearest(row.promised, now, calendar, order_cells.FURTHEST)
    cure = min(others, key=lambda each: abs(each - row.promised), default=None)
    kind = FaultKind.FAR_TIME if reason is NotThen.TOO_FAR else FaultKind(reason.value)
    return Fault(kind, row.promised_under, _written(row.promised), cure=_written(cure) if cure else "")


def _written(moment: datetime) -> str:
    """As a person would type it into the list."""
    return f"{moment:%Y-%m-%d %H:%M}"


def read_rows(
    rows: Iterable[tuple[int, Mapping[str, Cell]]], now: datetime, zone: tzinfo
) -> Iterator[tuple[int, OrderRow | tuple[Fault, ...]]]:
    """Each row of a list by its line, read one at a time; a plate or number that stood above is a fault.

    Of the rows above only plates and numbers are kept, of rows with faults too: which of two rows is right is a
    question for whoever wrote the list.
    """
    seen = _Seen({}, {})
    for line, cells in rows:
        repeated = list(seen.repeated(line, cells))
        row = read_row(cells, now, zone)
        if repeated:
            yield line, (*(() if isinstance(row, OrderRow) else row), *repeated)
        else:
            yield line, row


@dataclass(frozen=True, slots=True)
class _Seen:
    """The line in which each plate and each number stood first."""

    plates: dict[str, int]
    numbers: dict[str, int]

    def repeated(self, line: int, cells: Mapping[str, Cell]) -> Iterator[Fault]:
        """Faults of a row whose plate or number stood in a line above; those of this line are learnt."""
        row = _Row(cells)
        plate = row.read(Column.PLATE, order_cells.read_plate)
        if plate and (first := self.plates.setdefault(plate, line)) != line:
            yield row.fault(Column.PLATE, FaultKind.PLATE_TWICE, first)
        number = row.read(Column.NUMBER, partial(order_cells.read_number, longest=LONGEST))
        if number and (first := self.numbers.setdefault(number.casefold(), line)) != line:
            yield row.fault(Column.NUMBER, FaultKind.NUMBER_TWICE, first)


class _Row:
    """Reads the cells of a row one by one, and collects what is wrong."""

    def __init__(self, cells: Mapping[str, Cell]) -> None:
        self.cells = cells
        self.plan = _plan(tuple(cells))
        self.faults = [
            Fault(FaultKind(cell.value), heading)
            for heading, cell in cells.items()
            if isinstance(cell, Unread)
        ]

    def read(self, column: Column, reader: Callable[[Cell], Read]) -> Read | None:
        """What `reader` finds under the first filled heading of `column`; None without one or with a fault."""
        heading = self._filled(column)
        if heading is None:
            if column in REQUIRED:
                self.refuse(column, FaultKind.MISSING)
            return None
        cell = self.cells[heading]
        if isinstance(cell, Unread):
            return None  # a fault since the beginning
        try:
            return reader(cell)
        except Refused as refused:
            self.refuse(column, refused.kind)
            return None

    def refuse(self, column: Column, kind: FaultKind) -> None:
        """Note a fault of what stands under `column`."""
        self.faults.append(self.fault(column, kind))

    def fault(self, column: Column, kind: FaultKind, line: int = 0) -> Fault:
        """A fault of what stands under `column`, or of its being empty."""
        heading = self._filled(column)
        if heading is not None:
            return Fault(kind, heading, order_cells.shown(self.cells[heading]), line)
        return Fault(kind, self.heading(column))

    def heading(self, column: Column) -> str:
        """Under which heading of the file `column` stands, or would have to stand."""
        return self._filled(column) or next(iter(self.plan.get(column, ())), column.value)

    def _filled(self, column: Column) -> str | None:
        return next(
            (each for each in self.plan.get(column, ()) if not order_cells.is_empty(self.cells[each])), None
        )


@lru_cache(maxsize=8)
def _plan(headings: tuple[str, ...]) -> dict[Column, tuple[str, ...]]:
    """The headings of each column, the surest first: worked out once per list, not once per row."""
    known = [(*meaning, heading) for heading in headings if (meaning := _MEANING.get(_plain(heading)))]
    return {
        column: tuple(heading for each, _, heading in sorted(known, key=lambda one: one[1]) if each is column)
        for column in {each for each, _, _ in known}
    }


def _plain(heading: str) -> str:
    return _ORNAMENT.sub("", half_width(heading).lower())
