"""Number plates as customers type them (B15) and as groups see them (A3)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.plates import Plate, find_plate

TYPED = (
    ("沪A12345", "沪A12345"),
    (" 沪 a·12345 ", "沪A12345"),
    ("沪A・12345", "沪A12345"),
    ("沪 A 1 2 3 4 5", "沪A12345"),
    ("滬A12345", "沪A12345"),
    ("粤ＢＤ１２３４５", "粤BD12345"),
    ("鲁b·f12345", "鲁BF12345"),
    ("粤B12345D", "粤B12345D"),
    ("苏E-A1B2C", "苏EA1B2C"),
    ("川A·AB123", "川AAB123"),
    ("京A-1234学", "京A1234学"),
    (" 沪A1234警 ", "沪A1234警"),
    ("鲁H1234挂", "鲁H1234挂"),
    ("粤Z·1234港", "粤Z1234港"),
    ("粤Z1234澳", "粤Z1234澳"),
    ("沪A1234使", "沪A1234使"),
    ("车牌是浙A.88888，明天下午三点", "浙A88888"),
    ("沪A12345 13812345678", "沪A12345"),
    ("沪A12345 8点到", "沪A12345"),
    ("沪AD1234 5点到", "沪AD1234"),
    ("我是云南的，车是云A12345", "云A12345"),
)


@pytest.mark.parametrize(("text", "normal"), TYPED)
def test_b15_a_plate_is_found_however_it_is_typed(text: str, normal: str) -> None:
    assert find_plate(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        "", "你好", "A12345", "沪AO1234", "沪AI2345", "沪I12345", "沪A1234", "沪A123456", "沪A12345678",
        "京ABCDEF", "京ADF12345", "沪市A股12345", "13812345678", "云南", "新车12345",
    ],
)  # fmt: skip
def test_b15_what_is_no_plate_is_not_taken_for_one(text: str) -> None:
    assert find_plate(text) is None


@pytest.mark.parametrize(
    ("normal", "display", "masked", "is_new_energy"),
    [
        ("沪A12345", "沪A·12345", "沪A·1**45", False),
        ("粤BD12345", "粤B·D12345", "粤B·D***45", True),
        ("粤B12345F", "粤B·12345F", "粤B·1***5F", True),
    ],
)
def test_a3_a_plate_is_shown_whole_or_masked(
    normal: str, display: str, masked: str, is_new_energy: bool
) -> None:
    plate = Plate(normal)
    assert (plate.display, plate.masked, plate.is_new_energy) == (display, masked, is_new_energy)


@pytest.mark.parametrize("text", ["", "沪a12345", "沪A·12345", "沪A 12345", "沪ABCDEF", "hello"])
def test_a_plate_is_only_made_from_its_normal_form(text: str) -> None:
    with pytest.raises(ValueError, match="is no number plate"):
        Plate(text)


@settings(deadline=None)
@given(st.text(alphabet="沪粤京AaDdIO0123456789 ·-.学警", max_size=40) | st.text(max_size=60))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    plate = find_plate(text)
    assert plate is None or Plate(str(plate)) == plate == find_plate(plate.display)
