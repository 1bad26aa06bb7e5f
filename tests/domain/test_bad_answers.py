"""F5: which answers start a complaint."""

from __future__ import annotations

import pytest

from domain.bad_answers import is_bad, wants_contact
from domain.follow_ups import FollowUpFigures
from domain.questionnaires import NO, RATINGS, YES, Answer, Option, Question, QuestionKind
from tests.domain.sheet_questions import ALL, RATING, RUNS_WELL, WORDS

FIGURES = FollowUpFigures()

COMPLAINING = """
    我要投诉
    叫你们店长给我回电话
    空调还是不制冷
    刹车还是有异响，没修好
    没有修好
    等了太久，没人接待
    等太久了
    服务态度很差
    前台态度不好
    太贵了
    你们乱收费
    很失望
    垃圾
    差劲
    再也不会来了
    下次不来了
    气死我了
    骗子
    不满意
    不是很满意
    白花了八百块钱
    越修越坏
    太慢
    要求退款
    没问题才怪，又漏油了
    没有一次修好过，太差了
    請聯繫我？不，我要投訴
    请联系我
    麻烦给我回个电话
    给我回电话
    让你们经理联系我
    希望有人跟我联系
    能不能打电话给我
    前台都很好，就是车没修好
    以前都很好，这次太差了
    这次前台很好，但车没修好
    问题解决了，态度太差
    洗车没洗干净
    刹车还响
    前台爱答不理
    师傅把我的车刮花了
    承诺的没兑现
    被你们坑了
    从没见过这么差的服务
    没有比这更差的了
    灯又亮了
    修了三次了
"""

CONTENT = """
    没有不满意
    没有什么不满意的
    没有任何不满
    没什么不满意
    不是不满意
    没有意见
    没意见
    没有投诉
    不是投诉
    不投诉
    没有要投诉的
    没有失望
    没有乱收费
    不太贵
    不贵
    不慢
    态度不差
    没有敷衍
    没让我失望
    都很满意
    满意
    师傅很负责
    比别家好，别家太坑了
    外面的修理厂太差，你们很好
    之前有点生气，现在已经解决了
    不用联系我
    不要给我打电话
    别打电话给我
    不需要联系我，谢谢
    师傅昨天给我打电话了，很负责
    已经有人联系我了
    有问题我再联系你们
    谢谢你们打电话关心
    下次保养是什么时候
    建议多放几把椅子
    建议
    垃圾桶放哪里了
    差不多
    服务质量不比别家差
    车子很好，没有漏油
    电瓶换得很快
    没有遇到什么问题
    等太久的问题这次改善了
    上次等太久，这次很快
    异响没有了
    没有异响，很好
    原来漏油的地方修好了，不漏了
    服务周到，没有等很久
    不用等太久，很快
    有什么不满意的会联系你们
    不满意的话会告诉你们
    良心店，不坑人
    没被坑
    从没见过这么好的服务
    什么时候可以联系我取车
    不会投诉你们的
"""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("typed", _lines(COMPLAINING))
def test_f5_words_that_complain_ask_for_amends(typed: str) -> None:
    assert is_bad(WORDS, Answer("words", text=typed), FIGURES)


@pytest.mark.parametrize("typed", _lines(CONTENT))
def test_f5_contented_words_ask_for_none(typed: str) -> None:
    assert not is_bad(WORDS, Answer("words", text=typed), FIGURES)


@pytest.mark.parametrize("rating", RATINGS)
def test_f5_a_rating_up_to_the_figure_is_bad(rating: str) -> None:
    answer = Answer("overall", (rating,))
    assert is_bad(RATING, answer, FIGURES) == (int(rating) <= 3)
    stricter = Question("overall", QuestionKind.RATING, "？", bad_at_most=4)
    assert is_bad(stricter, answer, FIGURES) == (int(rating) <= 4)
    never = Question("overall", QuestionKind.RATING, "？", bad_at_most=0)
    assert not is_bad(never, answer, FIGURES)
    assert is_bad(RATING, answer, FollowUpFigures(bad_at_most=1)) == (rating == "1")


def test_f5_a_bad_code_is_bad_and_a_code_that_looks_like_a_rating_is_none() -> None:
    assert is_bad(RUNS_WELL, Answer("runs_well", (NO,)), FIGURES)
    assert not is_bad(RUNS_WELL, Answer("runs_well", (YES,)), FIGURES)
    numbered = Question("n", QuestionKind.SINGLE, "？", (Option("1", "A"), Option("2", "B")))
    assert not is_bad(numbered, Answer("n", ("1",)), FIGURES)


def test_f5_beside_a_good_rating_only_strong_words_are_bad() -> None:
    assert not is_bad(RATING, Answer("overall", ("4",), "稍微贵了点，太慢"), FIGURES)
    assert is_bad(RATING, Answer("overall", ("4",), "给我回电话"), FIGURES)
    assert is_bad(RATING, Answer("overall", ("5",), "我要投诉前台"), FIGURES)
    assert not is_bad(RATING, Answer("overall", ("5",)), FIGURES)


def test_f5_a_skip_is_never_bad() -> None:
    for question in ALL:
        assert not is_bad(question, Answer(question.id), FIGURES)


def test_f5_a_wish_for_contact_is_told_from_a_call_that_was_made() -> None:
    assert wants_contact("方便的话请联系我")
    assert not wants_contact("你们昨天已经联系我了")
