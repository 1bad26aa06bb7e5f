"""Reads which options were typed: their numbers, their labels or a clear part of one (F3).

What is denied (不是价格, 除了洗车), doubted (价格吗) or fits two options chooses none: the customer is asked again.
"""

from __future__ import annotations

import re

from domain.moments.wording import DIGITS, number, tidy
from domain.questionnaires import Option, Question, QuestionKind
from domain.spelling import plain_spelling

_HOLE = "\0"
_FIGURE = rf"(?:[0-9]{{1,2}}|[{DIGITS}]|十[{DIGITS}]?)"
_CHOICE = (
    r"(?:我|想|要|就|选择?|选项|是|应该是|主要是|第|答案|有|和|也|还有|个|觉得|吧|了|的|呢|啊|哦|谢谢|都| )*"
)
_NUMBER = re.compile(rf"{_CHOICE}(?P<n>{_FIGURE})(?:项|号|个|、)?{_CHOICE}")
_BETWEEN = re.compile(r"[,，、;；/|&+。.!！\n]|\s+|以及|还有|和|跟|与|及")
_DENIED = re.compile(r"[不没未别非无甭]|除|以外|之外|比")
_DOUBTED = re.compile(r"[?？]|[吗么]$|[吗么][,，。!！]|或者|还是|要么|可能|也许|大概|说不定|哪")
_MARKS = re.compile(r"[\s,，、。.!！~…?？;；:：()（）「」“”\"'/-]+")
_ALL = re.compile(
    r"(?:以上|上面|我)?(?:全部|全都|都|所有的?|全)(?:要|选|是|有|需要|想要|可以|感兴趣)?(?:的)?(?:吧|了|啊)?"
)
_NONE = re.compile(
    r"(?:以上|上面)?(?:都|全)?(?:没有?|无|不要|不需要|不选|不是)(?:了|的|啊|吧)?(?:以上|上面)?(?:都)?"
)
_REST = re.compile(r"(?:其[他它]|别的|另外).*")
_SHORTEST_PART = 2
_LONGEST = 200
"""Characters: a longer story is read by a person."""


def read_options(question: Question, text: str) -> tuple[tuple[str, ...], str] | None:
    """The codes that were chosen, in the order of the options, and the words besides them ("": none).

    None when it is not clear. No codes: none of several options, where the question may be skipped.
    """
    plain = _plain(text)
    if not _bare(plain) or len(plain) > _LONGEST:
        return None
    exact = [each.code for each in question.options if _bare(each.label) == _bare(plain)]
    if len(exact) == 1:
        return (exact[0],), ""
    several = question.kind is QuestionKind.MULTIPLE
    if _NONE.fullmatch(_bare(plain)):
        nothing = [each.code for each in question.options if _NONE.fullmatch(_bare(each.label))]
        if len(nothing) == 1:
            return (nothing[0],), ""
        # 没有 to one of a few may as well be an answer: to 弄清楚了吗, say.
        return ((), "") if several and not question.required else None
    if _DOUBTED.search(plain):
        return None
    if several and _ALL.fullmatch(_bare(plain)):
        return _all(question)
    found = _labelled(question.options, plain) or _parts(question.options, plain)
    if found is None or not found[0] or (not several and len(found[0]) > 1):
        return None
    codes, bare = found
    return tuple(each.code for each in question.options if each.code in codes), "" if bare else text.strip()


def _all(question: Question) -> tuple[tuple[str, ...], str] | None:
    """Every option that stands for something of its own: neither 其他 nor 都没有."""
    meant = [each for each in question.options if not _REST.fullmatch(_plain(each.label))]
    codes = tuple(each.code for each in meant if not _NONE.match(_plain(each.label)))
    return (codes, "") if codes else None


def _labelled(options: tuple[Option, ...], plain: str) -> tuple[set[str], bool] | None:
    """The options whose whole label was written, the longer labels first, and whether nothing else was."""
    rest, codes = plain, set[str]()
    for option in sorted(options, key=lambda each: -len(each.label)):
        label = _plain(option.label)
        if label and label in rest:
            rest = rest.replace(label, _HOLE)
            codes.add(option.code)
    if not codes or _DENIED.search(rest):
        return None
    left = [part.strip() for part in _BETWEEN.split(rest.replace(_HOLE, " ")) if part.strip()]
    others = [part for part in left if not re.fullmatch(_CHOICE, part)]
    # A number or the part of another label beside a label may choose as well.
    if any(_one(options, part) is not None or _NUMBER.fullmatch(part) for part in others):
        return _parts(options, plain)
    return codes, not others


def _parts(options: tuple[Option, ...], plain: str) -> tuple[set[str], bool] | None:
    """The options that the parts name by number or by a clear part of their label."""
    codes, others = set[str](), False
    for part in (each.strip() for each in _BETWEEN.split(plain)):
        if not part or re.fullmatch(_CHOICE, part):
            continue
        option = _one(options, part)
        if option is not None:
            codes.add(option.code)
        elif re.search(r"[0-9]", part) or _DENIED.search(part) or _NUMBER.fullmatch(part):
            return None
        else:
            others = True
    return codes, not others


def _one(options: tuple[Option, ...], part: str) -> Option | None:
    """The one option that `part` names by its number, its label or a part of it."""
    labels = [_bare(each.label) for each in options]
    if found := _NUMBER.fullmatch(part):
        place = number(found["n"])
        # 3 may be the third option, or 3年以上.
        named = [each for each, label in zip(options, labels, strict=True) if found["n"] in label]
        if not 1 <= place <= len(options):
            return None
        third = options[place - 1]
        return third if all(each is third for each in named) else None
    bare = _bare(part)
    for said in dict.fromkeys((bare, re.sub(rf"^{_CHOICE}|{_CHOICE}$", "", bare))):
        exact = [each for each, label in zip(options, labels, strict=True) if label == said]
        if exact:
            return exact[0] if len(exact) == 1 else None
        if len(said) >= _SHORTEST_PART:
            fitting = [each for each, label in zip(options, labels, strict=True) if _is_part(said, label)]
            if fitting:
                return fitting[0] if len(fitting) == 1 else None
    return None


def _is_part(said: str, label: str) -> bool:
    """Whether `said` is a part of the label that means the same: 解决 is none of 没解决, nor 基本 of 基本没讲."""
    return said in label and (_DENIED.search(said) is not None or _DENIED.search(label) is None)


def _plain(text: str) -> str:
    return tidy(plain_spelling(text))


def _bare(text: str) -> str:
    return _MARKS.sub("", _plain(text))
