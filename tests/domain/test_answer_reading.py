"""F3, F5: typed answers are read as a person would, and what is not clear is asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answer_reading import label_of, read_answer
from domain.bad_answers import is_bad
from domain.follow_ups import FollowUpFigures
from domain.questionnaires import NO, RATINGS, YES, Answer, Question, QuestionKind
from tests.domain.sheet_questions import (
    ADVICE,
    AGE,
    ALL,
    CALL_ME,
    DISLIKED,
    EXPLAINED,
    FIXED_NOW,
    GOT_IT,
    NOISE,
    PHOTO,
    RATING,
    RUNS_WELL,
    SOLVED,
    WISHES,
    WORDS,
    WORST,
)

FIGURES = FollowUpFigures()
Read = tuple[str, str | None]

RATINGS_TYPED: tuple[tuple[str, Read | None], ...] = (
    ("5", ("5", "")),
    ("５", ("5", "")),
    ("五分", ("5", "")),
    ("4星", ("4", "")),
    ("5分 好评", ("5", "好评")),
    ("2分 没修好", ("2", "没修好")),
    ("4分吧，还可以", ("4", "还可以")),
    ("一星差评", ("1", "差评")),
    ("五颗星", ("5", "")),
    ("打3分", ("3", "")),
    ("我给4分吧", ("4", "")),
    ("５分！", ("5", "")),
    (" 4 分 ", ("4", "")),
    ("4/5", ("4", "")),
    ("⑤", ("5", "")),
    ("5️⃣", ("5", "")),
    ("⭐⭐⭐⭐", ("4", "")),
    ("五星好评", ("5", "好评")),
    ("整体5分", ("5", "")),
    ("四", ("4", "")),
    ("两分", ("2", "")),
    ("3分，等太久了", ("3", "等太久了")),
    ("3，等太久了", ("3", "等太久了")),
    ("3 等太久了", ("3", "等太久了")),
    ("等太久了，3分", ("3", "等太久了")),
    ("打3分因为等太久了", ("3", "因为等太久了")),
    ("等了2小时，3分", ("3", "等了2小时")),
    ("等了5分钟，4分", ("4", "等了5分钟")),
    ("5分，非常满意", ("5", "非常满意")),
    ("１分，师傅没修好，ＡＢＣ", ("1", "师傅没修好，ＡＢＣ")),
    ("非常满意", ("5", "")),
    ("很满意！", ("5", "")),
    ("非常滿意", ("5", "")),
    ("十分满意", ("5", "")),
    ("满分", ("5", "")),
    ("满意", ("4", "")),
    ("挺满意的", ("4", "")),
    ("不错", ("4", "")),
    ("服务不错", ("4", "服务不错")),
    ("一般", ("3", "")),
    ("还行吧", ("3", "")),
    ("马马虎虎", ("3", "")),
    ("不满意", ("2", "")),
    ("不太满意", ("2", "")),
    ("有点失望", ("2", "")),
    ("很差", ("1", "")),
    ("太差了", ("1", "")),
    ("十分不满意", ("1", "")),
    ("非常不满意", ("1", "")),
    ("差评", ("1", "")),
    ("你们的服务很差", ("1", "你们的服务很差")),
    # traps: each of them holds a rating's sign or word, and says none, or two
    ("10分", None),
    ("10", None),
    ("55", None),
    ("0", None),
    ("6", None),
    ("十分", None),
    ("5，5，5", None),
    ("5分 不给", None),
    ("没到5分", None),
    ("1-5", None),
    ("以前都好，这次不满意，2分还是1分", None),
    ("3.5分", None),
    ("4.5", None),
    ("5分钟", None),
    ("5分钟就好", None),
    ("5:30", None),
    ("3点", None),
    ("3号", None),
    ("3天了", None),
    ("3 天了还没修好", None),
    ("3次都没修好", None),
    ("3Q", None),
    ("一分钱一分货", None),
    ("五分之三", None),
    ("三四分", None),
    ("3-4分", None),
    ("3到4分", None),
    ("3、4分", None),
    ("技术5分，态度2分", None),
    ("原来5分，现在3分", None),
    ("给不了5分", None),
    ("不值5分", None),
    ("不是5分", None),
    ("5分是不可能的", None),
    ("5分？做梦", None),
    ("5分？", None),
    ("扣1分", None),
    ("如果没等那么久就给5分", None),
    ("本来想给5分，等太久", None),
    ("前台5分", None),
    ("三分满意七分不满", None),
    ("5分，不满意", None),
    ("1分，很满意", None),
    ("5星酒店", None),
    ("至少4分", None),
    ("13800138000", None),
    ("没有不满意", None),
    ("不是不满意", None),
    ("谈不上满意", None),
    ("满意吗", None),
    ("满意才怪", None),
    ("满意个鬼", None),
    ("呵呵，很满意", None),
    ("以前很满意，这次一般", None),
    ("服务满意，价格不满意", None),
    ("挺好的，但是空调没修好", None),
    ("希望下次满意", None),
    ("不好说", None),
    ("不太差", None),
    ("好的", None),
    ("没有", None),
    ("随便", None),
    ("师傅好像是新来的", None),
    ("差一点就满意了", None),
)


@pytest.mark.parametrize(("typed", "read"), RATINGS_TYPED)
def test_f3_a_typed_rating(typed: str, read: Read | None) -> None:
    answer = read_answer(RATING, typed)
    assert (answer and (answer.codes, answer.text)) == (read and ((read[0],), read[1]))


def test_f5_not_very_satisfied_is_no_good_rating() -> None:
    for typed in ("不是很满意", "不怎么满意", "不是太满意"):
        answer = read_answer(RATING, typed)
        assert answer is not None
        assert answer.rating == 2
        assert is_bad(RATING, answer, FIGURES)


YES_OR_NO_TYPED: tuple[tuple[Question, str, str | None], ...] = (
    (RUNS_WELL, "是", YES),
    (RUNS_WELL, "是的，谢谢", YES),
    (RUNS_WELL, "对", YES),
    (RUNS_WELL, "正常", YES),
    (RUNS_WELL, "都正常", YES),
    (RUNS_WELL, "一切正常，谢谢关心", YES),
    (RUNS_WELL, "都好", YES),
    (RUNS_WELL, "没有发现异常", YES),
    (RUNS_WELL, "有点异响", NO),
    (RUNS_WELL, "不正常，方向盘抖", NO),
    (NOISE, "有，过减速带响", YES),
    (RUNS_WELL, "没问题", YES),
    (RUNS_WELL, "没有，一切正常", YES),
    (RUNS_WELL, "没有任何问题", YES),
    (RUNS_WELL, "Ｙ", YES),
    (RUNS_WELL, "不是", NO),
    (RUNS_WELL, "不正常", NO),
    (RUNS_WELL, "不太正常", NO),
    (RUNS_WELL, "不是很正常", NO),
    (RUNS_WELL, "有问题", NO),
    (RUNS_WELL, "还是有问题", NO),
    (RUNS_WELL, "没修好", NO),
    (RUNS_WELL, "不", NO),
    (FIXED_NOW, "没有", NO),
    (FIXED_NOW, "还没", NO),
    (FIXED_NOW, "恢复正常了", YES),
    (FIXED_NOW, "好了", YES),
    (NOISE, "没有", NO),
    (NOISE, "没有了", NO),
    (NOISE, "有", YES),
    (NOISE, "有的", YES),
    (NOISE, "没有异响", NO),
    (NOISE, "有异响", YES),
    (NOISE, "正常了", NO),
    (NOISE, "没问题", NO),
    (NOISE, "不响了", NO),
    (NOISE, "没有，谢谢师傅", NO),
    (NOISE, "不正常", YES),
    (DISLIKED, "没有", NO),
    (DISLIKED, "没有不满意", NO),
    (DISLIKED, "都很满意", NO),
    (DISLIKED, "不满意", YES),
    (CALL_ME, "好的", YES),
    (CALL_ME, "需要", YES),
    (CALL_ME, "可以", YES),
    (CALL_ME, "不用", NO),
    (CALL_ME, "不用了谢谢", NO),
    (CALL_ME, "不需要", NO),
    (GOT_IT, "收到了", YES),
    (GOT_IT, "没收到", NO),
    (GOT_IT, "还没收到", NO),
    # traps
    (RUNS_WELL, "没有", None),
    (RUNS_WELL, "没", None),
    (RUNS_WELL, "有", None),
    (RUNS_WELL, "还没开", None),
    (RUNS_WELL, "没开过", None),
    (RUNS_WELL, "没了", None),
    (FIXED_NOW, "没了", None),
    (FIXED_NOW, "有", None),
    (FIXED_NOW, "不用", None),
    (NOISE, "可以", None),
    (RUNS_WELL, "好的", None),
    (RUNS_WELL, "正常吗", None),
    (RUNS_WELL, "不是不正常", None),
    (RUNS_WELL, "没有不正常", None),
    (RUNS_WELL, "正常，但是有异响", None),
    (RUNS_WELL, "正常，就是油耗高", None),
    (RUNS_WELL, "是的，有异响", None),
    (RUNS_WELL, "是的，方向盘抖", None),
    (NOISE, "没有，就是方向盘抖", None),
    (RUNS_WELL, "基本正常", None),
    (RUNS_WELL, "有时正常有时不正常", None),
    (RUNS_WELL, "以前正常", None),
    (RUNS_WELL, "还行", None),
    (RUNS_WELL, "不知道", None),
    (RUNS_WELL, "1", None),
    (RUNS_WELL, "正常个屁", None),
    (FIXED_NOW, "没有，都正常了", None),
    (NOISE, "好的", None),
    (NOISE, "好像有", None),
    (CALL_ME, "有", None),
    (replace(CALL_ME, text="有问题需要我们联系您吗？"), "没问题", None),
    (CALL_ME, "正常", None),
    (GOT_IT, "还行", None),
)


@pytest.mark.parametrize(("question", "typed", "code"), YES_OR_NO_TYPED)
def test_f3_a_typed_yes_or_no(question: Question, typed: str, code: str | None) -> None:
    answer = read_answer(question, typed)
    assert (answer.codes if answer else None) == ((code,) if code else None)


CHOICES_TYPED: tuple[tuple[Question, str, str | None], ...] = (
    (WORST, "1", "price"),
    (WORST, "２", "wait"),
    (WORST, "第三个", "quality"),
    (WORST, "选2", "wait"),
    (WORST, "价格", "price"),
    (WORST, "我觉得是价格吧", "price"),
    (WORST, "等待", "wait"),
    (WORST, "质量", "quality"),
    (WORST, "都没有", "none"),
    (WORST, "没有", "none"),
    (WORST, "价格，太贵了", "price"),
    (SOLVED, "解决", "solved"),
    (SOLVED, "还没解决", "not_yet"),
    (SOLVED, "没解决", "not_yet"),
    (EXPLAINED, "清楚", "clear"),
    (EXPLAINED, "没记住", "some"),
    (AGE, "3年以上", "old"),
    (AGE, "2", "some"),
    (AGE, "1年以内", "new"),
    (WISHES, "1 3", "wash tyres"),
    (WISHES, "1、3", "wash tyres"),
    (WISHES, "３，１", "wash tyres"),
    (WISHES, "1和2", "wash cooling"),
    (WISHES, "洗车和空调", "wash cooling"),
    (WISHES, "空调清洗、洗车服务", "wash cooling"),
    (WISHES, "洗车", "wash"),
    (WISHES, "全部", "wash cooling tyres"),
    (WISHES, "都要", "wash cooling tyres"),
    (WISHES, "没有", ""),
    # traps
    (WORST, "9", None),
    (WORST, "0", None),
    (WORST, "2天", None),
    (WORST, "2个小时", None),
    (WORST, "不是价格", None),
    (WORST, "除了价格", None),
    (WORST, "价格没问题", None),
    (WORST, "价格还是质量", None),
    (WORST, "价格和质量", None),
    (WORST, "价格吗？", None),
    (WORST, "1和2", None),
    (WORST, "间", None),
    (WORST, "。", None),
    (SOLVED, "不是已经解决", None),
    (SOLVED, "没有", None),
    (EXPLAINED, "基本", None),
    (EXPLAINED, "记住", None),
    (EXPLAINED, "没有", None),
    (AGE, "3", None),
    (AGE, "1", None),
    (WISHES, "13", None),
    (WISHES, "1-3", None),
    (WISHES, "1、9", None),
    (WISHES, "1个轮胎", None),
    (WISHES, "除了洗车都要", None),
    (WISHES, "洗车不要，空调要", None),
    (WISHES, "不要1", None),
    (WISHES, "洗车或者空调", None),
    (WISHES, "有洗车优惠吗", None),
    (WISHES, "什么", None),
)


@pytest.mark.parametrize(("question", "typed", "codes"), CHOICES_TYPED)
def test_f3_typed_options(question: Question, typed: str, codes: str | None) -> None:
    answer = read_answer(question, typed)
    assert (answer.codes if answer else None) == (None if codes is None else tuple(codes.split()))


@pytest.mark.parametrize(
    ("question", "typed", "codes", "text"),
    [
        (WORST, "价格", ("price",), ""),
        (WORST, "价格，太贵了", ("price",), "价格，太贵了"),
        (WISHES, "1、3，谢谢", ("wash", "tyres"), ""),
        (WISHES, "洗车，顺便打个蜡", ("wash",), "洗车，顺便打个蜡"),
        (RUNS_WELL, "正常", (YES,), ""),
        (RUNS_WELL, "正常，师傅手艺高", (YES,), "正常，师傅手艺高"),
    ],
)
def test_f3_words_besides_the_answer_are_kept(
    question: Question, typed: str, codes: tuple[str, ...], text: str
) -> None:
    assert read_answer(question, typed) == Answer(question.id, codes, text)


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        (RATING, "跳过"),
        (RATING, "不想评价"),
        (RUNS_WELL, "跳过这题"),
        (WORST, "下一题"),
        (WISHES, "都不要"),
        (WORDS, "没有"),
        (WORDS, "无"),
        (WORDS, "没了，谢谢"),
        (WORDS, "没有了谢谢"),
        (WORDS, "暂时没有意见"),
        (WORDS, "没什么问题"),
        (WORDS, "谢谢！"),
        (PHOTO, "跳过"),
        (PHOTO, "没有"),
        (ADVICE, "好的，谢谢"),
        (ADVICE, "知道了"),
    ],
)
def test_f3_a_question_is_passed_over_in_words(question: Question, typed: str) -> None:
    assert read_answer(question, typed) == Answer(question.id)


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        (WORDS, "没有修好"),
        (WORDS, "没有不满意"),
        (WORDS, "没有，都挺好的"),
        (WORDS, "下次什么时候保养"),
        (WORDS, "无语"),
        (WORDS, "不错"),
        (WORDS, "3"),
        (WORDS, "没问题就好，就是空调有味"),
        (WORDS, "过几天再来"),
    ],
)
def test_f3_words_that_only_begin_like_nothing_are_kept(question: Question, typed: str) -> None:
    assert read_answer(question, f" {typed} ") == Answer(question.id, text=typed)


@pytest.mark.parametrize("typed", ["跳过", "没有", "不想说", "下一题"])
def test_f3_what_is_required_is_not_passed_over(typed: str) -> None:
    for kind in (QuestionKind.RATING, QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.PHOTO):
        question = Question(
            "q", kind, "？", WISHES.options if kind is QuestionKind.MULTIPLE else (), required=True
        )
        assert read_answer(question, typed) is None
    words = Question("q", QuestionKind.TEXT, "还有什么想说的？", required=True)
    assert read_answer(words, typed) == Answer("q", text=typed)


@pytest.mark.parametrize(
    ("question", "typed"), [(PHOTO, "等一下我去拍"), (ADVICE, "雨天怎么开"), (WORDS, "  "), (RATING, "")]
)
def test_f3_what_is_no_answer_is_asked_again(question: Question, typed: str) -> None:
    assert read_answer(question, typed) is None


@pytest.mark.parametrize(
    ("question", "answer", "label"),
    [
        (RATING, Answer("overall", ("3",)), "3分"),
        (RATING, Answer("overall", ("3",), "等太久了"), "3分，等太久了"),
        (WISHES, Answer("wishes", ("wash", "cooling")), "洗车服务、空调清洗"),
        (WISHES, Answer("wishes", ("wash", "gone")), "洗车服务、gone"),
        (RUNS_WELL, Answer("runs_well", (NO,)), "否"),
        (WORDS, Answer("words", text="很好 " * 60), ("很好 " * 60).strip()),
        (WORDS, Answer("words"), ""),
        (PHOTO, Answer("photo", media=(("photo", "F1"),)), ""),
    ],
)
def test_f3_what_an_answer_says_in_words(question: Question, answer: Answer, label: str) -> None:
    assert label_of(question, answer) == label


PIECES = (
    *"不没是很分星5５三十，。？、吗和13İ\n",
    *("没有", "满意", "非常", "价格", "洗车", "正常", "有", "异响", "但是", "投诉", "电话"),
)
typed_words = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@given(question=st.sampled_from(ALL), typed=typed_words)
def test_f3_any_words_give_a_possible_answer_or_none(question: Question, typed: str) -> None:
    answer = read_answer(question, typed)
    if answer is None:
        return
    assert answer.question == question.id
    assert not answer.bad
    possible = {
        QuestionKind.RATING: set(RATINGS),
        QuestionKind.YES_NO: {YES, NO},
    }.get(question.kind, {option.code for option in question.options})
    assert set(answer.codes) <= possible
    assert len(answer.codes) <= (len(possible) if question.kind is QuestionKind.MULTIPLE else 1)
    assert is_bad(question, answer, FIGURES) in (True, False)
    label_of(question, answer)


@given(
    words=st.sampled_from([typed for typed, read in RATINGS_TYPED if read]),
    gap=st.sampled_from([" ", "\n", "\u3000"]),
)
def test_f3_space_around_an_answer_means_nothing(words: str, gap: str) -> None:
    assert read_answer(RATING, f"{gap}{words}{gap}") == read_answer(RATING, words)


def test_f3_a_very_long_text_is_read_at_once() -> None:
    """As long as a message can be; slow patterns would take minutes here."""
    for piece in ("我", "不", "没有", "就", "很", "5", " ", "满意", "请", "电话给我", "车", "第", "分，"):
        for question in ALL:
            answer = read_answer(question, piece * (4000 // len(piece)))
            if answer is not None:
                is_bad(question, answer, FIGURES)
