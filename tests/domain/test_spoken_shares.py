"""How people say a discount (D1): 折 says what is left, 点 and % what is taken off."""

from decimal import Decimal

import pytest

from domain.spoken_shares import read_share

SAID = {
    "0.05": (
        "5%", "５％", "5 %", "九五折", "95折", "9.5折", "9.5 折", "９．５折", "九点五折", "优惠五个点", "优惠5个点",
        "五个百分点", "百分之五", "打个九五折行吗", "打9.5折，也就是5%",
    ),
    "0.1": ("9折", "九折", "10%", "十个点", "百分之十", "能不能打九折？"),
    "0.12": ("88折", "八八折", "八点八折", "12%"),
    "0.15": ("便宜百分之十五吧", "85折", "8.5折"),
    "0.02": ("两个点", "九八折"),
    "0.035": ("3.5%", "三点五个百分点"),
    "0.045": ("955折",),
    "0.5": ("五折", "打5折"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("share", "text"), [(share, text) for share, texts in SAID.items() for text in texts]
)
def test_d1_however_it_is_said_it_is_the_same_share(share: str, text: str) -> None:
    assert read_share(text) == Decimal(share)


@pytest.mark.parametrize(
    "text",
    [
        "便宜点",
        "5",  # 5 % or 5 折: asked again rather than guessed
        "95",
        "9",
        "五点",
        "3点半来取",
        "10折",
        "十折",
        "0折",
        "0%",
        "105%",
        "-5",
        "5%或者8%",
        "9折5%",
        "不要5%",
        "没有九折",
        "5.555%",
        "折",
        "%",
        "",
    ],
)
def test_d1_what_says_no_share_or_more_than_one_is_not_guessed(text: str) -> None:
    assert read_share(text) is None
