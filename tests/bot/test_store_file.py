"""store.yaml: the template holds every figure at its default, and every mistake is named with its cure."""

import subprocess
import sys
from collections import Counter
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.store_file import StoreFileError, load_store, read_store, template, write_template
from domain.calendar import StoreCalendar
from domain.complaints import ComplaintFigures, Step
from domain.follow_ups import FollowUpFigures
from domain.repair_orders import VisitFigures
from domain.settlement import SettlementFigures
from domain.slots import Schedule
from domain.store import (
    DEFAULT_TIERS,
    BookingFigures,
    DialogFigures,
    QuietFigures,
    SendingFigures,
    ServiceGroup,
    StaffFigures,
    Store,
)

FIGURES = (
    "booking",
    "complaints",
    "hours_from",
    "quiet",
    "sending",
    "dialogs",
    "staff",
    "tiers",
    "special_days",
)

LATER = "{day: 2027-03-01, hours: {monday: {opens: 09:00, closes: 18:00}}}"


def complaints(text: str) -> tuple[str, ...]:
    with pytest.raises(StoreFileError) as wrong:
        read_store(text)
    assert str(wrong.value) == "\n".join(wrong.value.lines)
    return wrong.value.lines


def changed(before: str, after: str) -> str:
    """The template with its first `before` changed."""
    assert before in template()
    return template().replace(before, after, 1)


def test_the_template_holds_exactly_the_defaults() -> None:
    store = read_store(template())
    assert store.booking == BookingFigures()
    assert store.complaints == ComplaintFigures()
    assert store.visits == VisitFigures()
    assert store.settlement == SettlementFigures()
    assert store.follow_ups == FollowUpFigures()
    assert store.quiet == QuietFigures()
    assert store.sending == SendingFigures()
    assert store.dialogs == DialogFigures()
    assert store.staff == StaffFigures()
    assert store.tiers == DEFAULT_TIERS
    assert (store.time_zone, store.national_holidays, store.special_days) == ("Asia/Shanghai", True, ())
    assert store.hours_from == ()


def test_what_is_left_out_is_the_default() -> None:
    short = yaml.safe_dump(
        {
            key: value
            for key, value in _as_text().items()
            if key not in (*FIGURES, "time_zone", "national_holidays")
        }
    )
    assert read_store(short) == read_store(template())


def _as_text() -> dict[str, Any]:
    loaded = yaml.load(template(), Loader=yaml.BaseLoader)
    assert isinstance(loaded, dict)
    return loaded


def test_every_figure_can_be_seen_in_the_template() -> None:
    written = _as_text()
    for section in fields(Store):
        assert section.name in written
        value = getattr(read_store(template()), section.name)
        if is_dataclass(value):
            assert set(written[section.name]) == {figure.name for figure in fields(value)}


def test_every_line_of_figures_is_explained() -> None:
    figures = template().split("\nbooking:")[1].split("\nstaff:")[0]
    bare = [line for line in figures.splitlines() if line.startswith("  ") and "#" not in line]
    assert [line.split(":")[0].strip() for line in bare] == ["starts", "ends"]


def test_the_template_is_a_lively_store() -> None:
    store = read_store(template())
    assert len(store.bays) == 12
    assert Counter(bay.kind for bay in store.bays)["general"] == 8
    assert {service.group for service in store.services} == set(ServiceGroup)
    deposits = {service.code: store.booking.deposit_for(service.parts_price) for service in store.services}
    assert deposits["tyres"] == Decimal("1200.00")  # B5
    assert deposits["brakes"] == 0


def test_everything_in_the_template_can_be_booked() -> None:
    store = read_store(template())
    calendar = StoreCalendar.of(store)
    monday = calendar.open_spans(date(2026, 11, 23))[0].start
    for service in store.services:
        assert Schedule(store, calendar, {}).offers(service, date(2026, 11, 24), monday), service.code


def test_c7_steps_that_count_working_time_are_named_by_their_step() -> None:
    store = read_store(changed("business_hours: []", "business_hours: [handling, department]"))
    assert store.complaints.business_hours == (Step.HANDLING, Step.DEPARTMENT)


def test_limits_of_none_at_all_are_allowed() -> None:
    """C11: a store may want no major complaint at all, and may list nothing for those above the limit."""
    none = changed("major_limit: 0.01", "major_limit: 0").replace("deduction: 50", "deduction: 0")
    figures = read_store(none).complaints
    assert not figures.major_limit + figures.deduction


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("nudges: 2", "nudges: 0"),
        ("until_time: 20:00", "until_time: 21:00"),
        ("from_time: 09:00", "from_time: 08:00"),
        ("bad_at_most: 3", "bad_at_most: 4"),
        ("expires_days: 6", "expires_days: 3"),
    ],
)
def test_f2_what_a_store_may_well_want_is_accepted(before: str, after: str) -> None:
    """No nudge at all; up to the edge of the quiet hours; amends for a four."""
    assert read_store(changed(before, after)).follow_ups != FollowUpFigures()


def test_f2_without_quiet_hours_the_hours_of_follow_ups_are_free() -> None:
    """Equal times switch the quiet hours off; quiet hours of the day itself hold as well."""
    never = changed("starts: 21:00", "starts: 08:00")
    assert read_store(never.replace("until_time: 20:00", "until_time: 23:00")).follow_ups.until_time == time(
        23
    )
    noon = changed("starts: 21:00", "starts: 12:00").replace("  ends: 08:00", "  ends: 13:00")
    assert ["until_time：与免打扰时段 12:00 到 13:00" in told for told in complaints(noon)] == [True]


def test_f2_the_houses_own_cars_are_a_tier() -> None:
    own = changed("special_days: []", "special_days: []").replace(
        "  - {code: vip,", "  - {code: own, name: 本店车辆, own_cars: true}\n  - {code: vip,"
    )
    assert [tier.code for tier in read_store(own).tiers if tier.own_cars] == ["own"]


def test_c7_new_opening_hours_hold_from_their_day_on() -> None:
    """The example in the template's comment, taken as it stands."""
    example = template().split("hours_from: []")[0].rsplit("例：\n", 1)[1]
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    store = read_store(changed("hours_from: []", "\n".join(["hours_from:", *lines])))
    calendar = StoreCalendar.of(store)
    before, after = calendar.hours(date(2027, 2, 22)), calendar.hours(date(2027, 3, 1))
    assert before == store.hours.monday
    assert after is not None
    assert (after.opens, after.closes) == (time(9), time(18))
    assert calendar.hours(date(2027, 3, 3)) is None


def test_times_are_times_whether_quoted_or_not() -> None:
    quoted = read_store(changed("opens: 08:30, closes: 17:30", 'opens: "08:30", closes: 18:00'))
    monday = quoted.hours.monday
    assert monday is not None
    assert (monday.opens, monday.closes, monday.breaks[0].starts) == (time(8, 30), time(18), time(12))


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("minimum_lead_hours", "minimum_lead_hour", "booking.minimum_lead_hour：没有这一项，您是不是想写"),
        ("hold_minutes: 5 ", "hold_minutes: five ", "booking.hold_minutes：应填整数"),
        ("hold_minutes: 5 ", "hold_minutes: -5 ", "booking.hold_minutes：-5 应是大于 0 的数"),
        ("grid_minutes: 30", "grid_minutes: 35", "booking.grid_minutes：35 不合适"),
        ("busy_share: 0.6", "busy_share: 60", "booking.busy_share：60 是比例"),
        ("reminder_hours: [24, 4]", "reminder_hours: 24", "booking.reminder_hours：应是一个列表"),
        ("reminder_hours: [24, 4]", "reminder_hours: [4, 4]", "booking.reminder_hours：每次提醒"),
        ("horizon_days: 60", "horizon_days: 900", "booking.horizon_days：最多"),
        ("opens: 08:30", "opens: 八点半", "hours.monday.opens：应写成 08:30"),
        ("opens: 08:30", "opens: 18:30", "hours.monday.breaks[1].starts：12:00 应晚于 18:30"),
        ("opens: 08:30", "opens: 08:40", "hours.monday.opens：08:40 不在 30 分钟的预约格子上"),
        ("opens: 08:30", "opens: 08:30Z", "hours.monday.opens：时间不要带时区"),
        ("starts: 12:00", "starts: 13:30", "hours.monday.breaks[1].ends：13:00 应晚于 13:30"),
        ("ends: 13:00", "ends: 18:00", "hours.monday.closes：17:30 应晚于 18:00"),
        ("national_holidays: true", "national_holidays: 看情况", "national_holidays：只能填 true"),
        ("special_days: []", "special_days: [{day: 2026-2-30}]", "special_days[1].day：应写成"),
        ("special_days: []", "special_days: [{day: 2027-02-06, until: 2027-02-01}]", "special_days[1].until：最后一天"),
        ("special_days: []", "special_days: [{day: 2027-02-06}, {day: 2027-02-06}]", "已在第 1 条写过"),
        ("special_days: []", "special_days: [{day: 9999-12-31}]", "special_days[1]：年份"),
        ("id: G2", "id: G1", "bays[2].id：「G1」重复了"),
        ("id: G2", "id: 二号", "bays[2].id：「二号」请用"),
        ("kind: paint", "kind: body", "services[10].bay_kind：没有「paint」这种工位，可用的有：body、general、quick"),
        ("code: major", "code: minor", "services[2].code：「minor」重复了"),
        ("minutes: 60", "minutes: 0", "services[1].minutes：时长应在"),
        ("price: 398", "price: 39.999", "services[1].price：39.999 应是"),
        ("price: 398", "price: 1e99", "services[1].price：1E+99 应是"),
        ("price: 398", "price: 面议", "services[1].price：应填数字"),
        ("price: 398", "fixed_price: true", "services[1].fixed_price：一口价"),
        ("group: 年检", "group: 年审", "「年审」不认识，只能是：保养、维修、诊断、钣喷、年检、其他。"),
        ("0755-5555 0100", "打电话", "phones[1]：「打电话」不像电话号码"),
        ("name: 鹏程汽车4S店", 'name: " "', "name：不能为空"),
        ("Asia/Shanghai", "Asia/Pudong", "time_zone：没有「Asia/Pudong」这个时区"),
        ("intake_hours: 2 ", "intake_hours: 0 ", "complaints.intake_hours：0 应是大于 0"),
        ("intake_hours: 2 ", "intake_hours: 2.5 ", "complaints.intake_hours：应填整数"),
        ("summary_hours: 12", "summary_hours: 1200", "complaints.summary_hours：1200 小时太长"),
        ("pause_reminder_hours: 24", "pause_reminder_hours: 999", "complaints.pause_reminder_hours：最多"),
        ("business_hours: []", "business_hours: [lunch]", "complaints.business_hours[1]：「lunch」不认识，只能是"),
        ("business_hours: []", "business_hours: [intake, intake]", "complaints.business_hours[2]：「intake」重复"),
        ("warn_share: 0.75", "warn_share: 75", "complaints.warn_share：75 是比例"),
        ("warn_share: 0.75", "warn_share: 1", "complaints.warn_share：1 表示到了时限才提醒"),
        ("warn_share: 0.75", "warn_share: 0", "complaints.warn_share：0 应是大于 0"),
        ("general_manager_share: 1.25", "general_manager_share: 1", "complaints.general_manager_share：1 是时限的倍数"),
        ("general_manager_share: 1.25", "general_manager_share: 125", "complaints.general_manager_share：125 是时限"),
        ("hidden_loss_limit: 0.02", "hidden_loss_limit: 2", "complaints.hidden_loss_limit：2 是比例"),
        ("major_limit: 0.01", "major_limit: -0.01", "complaints.major_limit：-0.01 应是大于 0"),
        ("deduction: 50", "deduction: 0.005", "complaints.deduction：0.005 应是"),
        ("hours_from: []", "hours_from: [{day: 2027-03-01, hours: {}}]", "hours_from[1].hours：一周没有一天营业"),
        ("hours_from: []", "hours_from: [{day: 2027-03-01}]", "hours_from[1].hours：缺少这一项"),
        ("hours_from: []", f"hours_from: [{LATER}, {LATER}]", "hours_from[2].day：2027-03-01 应晚于上一条"),
        ("hours_from: []", f"hours_from: [{LATER.replace('2027', '2300')}]", "hours_from[1].day：年份"),
        ("hours_from: []", f"hours_from: [{LATER.replace(':00', ':10')}]", "hours_from[1].hours.monday.opens：09:10 "),
        ("code: vip", "code: important-customers", "tiers[2].code：「important-customers」请用"),
        ("silent_hours: 4", "silent_hours: 721", "visits.silent_hours：721 小时太长"),
        ("work_call_minutes: 30", "work_call_minutes: 15", "visits.work_call_minutes：应大于"),
        ("progress_share: 0.75", "progress_share: 1", "visits.progress_share：1 表示"),
        ("manager_limit: 0.20", "manager_limit: 0.05", "settlement.after_sales_manager_limit：应不小于"),
        ("steps: [0.03,", "steps: [0.5,", "settlement.steps[1]：0.5 应大于 0"),
        ("steps: [0.03,", "steps: [0.05,", "settlement.steps[2]：0.05 重复了"),
        ("from_time: 09:00", "from_time: 21:00", "follow_ups.until_time：应晚于 from_time 的 21:00"),
        ("from_time: 09:00", "from_time: 09:00Z", "follow_ups.from_time：时间不要带时区"),
        ("from_time: 09:00", "from_time: 07:30", "follow_ups.from_time：与免打扰时段 21:00 到 08:00 重叠"),
        ("until_time: 20:00", "until_time: 22:00", "follow_ups.until_time：与免打扰时段 21:00 到 08:00 重叠"),
        ("until_time: 20:00", "until_time: 21:00:01", "follow_ups.until_time：与免打扰时段"),
        ("nudges: 2", "nudges: 3", "follow_ups.nudges：3 太大，最多提醒 2 次"),
        ("nudges: 2", "nudges: -1", "follow_ups.nudges：-1 应是大于 0"),
        ("nudge_after: 24", "nudge_after: 0", "follow_ups.nudge_after：0 应是大于 0"),
        ("nudge_gap: 24", "nudge_gap: 0", "follow_ups.nudge_gap：0 应是大于 0"),
        ("nudge_gap: 24", "nudge_gap: 1000", "follow_ups.nudge_gap：1000 太大"),
        ("expires_days: 6", "expires_days: 2", "follow_ups.expires_days：2 天就结束，来不及提醒 2 次"),
        ("expires_days: 6", "expires_days: 60", "follow_ups.expires_days：60 太大"),
        ("question_days: 2", "question_days: 31", "follow_ups.question_days：31 太大"),
        ("rest_minutes: 30", "rest_minutes: 1441", "follow_ups.rest_minutes：1441 太大"),
        ("bad_at_most: 3", "bad_at_most: 5", "follow_ups.bad_at_most：5 太大，应是 1 到 4"),
        ("  calls: 3", "  calls: 30", "follow_ups.calls：30 太大，最多打"),
        ("results_from: 5", "results_from: 1", "follow_ups.results_from：至少是 3"),
        ("close_minutes: 60", "close_minutes: 10", "dialogs.close_minutes：应大于"),
        ("workshop: [workshop_supervisor]", "workshop: []", "staff.desks.workshop：没有人处理"),
        ("[sales_manager]", "[customer]", "staff.desks.sales：客户不能"),
        ("[sales_manager]", "[seller]", "staff.desks.sales[1]：「seller」不认识"),
        ("parts: [parts_manager]", "paint: [parts_manager]", "staff.desks.paint：「paint」不认识"),
        ("  starts: 21:00", "  starts: 24:00", "quiet.starts：应写成 08:30"),
    ],
)  # fmt: skip
def test_every_mistake_is_named_with_key_and_cure(before: str, after: str, complaint: str) -> None:
    mine = [told for told in complaints(changed(before, after)) if complaint in told]
    assert len(mine) == 1
    assert mine[0].startswith("store.yaml 第 ")
    assert mine[0].endswith(("。", "？"))


@pytest.mark.parametrize(
    ("before", "after"),
    [("hold_minutes: 5", "hold_minutes: 0"), (", name: 机电3号工位", ""), ("[24, 4]", "[24, -4]")],
)  # fmt: skip
def test_the_line_is_that_of_the_mistake(before: str, after: str) -> None:
    line = template()[: template().index(before)].count("\n") + 1
    (told,) = complaints(changed(before, after))
    assert told.startswith(f"store.yaml 第 {line} 行 ")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        changed("minutes: 60", "minuts: 60")
        .replace("name: 鹏程汽车4S店\n", "")
        .replace("starts: 21:00", "starts: 9")
    )
    told = complaints(text)
    assert [each.split(" 行 ")[1].split("：")[0] for each in told] == [
        "name",
        "services[1].minutes",
        "services[1].minuts",
        "quiet.starts",
    ]
    assert "name：缺少这一项，请补上。" in told[0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "store.yaml：是空的"),
        ("- 一\n- 二\n", "store.yaml：是空的或格式不对"),
        ("name: 一\nphones: [\n", "store.yaml 第 3 行：格式不对"),
        ("name: 一\n\tphones: 2\n", "store.yaml 第 2 行：格式不对"),
        ("name: 一\naddress: 二\nname: 三\n", "store.yaml 第 3 行：「name」写了两次"),
        ("phones: &a [*a]\n", "store.yaml 第 1 行：不支持以「*」开头的引用"),
        ("name: \x00\n", "store.yaml：含有不能识别的字符"),
    ],
)
def test_a_file_that_is_no_yaml_is_told_so(text: str, complaint: str) -> None:
    (told,) = complaints(text)
    assert told.startswith(complaint)


def test_init_writes_a_file_that_loads_and_never_overwrites_one(tmp_path: Path) -> None:
    path = tmp_path / "store.yaml"
    write_template(path)
    assert load_store(path) == read_store(template())
    path.write_text("name: 我的店\n", encoding="utf-8")
    with pytest.raises(StoreFileError, match="已经存在"):
        write_template(path)
    assert path.read_text(encoding="utf-8") == "name: 我的店\n"


def test_a_missing_or_unreadable_file_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(StoreFileError, match=r"python bot\.py init"):
        load_store(tmp_path / "store.yaml")
    with pytest.raises(StoreFileError, match="读不了"):
        load_store(tmp_path)
    with pytest.raises(StoreFileError, match="写不了"):
        write_template(tmp_path / "no" / "store.yaml")
    gbk = tmp_path / "gbk.yaml"
    gbk.write_bytes(template().encode("gbk"))
    with pytest.raises(StoreFileError, match="UTF-8"):
        load_store(gbk)


def test_a_file_saved_by_a_windows_editor_loads(tmp_path: Path) -> None:
    path = tmp_path / "store.yaml"
    path.write_bytes(("\ufeff" + template().replace("\n", "\r\n")).encode())
    assert load_store(path) == read_store(template())


def test_reading_the_store_does_not_load_the_holiday_tables() -> None:
    code = (
        "import sys; from bot.settings import load_settings; from bot.store_file import read_store, template; "
        "read_store(template()); sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
