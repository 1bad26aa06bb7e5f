"""Questionnaires ask neutrally: those that beg for, suggest, buy or threaten about a score are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts_zh.neutral_wording import begging
from scripts_zh.questionnaires import questionnaires

BEGGING = (
    "请给五星",
    "您的五星好评是我们最大的动力",
    "亲，五星哦",
    "点亮五颗星",
    "您的好评就是对我们的肯定",
    "请给我们五星好评",
    "满意请打10分",
    "麻烦您给个好评",
    "麻烦您全打5分",
    "全5分",
    "全部给满分就好",
    "请打满分",
    "希望能得到您的好评",
    "期待您的五星！",
    "给个好评吧",
    "求好评",
    "求个五星",
    "帮忙打个满分呗",
    "请您选择「非常满意」",
    "请选非常满意",
    "给我们五颗星",
    "给师傅★★★★★",
    "请给 五 星",
    "请給五星好評",
    "打十分哦",
    "如果不满意请先联系我不要打低分",
    "如果不满意请先联系我，不要打低分",
    "有意见请先找我们，千万别给差评",
    "请不要打3分以下",
    "别急着评价，先联系我",
    "打分前请先联系我们",
    "打五星送洗车券",
    "好评返现金红包",
    "给满分可得100积分",
    "送机油一桶，凭5星好评领取",
    "低分会影响师傅的工资",
    "低于5分要扣师傅的钱",
    "您的评价直接关系到我的奖金",
    "您一定很满意吧？",
    "您对我们的服务应该都很满意吧？",
    "相信您对服务非常满意",
    "建议您选5分",
    "还请高抬贵手",
    "默认5分",
    "欢迎给五星",
    "来个好评",
    "请给最高分",
    "打5分哦亲",
    "请您打５分",
    "不满意的话先别打分，告诉我",
)
NEUTRAL = (
    "这次到店，您的整体感受怎么样？（1 分很不满意，5 分非常满意）",
    "请打分：5分非常满意，1分很不满意",
    "请打 1 到 5 分，5 分最好",
    "满分是5分，您打几分？",
    "请按满分5分打分",
    "请为这次服务打分（满分10分）",
    "给5分代表非常满意",
    "打5分表示很好，打1分表示很差",
    "您给了{{ answers.overall }}分，最主要的原因是什么？",
    "您上次给5分的项目还满意吗？",
    "占用您5分钟",
    "给我们5分钟时间",
    "给您十分周到的服务",
    "一定给您满意答复",
    "我们一定努力让您满意",
    "感谢您的信任，一定给您满意答复",
    "如果不满意，请先告诉我们哪里不好，我们马上改",
    "不满意可以直接联系顾问",
    "如有不满意，请联系我们",
    "请您评价一下",
    "您好 评价一下这次服务",
    "您好，评价一下这次服务吧",
    "填完问卷送洗车券一张",
    "不求好评，只想听真话",
    "我们不要求五星，说实话最好",
    "不用给好评，说真话就行",
    "打几分都可以，不会影响任何人的考核",
    "您的评价不影响师傅的绩效",
    "5分非常满意，送车上门服务您打几分？",
    "满分5分，您对积分商城的评价是？",
    "接送车服务您打几分？",
    "请选择非常满意、满意、一般或不满意",
    "请选择从非常满意到很不满意",
    "非常满意",
    "很不满意",
    "非常感谢合作！",
    "感谢您的好评！",
    "谢谢您上次的好评",
    "给您的爱车做了四轮定位，满意吗？",
    "您满意吗？",
    "您觉得应该怎样改进才满意？",
    "您的爱车我们一定尽力让您满意",
    "您对交车时间满意吗？",
    "哪些地方让您不满意？",
    "等了10分钟以上吗？",
    "请问等了五分钟还是十分钟？",
    "星海店",
    "请给我们提提意见",
    "打低分也没关系，我们想知道哪里没做好",
    "如果您不满意，我们会马上处理，不用担心打低分",
    "请给出您的真实分数",
    "1分到5分，您给几分？",
    "希望您用车满意",
    "请您为维修质量打分，5 分最高",
    "祝您五一假期愉快，平安到家",
    "您觉得得到优惠券的方式方便吗？",
    "您觉得五星级酒店的服务怎么样？",
    "最高分是5分",
    "请问车间的高分贝噪音影响您休息了吗？",
    "前台有没有请您填写好评？",
    "同事有没有要求您给好评？",
)


@pytest.mark.parametrize("text", BEGGING)
def test_what_begs_for_a_score_is_found(text: str) -> None:
    assert begging(text), text


@pytest.mark.parametrize("text", NEUTRAL)
def test_asking_explaining_and_thanking_are_fine(text: str) -> None:
    assert begging(text) == ""


@pytest.mark.parametrize("text", BEGGING)
def test_what_begs_is_found_in_the_middle_of_polite_words(text: str) -> None:
    assert begging(f"王女士，您好！感谢您的光临。{text}")
    assert begging(f"{text}。祝您用车愉快！")


def test_f3_no_shipped_sheet_begs() -> None:
    for sheet in questionnaires().values():
        labels = [option.label for question in sheet.questions for option in question.options]
        texts = [question.text for question in sheet.questions]
        for text in (sheet.title, sheet.opening, sheet.closing, *texts, *labels):
            assert begging(text) == ""


@given(st.text(alphabet="您一定对也都很满非常质量服务态度怎么样吗，。？ 打给", max_size=300))
def test_words_without_a_score_are_read_quickly_and_let_through(text: str) -> None:
    assert begging(text.replace("满", "")) == ""
