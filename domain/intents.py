"""What a customer wants, from the words typed: the word tables first, the rule how they count below.

Commands (取消, 返回, 人工 …) count only when the message is little more than that word: 不小心取消了导航 is a
description. Wishes (投诉, 预约, 修好了吗 …) count anywhere, unless they are negated (不是投诉).
Plain calls for a complaint (我要投诉, 叫你们店长出来) are read apart: they count in the middle of any dialog (C1).
"""

import re
from enum import StrEnum
from functools import lru_cache

from domain.moments.wording import half_width
from domain.phones import locate_phone
from domain.plates import locate_plate
from domain.spelling import plain_spelling


class Intent(StrEnum):
    """A customer's wish, in the order of the desk's menu."""

    BOOKING = "booking"
    PROGRESS = "progress"
    COMPLAINT = "complaint"
    QUESTION = "question"
    HUMAN = "human"
    CANCEL = "cancel"
    BACK = "back"
    MENU = "menu"
    OPT_OUT = "optout"
    OPT_IN = "optin"
    RESCHEDULE = "reschedule"
    ARRIVED = "arrived"
    CONFIRM = "confirm"
    DECLINE = "decline"
    THANKS = "thanks"
    GREETING = "greeting"


_COMMANDS: dict[Intent, str] = {
    Intent.CANCEL: "取消 取消预约 取消掉 撤销 退出 结束 算了 不约了 不预约了 不办了 不来了 不去了 不弄了 "
    "不需要了 cancel quit exit stop",
    Intent.BACK: "返回 返回上一步 上一步 后退 回退 退回 上一题 上一个问题 上一级 返回上级 重新输入 重填 填错 输错 back",
    Intent.MENU: "菜单 主菜单 返回菜单 返回主菜单 首页 回首页 返回首页 功能 开始 重新开始 帮助 menu start help "
    "/start /menu /help",
    Intent.HUMAN: "人工 转人工 人工客服 人工服务 接人工 找人工 转接人工 客服 真人 转客服 找客服 联系客服 叫人 "
    "找人 顾问 服务顾问 "
    "找顾问 联系顾问 电话联系我 打电话给我 给我打电话 回电话 请来电 来电 human agent",
    Intent.OPT_OUT: "退订 td t 取消订阅 取消推送 不要再发 别再发 别发 不要发 不要再打扰 别打扰 别再打扰 请勿打扰 "
    "拒收 unsubscribe",
    Intent.OPT_IN: "恢复订阅 重新订阅 恢复推送 恢复回访 取消退订 撤销退订 订阅 subscribe resubscribe",
    Intent.RESCHEDULE: "改期 改时间 换时间 改约 换个时间 改个时间 改预约 改天 改日 延期 推迟",
    Intent.ARRIVED: "到 到店 到店里 到门口 已到店 已经到店 我到 到达 已到 已到达 已经到",
    Intent.CONFIRM: "确认 确定 是 是的 对 对的 没错 好 好的 好滴 好嘞 可以 行 嗯 嗯嗯 同意 没问题 没有问题 就这样 "
    "确认到店 准时到 准时 "
    "收到 知道 ok okay yes y 妥 成",
    Intent.DECLINE: "不 不是 不对 不行 不可以 不同意 不用 不要 不需要 不好 否 没有 no n 不方便",
    Intent.THANKS: "谢谢 多谢 感谢 谢 谢谢你 谢谢您 非常感谢 太感谢 辛苦 麻烦 thanks thx 3q",
    Intent.GREETING: "你好 您好 在吗 在不在 有人吗 有人在吗 哈喽 嗨 hi hello 早 早上好 上午好 中午好 下午好 晚上好 "
    "早安 你们好 hey",
    Intent.BOOKING: "预约 预约服务 预约保养 预约维修 约 约车 保养 维修 修车 年检 年审 钣喷 喷漆 诊断 检测 book",
    Intent.PROGRESS: "进度 维修进度 查进度 查询进度 查询 查询维修进度 到哪 取车 提车 拿车",
    Intent.COMPLAINT: "投诉 投诉建议 建议 意见 举报 差评 抱怨",
    Intent.QUESTION: "咨询 地址 营业时间 电话 价格 救援 问题 位置",
}  # fmt: skip
_COMMAND = {word: intent for intent, words in _COMMANDS.items() for word in words.split()}

# 12315 is the consumers' hotline, unless it is part of a plate, a phone number or a mileage.
_HOTLINE = r"(?<![0-9a-z.·•-])(?<!号)(?<!号是)(?<!车牌)12315(?![0-9]|公里|千米|km|元|块)"
_EXPOSE = r"曝光(?!.{0,3}(?:过度|不足|补偿)|度|时间)"

_WISHES: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(pattern))
    for intent, pattern in (
        (Intent.CANCEL, r"^.{0,8}取消.{0,8}(?:预约|保养|维修|安排).{0,3}$"),
        (
            Intent.OPT_OUT,
            r"(?:不要|别|不想)再?(?:给我)?(?:发|推送|收到?)(?:消息|短信|广告|信息|通知|这些|了)|退订|别再?(?:骚扰|打扰)",
        ),
        (
            Intent.COMPLAINT,
            rf"投诉|举报|{_HOTLINE}|差评|维权|{_EXPOSE}|讨个?说法|要个?说法|坑人|坑(?:我|钱)|骗(?:人|我|钱|子)|黑店|忽悠|敷衍|推卸"
            r"|不(?:太|是很|怎么|大)?满意|不满|气死|生气|太气人|太(?:差|坑|慢|过分|离谱|贵了|不像话)|(?:很|非常|真|这么|特别)(?:差劲?|恶劣|失望|过分|不负责)"
            r"|态度(?:不好|不行|恶劣|差)|没人(?:管|理|接待)|(?:还是|又|依然|仍然)(?:没有?修好|没修|坏了|漏)|乱收费|多收|越修越"
            r"|等了(?:这么|那么|好|太)久|(?:赔偿|赔钱|退钱|退款)",
        ),
        (
            Intent.HUMAN,
            r"(?:转|找|接|要|换)(?:个)?(?:人工|真人|客服|活人)|(?:打|回)个?电话(?:给我|过来)|给我(?:来|打|回)个?电话",
        ),
        (
            Intent.PROGRESS,
            r"进度|(?:修|弄|搞|做|保养|喷|洗|检查)(?:好|完)了?(?:吗|没|么)|(?:好了|完了|完工了?)(?:吗|没|么)"
            r"|(?:修|弄|做|进行|走)到(?:哪|什么)|到哪(?:一步|步|个环节)|(?:什么时候|啥时候|何时|几点|多久|多会儿)(?:才?能|可以|会)?(?:过?来|去)?"
            r"(?:修?好|修完|弄好|做完|完工|取车?|提车|交车|拿到?车|接车)|(?:能|可以)(?:过?来|去)?(?:取|提|拿|接)车?了?(?:吗|没|么)"
            r"|还(?:要|得|需要)(?:再?[修弄做等])?(?:多久|多长时间)|(?:[准按]时|按点)(?:交|取|提|拿)车(?:吗|么)|[车修弄做]好没好"
            r"|(?:车子?|[修弄做喷]|保养)(?:[修弄做喷]|保养)?[得的]?(?:怎么样|咋样|怎样|如何)了(?!解)"
            r"|(?:我的|我)车(?:怎么样了|现在什么情况|在哪|好了)",
        ),
        (
            Intent.RESCHEDULE,
            r"改期|改时间|改约|改(?:到|成|为|个|一下)|(?:换|挪|调)(?:到|个|一下)?(?:时间|日子|周|明天|后天|下午|上午)|推迟|延后|延期|往后(?:推|挪|移)"
            r"|提前到|(?:预约|时间)(?:能|可以|想)?(?:改|变更|调整)|(?:来不了|去不了|赶不上|没空来).{0,6}(?:改|换|另)",
        ),
        (
            Intent.ARRIVED,
            r"(?:我|车)?(?:已经?|刚)?到(?:店|门口|你们店|店里|地方|楼下)(?:里|门口)?了|我(?:已经?)?到了(?!吗)",
        ),
        (
            Intent.QUESTION,
            r"多少(?:钱|费)|什么价|价(?:格|钱|位)|费用|贵不贵|收费|报价|几点(?:开|关|上|下|营业|到几)|营业|开门|关门|上班|下班时间"
            r"|地址|在哪|哪里|位置|怎么(?:走|去|用|办|收|预约|关|开|清|消|换|弄)|咨询|请问|问一下|想问|电话(?:是|多少|号)|救援|拖车|保险怎么|质保|保修"
            r"|为什么|什么(?:意思|原因|流程|手续)|多久(?:保养|换|要|能)|需要带|带什么|能不能(?:停|充|洗)|流程",
        ),
        (
            Intent.BOOKING,
            r"预约|预定|约(?:个|一下|在|到|时间|明|后|今|周|下|上|星期|礼拜|\d)|想约|能约|可约|约保养|约维修|有(?:空|位|号|档|时间)(?:位|吗|么|没|的)?"
            r"|(?:做|要|想|该|去|来|过来|需要|安排|给车|帮我|能)(?:个|一下|做|次)*(?:小|大|首|常规)?(?:保养|维修|检修|年检|年审|喷漆|钣喷|补漆|检查|检测|修车|修)"
            r"|保养(?:一下|车)|(?:机油|轮胎|刹车片|电瓶)(?:要|该|得)?换|(?:换|更换|补|加|修|清洗)(?:个|一下|下|两个|四个|一条|两条|四条|前|后)?(?:机油|轮胎|胎|刹车片?|电瓶|雨刷|滤芯|火花塞|变速箱油?|空调|防冻液|玻璃|灯)",
        ),
        (Intent.QUESTION, r"(?:吗|么|呢|\?)[?!。~]*$|怎么|如何|是不是|能不能|可不可以|有没有"),
        (Intent.BOOKING, r"保养|维修|修车|年检|年审|钣喷|喷漆"),
        (Intent.THANKS, r"^.{0,6}(?:谢谢|感谢|多谢|辛苦了).{0,6}$"),
        (Intent.GREETING, r"^(?:你|您|大家)好|^(?:早上|上午|中午|下午|晚上)好|在吗"),
    )
)

_NEGATED = re.compile(
    r"(?:不是|并非|不要|不用|不想|不会|没有|没想|没说|没|别|无需|不必|不需要|先不|暂不|不)(?:要|想|是|来|去|打算)?"
    r"(?:再)?(?:投诉|取消|退订|改期|改时间|转?人工|返回|退出|预约|举报|差评|生气)(?:了|的意思|我?的?预约)?"
)
_POLITE_BEFORE = re.compile(
    r"^(?:那|嗯|哦|好的|请|麻烦|你好|您好|帮我|给我|帮忙|我|想要?|需要|要|就|还是|先|能不能|可以|,| |、|再|把)+(?=.)"
)
_POLITE_AFTER = re.compile(r"(?<=.)(?:[,。!?~. 、]|一下|吧|啊|呀|呢|哦|哈|啦|谢谢|服务(?=$)|的预约)+$")
_MOST_COMMAND_SIGNS = 14
_MOST_READ = 300
"""Characters: a wish is said early, and a long report must not cost more than a short one."""


# Several rules ask about one message, one after the other: the answer is kept until the next message.
@lru_cache(maxsize=1)
def find_intent(text: str) -> Intent | None:
    """What the message asks for; None when the words do not say it."""
    if (command := find_command(text)) is not None:
        return command
    said = _plain(text)
    meant = _NEGATED.sub("…", said)
    complained = "" if re.search(_SETTLED, said) else _NOT_MEANT.sub("…", meant)
    return next(
        (
            intent
            for intent, words in _WISHES
            if words.search(complained if intent is Intent.COMPLAINT else meant)
        ),
        None,
    )


@lru_cache(maxsize=1)
def find_command(text: str) -> Intent | None:
    """The command that the whole message is (取消, 请帮我取消一下); None when it says anything else besides."""
    said = _plain(text)
    return _command(said) if len(said) <= _MOST_COMMAND_SIGNS else None


def _plain(text: str) -> str:
    return half_width(text[:_MOST_READ]).lower().replace("，", ",").strip()


def _command(said: str) -> Intent | None:
    """The command that a short message is, with or without its polite frame (请帮我取消一下)."""
    bare = _POLITE_AFTER.sub("", said)
    plain = _POLITE_BEFORE.sub("", bare)
    tried = (said, bare, bare.removesuffix("了"), plain, plain.removesuffix("了"))
    return next((_COMMAND[words] for words in tried if words in _COMMAND), None)


# A complaint that somebody means to make now: by its name, or as a demand or a threat.
_COMPLAIN = rf"(?:投[诉拆述]|头诉|举报|差评|维权|complain|{_EXPOSE}|{_HOTLINE})"
_DEMAND = (
    r"(?:[讨要]个?说法|给.{0,4}说法|给.{0,4}交[代待](?!得|的|过|了|清|一下)|退一赔三|律师函|[找请]律师(?!朋友)|起诉"
    r"|打官司|法[院庭]见|信访|[去找打告到向].{0,3}(?:消协|消费者协会|消保委|工商局|市场?监(?:管局|督管理局|局)))"
)
_NOT_MEANT = re.compile(
    r"(?:(?<![是要能会好想得可忍])(?:不|别|无需|无意|甭|懒得)"
    r"(?:是|要|想|会|用|必|需要?|打算|准备|再|敢|至于|算|去|为了?|说|针对|给(?:你们?|您)?|打|写|来(?=投)){0,4}"
    r"|(?<!是)不是(?:来|我|我们|专门来|故意|真的?|非?要|想|为了?){0,4}"
    r"|(?:没有?|从未|未曾|并非|放弃|撤[销回]?了?|取消)"
    r"(?:有|想|说|打算|准备|要|给|写|打|过|我的|什么|任何|可以?|好){0,4})"
    rf"{_COMPLAIN}(?!.{{0,4}}(?:不行|不可|就不|才怪))"
    r"|投诉(?:你们)?(?:就|这事|的事)?(?:不必|不用|免|算|撤)了"
    r"|(?:邻居|物业|朋友|同事|别人|人家|有人|小区|保安|家人|老婆|老公|乘客|交警|客人|车主|[他她]|被)"
    r"(?:们|说[他她]?|总|老|是|一直|都|也|给|经常|天天|好几次|过|人|邻居|物业|乘客|别人|客户){0,5}"
    rf"{_COMPLAIN}"
    r"|(?:零|无|没什么|网上.{0,4}|看.{0,6})(?:投诉|差评)|(?:投诉|差评)(?:率|量|多|少|过吗|多不多)"
    r"|投诉完|举报[信短]|维权码|有(?:没有|无)?过?(?:投诉|差评)[吗么]?"
)
_LONGEST_QUESTION = 16
_WITHDRAWN = re.compile(
    r"(?=.*(?:没关系|没事|算了|不用|不必|不投诉|不登记|不计较|就这样))(?:没关系|没事(?:了|儿)?|算了|不用(?:了)?|不必(?:了)?|不投诉(?:了)?|不登记(?:了)?|不计较(?:了)?|就这样吧|吧|谢谢|了|啊|哈|就|我)+"
)
_STATE_ASKED = re.compile(
    r"投诉(?:的?进度|的?进展|单号|编号)(?!.{0,4}(?:慢|拖|没|不))|投诉.{0,4}(?:怎么样了|到哪一?步|有结果|有消息|处理得?怎么样|处理(?:好|完)了?(?:吗|没))"
)
_SETTLED = (
    r"投诉[^没不]{0,12}(?:解决了|处理好了|处理完了|处理得?(?:很|挺|非常|真)|满意|谢谢)(?!吗|没)"
    r"|处理投诉.{0,4}(?:挺|很快|很好|真快|真好)|想投诉.{0,12}(?:解决了|处理好了)"
)
_ABOUT_ONE_MADE = re.compile(
    r"投诉(?:的?进度|的?进展|单号|编号)"
    r"|(?:我的?|上次的?|之前的?|那个|昨天的?|前天的?)投诉(?!.*(?:没|不|迟|这么久)).{0,10}"
    r"(?:怎么样|进度|处理|结果|受理|进展|到哪)"
    r"|" + _SETTLED
)

# Somebody who wants to speak with whoever is in charge.
_IN_CHARGE = (
    r"(?:一下|一?个|你们?|贵|店里?|这里|公司|那个|的|售后|服务|前台|车间|维修|客服|总|上面|上级|管|最大|最高"
    r"|部门|有关|相关|真正|能){0,8}"
    r"(?:经理|店长|领导|负责人|老板|主管|老总|一把手|管事的?|做主的|说了算的|拍板的|上级|boss|manager)"
)
_ORDINARY_VISIT = (
    r"(?![^,。!?]{0,4}(?:约|订|定|推荐|介绍|买|办|拿|领|签|借|咨询|了解|问(?:一下|个|问?价|优惠|活动)|看车|申请"
    r"|打.?折|优惠|便宜|报名|微信|喝茶|帮|报价|合影|吃饭|坐坐|提车|取车|送|表扬|感谢|道谢|致谢|谢谢|好不好"
    r"|说好|谈好|谈的|要的|给我?安排))"
)
_MANAGER_WANTED = (
    rf"(?:(?<![不没别用])(?:找|叫|喊|要见|想见|见见|见一?下|要跟|要和|投诉到|反映给|(?:我|^|就|必须)要)"
    rf"{_IN_CHARGE}{_ORDINARY_VISIT}"
    rf"|[让叫请喊换要]{_IN_CHARGE}[^,。!?]{{0,4}}"
    r"(?:出来|过来|来一?[趟下]|来[见跟和处解说]|来[!。]*$|接电话|听电话|管一?管|评评理|听听|说话|解释"
    r"|处理(?!.{0,4}约)|解决|给.{0,4}(?:解释|答复|回复|电话)|[打回].{0,4}电话|联系我"
    r"|[跟和与]我.{0,2}(?:谈|说|讲|沟通|联系|对话))"
    rf"|[让叫喊](?:你们)?.{_IN_CHARGE}(?:给我)?滚?出来"
    rf"|你们{_IN_CHARGE}(?:人|人在哪|在哪|去哪了)?呢"
    rf"|(?:把|给我|我要){_IN_CHARGE}的?(?:电话|手机|号码|微信|联系方式)(?!多少)"
    r"|[向跟和给](?:你们)?(?:上面|上级|领导|总部|总公司|厂家|厂方|公司)(?:反[映应]|告|举报|汇报))"
)
_CALL = re.compile(f"{_COMPLAIN}|{_DEMAND}|{_MANAGER_WANTED}")

# What is left of a complaint when nothing is told.
_CLAUSE_END = re.compile(r"[,。.!?;:、~…]+")
_SAYS_NOTHING = re.compile(
    r"(?:我们?|你们?|您|贵店|贵公司|店里?|公司|现在|马上|立刻|今天|必须|一定|坚决|就|只|真的?|非常|强烈|很|都|还|要|想|来|去"
    r"|给|打|写|发|帮|请|麻烦|能|可以|怎么|如何|在?哪里?|哪儿|多少|找谁|可不可以|能不能|是|的|了|啊|呀|吧|吗|呢|哦|哼"
    r"|嗯|喂|一下|一个|个|这|那|人|事|电话|手机号?|号码|号|车牌号?|微信|联系方式|渠道|入口|热线|部门|中心|建议|意见"
    r"|你好|您好|谢谢|不然|否则|到底|出来|过来|处理|解决|接|见|谈谈?|说话|说|把|让|叫|喊|找|差|评|[0-9]|[a-z]"
    r"|[^\w\u4e00-\u9fff])*"
)
_AGAINST = re.compile(
    r"(?:[这那]?[个家位]?(?:服务|售后|维修|销售|前台|客服|顾问|师傅|技师|质量|价格|态度|工作人员|员工|经理|店长"
    r"|人员|车间|配件|车|4s|[\u4e00-\u9fff](?:师傅|经理|顾问|工)))*"
)
_LONGEST_TARGET = 12  # characters
_DEEDS = frozenset("骂吼推撞刮漏偷贵慢脏抖响坏")
_FEELING = re.compile(
    r".{0,3}(?:太差|差劲|气死|气人|垃圾|生气|不满|不满意|失望|无语|受不了|忍无可忍|过分|坑人|黑店|骗子|烦死|恶心"
    r"|不像话|忍不了|火大|寒心|心寒|离谱|欺负人|没完|太坑|太烂).{0,2}"
)


def calls_for_complaint(text: str) -> bool:
    """Whether the words plainly ask to complain, or for whoever is in charge (C1): they interrupt any dialog.

    Stronger than `Intent.COMPLAINT`, which also takes 不满意 or 太贵. Not when it is denied (不是投诉), about others
    (邻居投诉我), about a complaint that was made (我的投诉怎么样了), or ordinary talk of a manager (经理您好).
    """
    said = plain_spelling(text).replace(" ", "")
    if _ABOUT_ONE_MADE.search(said):
        return False
    meant = _NOT_MEANT.sub("…", said)
    return _CALL.search(meant) is not None


def asks_about_complaint(text: str) -> bool:
    """Whether the words ask how far a complaint is that was made before (C8): 我的投诉怎么样了, 投诉进度."""
    said = plain_spelling(text).replace(" ", "")
    # A longer text tells something besides, and must not be taken for the mere question.
    return len(said) <= _LONGEST_QUESTION and _STATE_ASKED.search(said) is not None


def withdraws(text: str) -> bool:
    """Whether the words let a grievance go that was only hinted at: 算了, 没关系, 不投诉了."""
    return _WITHDRAWN.fullmatch(_CLAUSE_END.sub("", plain_spelling(text).replace(" ", ""))) is not None


def has_content(text: str) -> bool:
    """Whether a complaint says what happened, beyond 我要投诉, 差评！, a name, a number or plain anger (C1)."""
    for locate in (locate_plate, locate_phone):
        if found := locate(text):
            text = text[: found[1]] + "，" + text[found[2] :]
    said = _CALL.sub(",", plain_spelling(text))
    return any(_tells(clause) for clause in _CLAUSE_END.split(said.replace(" ", ",")))


def _tells(clause: str) -> bool:
    rest = _SAYS_NOTHING.sub("", clause)
    if _FEELING.fullmatch(clause) or _FEELING.fullmatch(rest):
        return False
    if len(rest) < 2:
        return rest in _DEEDS
    return len(rest) > _LONGEST_TARGET or not _AGAINST.fullmatch(rest)
