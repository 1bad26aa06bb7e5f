"""How customers give their name, and how they are addressed: 王先生, 我姓张, 我叫张伟, 欧阳女士 (B2, P7)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.moments.wording import half_width

LONGEST_NAME = 20
"""Characters; longer texts are no name."""

_COMPOUND_LIST = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 "
    "仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 "
    "宰父 谷梁 拓跋 夹谷 轩辕 令狐 "
    "段干 百里 呼延 东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 "
    "西门 公祖 第五 公乘 贯丘 公皙 "
    "南荣 东里 东宫 仲长 子书 子桑 即墨 淳于 歐陽 司馬 諸葛"
)
_COMPOUND = frozenset(_COMPOUND_LIST.split())
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞"
    "熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓"
    "郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫"
    "宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉"
    "宰郦雍璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳"
    "沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公岳帅缑亢况郈有琴归海晋楚闫涂肖"
    "覃代佟苟仝付邸逢原侍苑郇冼区岩展兰仉刀敬母植练覀"
    "趙錢孫吳鄭馮陳衛蔣韓楊許呂張嚴華謝鄒竇雲蘇潘範魯馬費賀湯羅畢鄔樂傅齊顧黃蕭姚臧計談龐熊紀項閔賈婁顏鍾駱萬盧經繆應鄧單諸鈕龔"
    "陸榮劉葉賴藺喬陰聞譚貢勞莊閻連習魚鞏聶簡饒關蓋歸"
)
_NOT_NAMES_LIST = (
    "明天 明日 明早 明晚 明白 高兴 方便 方式 方案 谢谢 多谢 任何 任意 马上 时间 时候 金额 安排 "
    "安全 何时 都行 都可 都好 都可以 成功 成都 "
    "温度 左右 车牌 车子 车主 车辆 车险 常规 全部 那好 那行 那好吧 那就 能修 能约 能行 能来 有空 "
    "有人 有事 有的 有没有 后天 后面 后来 平时 平常 "
    "应该 应当 别的 别急 别人 单子 解决 经理 从来 向您 和平 文明 安心 万一 计划 强烈 钱多少 连夜 "
    "相关 通知 查询 查进度 包括 包子 项目 路上 "
    "年检 双休 双号 单号 国庆 元旦 时刻 须知 公司 管理 家人 家里 空调 水箱 米其林 金卡 白色 红色 "
    "黑色 蓝色 黄色 高端 高级 高速 牛逼 通过 "
    "居然 幸好 易损 原厂 原来 原因 师傅 东西 简单 充电 全车 满意 充满 海南 广州 广告 单独 冷却 "
    "养车 养护 简称 古怪 卡了 周一 周二 周三 周四 周五 周六 "
    "周日 周末 周天 水泵 水温 花钱 计费 安装 成交 强制 明年 和解 幸福 容易 师父 终于 步骤 关闭 "
    "关于 相同 相信 车窗 车门 车灯 车漆 车贷 帅气 利率 "
    "支付 支持 路过 施工 万元 能不能 应该的 时间紧 何必 何况 关门 开门 归还 边上 从没 居多 能到 "
    "能取 有效 有点 有点响 越野 越快越好 老师 小时 小车 老车 小心 小米 老板 小鹏 小于"
)
_NOT_NAMES = frozenset(_NOT_NAMES_LIST.split())
_GENDERS = {"先生": "先生", "哥": "先生", "男士": "先生", "男": "先生", "大哥": "先生"} | dict.fromkeys(
    ("女士", "小姐", "太太", "姐", "大姐", "阿姨", "女"), "女士"
)
_TITLES = ("师傅", "老师", "经理", "总", "老板", "医生", "教授", "主任", "工")
_LEAD = (
    r"(?:(?:你好|您好|嗨)[,!。 ]*)?(?:我的?|本人)?(?:的?(?:姓名|名字|大名|全名))?(?:是|叫我?|:|为)*"
    r"(?P<kin>免贵姓|姓)?(?:是|:)?"
)
_TAIL = (
    r"(?P<title>"
    + "|".join(sorted((*_GENDERS, *_TITLES), key=len, reverse=True))
    + r")?[吧啊呀哈的]?[。!.~,]*"
)
_SAID = re.compile(rf"(?P<lead>{_LEAD})(?P<body>[\u3400-\u9fff]{{1,4}}?)[,(]*{_TAIL}\)?")
_UNASKED = re.compile(r"我叫|名字|姓名|本人|大名|全名")
_MINORITY = re.compile(r"[\u3400-\u9fff]{1,8}[·•・.][\u3400-\u9fff]{1,8}")


class Salutation(StrEnum):
    """先生 or 女士."""

    MR = "先生"
    MS = "女士"


@dataclass(frozen=True, slots=True)
class PersonName:
    """What is known of a name: `surname` ("" for names that have none), `full` (the surname alone when no
    more was said) and `salutation` (None when it was not said)."""

    surname: str
    full: str
    salutation: Salutation | None = None

    def address(self) -> str:
        """How scripts address the person: 王先生, 王女士, 张伟; a bare surname becomes 张先生/女士."""
        if self.salutation is not None:
            return (self.surname or self.full) + self.salutation
        return f"{self.surname}先生/女士" if self.surname == self.full else self.full


def read_name(text: str) -> PersonName | None:
    """The name that a customer gives when asked for it; None for what is no name.

    Refused: digits, emoji, everyday words, more than LONGEST_NAME characters. A foreign name or one with
    markup is kept as it was typed: whoever shows it escapes it.
    """
    typed = " ".join(text.split())
    if not typed or len(typed) > LONGEST_NAME or any(char.isdecimal() for char in typed):
        return None
    if found := _SAID.fullmatch(half_width(typed).replace(" ", "").replace("、", ",")):
        return _chinese_name(found)
    if _MINORITY.fullmatch(typed):
        return PersonName("", typed)
    is_foreign = any(char.isalpha() for char in typed) and not _is_chinese_sentence(typed)
    return PersonName("", typed) if is_foreign else None


def read_salutation(text: str) -> Salutation | None:
    """先生 or 女士 from an answer such as 女士, 小姐 or 男; None when neither is said."""
    word = text.strip(" 。.!！~～")
    return Salutation(_GENDERS[word]) if word in _GENDERS else None


def _chinese_name(found: re.Match[str]) -> PersonName | None:
    body, title, introduced = found["body"], found["title"], bool(_UNASKED.search(found["lead"]))
    salutation = Salutation(_GENDERS[title]) if title in _GENDERS else None
    if len(body) == 2 and body[0] in "小老" and body[1] in _SURNAMES and body not in _NOT_NAMES:
        return PersonName(body[1], body, salutation)
    surname = body[:2] if body[:2] in _COMPOUND else body[:1]
    known = surname in _COMPOUND or surname in _SURNAMES
    if body in _NOT_NAMES or len(body) - len(surname) > (3 if introduced else 2):
        return None
    if not known:
        return PersonName("", body, salutation) if introduced and len(body) > 1 else None
    if body == surname and not (title or found["kin"] or len(surname) == 2):
        return PersonName(surname, surname) if found["lead"] == "" else None
    return PersonName(surname, body, salutation)


def _is_chinese_sentence(text: str) -> bool:
    """More than a few Chinese characters that are no name are a sentence."""
    return sum("\u3400" <= char <= "\u9fff" for char in text) > 3 or not any(char.isascii() for char in text)
