"""What a complaint is about and whose it is, proposed from its words (C2, C5)."""

import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.complaint_routing import FALLBACK, Keyword, Proposal, RoutingRules, Topic, propose, with_topic
from domain.complaints import Category, Classification, ComplaintKind, Severity
from domain.people import Queue
from scripts_zh.routing import routing_rules
from tests.domain.complaints_heard import COMPLAINTS, MAJOR, MINOR

HEARD = [
    (line.strip().lstrip("!"), topic)
    for topic, lines in COMPLAINTS.items()
    for line in lines.split("\n")
    if line.strip()
]
MISTAKEN = {
    "说我刹车片要换，去别家一看还有一半厚，这不是骗人吗": "price",
    "没跟我打招呼就把电瓶换了，投诉你们": "manners",
    "说好一周上牌，一个月了还没给我上": "waiting",
    "新车门缝不齐，油漆也有瑕疵": "paint_body",
    "收了我三千金融服务费，没有发票": "price",
}
"""Complaints that are taken for something else, so that nobody believes there are none."""


def lines(text: str) -> list[str]:
    return [line.strip().lstrip("!") for line in text.split("\n") if line.strip()]


def said(text: str) -> Proposal:
    return propose(text, routing_rules())


@pytest.mark.parametrize(("text", "topic"), HEARD)
def test_c5_a_complaint_finds_its_topic(text: str, topic: str) -> None:
    """C2, C5: category and department are the topic's."""
    expected = routing_rules().topic(MISTAKEN.get(text, topic))
    read = said(text).classification
    assert (read.topic, read.category, read.department) == (
        expected.code,
        expected.category,
        expected.department,
    )


def test_c2_who_is_sure_is_right() -> None:
    """What is not asked must not be wrong: of all complaints in the table, one."""
    wrong = [
        text
        for text, topic in HEARD
        if routing_rules().is_sure(said(text)) and said(text).classification.topic != topic
    ]
    assert wrong == ["说好一周上牌，一个月了还没给我上"]


@pytest.mark.parametrize("text", lines(MAJOR))
def test_c9_what_is_grave_is_seen(text: str) -> None:
    assert said(text).classification.severity is Severity.MAJOR


@pytest.mark.parametrize("text", lines(MINOR))
def test_c2_a_small_matter_is_minor(text: str) -> None:
    assert said(text).classification.severity is Severity.MINOR


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("投诉那个叫李娜的收银", ComplaintKind.VALID),
        ("换的轮胎鼓包了", ComplaintKind.VALID),
        ("账单多收了二百", ComplaintKind.VALID),
        ("进店十分钟没人接待", ComplaintKind.VALID),
        ("你们店越来越差，再也不来了", ComplaintKind.GRUMBLE),
        ("我要投诉", ComplaintKind.GRUMBLE),
        ("修完以后别的毛病又出来了，原来没有的", ComplaintKind.OTHER_FAULT),
        ("新车才三个月就烧机油，销售小王不管", ComplaintKind.VEHICLE),
        ("卫生间太脏了", ComplaintKind.UNRELATED),
    ],
)
def test_c2_the_kind(text: str, kind: ComplaintKind) -> None:
    assert said(text).classification.kind is kind


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("不是投诉你们态度，态度很好，是喷漆有色差", "paint_body"),
        ("前台很热情，可是配件等了半个月还没到", "parts"),
        ("没有异响了，就是多收了我钱", "price"),
        ("不怪前台，是车间没修好", "workshop_quality"),
        ("是不是故意敷衍我", "manners"),
        ("这不是敷衍人吗", "manners"),
        ("不是说好三点交车吗，现在还没好", "waiting"),
        ("我沒有要怪師傅，但是噴漆有色差", "paint_body"),
        ("报价　８００，結賬多收了", "price"),
        ("「態度」惡劣！態度很差！", "manners"),
    ],
)
def test_c2_denials_praise_and_spelling(text: str, topic: str) -> None:
    assert said(text).classification.topic == topic


def test_c2_what_is_praised_or_denied_is_nothing_at_all() -> None:
    for text in ("态度很好，很热情", "没有色差", "不是投诉你们态度"):
        assert said(text).classification.topic == FALLBACK
        assert said(text).confidence == 0


def test_c9_digits_of_a_plate_or_phone_are_no_hotline() -> None:
    assert said("粤B12315的车喷漆有色差").classification.severity is Severity.NORMAL
    assert said("喷漆有色差，电话13812315678").classification.severity is Severity.NORMAL
    assert said("喷漆有色差，我打12315").classification.severity is Severity.MAJOR


def test_several_messages_are_one_complaint() -> None:
    assert propose(["我要投诉", "前保险杠", "有色差"], routing_rules()).classification.topic == "paint_body"


def _rules() -> RoutingRules:
    def topic(code: str, *words: tuple[str, int], kind: ComplaintKind | None = None) -> Topic:
        keywords = tuple(Keyword(re.compile(pattern), weight) for pattern, weight in words)
        return Topic(code, code, Category.SERVICE, Queue.WORKSHOP, keywords, kind)

    return RoutingRules(
        topics=(
            topic("paint", ("色差|色不对", 4), ("漆", 1)),
            topic("price", ("贵", 4), ("钱", 2)),
            topic("car", ("缺陷", 4), kind=ComplaintKind.VEHICLE),
            Topic(FALLBACK, "其他", Category.OTHER, Queue.FRONT_DESK),
        ),
        kinds=((ComplaintKind.VALID, (Keyword(re.compile("师傅"), 1),)),),
        severities=(
            (Severity.MINOR, (Keyword(re.compile("小事"), 1),)),
            (Severity.MAJOR, (Keyword(re.compile("受伤"), 3),)),
        ),
        sure_from=Decimal("0.6"),
        enough=4,
    )


@pytest.mark.parametrize(
    ("text", "topic", "confidence", "runners_up"),
    [
        ("有色差", "paint", "1", ()),
        ("漆", "paint", "0.25", ()),
        ("钱", "price", "0.5", ()),
        ("有色差，太贵", "paint", "0.5", ("price",)),
        ("贵，色差，漆", "paint", "0.56", ("price",)),
        ("色差，贵，钱", "price", "0.6", ("paint",)),
        ("色差色差，色不对", "paint", "1", ()),
        ("你好", FALLBACK, "0", ()),
    ],
)
def test_confidence_is_how_much_is_said_and_how_far_it_stands_out(
    text: str, topic: str, confidence: str, runners_up: tuple[str, ...]
) -> None:
    proposal = propose(text, _rules())
    assert (proposal.classification.topic, proposal.confidence) == (topic, Decimal(confidence))
    assert proposal.runners_up == runners_up
    assert _rules().is_sure(proposal) == (Decimal(confidence) >= Decimal("0.6"))


def test_the_words_that_decided_are_given() -> None:
    assert propose("师傅，漆有色差，人受伤", _rules()).matched == ("色差", "漆", "师傅", "受伤")


def test_the_gravest_counts() -> None:
    assert propose("小事，没人受伤", _rules()).classification.severity is Severity.MINOR
    assert propose("小事，但是受伤了", _rules()).classification.severity is Severity.MAJOR


def test_c2_another_topic_by_a_button_brings_its_department_and_kind() -> None:
    rules = _rules()
    before = Classification("paint", Category.SERVICE, ComplaintKind.VALID, Severity.MAJOR, Queue.WORKSHOP)
    other = with_topic(before, rules.topic(FALLBACK))
    assert other == Classification(
        FALLBACK, Category.OTHER, ComplaintKind.VALID, Severity.MAJOR, Queue.FRONT_DESK
    )
    assert with_topic(before, rules.topic("car")).kind is ComplaintKind.VEHICLE


def test_a_topic_that_the_store_took_out_is_other() -> None:
    """Old complaints keep their code; they must still be shown."""
    assert _rules().topic("long_gone").code == FALLBACK


@settings(deadline=None)
@given(
    st.text(max_size=300) | st.text(alphabet="不是没有态度很好差等了三个小时喷漆色差，。吗修", max_size=80)
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert 0 <= said(text).confidence <= 1
