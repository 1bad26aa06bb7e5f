"""What can be wrong with a store file that is well written: things that contradict each other."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import chain, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.complaints import ComplaintFigures, Step
from domain.follow_ups import FollowUpFigures
from domain.people import Queue, Role
from domain.repair_orders import VisitFigures
from domain.settlement import SettlementFigures
from domain.store import BookingFigures, DayHours, Service, Store, WeekHours

Path = tuple[str | int, ...]
Problem = tuple[Path, str]
"""Where it is in the file, and one Chinese sentence with the cure."""

_BAY_ID = re.compile(r"[\w-]{1,16}", re.ASCII)
_CODE = re.compile(r"[\w-]{1,24}", re.ASCII)
_TIER = re.compile(r"[\w-]{1,16}", re.ASCII)
_PHONE = re.compile(r"\+?[\d ()（）-]*\d( ?[转xX] ?\d{1,6})?")
_LONGEST_SERVICE = 30 * 24 * 60
_TOO_DEAR = 10_000_000
_PLANNABLE = range(2000, 2200)
_LONGEST_WAIT = 30 * 24
_FEWEST_RESULTS = 3
_A_MONTH = "最多 720 小时（30 天），请改小"
_AT_MOST = {  # of the figures of follow-ups: the most, and the cure
    "nudge_after": (720, _A_MONTH),
    "nudge_gap": (720, _A_MONTH),
    "nudges": (2, "最多提醒 2 次，请改成 0、1 或 2"),
    "expires_days": (30, "最多 30 天，请改小"),
    "later": (720, _A_MONTH),
    "rest_minutes": (1440, "最多 1440 分钟（一天），请改小"),
    "bad_at_most": (4, "应是 1 到 4；写成 5，最好的评分也会立案投诉"),
    "calls": (10, "最多打 10 次，请改小"),
    "recall": (720, _A_MONTH),
    "call_minutes": (1440, "最多 1440 分钟（一天），请改小"),
    "question_days": (30, "最多 30 天，请改小"),
}
_MAY_BE_ZERO = frozenset(
    {
        "minimum_lead_hours",
        "margin_minutes",
        "acknowledge_repeats",
        "deposit_threshold",
        "hidden_loss_limit",
        "grumble_limit",
        "major_limit",
        "deduction",
        "nudges",
    }
)
_SHARES = frozenset(
    {
        "deposit_share",
        "busy_share",
        "warn_share",
        "hidden_loss_limit",
        "grumble_limit",
        "major_limit",
        "progress_share",
        "fleet_labour",
        "fleet_parts",
        "fleet_paint_labour",
        "fleet_accessories",
        "benefit_parts",
        "floor_labour",
        "floor_parts",
        "floor_paint_labour",
        "floor_accessories",
        "business_supervisor_limit",
        "after_sales_manager_limit",
        "general_manager_limit",
    }
)


def problems(store: Store) -> list[Problem]:
    """Everything in the store that contradicts itself or cannot work, in the order of the file."""
    return [
        *_identity(store),
        *_week(store, ("hours",), store.hours),
        *_later_hours(store),
        *_special_days(store),
        *_bays(store),
        *_services(store),
        *_repeated("tiers", "code", [tier.code for tier in store.tiers]),
        *_tiers(store),
        *_figures(store),
        *_booking(store.booking),
        *_complaints(store.complaints),
        *_visits(store.visits),
        *_settlement(store.settlement),
        *_follow_ups(store),
        *_dialogs(store),
        *_desks(store),
    ]


def _identity(store: Store) -> Iterator[Problem]:
    for name in ("name", "address"):
        if not getattr(store, name).strip():
            yield (name,), "不能为空，请填写。"
    if not store.phones:
        yield ("phones",), "至少要有一个电话号码，请填写。"
    for place, phone in [
        *((("phones", index), phone) for index, phone in enumerate(store.phones)),
        (("rescue_phone",), store.rescue_phone),
    ]:
        digits = sum(letter.isdigit() for letter in phone)
        if not _PHONE.fullmatch(phone.strip()) or not 3 <= digits <= 20:
            yield place, f"「{phone}」不像电话号码，请写成 0755-5555 0100 或 13800000000 这样。"
    try:
        ZoneInfo(store.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("time_zone",), f"没有「{store.time_zone}」这个时区，请写成 Asia/Shanghai 这样。"


def _week(store: Store, place: Path, week: WeekHours) -> Iterator[Problem]:
    days = [(day.name, getattr(week, day.name)) for day in fields(week)]
    if not any(hours for _, hours in days):
        yield place, "一周没有一天营业，请至少写一天的营业时间。"
    for day, hours in days:
        if hours:
            yield from _day_hours((*place, day), hours, store.booking.grid_minutes)


def _later_hours(store: Store) -> Iterator[Problem]:
    for index, change in enumerate(store.hours_from):
        here: Path = ("hours_from", index)
        if change.day.year not in _PLANNABLE:
            yield (*here, "day"), "年份应在 2000 到 2199 之间，请改正。"
        if index and change.day <= (before := store.hours_from[index - 1].day):
            yield (*here, "day"), f"{change.day} 应晚于上一条的 {before}，请按日期先后排列，一天只写一条。"
        yield from _week(store, (*here, "hours"), change.hours)


def _day_hours(place: Path, hours: DayHours, grid: int) -> Iterator[Problem]:
    pauses = sorted(enumerate(hours.breaks), key=lambda pause: str(pause[1].starts))
    edges: list[tuple[Path, time]] = [((*place, "opens"), hours.opens)]
    for index, pause in pauses:
        here = (*place, "breaks", index)
        edges += [((*here, "starts"), pause.starts), ((*here, "ends"), pause.ends)]
    edges.append(((*place, "closes"), hours.closes))
    if zoned := [edge for edge in edges if edge[1].tzinfo]:
        yield from ((where, "时间不要带时区，请写成 08:30 这样。") for where, _ in zoned)
        return
    for (_, earlier), (where, later) in pairwise(edges):
        if later < earlier or (later == earlier and where[-1] != "starts" and where[-1] != "closes"):
            yield where, f"{later:%H:%M} 应晚于 {earlier:%H:%M}，休息时间要在营业时间之内且互不重叠，请改正。"
    if hours.opens == hours.closes:
        yield (*place, "closes"), "关门时间与开门时间相同，休息日请整行删去。"
    for where, moment in edges:
        if grid > 0 and ((moment.hour * 60 + moment.minute) % grid or moment.second or moment.microsecond):
            yield where, f"{moment:%H:%M} 不在 {grid} 分钟的预约格子上，请改为 {grid} 分钟的整数倍。"


def _special_days(store: Store) -> Iterator[Problem]:
    seen: dict[date, int] = {}
    for index, special in enumerate(store.special_days):
        here: Path = ("special_days", index)
        last = special.until or special.day
        if special.day.year not in _PLANNABLE or last.year not in _PLANNABLE:
            yield here, "年份应在 2000 到 2199 之间，请改正。"
            continue
        if not 0 <= (last - special.day).days <= 366:
            yield (*here, "until"), "最后一天应不早于第一天，且不超过一年，请改正。"
            continue
        days = [special.day + timedelta(days=ahead) for ahead in range((last - special.day).days + 1)]
        if twice := next((day for day in days if day in seen), None):
            yield here, f"{twice} 已在第 {seen[twice] + 1} 条写过，请只保留一条。"
        seen |= dict.fromkeys(days, index)
        if special.hours:
            yield from _day_hours((*here, "hours"), special.hours, store.booking.grid_minutes)


def _bays(store: Store) -> Iterator[Problem]:
    if not store.bays:
        yield ("bays",), "至少要有一个工位，请填写。"
    yield from _repeated("bays", "id", [bay.id for bay in store.bays])
    for index, bay in enumerate(store.bays):
        if not _BAY_ID.fullmatch(bay.id):
            yield ("bays", index, "id"), f"「{bay.id}」请用 1 到 16 个英文字母、数字或连字符。"
        if not bay.kind.strip() or not bay.name.strip():
            yield ("bays", index), "kind 和 name 都不能为空，请填写。"


def _services(store: Store) -> Iterator[Problem]:
    if not store.services:
        yield ("services",), "至少要有一个服务项目，请填写。"
    yield from _repeated("services", "code", [service.code for service in store.services])
    kinds = sorted({bay.kind for bay in store.bays})
    for index, service in enumerate(store.services):
        for key, cure in _service(service, kinds):
            yield ("services", index, key), cure


def _service(service: Service, kinds: list[str]) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(service.code):
        yield "code", f"「{service.code}」请用 1 到 24 个英文字母、数字或连字符。"
    if not service.name.strip():
        yield "name", "不能为空，请填写。"
    if service.bay_kind not in kinds:
        yield "bay_kind", f"没有「{service.bay_kind}」这种工位，可用的有：{'、'.join(kinds)}。"
    if not 0 < service.minutes <= _LONGEST_SERVICE:
        yield "minutes", f"时长应在 1 到 {_LONGEST_SERVICE} 分钟之间，请改正。"
    for key, money in (("price", service.price), ("parts_price", service.parts_price)):
        if money is not None and (not 0 <= money < _TOO_DEAR or money != round(money, 2)):
            yield key, f"{money} 应是 0 到一千万元之间的金额，最多两位小数，请改正。"
    if service.fixed_price and service.price is None:
        yield "fixed_price", "一口价要同时写明 price，请补上价格。"


def _repeated(section: str, key: str, values: list[str]) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield (section, index, key), f"「{value}」重复了，每个 {key} 只能用一次，请改名。"


def _tiers(store: Store) -> Iterator[Problem]:
    for index, tier in enumerate(store.tiers):
        if not _TIER.fullmatch(tier.code):
            yield ("tiers", index, "code"), f"「{tier.code}」请用 1 到 16 个英文字母、数字或连字符。"


def _figures(store: Store) -> Iterator[Problem]:
    for section in fields(store):
        figures = getattr(store, section.name)
        if section.name == "hours" or not is_dataclass(figures):
            continue
        for figure in fields(figures):
            value = getattr(figures, figure.name)
            if isinstance(value, int | Decimal) and (
                value < 0 or (not value and figure.name not in _MAY_BE_ZERO)
            ):
                yield (section.name, figure.name), f"{value} 应是大于 0 的数，请改正。"
            elif figure.name in _SHARES and value > 1:
                yield (section.name, figure.name), f"{value} 是比例，应在 0 到 1 之间，例如 0.5。"


def _booking(figures: BookingFigures) -> Iterator[Problem]:
    if figures.grid_minutes > 0 and (24 * 60 % figures.grid_minutes or not 5 <= figures.grid_minutes <= 240):
        yield ("booking", "grid_minutes"), f"{figures.grid_minutes} 不合适，请改为 10、15、20、30 或 60。"
    if figures.horizon_days > 366:
        yield ("booking", "horizon_days"), "最多可提前 366 天预约，请改小。"
    hours = figures.reminder_hours
    if any(each <= 0 for each in hours) or len(set(hours)) != len(hours):
        yield ("booking", "reminder_hours"), "每次提醒的小时数应大于 0 且互不相同，请改正。"


def _complaints(figures: ComplaintFigures) -> Iterator[Problem]:
    for key, cure in _complaint_figures(figures):
        yield ("complaints", key), cure
    for index, step in enumerate(figures.business_hours):
        if step in figures.business_hours[:index]:
            yield ("complaints", "business_hours", index), f"「{step.value}」重复了，请只保留一个。"


def _complaint_figures(figures: ComplaintFigures) -> Iterator[tuple[str, str]]:
    for step in Step:
        if (hours := figures.hours_of(step)) > _LONGEST_WAIT:
            yield f"{step.value}_hours", f"{hours} 小时太长，最多 {_LONGEST_WAIT} 小时（30 天），请改小。"
    if figures.pause_reminder_hours > _LONGEST_WAIT:
        yield "pause_reminder_hours", f"最多 {_LONGEST_WAIT} 小时（30 天），请改小。"
    if figures.warn_share == 1:
        yield "warn_share", "1 表示到了时限才提醒，请改成小于 1 的数，例如 0.75。"
    if not 1 < figures.general_manager_share <= 10:
        share = figures.general_manager_share
        yield "general_manager_share", f"{share} 是时限的倍数，应大于 1、不超过 10，例如 1.25。"
    if figures.self_check_at.tzinfo:
        yield "self_check_at", "时间不要带时区，请写成 23:30 这样。"
    if figures.deduction >= _TOO_DEAR or figures.deduction != round(figures.deduction, 2):
        yield "deduction", f"{figures.deduction} 应是 0 到一千万元之间的金额，最多两位小数，请改正。"


def _visits(figures: VisitFigures) -> Iterator[Problem]:
    for key in ("short_lead_hours", "long_lead_hours", "long_work_hours", "silent_hours"):
        if (hours := getattr(figures, key)) > _LONGEST_WAIT:
            yield ("visits", key), f"{hours} 小时太长，最多 {_LONGEST_WAIT} 小时（30 天），请改小。"
    if figures.long_lead_hours < figures.short_lead_hours:
        yield ("visits", "long_lead_hours"), "应不小于 short_lead_hours，请改正。"
    if figures.progress_share == 1:
        yield ("visits", "progress_share"), "1 表示到了承诺时间才询问，请改成小于 1 的数，例如 0.75。"
    if figures.work_call_minutes <= figures.work_reminder_minutes:
        yield ("visits", "work_call_minutes"), "应大于 work_reminder_minutes，先提醒再致电，请改正。"


def _settlement(figures: SettlementFigures) -> Iterator[Problem]:
    limits = ("business_supervisor_limit", "after_sales_manager_limit", "general_manager_limit")
    for lower, upper in pairwise(limits):
        if getattr(figures, upper) < getattr(figures, lower):
            yield ("settlement", upper), f"应不小于 {lower}，请改正。"
    if figures.general_manager_limit >= 1:
        yield ("settlement", "general_manager_limit"), "应小于 1，例如 0.40。"
    for index, step in enumerate(figures.steps):
        if not 0 < step <= figures.general_manager_limit or step * 10_000 % 1:
            yield (
                ("settlement", "steps", index),
                f"{step} 应大于 0、不超过总经理的权限，最多四位小数，请改正。",
            )
        elif step in figures.steps[:index]:
            yield ("settlement", "steps", index), f"{step} 重复了，请只保留一个。"
    if not figures.steps:
        yield ("settlement", "steps"), "至少要有一档优惠，请填写。"
    if figures.answer_minutes > _LONGEST_WAIT:
        yield ("settlement", "answer_minutes"), f"最多 {_LONGEST_WAIT} 分钟，请改小。"


def _follow_ups(store: Store) -> Iterator[Problem]:
    for key, cure in chain(_asking_times(store), _asking_figures(store.follow_ups)):
        yield ("follow_ups", key), cure


def _asking_times(store: Store) -> Iterator[tuple[str, str]]:
    """Customers are asked between two moments of one day, and never in their quiet hours (F2)."""
    figures, quiet = store.follow_ups, store.quiet
    zoned = [key for key in ("from_time", "until_time") if getattr(figures, key).tzinfo]
    yield from ((key, "时间不要带时区，请写成 09:00 这样。") for key in zoned)
    if zoned or quiet.starts.tzinfo or quiet.ends.tzinfo:
        return
    if figures.until_time <= figures.from_time:
        yield "until_time", f"应晚于 from_time 的 {figures.from_time:%H:%M}，请改正。"
    elif quiet.starts != quiet.ends:
        nights = [(quiet.starts, quiet.ends)]
        if quiet.ends < quiet.starts:
            nights = [(quiet.starts, time.max), (time.min, quiet.ends)]
        for starts, ends in nights:
            if starts < figures.until_time and figures.from_time < ends:
                key = "from_time" if starts <= figures.from_time else "until_time"
                yield key, f"与免打扰时段 {quiet.starts:%H:%M} 到 {quiet.ends:%H:%M} 重叠，请改到它之外。"


def _asking_figures(figures: FollowUpFigures) -> Iterator[tuple[str, str]]:
    for key, (most, cure) in _AT_MOST.items():
        if (value := getattr(figures, key)) > most:
            yield key, f"{value} 太大，{cure}。"
    asked = figures.nudge_after + max(figures.nudges - 1, 0) * max(figures.nudge_gap, figures.nudge_after)
    if figures.nudges > 0 and figures.expires_days * 24 <= asked:
        yield "expires_days", f"{figures.expires_days} 天就结束，来不及提醒 {figures.nudges} 次，请改大。"
    if figures.results_from < _FEWEST_RESULTS:
        yield "results_from", f"至少是 {_FEWEST_RESULTS}，否则猜得出是哪位客户评的，请改大。"


def _dialogs(store: Store) -> Iterator[Problem]:
    if store.dialogs.close_minutes <= store.dialogs.nudge_minutes:
        yield ("dialogs", "close_minutes"), "应大于 nudge_minutes，先提醒再结束，请改正。"
    if store.quiet.starts.tzinfo or store.quiet.ends.tzinfo:
        yield ("quiet",), "时间不要带时区，请写成 21:00 这样。"


def _desks(store: Store) -> Iterator[Problem]:
    for queue in Queue:
        roles = store.staff.desks.get(queue, ())
        if not roles:
            yield ("staff", "desks", queue.value), "没有人处理这个话题，请至少写一个岗位。"
        if Role.CUSTOMER in roles:
            yield ("staff", "desks", queue.value), "客户不能处理员工话题，请删去 customer。"
