"""What stands in one cell of the shop's own list of orders: times, money, plates and phones as exports write them (O4).

Every reader takes a cell that is not empty and raises `Refused` with the reason.
"""

import math
import re
from datetime import datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum, StrEnum

from domain.moments.wording import half_width
from domain.phones import Phone, find_phone
from domain.plates import Plate, locate_plate

FURTHEST = timedelta(days=366)
"""A time further away than this is a mistyped year."""

LONGEST_CELL = 32_767
"""Signs that a cell of a spreadsheet can hold."""

MOST_YUAN, MOST_KILOMETRES = Decimal(10_000_000), 3_000_000

_FEN = Decimal("0.01")
_SURE_DIGITS = 15  # a spreadsheet keeps no more of a number
_FIRST_DAY, _LAST_DAY = 20_000, 80_000  # spreadsheet day numbers that can be a day of ours: 1954 to 2119
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - where spreadsheets begin to count days, in no zone
_EMPTY = frozenset(("", "-", "--", "—", "——", "/", "\\", "\\n", "null", "none", "n/a", "无", "暂无"))
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0f\x00-\x08\x0e-\x1f]|_x000[dD]_")
_LOST_DIGITS = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
_DAY_NUMBER = re.compile(r"[0-9]{5}(?:\.[0-9]+)?", re.ASCII)
_WEEKDAY = re.compile(r"\(?(?:星期|周|礼拜)[一二三四五六日天]\)?")
_DAY = (
    r"(?:(?:(?P<year>[0-9]{4})[-/.年] ?)?(?P<month>[0-9]{1,2})[-/.月] ?(?P<day>[0-9]{1,2})[日号]?"
    r"|(?P<solid>[0-9]{8}))"
)
_CLOCK = (
    r"(?P<part>凌晨|清晨|早上|早|上午|中午|下午|傍晚|晚上|晚|am|pm)? ?"
    r"(?:(?P<hour>[0-9]{1,2})[:点时](?P<minute>[0-9]{1,2}|半)?分?钟?(?::?(?P<second>[0-9]{1,2})(?:\.[0-9]+)?秒?)?"
    r"|(?P<tight>[0-9]{4}(?:[0-9]{2})?)) ?(?P<after>am|pm)?整?"
)
_WRITTEN = re.compile(rf"{_DAY}(?:[ t_]*{_CLOCK})?(?P<offset>z|[+-][0-9]{{2}}:?[0-9]{{2}})?", re.ASCII)
_MONEY = re.compile(
    r"(?:[¥￥$]|rmb|cny|人民币)*(?P<sum>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?P<wan>万)?"
    r"(?:rmb|cny|元整?|圆整?|块)?"
)
_WAY = re.compile(r"(?P<sum>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?P<wan>万)?(?:km|公里|千米)?")
_NUMBERING = re.compile(r"(?:^|(?<=[\s;,]))[0-9]{1,2}[.、)](?![0-9])", re.ASCII)
_PARTING = re.compile(r"[、,;|\n\r]+")


class Unread(Enum):
    """Why what stands in a cell, or in a whole line, could not be taken from the file."""

    FORMULA = "formula"  # never worked out: there is no value
    ERROR_VALUE = "error_value"  # #N/A, #REF! and the like
    TOO_LONG = "too_long"
    QUOTES = "quotes"  # a quotation mark that is not closed, or closed in the middle of a cell
    TOO_MANY_CELLS = "too_many_cells"  # more cells than headings: something is shifted


Cell = str | int | float | datetime | Unread
"""Text, a number, a time without zone (as clocks in the store show it), or why there is nothing."""


class FaultKind(StrEnum):
    """Everything that can be wrong with a row; the sentences stand in phrases.yaml under the same names."""

    FORMULA = Unread.FORMULA.value
    ERROR_VALUE = Unread.ERROR_VALUE.value
    TOO_LONG = Unread.TOO_LONG.value
    QUOTES = Unread.QUOTES.value
    TOO_MANY_CELLS = Unread.TOO_MANY_CELLS.value
    NO_COLUMN = "no_column"
    COLUMN_TWICE = "column_twice"
    MISSING = "missing"
    WRONG_PLATE = "wrong_plate"
    WRONG_PHONE = "wrong_phone"
    HIDDEN_PHONE = "hidden_phone"  # 138****5678
    LOST_DIGITS = "lost_digits"  # 1.38123E+10
    WRONG_TIME = "wrong_time"
    NO_HOUR = "no_hour"  # a day alone
    FAR_TIME = "far_time"
    BEFORE_ARRIVAL = "before_arrival"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_MILEAGE = "wrong_mileage"
    PLATE_TWICE = "plate_twice"
    NUMBER_TWICE = "number_twice"
    PAST = "past"
    SHUT_DAY = "shut_day"
    SHUT_HOUR = "shut_hour"
    OTHER_CAR = "other_car"  # its number is another car's order
    NOT_WRITTEN = "not_written"


class Refused(ValueError):
    """A cell says nothing that can be used; `kind` says why."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind.value)
        self.kind = kind


def is_empty(cell: Cell) -> bool:
    """Whether nothing is said: blanks, or one of the signs that exports write for nothing (-, 无, NULL)."""
    return isinstance(cell, str) and _line(cell).lower() in _EMPTY


def read_text(cell: Cell, longest: int) -> str:
    """One line of at most `longest` signs; a whole number loses its `.0`. Raises Refused TOO_LONG."""
    text = _line(_written(cell))
    if len(text) > longest:
        raise Refused(FaultKind.TOO_LONG)
    return text


def read_number(cell: Cell, longest: int) -> str:
    """The order's number in the shop's own system. Raises Refused LOST_DIGITS (rounded by a spreadsheet), TOO_LONG."""
    if isinstance(cell, int | float) and abs(cell) >= 10**_SURE_DIGITS:
        raise Refused(FaultKind.LOST_DIGITS)
    text = read_text(cell, longest)
    if _LOST_DIGITS.fullmatch(text) and "+" in text:
        raise Refused(FaultKind.LOST_DIGITS)
    return text


def read_plate(cell: Cell) -> Plate:
    """The one number plate. Raises Refused WRONG_PLATE for none or for two different ones."""
    text = _line(_written(cell))
    found = locate_plate(text)
    if found is None:
        raise Refused(FaultKind.WRONG_PLATE)
    plate, _, stop = found
    other = locate_plate(text[stop:])
    if other is not None and other[0] != plate:
        raise Refused(FaultKind.WRONG_PLATE)
    return plate


def read_phone(cell: Cell) -> Phone:
    """The first phone number. Raises Refused HIDDEN_PHONE (asterisks), LOST_DIGITS (1.38E+10), WRONG_PHONE."""
    text = _line(_written(cell))
    if phone := find_phone(text):
        return phone
    if "*" in half_width(text):
        raise Refused(FaultKind.HIDDEN_PHONE)
    raise Refused(FaultKind.LOST_DIGITS if _LOST_DIGITS.fullmatch(text) else FaultKind.WRONG_PHONE)


def read_items(cell: Cell, longest: int) -> tuple[str, ...]:
    """What is to be done, parted at 、，；| and line ends, without numbering. Raises Refused TOO_LONG."""
    text = half_width(_UNSEEN.sub("", _written(cell)))
    items = tuple(item for part in _PARTING.split(_NUMBERING.sub(";", text)) if (item := _line(part)))
    if any(len(item) > longest for item in items):
        raise Refused(FaultKind.TOO_LONG)
    return items


def read_amount(cell: Cell) -> Decimal:
    """Money in yuan, to the fen: ¥1,280.00, 1280元, 1.2万. A worked-out number is rounded half up.

    Raises Refused WRONG_AMOUNT for words, negative or huge sums, and typed parts of a fen.
    """
    exact = _decimal(cell) if isinstance(cell, int | float) else _counted(_MONEY, cell)
    if exact is None or not 0 <= exact < MOST_YUAN:
        raise Refused(FaultKind.WRONG_AMOUNT)
    amount = exact.quantize(_FEN, ROUND_HALF_UP)
    if isinstance(cell, str) and amount != exact:
        raise Refused(FaultKind.WRONG_AMOUNT)
    return amount


def read_mileage(cell: Cell) -> int:
    """Whole kilometres, rounded down: 12,345公里, 1.2万, 12345.6. Raises Refused WRONG_MILEAGE."""
    exact = _decimal(cell) if isinstance(cell, int | float) else _counted(_WAY, cell)
    if exact is None or not 0 <= exact <= MOST_KILOMETRES:
        raise Refused(FaultKind.WRONG_MILEAGE)
    return int(exact)


def read_time(cell: Cell, now: datetime, zone: tzinfo) -> datetime:
    """The moment, aware, in `zone`: a date cell, a spreadsheet's day number, or text such as 11月24日17点.

    A day without a year is the one nearest to `now`. Midnight is how exports write a day without an hour.
    Raises Refused WRONG_TIME, NO_HOUR, FAR_TIME (more than FURTHEST from `now`).
    """
    try:
        moment = _moment(cell, now.astimezone(zone))
    except (ValueError, OverflowError):
        raise Refused(FaultKind.WRONG_TIME) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0).astimezone(zone)
    if abs(moment - now) > FURTHEST:
        raise Refused(FaultKind.FAR_TIME)
    if moment.time() == time(0):
        raise Refused(FaultKind.NO_HOUR)
    return moment


def _moment(cell: Cell, now: datetime) -> datetime:
    """As written, without zone unless one was written. Raises ValueError for what is no time."""
    if isinstance(cell, datetime):
        return cell
    text = _written(cell)
    if _DAY_NUMBER.fullmatch(text.strip()) and _FIRST_DAY <= float(text) < _LAST_DAY:
        return _DAY_ZERO + timedelta(days=float(text))
    text = _line(_WEEKDAY.sub(" ", half_width(text).lower()))
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, minute, second = _clock(found)
    moment = _day(found, now).replace(hour=hour, minute=minute, second=second)
    if offset := found["offset"]:
        return moment.replace(tzinfo=datetime.strptime("+0000" if offset == "z" else offset, "%z").tzinfo)
    return moment


def _day(found: re.Match[str], now: datetime) -> datetime:
    if solid := found["solid"]:
        return datetime(int(solid[:4]), int(solid[4:6]), int(solid[6:]))  # noqa: DTZ001 - the store's zone follows
    month, day = int(found["month"]), int(found["day"])
    years = [int(found["year"])] if found["year"] else [now.year, now.year + 1, now.year - 1]
    days = [datetime(year, month, day) for year in years if (month, day) != (2, 29) or _leaps(year)]  # noqa: DTZ001
    return min(days, key=lambda each: abs(each - now.replace(tzinfo=None)))


def _leaps(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _clock(found: re.Match[str]) -> tuple[int, int, int]:
    """Hour, minute and second as written; all nought where only a day is."""
    if tight := found["tight"]:
        hour, minute, second = int(tight[:2]), int(tight[2:4]), int(tight[4:] or 0)
    else:
        hour, second = int(found["hour"] or 0), int(found["second"] or 0)
        minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
    part = found["part"] or found["after"]
    if (part in ("下午", "傍晚", "晚上", "晚", "pm") and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    elif part == "am" and hour == 12:
        hour = 0
    return hour, minute, second


def _written(cell: Cell) -> str:
    """What a person sees in the cell, without the apostrophe that makes a spreadsheet keep text."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, float):
        exact = _decimal(cell)
        return str(cell) if exact is None else f"{exact.normalize():f}"
    text = str(cell)
    return text.lstrip().removeprefix("'")


def shown(cell: Cell, longest: int = 30) -> str:
    """The beginning of what stands in the cell, on one line, for a sentence about it."""
    line = "" if isinstance(cell, Unread) else _line(_written(cell)[: 8 * longest])
    return line if len(line) <= longest else f"{line[:longest]}…"


def _line(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _decimal(number: float) -> Decimal | None:
    """A spreadsheet's number with the digits that it is sure of; None for infinity and the like."""
    if not math.isfinite(number):
        return None
    return Decimal(number) if isinstance(number, int) else Decimal(f"{number:.{_SURE_DIGITS}g}")


def _counted(pattern: re.Pattern[str], cell: Cell) -> Decimal | None:
    """The number that a text holds, by `pattern`; None when the text says anything else."""
    found = pattern.fullmatch(half_width(_written(cell)).lower().replace(" ", "").strip())
    if found is None or len(found["sum"]) > _SURE_DIGITS + 5:
        return None
    return Decimal(found["sum"].replace(",", "")) * (10_000 if found["wan"] else 1)
