"""A3: a group sees no whole plate and no whole phone number, however they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.phones import find_phone
from domain.plates import find_plate
from domain.privacy import masked


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("没有号码", "没有号码"),
        ("车辆：粤B·12345，周三见", "车辆：粤B·1**45，周三见"),
        ("我是13812345678，车牌粤B12345", "我是138****5678，车牌粤B·1**45"),
        ("粤B12345换成粤BD12345", "粤B·1**45换成粤B·D***45"),
    ],
)
def test_plates_and_phones_are_blotted_out(written: str, shown: str) -> None:
    assert masked(written) == shown


@given(
    st.lists(
        st.sampled_from(["粤B12345", " 13812345678 ", "，", "你好", " 沪 a·12345 ", "021-62345678", "9点"])
    )
)
def test_nothing_whole_is_left(parts: list[str]) -> None:
    text = masked("，".join(parts))
    assert (find_plate(text), find_phone(text)) == (None, None)
