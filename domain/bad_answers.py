"""Which answers ask for amends (F5): a low rating, a bad code, complaining words, a wish to be called."""

from __future__ import annotations

import re

from domain.follow_ups import FollowUpFigures
from domain.intents import Intent, calls_for_complaint, find_command, find_intent
from domain.questionnaires import Answer, Question, QuestionKind
from domain.spelling import plain_spelling

_CLAUSE = re.compile(r"[,。.!?;:、~…\n]+")
_DENIAL = (
    r"(?:没有?|不会|不是|并非|不算|不觉得|没觉得|不存在|从不|从未|未|毫无|无|不用|不太?|绝不|谈不上|哪有|还没)"
    r"(?:什么|任何|啥|哪里|哪儿|地方|感觉|觉得|感到|出现|遇到|发现|有|再|过|让我|让人|是|很|太|那么|特别|需要|要|想|给|的|多|半点|一点|被|听到){0,3}"
)
_GRIEVANCE = (
    r"(?:不满意?|不愉快|不好|不周|投诉|抱怨|差评|举报|失望|生气|敷衍|忽悠|推卸|推诿|乱收费|多收费?|坑人?|骗人?|骗|贵|慢|差|恶劣|垃圾"
    r"|没修好|漏|坏|过分|离谱|没人管|没人理|气人|异响|响|跑偏|抖|刮花?|划伤?|丢|少|等了?(?:太|这么|那么|好|很|多)?久)"
)
# 没有不满意 and 不太贵 deny what they name; whether 不满意 is itself a denial of 满意 is no matter here.
_DENIED = re.compile(rf"{_DENIAL}{_GRIEVANCE}")
_ELSEWHERE = re.compile(
    r"别家|别的店|其他店|其它店|别人家|外面的?(?:店|修理)|路边店|修理厂|上一家|以前那家|隔壁"
)
_SOLVED = re.compile(
    r"(?:现在|后来|已经?|都|这次|这回|问题)[^没不]{0,6}(?:解决|处理好|修好|改善|改进|消气|不气)了(?!吗|没)|异?响(?:也|都|已经)?(?:没有?了|消失了|好了)"
)
_PAST = re.compile(r"上次|上回|以前|之前|原来|原先|一开始|起初|刚开始")
_BETTER = re.compile(r"(?:现在|后来|这次|这回)[^没不]{0,6}(?:好了|好多了|满意|很快|很好|挺好)(?!吗|没)")
_SUPPOSED = re.compile(r"的话|如果|要是|万一|假如|有(?:什么|哪里)?不满意?的?.{0,4}(?:会|再)")
_ANGRY = re.compile(
    r"气死|气炸|太气人|真气人|愤怒|火大|恼火|无语|受不了|忍无可忍|坑人|宰客|宰人|黑店|黑心|真黑|太黑|骗子|骗人|骗钱|忽悠|敷衍"
    r"|欺负人|不像话|不负责任|太过分|恶心人?|寒心|心寒|糟糕|差劲|糟透|垃圾(?!桶|袋|箱|清)|差评|乱收费|恶劣|失望"
    r"|(?:再也不|不会再|不想再|以后不|下次不|绝不再)(?:会|想|敢)?(?:再)?(?:来|光顾|找你们)|白花(?:了)?.{0,4}钱|退(?:钱|款)|被.{0,4}坑了|坑了我|没有?比.{0,4}[更还]差|没见过.{0,4}差的|赔(?:钱|偿)"
    r"|(?:服务|态度|质量|技术|水平|效率).{0,3}(?:很|太|真|非常|极|特别|这么)?差(?!不多|一点|别)"
)
_UNSOLVED = re.compile(
    r"(?<!有)(?:没有?|没给|未)(?:给我|能)?(?:修好|解决|弄好|处理好|修复)(?!的?(?:吗|问题))|(?:修|弄)了?.{0,4}(?:没好|没用)|越修越"
    r"|(?:还是|仍然|依然|依旧|照样|又|还在)(?:有|会|在)?(?:异?响|漏|抖|坏|跑偏|亮灯|老样子|不行|不好|熄火|不制冷|有问题)(?!吗)"
    r"|不(?:太|大|怎么|是很|是太|很)?满意|不满(?!意)|等(?:了)?(?:太|这么|那么|好|很)久|太(?:慢|贵|差|坑|久)|没人(?:管|理|接待|接电话)"
    r"|刮花|刮了|划伤|划了|东西丢了|少了.{0,4}螺丝|没兑现|爱[答搭]不理|爱理不理|冷淡|不耐烦|不专业|没洗干净|没拧紧|漏装|异响|不制冷|不凉|跑偏"
    r"|[还又](?:在|是)?(?:有点)?(?:响|漏|抖|亮)(?:了|着|个|$)|修了[两三四五六七八九几0-9]+[次回趟]"
)
_CALL_ME = re.compile(
    r"(?:请|麻烦|希望|要求|尽快|马上|速|赶紧|让|叫|找|派|能否|能不能|可以|想要?|需要|盼|烦请).{0,10}?(?:联系(?:一下)?我|与我联系|跟我联系"
    r"|和我联系|给我(?:回|打|来)?个?(?:个)?电话|致电给?我|(?:打|回)(?:个)?电话(?:给我)?|回个?电(?!瓶)|来电|回复我一下)"
    r"|^(?:请)?(?:给我(?:回|打|来)个?电话|联系我|回(?:个)?电话(?:给我)?|打电话给我|回电|来电)(?:吧|啊|呀|一下|谢谢|,|$)"
)
_NO_CALL = re.compile(
    r"(?:不用|不必|不要|不需要|无需|别|勿|不想|甭|没必要|不想让|请勿)(?:再|让人|你们|您们|给我|老是?|总|天天|经常){0,3}"
    r"(?:联系|打|回|致|来|给)|(?:已经|刚才?|昨天|上次|之前|前天|上午|下午).{0,8}(?:联系|电话|来电)|(?:联系|打|来|回)过|谢谢.{0,10}电话|什么时候|何时|几点"
    r"|感谢.{0,10}(?:电话|联系)|(?:我|会|再|自己)(?:会|再)?(?:主动)?联系你们|有(?:需要|问题|事).{0,4}(?:我)?(?:再|会).{0,3}联系"
)


def is_bad(question: Question, answer: Answer, figures: FollowUpFigures) -> bool:
    """Whether the answer starts a complaint (F5).

    By its rating, its codes, or its words; beside a good rating only plain anger, a call for a complaint or a wish to
    be contacted count, for 太贵 with four points is a remark.
    """
    if set(answer.codes) & question.bad_codes:
        return True
    rating = answer.rating if question.kind is QuestionKind.RATING else None
    most = figures.bad_at_most if question.bad_at_most is None else question.bad_at_most
    if rating is not None and rating <= most:
        return True
    return bool(answer.text) and (_is_strong(answer.text) or (rating is None and _complains(answer.text)))


def wants_contact(text: str) -> bool:
    """Whether the words ask us to call or to get in touch: 请联系我, 给我回电话; not 不用联系我 (F5)."""
    return any(_CALL_ME.search(clause) and not _NO_CALL.search(clause) for clause in _clauses(text))


def _is_strong(text: str) -> bool:
    if calls_for_complaint(text) or wants_contact(text):
        return True
    return any(_ANGRY.search(clause) for clause in _meant(text))


def _complains(text: str) -> bool:
    """Whether free words tell of something wrong, as the desk reads them, and more than a command like 建议."""
    return any(
        _UNSOLVED.search(clause) or (find_intent(clause) is Intent.COMPLAINT and find_command(clause) is None)
        for clause in _meant(text)
    )


def _meant(text: str) -> list[str]:
    """The clauses about us, without what they deny, and without what was put right since."""
    standing: list[str] = []
    for clause in _clauses(text):
        if _SOLVED.search(clause):
            standing.clear()
        elif _BETTER.search(clause):
            standing = [each for each in standing if not _PAST.search(each)]
        if not (_ELSEWHERE.search(clause) or _SUPPOSED.search(clause) or _SOLVED.search(clause)):
            standing.append(clause)
    return [_DENIED.sub("…", clause) for clause in standing]


def _clauses(text: str) -> list[str]:
    said = _CLAUSE.split(plain_spelling(text).replace("，", ","))
    return [clause.strip() for clause in said if clause.strip()]
