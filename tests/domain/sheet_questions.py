"""Questions of a sheet, one of each sort, with the wordings that are easily misread (F3)."""

from domain.questionnaires import Option, Question, QuestionKind

RATING = Question("overall", QuestionKind.RATING, "这次的服务，您打几分？")
RUNS_WELL = Question(
    "runs_well", QuestionKind.YES_NO, "车子开起来正常吗？", bad_codes=frozenset({"no"}), required=False
)
FIXED_NOW = Question("fixed_now", QuestionKind.YES_NO, "上次您觉得维修质量不理想，现在车子恢复正常了吗？")
NOISE = Question("noise", QuestionKind.YES_NO, "车上还有没有异响？", bad_codes=frozenset({"yes"}))
DISLIKED = Question("disliked", QuestionKind.YES_NO, "有没有不满意的地方？")
CALL_ME = Question("call_me", QuestionKind.YES_NO, "需要我们给您打个电话吗？", bad_codes=frozenset({"yes"}))
GOT_IT = Question("got_it", QuestionKind.YES_NO, "结算单收到了吗？")
WORST = Question(
    "worst",
    QuestionKind.SINGLE,
    "最不满意的是哪一项？",
    (
        Option("price", "价格"),
        Option("wait", "等待时间"),
        Option("quality", "维修质量"),
        Option("other", "其他"),
        Option("none", "都没有"),
    ),
)
SOLVED = Question(
    "solved",
    QuestionKind.SINGLE,
    "后来处理得怎么样了？",
    (Option("solved", "已经解决"), Option("partly", "还差一点"), Option("not_yet", "还没解决")),
)
EXPLAINED = Question(
    "explained",
    QuestionKind.SINGLE,
    "交车时的讲解，您觉得怎么样？",
    (Option("clear", "讲得清楚"), Option("some", "有几处没记住"), Option("hardly", "基本没讲")),
)
AGE = Question(
    "age",
    QuestionKind.SINGLE,
    "车龄多久了？",
    (Option("new", "1年以内"), Option("some", "1-3年"), Option("old", "3年以上")),
)
WISHES = Question(
    "wishes",
    QuestionKind.MULTIPLE,
    "对哪些感兴趣？",
    (
        Option("wash", "洗车服务"),
        Option("cooling", "空调清洗"),
        Option("tyres", "四轮定位"),
        Option("rest", "其他"),
    ),
)
WORDS = Question("words", QuestionKind.TEXT, "还有什么想告诉我们的？")
PHOTO = Question("photo", QuestionKind.PHOTO, "方便的话拍一张照片？")
ADVICE = Question("advice", QuestionKind.INFORMATION, "雨天请减速慢行。")
ALL = (
    RATING, RUNS_WELL, FIXED_NOW, NOISE, DISLIKED, CALL_ME, GOT_IT,
    WORST, SOLVED, EXPLAINED, AGE, WISHES, WORDS, PHOTO, ADVICE
)  # fmt: skip
