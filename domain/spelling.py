"""One spelling for what people type, so that word lists need to hold each word once."""

import re
from functools import lru_cache

from domain.moments.wording import half_width

_TO_SIMPLIFIED = str.maketrans(
    "訴經領導負責維權舉報態價錢費貴發單據質問題壞換輪車剎煞聲響銷賣買後邊麼沒過說話對電給氣"
    "員師顧間時還險賠償處結賬帳務實際騙壓傷醫體協會爛亂讓見請謝點",
    "诉经领导负责维权举报态价钱费贵发单据质问题坏换轮车刹刹声响销卖买后边么没过说话对电给气"
    "员师顾间时还险赔偿处结账账务实际骗压伤医体协会烂乱让见请谢点",
)
LEAST_SIGNS = 2  # letters or figures; one alone tells nobody anything
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f]")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=1)  # several rules read one message
def plain_spelling(text: str) -> str:
    """`text` in half width, lower case and the simplified characters of the desk's words, each gap one space.

    Traditional characters outside the words of complaints stay as they are. No error for any text.
    """
    seen = _UNSEEN.sub("", text)
    return _SPACE.sub(" ", half_width(seen).translate(_TO_SIMPLIFIED).lower()).strip()


def visible_signs(text: str) -> int:
    """How many signs of `text` can be seen: no blanks, nothing without width."""
    return sum(sign.isprintable() and not sign.isspace() for sign in text)


def tells_something(text: str) -> bool:
    """Whether a text says anything: two signs at least that are letters or figures, and not figures alone."""
    signs = [sign for sign in text if sign.isalnum()]
    return len(signs) >= LEAST_SIGNS and any(sign.isalpha() for sign in signs)
