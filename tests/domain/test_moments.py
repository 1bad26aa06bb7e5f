"""Time words that customers of a 4S store type (B15)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.moments import Moment, understand_moment

STORE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=STORE)  # a Saturday

SAID = (
    ("明天下午三点", "2026-11-22 15:00"),
    ("下周三上午十点半", "2026-11-25 10:30"),
    ("12月1号9点", "2026-12-01 09:00"),
    ("周六上午有空吗", "2026-11-28 08:00 – 2026-11-28 12:00"),
    ("后天早上八点半保养", "2026-11-23 08:30"),
    ("明早9点过来", "2026-11-22 09:00"),
    ("明晚7点", "2026-11-22 19:00"),
    ("今晚8点", "2026-11-21 20:00"),
    ("大后天下午", "2026-11-24 13:00 – 2026-11-24 18:00"),
    ("下下周一", "2026-11-30"),
    ("本周日", "2026-11-22"),
    ("下个星期五下午2点", "2026-11-27 14:00"),
    ("29号", "2026-11-29"),
    ("21号", "2026-11-21"),
    ("下个月5号", "2026-12-05"),
    ("下下个月3号", "2027-01-03"),
    ("本月19号8点", "2026-11-19 08:00"),
    ("二月二十九号", "2028-02-29"),
    ("廿五号", "2026-11-25"),
    ("卅号上午", "2026-11-30 08:00 – 2026-11-30 12:00"),
    ("月底", "2026-11-21 – 2026-12-01"),
    ("下月初", "2026-12-01 – 2026-12-11"),
    ("三月底", "2027-03-21 – 2027-04-01"),
    ("月中", "2026-12-11 – 2026-12-21"),
    ("周一到周五", "2026-11-23 – 2026-11-28"),
    ("12号到15号", "2026-12-12 – 2026-12-16"),
    ("下午三点到五点", "2026-11-21 15:00 – 2026-11-21 17:00"),
    ("周六上午9点到11点", "2026-11-28 09:00 – 2026-11-28 11:00"),
    ("明天9点到下午1点", "2026-11-22 09:00 – 2026-11-22 13:00"),
    ("明天早上9：00-11：00", "2026-11-22 09:00 – 2026-11-22 11:00"),
    ("下午2点~4点", "2026-11-21 14:00 – 2026-11-21 16:00"),
    ("12月25日上午十点到十一点", "2026-12-25 10:00 – 2026-12-25 11:00"),
    ("九点半或者十点", "2026-11-21 21:30"),
    ("明天八九点", "2026-11-22 08:00"),
    ("下午两三点", "2026-11-21 14:00"),
    ("八点整", "2026-11-21 20:00"),
    ("三点一刻", "2026-11-21 15:15"),
    ("早上八点三刻", "2026-11-22 08:45"),
    ("差一刻九点", "2026-11-21 20:45"),
    ("八点差十分", "2026-11-21 19:50"),
    ("上午10点零五分", "2026-11-21 10:05"),
    ("3点05", "2026-11-21 15:05"),
    ("三点五十", "2026-11-21 15:50"),
    ("10点10", "2026-11-21 10:10"),
    ("下午六点半左右", "2026-11-21 18:30"),
    ("大约下午四点前", "2026-11-21 16:00"),
    ("半小时后", "2026-11-21 10:30"),
    ("一个半小时后", "2026-11-21 11:30"),
    ("3个半小时后", "2026-11-21 13:30"),
    ("1.5小时后到", "2026-11-21 11:30"),
    ("2小时30分钟后", "2026-11-21 12:30"),
    ("两个小时以后", "2026-11-21 12:00"),
    ("一刻钟后", "2026-11-21 10:15"),
    ("再过两小时", "2026-11-21 12:00"),
    ("40分钟以后到", "2026-11-21 10:40"),
    ("过两天", "2026-11-23"),
    ("一周后", "2026-11-28"),
    ("两个礼拜之后", "2026-12-05"),
    ("半个月后", "2026-12-06"),
    ("三个月后", "2027-02-21"),
    ("半年后", "2027-05-21"),
    ("三天后下午三点", "2026-11-24 15:00"),
    ("三天以后的上午九点", "2026-11-24 09:00"),
    ("周末", "2026-11-21 – 2026-11-23"),
    ("下周末", "2026-11-28 – 2026-11-30"),
    ("周末上午", "2026-11-21 08:00 – 2026-11-21 12:00"),
    ("国庆节上午10点", "2027-10-01 10:00"),
    ("元旦", "2027-01-01"),
    ("五一", "2027-05-01"),
    ("十二月第一个星期六", "2026-12-05"),
    ("下个月第二个周六", "2026-12-12"),
    ("十二月最后一个周五", "2026-12-25"),
    ("12/1", "2026-12-01"),
    ("12.1上午", "2026-12-01 08:00 – 2026-12-01 12:00"),
    ("11-30 9:30", "2026-11-30 09:30"),
    ("11/30下午", "2026-11-30 13:00 – 2026-11-30 18:00"),
    ("2026-12-01T09:30:00", "2026-12-01 09:30"),
    ("2026.12.1", "2026-12-01"),
    ("2026/12/1 9:30", "2026-12-01 09:30"),
    ("2026-12-0110:09", "2026-12-01 10:09"),
    ("20261201", "2026-12-01"),
    ("12月1日（周二）9点", "2026-12-01 09:00"),
    ("周二，12月1日", "2026-12-01"),
    ("11月22日星期日上午10:00", "2026-11-22 10:00"),
    ("12月20", "2026-12-20"),
    ("十二月二十", "2026-12-20"),
    ("１２月１日　９：３０", "2026-12-01 09:30"),
    ("下午３：３０", "2026-11-21 15:30"),
    ("明儿下午", "2026-11-22 13:00 – 2026-11-22 18:00"),
    ("下 周 三 上 午 9 点", "2026-11-25 09:00"),
    ("9am", "2026-11-22 09:00"),
    ("3:15pm", "2026-11-21 15:15"),
    ("AM9点", "2026-11-22 09:00"),
    ("8:00 p.m.", "2026-11-21 20:00"),
    ("明年3月5号", "2027-03-05"),
    ("今年12月8号", "2026-12-08"),
    ("26年12月8号", "2026-12-08"),
    ("二〇二七年一月三日", "2027-01-03"),
    ("元月3号", "2027-01-03"),
    ("12/25/2026", "2026-12-25"),
    ("周四4点", "2026-11-26 04:00"),
    ("周一10点", "2026-11-23 10:00"),
    ("周二十点", "2026-11-24 10:00"),
    ("周三一点半", "2026-11-25 01:30"),
    ("下周的周三", "2026-11-25"),
    ("下一周周五", "2026-11-27"),
    ("下个礼拜天", "2026-11-29"),
    ("星期3", "2026-11-25"),
    ("礼拜四下午", "2026-11-26 13:00 – 2026-11-26 18:00"),
    ("周5下午", "2026-11-27 13:00 – 2026-11-27 18:00"),
    ("这周五", "2026-11-20"),
    ("上周三", "2026-11-11"),
    ("中午12点", "2026-11-21 12:00"),
    ("晚上12点", "2026-11-22 00:00"),
    ("今晚12点", "2026-11-22 00:00"),
    ("凌晨2点", "2026-11-22 02:00"),
    ("中午一点", "2026-11-21 13:00"),
    ("下午一点", "2026-11-21 13:00"),
    ("一点左右", "2026-11-21 13:00"),
    ("一点半", "2026-11-21 13:30"),
    ("十二点", "2026-11-21 12:00"),
    ("13点", "2026-11-21 13:00"),
    ("24点", "2026-11-22 00:00"),
    ("零点三十分", "2026-11-22 00:30"),
    ("今夜", "2026-11-21 18:00 – 2026-11-22 00:00"),
    ("傍晚6点", "2026-11-21 18:00"),
    ("下班后", "2026-11-21 18:00 – 2026-11-22 00:00"),
    ("明天下班后", "2026-11-22 18:00 – 2026-11-23 00:00"),
    ("一早", "2026-11-21 07:00 – 2026-11-21 12:00"),
    ("后天晚", "2026-11-23 18:00 – 2026-11-24 00:00"),
    ("週六上午十點", "2026-11-28 10:00"),
    ("兩點半", "2026-11-21 14:30"),
    ("禮拜三下午", "2026-11-25 13:00 – 2026-11-25 18:00"),
    ("後天", "2026-11-23"),
    ("昨天来过，明天再来", "2026-11-22"),
    ("昨天下午3点来过，明天再来行吗", "2026-11-22"),
    ("我的车今天有异响，想约周六上午", "2026-11-28 08:00 – 2026-11-28 12:00"),
    ("今天或明天都行", "2026-11-21"),
    ("上午不行，下午三点行", "2026-11-21 15:00"),
    ("下午有空，三点", "2026-11-21 15:00"),
    ("下午三点，明天", "2026-11-22 15:00"),
    ("五点以后都行", "2026-11-21 17:00"),
    ("两个轮胎要换，明天下午3点", "2026-11-22 15:00"),
    ("跑了5000公里了，周五上午做保养", "2026-11-27 08:00 – 2026-11-27 12:00"),
    ("早上好，我想约明天9点", "2026-11-22 09:00"),
    ("请在1月5日之前", "2027-01-05"),
    ("三年前买的车，周三能看吗", "2026-11-25"),
    ("1点", "2026-11-21 13:00"),
    ("3点14分20秒", "2026-11-21 15:14"),
    ("16时40分", "2026-11-21 16:40"),
)

NO_TIME = (
    "", "你好", "13812345678", "138 1234 5678", "0755-12345678", "沪A12345", "京AD12345", "保养5000公里",
    "跑了3.5万公里", "3000元", "两个轮胎", "第一次", "第3天", "一点问题", "有一点问题", "有点响", "一点都不贵",
    "快一点", "早一点", "便宜一点", "差一点", "晚点到", "早点", "三分钟热度", "两点建议", "三点式安全带",
    "积分100点", "24小时救援", "7x24", "胎压2.3", "1.5T", "1.8的车", "2.0", "油还剩1/2", "92号汽油", "3号工位",
    "5号线", "机油5W-30", "205/55R16", "PM2.5滤芯", "一日三餐", "两周一次", "一周五天", "周日常保养", "周年庆",
    "以后天天开", "保养要2小时吗", "等我20分钟", "3天内", "三年前买的", "2020款", "2019年12月上牌",
    "310101199001011234", "LSVAB2BR5EN123456", "早上好", "晚上好！", "国庆后", "打8折", "三点五", "下周",
    "下个月", "5月", "九成新", "十分满意", "5星好评", "I am here",
)  # fmt: skip

IMPOSSIBLE = (
    "2月30号", "13月5号", "11月31日下午", "25点", "明天25点", "3点75分", "2027年2月29日", "2026-02-30",
    "农历八月十五", "大年初三",
)  # fmt: skip


def read(text: str, now: datetime = NOW) -> Moment:
    moment = understand_moment(text, now)
    assert moment is not None, text
    return moment


def written(moment: Moment) -> str:
    form = "%Y-%m-%d" if moment.grain == "day" else "%Y-%m-%d %H:%M"
    return " – ".join(at.strftime(form) for at in (moment.start, moment.end) if at is not None)


@pytest.mark.parametrize(("text", "expected"), SAID)
def test_b15_a_customers_time_words_are_read(text: str, expected: str) -> None:
    assert written(read(text)) == expected


@pytest.mark.parametrize("text", NO_TIME)
def test_b15_numbers_that_are_no_times_stay_unread(text: str) -> None:
    assert understand_moment(text, NOW) is None


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_b15_a_time_that_does_not_exist_is_not_understood(text: str) -> None:
    assert understand_moment(text, NOW) is None


def test_b15_an_hour_without_half_of_the_day_offers_both() -> None:
    moment = read("明天3点")
    assert moment.clock_is_ambiguous
    assert (moment.start.hour, moment.other_reading) == (3, moment.start.replace(hour=15))
    assert read("明天3点半").other_reading == datetime(2026, 11, 22, 15, 30, tzinfo=STORE)


def test_b15_an_hour_without_day_offers_the_next_time_round() -> None:
    moment = read("9点")
    assert moment.start == NOW.replace(hour=21)
    assert moment.other_reading == datetime(2026, 11, 22, 9, 0, tzinfo=STORE)


@pytest.mark.parametrize(
    "text", ["下午3点", "15点", "12点", "早8点", "09:30", "9am", "半小时后", "明天", "明天下午"]
)
def test_b15_a_certain_time_has_no_other_reading(text: str) -> None:
    moment = read(text)
    assert not moment.clock_is_ambiguous
    assert moment.other_reading is None


@pytest.mark.parametrize(
    ("text", "day_said", "clock_said", "grain"),
    [
        ("明天", True, False, "day"),
        ("明天下午", True, False, "daypart"),
        ("下午", False, False, "daypart"),
        ("下午三点", False, True, "minute"),
        ("明天下午三点", True, True, "minute"),
        ("半小时后", False, True, "minute"),
    ],
)
def test_b15_what_was_said_and_what_was_added_is_told_apart(
    text: str, day_said: bool, clock_said: bool, grain: str
) -> None:
    moment = read(text)
    assert (moment.day_was_said, moment.clock_was_said, moment.grain) == (day_said, clock_said, grain)


def test_b15_the_words_that_were_read_can_be_shown() -> None:
    assert read("我想约明天下午三点保养").words == "明天下午三点"


def test_b15_a_clock_that_has_passed_means_tomorrow() -> None:
    late = NOW.replace(hour=16, minute=30)
    assert read("下午三点", late).start == datetime(2026, 11, 22, 15, 0, tzinfo=STORE)
    assert read("早上", late).start.date() == datetime(2026, 11, 22, tzinfo=STORE).date()
    assert read("下午", late).start.date() == late.date()


def test_b15_the_last_days_of_a_month_are_never_before_today() -> None:
    assert read("月底", NOW.replace(day=28)).start.day == 28


def test_the_answer_is_in_the_zone_of_now() -> None:
    elsewhere = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert read("明天9点", elsewhere).start == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_stretch_from_now_is_real_time_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 25, 1, 30, tzinfo=berlin)
    assert read("3小时后", before).start.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=3)


@pytest.mark.parametrize(
    "text",
    [
        "一" * 5000,
        "1" * 5000,
        "明天下午三点" * 833,
        "周" * 5000,
        "十点" * 2500,
        "下" * 5000,
        "1:" * 2500,
        "12/1 " * 1250,
    ],
)
def test_a_very_long_text_is_read_to_its_end(text: str) -> None:
    moment = understand_moment(text + "。", NOW)
    assert moment is None or moment.start.tzinfo is STORE


TIME_SIGNS = st.text(
    alphabet="0123456789０９零一二三十廿两半点时分秒刻年月日号天周星期礼拜今明后前大上下本这个第末初底"
    "早晚午夜中凌晨差过到至:：-/.~ amp",
    max_size=24,
)


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.text(max_size=60), TIME_SIGNS), st.datetimes(timezones=st.just(STORE)))
def test_any_text_is_read_without_an_error(text: str, now: datetime) -> None:
    moment = understand_moment(text, now)
    if moment is not None:
        assert moment.start.tzinfo is STORE
        assert moment.end is None or moment.end > moment.start
        assert moment.words
