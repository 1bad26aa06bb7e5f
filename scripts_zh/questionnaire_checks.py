"""What a questionnaire must be like beyond its form: conditions, piping, wording, nothing asked twice (F3, F6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from domain.piping import ANSWERS, EARLIER, KNOWN_FACTS, pipes, unpiped
from domain.questionnaires import NO, RATINGS, YES, Condition, Question, QuestionKind, Questionnaire
from scripts_zh.neutral_wording import begging
from scripts_zh.questionnaire_nodes import Fault

_WITH_OPTIONS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
_NEVER_BAD = (QuestionKind.INFORMATION, QuestionKind.PHOTO)
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,!?;:]|[,!?;][\u4e00-\u9fff]")
_UNSPOKEN = re.compile(r"[\W_]+")

Lines = Mapping[str, int]


def wording_faults(sheet: Questionnaire, lines: Lines) -> Iterator[Fault]:
    """What is wrong with the words of `sheet`, even of one that is not whole."""
    texts = [("title", sheet.title), ("opening", sheet.opening), ("closing", sheet.closing)]
    for place, question in enumerate(sheet.questions):
        texts.append((f"questions.{place}.text", question.text))
        for option in question.options:
            yield from _label(option.label, lines[f"questions.{place}.options"])
    for part, text in texts:
        if text:
            yield from _wording(text, lines[part])


def inner_faults(sheet: Questionnaire, lines: Lines, topics: Mapping[str, str] | None) -> Iterator[Fault]:
    """How the parts of `sheet` fit each other. `topics`: names of the routing's by code; None: they cannot be read."""
    if pipes(sheet.title):
        yield Fault(lines["title"], "title 里不能填入别的内容，请直接写文字。")
    yield from _piping(sheet.opening, lines["opening"], ())
    yield from _piping(sheet.closing, lines["closing"], sheet.questions)
    for place, question in enumerate(sheet.questions):
        here = f"questions.{place}"
        before = sheet.questions[:place]
        yield from _piping(question.text, lines[f"{here}.text"], before)
        yield from _fitting(question, here, lines, topics)
        condition = question.when
        if condition is not None and not condition.earlier:
            target = next((each for each in before if each.id == condition.question), None)
            known = [each.id for each in before if each.kind is not QuestionKind.INFORMATION]
            yield from _condition(condition, target, known, lines[f"{here}.when"])
    if all(question.kind is QuestionKind.INFORMATION for question in sheet.questions):
        yield Fault(lines["questions"], "整份问卷没有一道要回答的题，请至少加一题。")


def outer_faults(sheet: Questionnaire, lines: Lines, earlier: Questionnaire) -> Iterator[Fault]:
    """What is wrong with `sheet` as one that comes after the sheet `earlier` (F6)."""
    known = [each.id for each in earlier.questions if each.kind is not QuestionKind.INFORMATION]
    said = {_unspoken(each.text): each.id for each in earlier.questions}
    for part, text in (("opening", sheet.opening), ("closing", sheet.closing)):
        yield from _earlier_piping(text, lines[part], earlier)
    for place, question in enumerate(sheet.questions):
        here = f"questions.{place}"
        yield from _earlier_piping(question.text, lines[f"{here}.text"], earlier)
        condition = question.when
        if condition is not None and condition.earlier:
            yield from _condition(
                condition, earlier.question(condition.question), known, lines[f"{here}.when"]
            )
        elif question.kind is not QuestionKind.INFORMATION:
            cure = f"请加上 when，例如 when: {{question: earlier.{known[0] if known else 'overall'}, bad: true}}。"
            yield Fault(
                lines[here], f"题目 {question.id} 要看上一份问卷的回答再问（只问不满意或没答的），{cure}"
            )
        if earlier.question(question.id) is not None:
            yield Fault(
                lines[f"{here}.id"],
                f"题目代号「{question.id}」在问卷 {earlier.id} 里用过了，请换一个代号。",
            )
        if (repeated := said.get(_unspoken(question.text))) is not None:
            yield Fault(
                lines[f"{here}.text"],
                f"这句话和问卷 {earlier.id} 的题目 {repeated} 一样，不要重复问，请换个问法。",
            )


def lonely_faults(sheet: Questionnaire, lines: Lines) -> Iterator[Fault]:
    """Mentions of an earlier sheet in one that comes after none."""
    cure = "这份问卷没有写 after，请在 start 里写 after，或改掉这一处。"
    texts = [("opening", sheet.opening), ("closing", sheet.closing)]
    for place, question in enumerate(sheet.questions):
        texts.append((f"questions.{place}.text", question.text))
        if question.when is not None and question.when.earlier:
            yield Fault(lines[f"questions.{place}.when"], f"earlier.… 指上一份问卷，{cure}")
    for part, text in texts:
        if any(name.startswith(f"{EARLIER}.") for name in pipes(text)):
            yield Fault(lines[part], f"earlier.… 指上一份问卷，{cure}")


def _label(label: str, line: int) -> Iterator[Fault]:
    if "{" in label:
        yield Fault(line, f"选项「{label}」是按钮上的字，不能填入别的内容，请直接写文字。")
    else:
        yield from _wording(label, line)


def _wording(text: str, line: int) -> Iterator[Fault]:
    """Our own wording: 您, full width, no tags; nothing that begs for a score."""
    plain = unpiped(text)
    if "{" in plain or "}" in plain:
        forms = "{{ address }}、{{ answers.题目代号 }} 或 {{ earlier.题目代号 }}"
        yield Fault(line, f"大括号的写法不对，请写 {forms}，前后各两个大括号。")
    if re.search(r"</?[a-zA-Z]", plain):
        yield Fault(line, "这里不能用 <b> 这样的格式标记，请直接写文字。")
    if "你" in plain:
        yield Fault(line, "请用「您」称呼客户。")
    if found := _HALF_WIDTH.search(plain):
        yield Fault(line, f"中文里有半角标点「{found[0]}」，请换成全角。")
    if begged := begging(plain):
        yield Fault(line, f"「{begged}」有讨要或暗示分数的意思，请删掉，中性地问客户的真实感受。")


def _piping(text: str, line: int, before: Collection[Question]) -> Iterator[Fault]:
    """Only facts that are known, and answers to questions that came before."""
    known = [each.id for each in before if each.kind not in _NEVER_BAD]
    for name in pipes(text):
        group, _, wanted = name.partition(".")
        if group == EARLIER and wanted:
            continue
        if group == ANSWERS and wanted:
            if wanted not in known:
                places = "、".join(f"answers.{each}" for each in known)
                cure = f"可以写 {places}" if places else "它前面还没有可以引用的题，请删掉这一处"
                yield Fault(line, f"{{{{ {name} }}}} 引用的题目 {wanted} 前面没有，{cure}。")
        elif name not in KNOWN_FACTS:
            yield Fault(
                line,
                f"没有 {{{{ {name} }}}} 这个内容可填，可以写 {'、'.join(KNOWN_FACTS)}，或 answers.题目代号。",
            )


def _earlier_piping(text: str, line: int, earlier: Questionnaire) -> Iterator[Fault]:
    for name in pipes(text):
        group, _, wanted = name.partition(".")
        if group != EARLIER or not wanted:
            continue
        target = earlier.question(wanted)
        if target is None or target.kind in _NEVER_BAD:
            yield Fault(line, f"{{{{ {name} }}}} 引用的题目，问卷 {earlier.id} 里没有，请检查代号。")
        elif target.kind in _WITH_OPTIONS:
            yield Fault(
                line, f"{{{{ {name} }}}} 是选择题，不能引用，只能引用上一份问卷的文字、打分和是否题。"
            )


def _fitting(
    question: Question, here: str, lines: Lines, topics: Mapping[str, str] | None
) -> Iterator[Fault]:
    """Whether what is written fits the kind of question."""
    kind, about = question.kind, f"题目 {question.id}"
    if kind in _WITH_OPTIONS and not question.options:
        yield Fault(
            lines[here], f"{about} 是选择题，请写 options，例如 options: {{good: 很好, poor: 不太好}}。"
        )
    if kind not in _WITH_OPTIONS and question.options:
        yield Fault(
            lines[f"{here}.options"],
            f"{about} 不是选择题，请删去 options，或把 kind 改成 single 或 multiple。",
        )
    codes = _codes_of(question) if kind is not QuestionKind.RATING else ()
    for code in sorted(question.bad_codes - set(codes)):
        cure = (
            f"可以写 {'、'.join(codes)}"
            if codes
            else "打分题请写 bad_at_most"
            if kind is QuestionKind.RATING
            else "请删去"
        )
        yield Fault(lines[f"{here}.bad"], f"{about} 的 bad 里没有「{code}」这个回答，{cure}。")
    if codes and set(codes) <= question.bad_codes and kind is not QuestionKind.MULTIPLE:
        yield Fault(lines[f"{here}.bad"], f"{about} 的每个回答都算不满意，请至少留一个正常的。")
    if question.bad_at_most is not None and kind is not QuestionKind.RATING:
        yield Fault(lines[f"{here}.bad_at_most"], f"{about} 不是打分题，请删去 bad_at_most。")
    if question.asks_back and kind is not QuestionKind.TEXT:
        yield Fault(lines[f"{here}.asks_back"], f"{about} 不是 text，客户没法写问题，请删去 asks_back。")
    if question.required and kind is QuestionKind.INFORMATION:
        yield Fault(lines[f"{here}.required"], f"{about} 只给客户看，不用回答，请删去 required。")
    if question.topic and kind in _NEVER_BAD:
        yield Fault(lines[f"{here}.topic"], f"{about} 不会变成投诉，请删去 topic。")
    elif question.topic and topics is not None and question.topic not in topics:
        known = "、".join(f"{code}（{name}）" for code, name in topics.items())
        yield Fault(
            lines[f"{here}.topic"], f"routing.yaml 里没有话题「{question.topic}」，请从这些里选：{known}。"
        )


def _condition(
    condition: Condition, target: Question | None, known: Collection[str], line: int
) -> Iterator[Fault]:
    """Whether a condition can ever be met by its question, and not always."""
    prefix = f"{EARLIER}." if condition.earlier else ""
    wanted = f"{prefix}{condition.question}"
    if target is None or target.kind is QuestionKind.INFORMATION:
        places = "、".join(f"{prefix}{each}" for each in known)
        where = "上一份问卷里" if condition.earlier else "前面"
        cure = f"可以写 {places}" if places else "请删去 when"
        yield Fault(line, f"when 里的题目「{wanted}」{where}没有，{cure}。")
        return
    codes = _codes_of(target)
    for code in condition.codes:
        if code not in codes:
            cure = f"可以写 {'、'.join(codes)}" if codes else "请改用 answered: true"
            yield Fault(line, f"when 里的「{code}」不是 {wanted} 的回答，{cure}。")
    if condition.codes and set(codes) <= set(condition.codes):
        yield Fault(line, f"when 列出了 {wanted} 的全部回答，等于没有条件，请改用 answered: true。")
    by_number = condition.at_most is not None or condition.at_least is not None
    if by_number and target.kind is not QuestionKind.RATING:
        yield Fault(line, f"{wanted} 不是打分题，不能用 at_most 或 at_least，请改用 is 或 answered。")
    if condition.bad is not None and not _can_be_bad(target):
        yield Fault(line, f"{wanted} 没有不满意的回答，请先给它写 bad，或改用 is、answered。")


def _codes_of(question: Question) -> tuple[str, ...]:
    if question.kind is QuestionKind.RATING:
        return RATINGS
    if question.kind is QuestionKind.YES_NO:
        return YES, NO
    return tuple(option.code for option in question.options)


def _can_be_bad(question: Question) -> bool:
    return question.kind in (QuestionKind.RATING, QuestionKind.TEXT) or bool(question.bad_codes)


def _unspoken(text: str) -> str:
    """What is left of a text without what is not spoken, to see whether two say the same."""
    return _UNSPOKEN.sub("", text).lower()
