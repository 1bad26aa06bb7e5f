"""Reads what a customer typed as the answer to a question of a sheet (F3); what is not clear is asked again.

A denial is the trap: 不是很满意 is no 满意, 没问题 no 没有, and 没有 answers 有没有 alone.
"""

from __future__ import annotations

import re
from dataclasses import replace

from domain.answer_options import read_options
from domain.answer_ratings import CLAUSE, read_rating
from domain.piping import in_words
from domain.questionnaires import NO, YES, Answer, Question, QuestionKind
from domain.spelling import plain_spelling

_SKIP = re.compile(
    r"(?:我?(?:先|想|要|请)?(?:跳过|略过?|过|下一[题个道步]|不想?(?:回答|答|说|评价?|填)了?|不便回答|pass|skip|next)(?:吧|了|这题|这一题|此题)?)"
)
_NOTHING = re.compile(
    r"(?:暂时?|目前|现在|我|这边|真的|也|都|倒|就|那|嗯|哦){0,3}(?:(?:没有?|无)(?:了|啦|啊|呢|哦|的)?|没有?什么(?:了|的)?|没啥(?:了|的)?"
    r"|(?:没有?|无|没什么|没有什么|没啥)(?:别的|其他的?|其它的?|什么)?(?:意见|建议|问题|想法|要求|想问的|想说的|要问的|要说的|疑问|补充|需要|事)(?:了|啦|的|要问|要说)?"
    r"|不用了?|不需要了?|没事了?|不问了?|都会了?)"
)
_POLITE = re.compile(
    r"(?:好的?|嗯+|谢谢(?:你们?|您们?|关心|大家|师傅)*|多谢|感谢|非常感谢|辛苦(?:了|你们了)?|ok|收到|谢了|麻烦(?:了|你们了)|(?:了|啦|哈))"
)
_THANKS_AFTER = re.compile(r"(?<=.)(?:谢谢|多谢|感谢)(?:你们?|您们?|大家|关心)?(?:了|啦|啊)?$")
_READ = re.compile(
    r"(?:好|好的|好滴|嗯+|知道了?|收到|明白了?|了解了?|看了|已读|看完了|记住了?|ok|okay|谢谢.{0,3}|多谢|感谢|继续|下一[题个步])(?:了|啦|的|哈)?"
)

_YES = re.compile(r"是|是的|是啊|是呢|对|对的|对啊|恩|嗯+|嗯呢|确实|确实是|当然|没错|yes|y|肯定|必须")
_NO = re.compile(r"不|不是|不是的|否|不对|no|n|并没有?|并不|并不是")
_HAVE = re.compile(r"有|有的|有啊|有过|都有|有了")
_HAVE_NOT = re.compile(r"(?:还|暂时|从来|都|真|倒|并|完全)?没有?(?:的|过|啊|啦|呢|哦)?")
_GONE = re.compile(r"无|暂无|(?:都)?没有?了|未")
_WILLING = re.compile(
    r"好|好的|好啊|好呀|好滴|可以|可以的|可以啊|行|行的|行啊|成|同意|ok|okay|没问题|没有问题|需要|要|要的|愿意|想|想要"
)
_NODS = re.compile(r"好|好的|好啊|好呀|好滴|可以|可以的|可以啊|行啊|行|行的|成|同意|ok|okay")
_UNWILLING = re.compile(
    r"不用|不要|不需要|不必|不愿意?|不想|不会|不行|不可以|不同意|不了|不用了|不要了|不需要了|不必了"
)
_BEFORE = (
    r"(?:都|一切|全部|各方面|目前|现在|开着|开起来|车子?|很|非常|挺|感觉|跑起来|用着|用起来|蛮|比较|完全"
    r"|恢复|已经?|还是|仍然|依然|又|还|是|真的|说实话)*"
)
_WELL = re.compile(
    rf"{_BEFORE}(?:正常|好|好了|可以|行|没有?(?:发现|出现|遇到)?(?:什么|任何|啥|其他)?(?:大)?(?:问题|毛病|异常|异响|故障)|无异常|没事|顺手|顺畅|顺利|不错|满意|清楚|明白|解决|办妥"
    r"|搞定|修好|放心|ok)(?:了|的|啦|呢|啊|得很|着呢)*"
)
_ILL = re.compile(
    rf"{_BEFORE}(?:不(?:太|大|怎么|是很|是太|是)?(?:正常|好|满意|清楚|明白|顺手?|放心|舒服)|不行|(?:有|有点|有些|出|有小|有大|存在)(?:问题|毛病|异常|异响|故障)"
    r"|异常|坏|(?:没|没有|还没|未)(?:好|修好|解决|办妥|弄好|搞定|恢复|处理|弄清楚|讲清楚|明白))(?:了|的|啦|呢|啊)*"
)
_HEDGE = re.compile(
    r"但|可是|不过|然而|就是|只是|除了|偶尔|有时|可能|也许|大概|好像|似乎|一半|不一定|不确定|差不多|算是|基本|还好|还行|还可以|凑合|说不|吧$|如果|以前|之前|希望"
)
_TROUBLE_TOLD = re.compile(r"[不没别响漏抖坏差慢难贵]|故障|问题|异|灯亮|亮灯|熄火|味|修")
_ASKED_TROUBLE = re.compile(
    r"不正常|不满|不便|不适|不舒服"
    r"|(?:(?<!没)有|存在|出现|遇到|发现|什么|哪些).{0,8}(?:问题|异响|异常|故障|毛病|困难|漏|抖|噪音|疑问|麻烦|味)"
)
_ASKED_WELL = re.compile(
    r"正常|顺|好了?[吗没]|满意|解决|清楚|明白|办妥|搞定|修好|舒服|放心|合适|妥|没有?问题|及时|准时|干净|周到|到位|习惯"
)
_ASKED_HAVE = re.compile(r"(?<!没)有(?!点|些|时)")
_ASKED_DONE = re.compile(r"没有?[?？]|[了过]吗|[了过]没")
_ASKED_WILL = re.compile(
    r"需要|愿意|愿不愿|可以|可否|能否|能不能|要不要|想不想|想要|同意|方便|参加|希望|考虑|推荐"
)
_ASKED_END = r"(?:了|过|的地方)*(?:吗|么|没有?)?(?:[?？。]|$)"
_NEVER = re.compile(r"(?!)")
_DENIES = re.compile(r"(?:还|都|并|从来)?(?:没有|没|不|未)(?P<what>.*?)(?:了|过|的)?")
_LONGEST = 40
"""Characters: a yes that comes with a longer story is read by a person, not guessed from one of its words."""


def read_answer(question: Question, text: str) -> Answer | None:
    """The answer that `text` gives to `question`; None when it is not clear and must be asked again.

    A skip is an answer without anything in it, and none to a question that is `required`. The words stay with a chosen
    answer where they say more than it. `bad` is left for domain/bad_answers.py.
    """
    if not text.strip():
        return None
    if question.kind is QuestionKind.TEXT:
        passed = not question.required and (_all_are(text, _SKIP) or _says_nothing(text))
        return Answer(question.id) if passed else Answer(question.id, text=text.strip())
    if question.kind is QuestionKind.INFORMATION:
        return Answer(question.id) if _all_are(text, _READ) or _all_are(text, _SKIP) else None
    if (chosen := _chosen(question, text)) is not None:
        return chosen
    return Answer(question.id) if not question.required and _is_passed(question, text) else None


def label_of(question: Question, answer: Answer) -> str:
    """What the answer says, in full: 3分, 洗车、空调, 是, and the words besides; "" for a skip or media alone."""
    chosen = in_words(question, replace(answer, text=""))
    if chosen and question.kind is QuestionKind.RATING:
        chosen += "分"
    return "，".join(part for part in (chosen, answer.text.strip()) if part)


def _chosen(question: Question, text: str) -> Answer | None:
    match question.kind:
        case QuestionKind.RATING:
            rated = read_rating(text)
            return Answer(question.id, (rated[0],), rated[1]) if rated else None
        case QuestionKind.YES_NO:
            said = _yes_or_no(question, text)
            return Answer(question.id, (said,), _besides(text)) if said else None
        case QuestionKind.SINGLE | QuestionKind.MULTIPLE:
            found = read_options(question, text)
            return Answer(question.id, *found) if found else None
        case _:
            return None


def _is_passed(question: Question, text: str) -> bool:
    """Whether the words pass the question over; 没有 does so only where no photo comes."""
    return _all_are(text, _SKIP) or (question.kind is QuestionKind.PHOTO and _says_nothing(text))


def _yes_or_no(question: Question, text: str) -> str:
    """YES or NO when all that was said goes together; "" when it is not clear."""
    plain = plain_spelling(text)
    if len(plain) > _LONGEST or _HEDGE.search(plain) or re.search(r"\?|[吗么]$", plain):
        return ""
    clauses = _without_politeness(text)
    meant = {clause: _meant(question, clause) for clause in clauses}
    kinds = {said for said in meant.values() if said}
    if len(kinds) != 1:
        return ""
    code = kinds.pop()
    # 不正常，方向盘抖 goes together; 是的，方向盘抖 does not.
    if _good_answer(question) not in ("", code):
        return code
    troubled = any(
        not said and _TROUBLE_TOLD.search(clause) and not _HAVE_NOT.fullmatch(clause)
        for clause, said in meant.items()
    )
    return "" if troubled else code


def _meant(question: Question, clause: str) -> str:
    """What one part of the words means to this question: YES, NO, or "" for neither."""
    asked, good = question.text, _good_answer(question)
    bad = {YES: NO, NO: YES}.get(good, "")
    will = YES if _ASKED_WILL.search(asked) else ""
    # To 正常吗 somebody may answer 没有, and mean that there is no trouble.
    have = bool(_ASKED_HAVE.search(asked))
    readings = (
        (_YES, YES),
        (_NO, NO),
        (_HAVE, YES if have else ""),
        (_HAVE_NOT, NO if have or _ASKED_DONE.search(asked) else ""),
        (_GONE, NO if have else ""),
        (_UNWILLING if will else _NEVER, NO),
        (_WILLING if will else _NODS, "" if _asked_state(asked) else will),
        (_WELL if good else _NEVER, good),
        (_ILL if good else _NEVER, bad),
    )
    found = next((said for words, said in readings if words.fullmatch(clause)), None)
    return _echoed(asked, clause) if found is None else found


def _good_answer(question: Question) -> str:
    """Which answer says that all is well: the one that the sheet does not call bad, else by the words that ask.

    To 需要我们来电吗 the bad answer is a wish, and 正常 is none.
    """
    bad = question.bad_codes & {YES, NO}
    if len(bad) == 1 and not _ASKED_WILL.search(question.text):
        return NO if YES in bad else YES
    return _asked_state(question.text)


def _asked_state(asked: str) -> str:
    """The answer of somebody without trouble: NO to 有异响吗, YES to 正常吗, "" where neither is asked."""
    if _ASKED_TROUBLE.search(asked):
        return NO
    return YES if _ASKED_WELL.search(asked) else ""


def _echoed(asked: str, clause: str) -> str:
    """YES for the asked word said again (收到了吗: 收到了), NO for its denial (没收到).

    The word at the end of the question alone is asked: 还没开 says nothing to 开起来正常吗.
    """
    if (denied := _DENIES.fullmatch(clause)) and denied["what"]:
        return NO if re.search(re.escape(denied["what"]) + _ASKED_END, asked) else ""
    said = re.sub(r"[了过的]+$", "", clause)
    return YES if said and re.search(r"(?<![不没])" + re.escape(said) + _ASKED_END, asked) else ""


def _besides(text: str) -> str:
    """The words themselves where they say more than a mere yes or no."""
    return text.strip() if len(_without_politeness(text)) > 1 else ""


def _says_nothing(text: str) -> bool:
    """Whether there is nothing to tell in the words: 没有了，谢谢."""
    return _all_are(text, _NOTHING) or all(map(_POLITE.fullmatch, _clauses(text)))


def _all_are(text: str, wanted: re.Pattern[str]) -> bool:
    """Whether the words are nothing but `wanted`, and thanks."""
    clauses = _clauses(text)
    said = [clause for clause in clauses if wanted.fullmatch(clause)]
    return bool(said) and all(clause in said or _POLITE.fullmatch(clause) for clause in clauses)


def _without_politeness(text: str) -> tuple[str, ...]:
    """The parts of the words without thanks, unless there is nothing else."""
    clauses = _clauses(text)
    return tuple(clause for clause in clauses if not _POLITE.fullmatch(clause)) or clauses


def _clauses(text: str) -> tuple[str, ...]:
    parts = (part for mark in CLAUSE.findall(plain_spelling(text)) for part in mark.split())
    return tuple(bare for part in parts if (bare := _THANKS_AFTER.sub("", part)))
