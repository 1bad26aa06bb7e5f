"""What a customer wants, from the words typed: the word tables first, the rule how they count below.

Commands (取消, 返回, 人工 …) count only when the message is little more than that word: 不小心取消了导航 is a
description. Wishes (投诉, 预约, 修好了吗 …) count anywhere, unless they are negated (不是投诉).
"""

import re
from enum import StrEnum

from domain.moments.wording import half_width


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
    RESCHEDULE = "reschedule"
    ARRIVED = "arrived"
    CONFIRM = "confirm"
    DECLINE = "decline"
    THANKS = "thanks"
    GREETING = "greeting"


_COMMANDS: dict[Intent, str] = {
    Intent.CANCEL: "取消 取消预约 取消掉 撤销 退出 结束 算了 不约了 不预约了 不办了 不来了 不去了 不弄了 "
    "不需要了 cancel quit exit stop",
    Intent.BACK: "返回 返回上一步 上一步 后退 回退 退回 上一级 返回上级 重新输入 重填 填错 输错 back",
    Intent.MENU: "菜单 主菜单 返回菜单 返回主菜单 首页 回首页 返回首页 功能 开始 重新开始 帮助 menu start help "
    "/start /menu /help",
    Intent.HUMAN: "人工 转人工 人工客服 人工服务 接人工 找人工 转接人工 客服 真人 转客服 找客服 联系客服 叫人 "
    "找人 顾问 服务顾问 "
    "找顾问 联系顾问 电话联系我 打电话给我 给我打电话 回电话 请来电 来电 human agent",
    Intent.OPT_OUT: "退订 td t 取消订阅 取消推送 不要再发 别再发 别发 不要发 不要再打扰 别打扰 别再打扰 请勿打扰 "
    "拒收 unsubscribe",
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
    Intent.PROGRESS: "进度 维修进度 查进度 查询进度 查询 查询维修进度 到哪",
    Intent.COMPLAINT: "投诉 投诉建议 建议 意见 举报 差评 抱怨",
    Intent.QUESTION: "咨询 地址 营业时间 电话 价格 救援 问题 位置",
}  # fmt: skip
_COMMAND = {word: intent for intent, words in _COMMANDS.items() for word in words.split()}

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
            r"投诉|举报|12315|差评|维权|曝光|讨个?说法|要个?说法|坑人|坑(?:我|钱)|骗(?:人|我|钱|子)|黑店|忽悠|敷衍|推卸"
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
            r"|(?:修|弄|做|进行|走)到(?:哪|什么)|到哪(?:一步|步|个环节)|(?:什么时候|啥时候|何时|几点|多久|多会儿)(?:才?能|可以|会)?"
            r"(?:修?好|修完|弄好|做完|完工|取车?|提车|交车|拿车|接车)|(?:能|可以)(?:取|提|拿|接)车?了?(?:吗|没|么)|还要(?:多久|等多久)"
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


def find_intent(text: str) -> Intent | None:
    """What the message asks for; None when the words do not say it."""
    said = half_width(text[:_MOST_READ]).lower().replace("，", ",").strip()
    if len(said) <= _MOST_COMMAND_SIGNS and (command := _command(said)) is not None:
        return command
    meant = _NEGATED.sub("…", said)
    return next((intent for intent, words in _WISHES if words.search(meant)), None)


def _command(said: str) -> Intent | None:
    """The command that a short message is, with or without its polite frame (请帮我取消一下)."""
    bare = _POLITE_AFTER.sub("", said)
    plain = _POLITE_BEFORE.sub("", bare)
    tried = (said, bare, bare.removesuffix("了"), plain, plain.removesuffix("了"))
    return next((_COMMAND[words] for words in tried if words in _COMMAND), None)
