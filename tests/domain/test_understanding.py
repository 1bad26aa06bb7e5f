"""One message, read once: time, plate, phone and wish together (B15)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents import Intent
from domain.understanding import Understanding, understand

STORE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=STORE)


def test_b15_everything_in_one_message_is_read() -> None:
    read = understand("您好，沪a·12345 想预约下周三上午十点半保养，电话 138-1234-5678", NOW)
    assert read.moment is not None
    assert read.moment.start == datetime(2026, 11, 25, 10, 30, tzinfo=STORE)
    assert (read.plate, read.phone, read.intent) == ("沪A12345", "+8613812345678", Intent.BOOKING)


def test_b15_the_digits_of_a_plate_or_phone_are_no_time() -> None:
    assert understand("沪A12345", NOW).moment is None
    assert understand("0571-8888-6666", NOW).moment is None


def test_b15_a_time_right_behind_a_plate_is_read() -> None:
    read = understand("沪A12345 8点半到", NOW.replace(hour=7))
    assert read.plate == "沪A12345"
    assert read.moment is not None
    assert read.moment.start == NOW.replace(hour=8, minute=30)


def test_nothing_understood_is_nothing_claimed() -> None:
    assert understand("哈哈哈", NOW) == Understanding(None, None, None, None)


@settings(deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read = understand(text, NOW)
    assert read.moment is None or read.moment.start.tzinfo is STORE
