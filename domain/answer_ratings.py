"""Reads a rating from 1 to 5 in typed words: 5, ５分, 四颗星, 打3分因为等太久, 很满意 (F3).

Whoever rates is asked again rather than misread: what holds two ratings, a denial or a doubt is none. 10分 is no 1,
5分钟 no 5, and 十分满意 neither 10 nor a number at all.
"""

from __future__ import annotations

import re

from domain.moments.wording import half_width, number
from domain.questionnaires import RATINGS

_SIMPLE = str.maketrans("滿還沒顆評給點總體質級", "满还没颗评给点总体质级") | {
    ord(sign): str(value) for value, sign in enumerate("①②③④⑤⑥⑦⑧⑨", start=1)
}
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0f\u20e3]")
_UTTERLY = re.compile(r"(?<![0-9一二三四五六七八九])十分(?=[满不好差糟失棒赞周恶完])")
_STARS = re.compile("(?:[⭐★🌟]\ufe0f?){1,5}")
CLAUSE = re.compile(r"[^,，。.!！;；:：、…~\n]+")
"""A part of what was typed, between two marks."""
_CLAUSE_SPAN = re.compile(
    r" *(?P<said>[^,，。.!！;；:：、…~\n ](?:[^,，。.!！;；:：、…~\n]*[^,，。.!！;；:：、…~\n ])?)"
)

_N = "[0-9〇零一二两三四五六七八九十百]"
_FRAME = (
    r"(?:(?:我|我们|就|也就|那就|只能|只有|最多|顶多|勉强|大概|差不多|才|都|必须|当然|整体|总体|总的来说|总的|综合|总分|评分|评|打分"
    r"|打|给|给个|打个|选|是|的话|得|值|您们|你们|贵店|服务|满意度) ?)*"
)
_SOFT = r"(?:吧|了|哦|啊|呀|呢|哈|啦|嗯|的|谢谢|[🌹👍😊😄🙏💯❤]| )*"
_UNIT = r"(?: ?(?:个|颗) ?星星?| ?星级?| ?分)"
_WHY = r" *(?P<why>(?:因为|由于|主要|原因|理由|就是|好评|差评|满意|非常|很|服务|挺).*)?"
_RATED = re.compile(rf"{_FRAME}(?:(?P<n>{_N}+)(?:/5)?{_UNIT}?{_SOFT}|(?P<m>{_N}+){_UNIT}{_WHY})")
# A bare figure and a gap, then words: not 3 天, 3 次.
_GAP = re.compile(
    rf"{_FRAME}(?:(?P<m>{_N}){_UNIT}(?:吧|了)?|(?P<n>{_N})) +"
    r"(?![0-9a-z]|[天次个小分点元块万千百年月号日位人台辆公里遍回趟条种]|星期)(?P<why>.+)"
)
_TOKEN = re.compile(
    rf"{_N}+(?:\.[0-9]+)?(?: ?(?:个|颗) ?星| ?星| ?分(?![钟享别开析店歧配期之辨清明寸]))|[0-9]/[0-9]"
)
_VERY = r"(?:非常之?|很|十分|特别|极其|极度|极|超级|超|相当|万分|真的很|真是|实在|真)(?:的|地)?"
_WORDS: tuple[tuple[str, str], ...] = (
    ("5", rf"{_VERY}(?:满意|好|棒|赞|完美|周到)|太(?:满意|好|棒|赞)|完美|无可挑剔|满分|非常不错"),
    ("4", r"(?:挺|比较|蛮)?满意|(?:还|挺|蛮|很|都|真)?不错|(?:挺|蛮)好|较好|比较好"),
    (
        "3",
        r"(?:很|就|比较|就那么)?一般般?|还(?:行|可以|成)|凑合|凑凑合合|马马虎虎|普通|普普通通|中等|中规中矩|过得去|将就"
        r"|勉强(?:满意|可以|及格)",
    ),
    (
        "2",
        r"(?:有点儿?|有些|比较|挺|还是)?(?:不满意?|不太满意|不太好|不好|不行|不理想)|不(?:大|怎么|是很|是太|很)(?:满意|好)"
        r"|(?:有点儿?|有些|比较|较|挺)差|差|不咋地|不咋样|不怎么样|(?:有点|有些|比较|挺)?失望",
    ),
    (
        "1",
        rf"{_VERY}(?:不满意?|不好|差劲?|烂|糟糕?|恶劣|失望|垃圾)|太(?:差劲?|烂|糟糕?|恶劣|垃圾|失望|不满意)|极差|差劲"
        r"|糟糕(?:透了|透顶)?|烂透了|糟透了|垃圾|差评|一塌糊涂|一点都?不满意|根本不满意|完全不满意|差到极点",
    ),
)
_ABOUT = (
    r"(?:(?:我们?|本人|个人|对|觉得|感觉|认为|表示|说实话|总的来说|总体来说|总体上|总体|整体上|整体|综合|这次|本次|此次|这回"
    r"|你们|您们|贵店|店里|的|服务|维修|保养|质量|态度|效果|结果|体验|满意度|各方面|方方面面|一切|全部|都|感到|打|给|是|也|挺|就)"
    r" ?)*?"
)
_SCALE = tuple((code, re.compile(rf"{_ABOUT}(?:{words}){_SOFT}")) for code, words in _WORDS)
_OPINION = re.compile(r"满意|失望|差评|好评|一般|不错|还行|还可以|糟|垃圾|[很太真极]差|不好|挺好|很好")
_OPPOSED = {"5": ("1", "2"), "4": ("1", "2"), "2": ("4", "5"), "1": ("4", "5")}
_TURNS = re.compile(r"但|可是|不过|然而|就是|只是|除了|要是|如果|假如|本来|原来|以前|之前|希望")
_MOCKS = re.compile(
    r"才怪|做梦|想得美|不可能|呵呵|个屁|个鬼|讽刺|反话|个头|开玩笑|不给|给不了|打不了|不配|不值|没门|难道|你觉得呢|您觉得呢"
)


def read_rating(text: str) -> tuple[str, str] | None:
    """The rating that was typed, as its code, and the words besides it ("": none); None when it is not clear."""
    stars = text.strip()
    if _STARS.fullmatch(stars):
        return str(len(stars.replace("\ufe0f", ""))), ""
    seen = _UNSEEN.sub("", text).strip()
    # All of it sign by sign, so that places in `plain` are places in `seen`.
    plain = _UTTERLY.sub("非常", half_width(seen).translate(_SIMPLE))
    if _MOCKS.search(plain):
        return None
    clauses = [found.span("said") for found in _CLAUSE_SPAN.finditer(plain)]
    return _by_number(plain, seen, clauses) or _by_words(plain, seen, clauses)


def _by_number(plain: str, seen: str, clauses: list[tuple[int, int]]) -> tuple[str, str] | None:
    """One figure from 1 to 5 that is a clause of its own, the first or the last unless it says 分 or 星."""
    rated: set[str] = set()
    besides: list[str] = []
    for place, (begin, end) in enumerate(clauses):
        clause = plain[begin:end]
        found = _RATED.fullmatch(clause) or _GAP.fullmatch(clause)
        if found is None or not _may_count(found, place in (0, len(clauses) - 1)):
            if found or _TOKEN.search(clause):
                return None
            besides.append(seen[begin:end])
            continue
        if plain[end : end + 1] == "?" or clause.endswith("?"):
            return None
        groups = found.groupdict()
        if groups.get("why") and _TOKEN.search(groups["why"]):
            return None
        rated.add(_value(groups.get("n") or groups.get("m") or ""))
        if groups.get("why"):
            besides.append(seen[begin + found.start("why") : end])
    if len(rated) != 1 or (code := rated.pop()) not in RATINGS:
        return None
    contradicted = any(other in _OPPOSED.get(code, ()) for other in map(_worded, besides))
    return None if contradicted else (code, _joined(besides))


def _may_count(found: re.Match[str], at_an_end: bool) -> bool:
    """Whether this figure is meant as a rating: 分 or 星 stands with it, or it stands first or last."""
    return at_an_end or _TOKEN.search(found[0]) is not None


def _value(word: str) -> str:
    """The figure as a rating's code; "" for 三四, 二十五 and all that is no single figure."""
    if word.isascii() or len(word) == 1:
        return str(number(word)) if word not in ("百", "十") and len(word) == 1 else ""
    return ""


def _by_words(plain: str, seen: str, clauses: list[tuple[int, int]]) -> tuple[str, str] | None:
    """One opinion of the scale from 非常满意 to 很差, which nothing else that was said takes back."""
    if (
        _TOKEN.search(plain)
        or _TURNS.search(plain)
        or "?" in plain
        or re.search(r"[吗么](?:$|[,，。!！])", plain)
    ):
        return None
    rated: set[str] = set()
    besides: list[str] = []
    for begin, end in clauses:
        clause = plain[begin:end]
        if code := _worded(clause):
            rated.add(code)
        elif _OPINION.search(clause):
            return None
        else:
            besides.append(clause)
    if len(rated) != 1:
        return None
    code = rated.pop()
    bare = any(re.fullmatch(rf"(?:{words}){_SOFT}", plain.strip(" 。.!！~…")) for _, words in _WORDS)
    return code, "" if bare else seen.strip()


def _worded(clause: str) -> str:
    """The rating that a clause says in words; "" where it says none."""
    return next((code for code, words in _SCALE if words.fullmatch(clause)), "")


def _joined(parts: list[str]) -> str:
    return "，".join(part for part in parts if part)
