"""Texts by the thousand: what people answer, spoilt; what nobody would answer; what only an attacker sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.hostile.nasty import (
    CODE,
    CORPUS,
    MARKUP,
    NUMBERS,
    PLATES_AND_PHONES,
    SIGNS,
    SLOW,
    TEMPLATES,
    TIMES,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

LONGEST: Final = 4_096  # signs that the service lets through
ANSWERS: Final = (
    *("王先生", "欧阳娜娜女士", "李", "粤B12345", "粤BD12345", "京A·88888", "13812345678"),
    *("+86 138 1234 5678", "0755-5555 0100", "明天下午三点", "下周三上午十点半", "后天", "11月25日 9:00"),
    *("三天后", "晚点到", "半小时后", "2026-11-25 10:00", "今天17点", "128元", "¥1,280.50", "三百八"),
    *("免费", "5%", "9.5折", "打八折", "35000公里", "三万五", "半箱油", "钥匙 12 号"),
    *("换雨刮80元，小保养398元", "更换刹车片 680（工时 320 配件 360）", "大保养"),
    *("喷漆有色差，还让我等了两天", "不满意！要求退款", "满意，谢谢", "怎么预约？", "几点开门", "在哪里"),
    *("多少钱", "能不能开发票", "不是投诉，只是问问", "找经理", "退订", "恢复订阅", "人工", "取消", "返回"),
    *("粤B55555 王伟 13812345678 小保养398 换雨刮80 明天17点 三万五公里",),
    *("/order 粤B55555 李女士 139 1234 5678 机油398元 明天下午五点",),
    *("/followup 粤B55556 交车 今天 王女士 13912345678", "/propose 粤B12345 小保养 明天10点"),
    *("/walkin 粤B12345 小保养 11:00", "/absent 铁军", "/dismiss 铁军", "/invite", "/bind@desk_bot"),
    *("/start Zx81", "/help", "已电话联系，客户希望返工", "周三上午回电", "铁军", "1", "12", "1 2 3"),
    *("一、三", "5分", "很好", "是的", "没有", "雨刮胶条老化，下雨时刮不干净", "色差 (左前门)"),
    *("备胎、行驶证、ETC卡",),
)
"""What the fields of all procedures take."""

_SPOIL: Final = (
    *SIGNS,
    *MARKUP,
    *TEMPLATES,
    "<u>",
    "</u>",
    "&",
    "0",
    "９",
    "-",
    ".",
    ":",
    "，",
    " ",
    "\n",
    "\u200b",
    "\u202e",
    "元",
    "点",
)
_OTHERS: Final = (*NUMBERS, *TIMES, *PLATES_AND_PHONES, *CODE)


def hostile_texts(rng: random.Random, count: int) -> Iterator[str]:
    """`count` texts, no two streams alike: first of the corpus, all where there is room, else some for a third."""
    begin = list(CORPUS) if count > 3 * len(CORPUS) else rng.sample(CORPUS, min(len(CORPUS), count // 3))
    yield from begin
    for _ in range(count - len(begin)):
        match rng.randrange(8):
            case 0:
                yield rng.choice(ANSWERS)
            case 1 | 2 | 3:
                yield _spoilt(rng, rng.choice(ANSWERS))
            case 4:
                yield "".join(rng.choice((*ANSWERS, *_SPOIL)) for _ in range(rng.randint(2, 6)))[:LONGEST]
            case 5:
                yield _any_signs(rng)
            case 6:
                part = rng.choice((*ANSWERS, *_SPOIL))
                yield (part * rng.choice((2, 10, 100, LONGEST)))[: rng.choice((60, 60, 60, 500, LONGEST))]
            case _:
                yield _spoilt(rng, rng.choice(_OTHERS))[:LONGEST]


def _spoilt(rng: random.Random, text: str) -> str:
    """`text` with some places left out, doubled, or filled with what does not belong there."""
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(text))
        match rng.randrange(4):
            case 0:
                text = text[:at] + rng.choice(_SPOIL) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randint(1, 3) :]
            case 2:
                text = text[:at] + text[max(0, at - 3) :]
            case _:
                text = text[:at] + chr(_sign(rng)) + text[at + 1 :]
    return text


def _any_signs(rng: random.Random) -> str:
    return "".join(chr(_sign(rng)) for _ in range(rng.randint(1, 60)))


def _sign(rng: random.Random) -> int:
    """Any code point; half of them of the kinds that people type."""
    plane = rng.choice((0x80, 0x80, 0x3000, 0x9FFF, 0xFFFF, 0x10FFFF))
    return rng.randint(0, plane)


assert max(map(len, SLOW)) <= LONGEST
