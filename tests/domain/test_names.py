"""How customers give their name (B2) and how they are addressed (P7)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.names import LONGEST_NAME, PersonName, Salutation, read_name, read_salutation

MR, MS = Salutation.MR, Salutation.MS


@pytest.mark.parametrize(
    ("text", "surname", "full", "salutation"),
    [
        ("王先生", "王", "王", MR),
        ("李女士", "李", "李", MS),
        ("陈小姐。", "陈", "陈", MS),
        ("李哥", "李", "李", MR),
        ("欧阳女士", "欧阳", "欧阳", MS),
        ("张伟先生", "张", "张伟", MR),
        ("张伟（先生）", "张", "张伟", MR),
        ("张伟，女", "张", "张伟", MS),
        ("姓王，先生", "王", "王", MR),
        ("张伟", "张", "张伟", None),
        ("王小明", "王", "王小明", None),
        ("诸葛亮", "诸葛", "诸葛亮", None),
        ("欧阳娜娜", "欧阳", "欧阳娜娜", None),
        ("我姓张", "张", "张", None),
        ("免贵姓陈", "陈", "陈", None),
        ("我姓欧阳", "欧阳", "欧阳", None),
        ("王", "王", "王", None),
        ("我叫张伟", "张", "张伟", None),
        ("我叫 张伟", "张", "张伟", None),
        ("您好，我叫李雷", "李", "李雷", None),
        ("我的名字是周杰伦", "周", "周杰伦", None),
        ("名字：孙悦", "孙", "孙悦", None),
        ("叫我小王", "王", "小王", None),
        ("陈师傅", "陈", "陈", None),
        ("我叫买买提", "", "买买提", None),
        ("阿依古丽·买买提", "", "阿依古丽·买买提", None),
        ("John Smith", "", "John Smith", None),
        ("<b>王</b>", "", "<b>王</b>", None),
    ],
)
def test_b2_a_name_is_read(text: str, surname: str, full: str, salutation: Salutation | None) -> None:
    assert read_name(text) == PersonName(surname, full, salutation)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "😀😀", "...", "&", "138", "{{ 7*7 }}", "先生", "女士", "你好", "谢谢", "明天", "方便", "高兴",
        "都行", "随便", "老师", "不知道", "不告诉你", "预约保养", "我想取消", "人工", "何时能好",
        "张" * (LONGEST_NAME + 1), "a" * (LONGEST_NAME + 1),
    ],
)  # fmt: skip
def test_b2_what_is_no_name_is_refused(text: str) -> None:
    assert read_name(text) is None


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        (PersonName("王", "王小明", MR), "王先生"),
        (PersonName("欧阳", "欧阳", MS), "欧阳女士"),
        (PersonName("张", "张伟"), "张伟"),
        (PersonName("张", "张"), "张先生/女士"),
        (PersonName("", "John", MR), "John先生"),
        (PersonName("", "John"), "John"),
    ],
)
def test_p7_people_are_addressed_by_surname_and_salutation(name: PersonName, spoken: str) -> None:
    assert name.address() == spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [("先生", MR), ("男", MR), ("女士。", MS), (" 小姐 ", MS), ("女", MS), ("都可以", None), ("", None)],
)
def test_b2_the_salutation_alone_is_an_answer(text: str, expected: Salutation | None) -> None:
    assert read_salutation(text) is expected


@settings(deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="王欧阳先生女士我姓叫 ·，a1", max_size=20))
def test_any_text_gives_a_name_that_can_be_addressed_or_none(text: str) -> None:
    name = read_name(text)
    assert name is None or (name.address().strip() and len(name.full) <= LONGEST_NAME)
