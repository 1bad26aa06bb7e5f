"""Who has no time just now, from the words typed to a question: 稍后, 等会儿, 没空 (F2)."""

import re

from domain.spelling import plain_spelling

_GAP = re.compile(r"[\s,。.!?;:、~…]+")
_NOW = r"(?:我|现在|这会儿?|今天|目前|在|正|有点|比较|实在)*"
_END = r"(?:了|吧|啊|呢|哦|哈|再说|再填|再答|再回答|再弄|再回复|好吗|可以吗|行吗|谢谢)*"
_LATER = re.compile(
    rf"(?:好的?|嗯|不好意思|抱歉)?{_NOW}"
    r"(?:(?:稍|过|等|待)(?:一?会儿?|一下|后|等|下|晚点)|晚(?:点|些|一点)儿?|回头|改天|改日|下次|以后"
    rf"|(?:没|没有|不得)(?:空|时间|闲)|[很挺]?忙着?|开车|开会|上班|不方便){_END}"
)
_POLITE = re.compile(r"好的?|嗯|谢谢|不好意思|抱歉|您好|你好|对不起")
_LONGEST = 20


def puts_off(text: str) -> bool:
    """Whether the whole message only says that another moment suits better."""
    said = [clause for clause in _GAP.split(plain_spelling(text[:60])) if clause]
    rest = [clause for clause in said if not _POLITE.fullmatch(clause)]
    return bool(rest) and sum(map(len, said)) <= _LONGEST and all(map(_LATER.fullmatch, rest))
