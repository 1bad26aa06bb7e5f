"""Neutral wording: questionnaires neither beg for a score, nor suggest, buy or threaten one.

What is read here are the store's own words. Asking for an answer, explaining a scale and thanking for a rating that
was given are all fine: each pattern is about what is asked of the customer.
"""

from __future__ import annotations

import re

from domain.spelling import plain_spelling

_BEST = (
    r"(?:五(?:颗|个)?星|5(?:颗|个)?星|满分|(?<!您)好评(?!价|估)|高分(?!贝|子|辨)|全优|[⭐🌟★]{3,}"
    r"|非常满意(?!.{0,2}(?:到|至|或|还是|、|,|/|~|-)))"
)
_SCORE = (
    rf"(?:{_BEST}|(?:5|五|10|100)分(?!钟|制|的|之|以|及|或|和|到|至|~|-)|十分(?=$|[,。!~]|吧|好|哦|呀|哟|啦))"
)
_EXPLAINED = r"(?!.{0,2}(?:表示|代表|为|是|指|即|=|:|\d|[一二三四五六七八九十]分|制))"
_FILLERS = r"(?:个|一个|一下|上|亮|我们?|咱们?|本店|小店|师傅|顾问|全|全部|都|\")*"
_PRESENT = r"(?:礼|红包|券|积分|现金|奖品|优惠|洗车|保养|机油)"
_GIVEN = rf"(?:送|赠|(?<!觉)得|领|返|换|奖|兑|享)[^。!?\n]{{0,6}}{_PRESENT}"
_HARM = r"(?:考核|工资|奖金|绩效|收入|饭碗|罚款|扣钱|扣分)"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # 请给五星, 希望得到您的好评, 求满分
        rf"(?:请|麻烦|恳请|希望|期待|拜托|帮忙|辛苦|务必|记得|盼|欢迎|劳驾|劳烦)[^。!?\n,、;:()]{{0,10}}{_BEST}{_EXPLAINED}",
        rf"(?:求|跪求)(?:个|一个|您的?)?{_SCORE}",
        # 打个满分, 全打5分, 给我们10分
        rf"(?:打|评|给|选|点|填|赏){_FILLERS}{_SCORE}{_EXPLAINED}",
        r"(?:全|都)(?:部|是|打|给|选|点)*(?:5|五|满|10|十)分(?!钟|制)|最高分(?!是|为|\d)",
        rf"(?:五|5)星好评|满分好评|默认{_SCORE}|(?:来|送)(?:个|一个|上)?(?:五星|5星|好评|满分)",
        rf"{_BEST}(?:(?:就?是)[^。!?\n]{{0,8}}(?:动力|鼓励|肯定|支持)|(?:哦|呗|哟|啦|吧)(?=[,。!~]|$))",
        # do not give a low one; come to us first instead
        r"(?:不要|别|勿|莫|千万不)[^。!?\n,]{0,6}(?:打|给|评|选|写|留|点)[^。!?\n,]{0,4}(?:低分|差评|中评|不满意|[123]分|[一二三]分)",
        r"(?:先|请)?(?:不要|别|勿)(?:急着|着急|忙着)?(?:评价|评分|打分|填(?:写|问卷))",
        r"(?:打分|评价|评分|填写?|打低分|差评)之?前[^。!?\n]{0,8}(?:联系|找|告诉|打电话)",
        r"手下留情|高抬贵手|(?:给|打)[^。!?\n,]{0,4}(?:差评|低分)[^。!?\n]{0,4}前",
        # presents and threats
        rf"{_SCORE}[^。!?\n]{{0,10}}{_GIVEN}",
        rf"{_GIVEN}[^。!?\n]{{0,8}}(?:打|给|评|需|要|凭|靠)[^。!?\n]{{0,4}}{_SCORE}",
        rf"(?:打分|评分|评价|分数|得分|低分|差评|不满意|低于[45]分)[^。!?\n]{{0,12}}(?<!不)(?<!不会)(?:影响|关系到?|关乎|决定)[^。!?\n]{{0,8}}{_HARM}",
        r"(?:低分|差评|不满意|低于[45]分)[^。!?\n]{0,10}(?:扣|罚)",
        # the answer put into the customer's mouth
        r"您[^。!?\n,]{0,8}(?:一定|肯定|应该|想必)(?![^。!?\n,]{0,12}[让使给令为努尽怎哪么才])[^。!?\n,]{0,12}(?:满意|不错|喜欢)",
        r"(?:想必|相信|料想)您[^。!?\n,]{0,10}(?:满意|好评|高分|满分)",
        rf"(?:建议|推荐|可以直接|直接)(?:您)?(?:选|打|给|点){_FILLERS}(?:{_SCORE}|满意)",
    )
)
_HUMBLE = re.compile(
    r"(?:不|无需|并非|不是为了?)(?:求|要求|强求|必|用|需要?|是要|图|追求)[^。!?\n,]{0,6}$|(?:有没有|有无|是否|曾经)[^。!?\n]*$"
)
"""What comes right before: nobody is asked for a good score, or it is asked whether a colleague did."""


def begging(text: str) -> str:
    """The words of `text` that beg for a score, as they read in plain spelling; "" where none do."""
    plain = re.sub(r"[ \t「」『』“”\"'*]", "", plain_spelling(text))
    for pattern in _PATTERNS:
        for found in pattern.finditer(plain):
            before = plain[: found.start()]
            if not _HUMBLE.search(before) and not _HUMBLE.search(before + found[0][:2]):
                return found[0]
    return ""
