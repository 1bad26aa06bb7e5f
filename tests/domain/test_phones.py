"""Phone numbers as customers type them (B15) and as groups see them (A3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.phones import Phone, find_phone

MOBILE = "+8613812345678"


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "+86 138-1234-5678", "+8613812345678", "8613812345678", "0086-13812345678",
        "(+86)13812345678", "138 1234 5678", "138 123 45678", "138.1234.5678", "138-12345678",
        "１３８１２３４５６７８", "我的电话13812345678，明天9点", "13812345678 9点到", "电话：13812345678。",
    ],
)  # fmt: skip
def test_b15_a_mobile_number_is_found_however_it_is_typed(text: str) -> None:
    assert find_phone(text) == MOBILE


@pytest.mark.parametrize(
    ("text", "normal", "display"),
    [
        ("021-62345678", "+862162345678", "021-62345678"),
        ("02162345678", "+862162345678", "021-62345678"),
        ("(010)62345678", "+861062345678", "010-62345678"),
        ("0755 8888 6666", "+8675588886666", "0755-88886666"),
        ("+86 21 6234 5678", "+862162345678", "021-62345678"),
        ("０５７１－８８８８６６６６", "+8657188886666", "0571-88886666"),
    ],
)
def test_b15_a_landline_with_its_area_code_is_found(text: str, normal: str, display: str) -> None:
    phone = find_phone(text)
    assert phone == normal
    assert phone.display == display
    assert not phone.is_mobile


@pytest.mark.parametrize(
    "text",
    [
        "", "62345678", "12812345678", "1381234567", "138123456789", "1381234567 8点", "310101199001011234",
        "31010113812345678X", "LSVAB2BR513812345", "订单2026112113812345678", "沪A12345", "5000公里",
    ],
)  # fmt: skip
def test_b15_digits_that_are_no_phone_number_are_left_alone(text: str) -> None:
    assert find_phone(text) is None


def test_a3_a_phone_number_is_shown_whole_or_masked() -> None:
    mobile, landline = Phone(MOBILE), Phone("+862162345678")
    assert (mobile.display, mobile.masked, mobile.is_mobile) == ("138 1234 5678", "138****5678", True)
    assert landline.masked == "021-****5678"


@pytest.mark.parametrize("text", ["", "13812345678", "+86138", "+861381234567a", "+8612812345678"])
def test_a_phone_is_only_made_from_its_international_form(text: str) -> None:
    with pytest.raises(ValueError, match="is no Chinese phone number"):
        Phone(text)


@settings(deadline=None)
@given(st.text(alphabet="01386 -.+()x１３", max_size=40) | st.text(max_size=60))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    phone = find_phone(text)
    assert phone is None or find_phone(phone.display) == phone
