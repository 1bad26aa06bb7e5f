"""What in a sheet's free words is a question for an advisor, and what is only an opinion (F5, Q2)."""

from __future__ import annotations

import pytest

from domain.customer_questions import is_question


@pytest.mark.parametrize(
    "text",
    [
        "下次保养是什么时候",
        "多久换一次机油？",
        "雨刮有异响正常吗",
        "胎压灯亮了还能开不?",
        "想了解一下延保",
        "请问周末上班吗",
        "刹车片还能用多久",
        "变速箱油要不要换",
        "麻烦帮我查一下保险什么时候到期",
        "能不能上门取车",
        "不知道后备箱的备胎气够不够",
        "请尽快回复我上次问的事",
        "让师傅给我讲讲这个灯",
        "都挺好的，就是想问下年检怎么弄",
        "有没有活动",
        "机油型号",
        "年检那个流程",
        "洗车可以再干净一点",
        "有年卡么",
        "几号可以去取行驶证",
    ],
)
def test_f5_what_asks_something(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "都挺好的",
        "没什么要说的，都满意",
        "师傅很专业，辛苦了",
        "没啥问题",
        "哪里都挺好",
        "服务态度很好，继续保持",
        "休息室的咖啡不错",
        "价格再优惠点就更好了",
        "希望越做越好",
        "无",
        "没有意见",
        "服务这么好，给个赞",
        "来了好几次，每次都满意",
        "挺好的嘛",
        "",
        " ",
    ],
)
def test_f5_what_is_only_an_opinion(text: str) -> None:
    assert not is_question(text)
