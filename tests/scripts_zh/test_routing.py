"""The store's word lists for complaints: as shipped, and what is said about every mistake in them (C2, C5)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from bot import checkup
from domain.complaint_routing import FALLBACK, RoutingRules, propose
from domain.complaints import Category, ComplaintKind, Severity
from domain.people import Queue
from scripts_zh import routing
from scripts_zh.phrases import phrase
from scripts_zh.routing import RoutingFileError, load_rules, routing_rules

GOOD = """
sure_from: 0.6
enough: 3
topics:
  paint:
    name: 喷漆
    category: service
    department: workshop
    keywords: {3: [色差], 1: [漆]}
  other: {name: 其他, category: other, department: front_desk}
kinds:
  valid: {1: [师傅]}
severities:
  major: {3: [受伤]}
"""


def read(tmp_path: Path, text: str) -> RoutingRules:
    file = tmp_path / "routing.yaml"
    file.write_text(text, encoding="utf-8")
    return load_rules(file)


def test_c5_the_shipped_lists_send_each_matter_to_its_department() -> None:
    topics = {topic.code: topic for topic in routing_rules().topics}
    desks = {
        "workshop_quality": Queue.WORKSHOP,
        "paint_body": Queue.WORKSHOP,
        "parts": Queue.PARTS,
        "price": Queue.SETTLEMENT,
        "manners": Queue.FRONT_DESK,
        "waiting": Queue.FRONT_DESK,
        "vehicle": Queue.SALES,
    }
    assert {code: topics[code].department for code in desks} == desks
    assert [code for code, topic in topics.items() if not topic.keywords] == [FALLBACK]
    assert {topic.category for topic in topics.values()} == set(Category)
    assert {kind for kind, _ in routing_rules().kinds} < set(ComplaintKind)
    assert {severity for severity, _ in routing_rules().severities} == {Severity.MAJOR, Severity.MINOR}


def test_it_is_read_and_compiled_once() -> None:
    assert routing_rules() is routing_rules()


def test_what_the_store_writes_is_what_counts(tmp_path: Path) -> None:
    rules = read(tmp_path, GOOD)
    assert (rules.sure_from, rules.enough) == (Decimal("0.6"), 3)
    assert propose("有色差", rules).classification.topic == "paint"


def test_the_store_may_write_full_width_and_traditional(tmp_path: Path) -> None:
    rules = read(tmp_path, GOOD.replace("[色差]", "[態度｜服務]").replace("喷漆", "态度"))
    assert propose("态度不行", rules).confidence == 1


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[色差]", '["色(差"]', "话题 paint 的关键词「色(差」写法有误"),
        ("[色差]", '["色差|"]', "会匹配任何话"),
        ("[色差]", '["色.*差"]', "不能用「*」"),
        ("[色差]", '["(色差){1,9}"]', "不能用「){」"),
        ("[色差]", '["色.{0,99}差"]', "隔得太远"),
        ("[色差]", "[315]", "请在两头加上引号"),
        ("{3: [色差], 1: [漆]}", "[色差]", "要按分数分组"),
        ("{3: [色差], 1: [漆]}", "{3: 色差}", "要写成列表"),
        ("{3: [色差], 1: [漆]}", "{30: [色差]}", "1 到 9 的整数"),
        ("department: workshop", "department: 车间", "话题 paint 的 department 写的是「车间」"),
        ("category: service", "category: paint", "话题 paint 的 category 写的是「paint」"),
        (
            "    category: service",
            "    kind: good\n    category: service",
            "话题 paint 的 kind 写的是「good」",
        ),
        ("    category: service", "    colour: red\n    category: service", "没有「colour」这一项"),
        ("name: 喷漆", "name: ''", "1 到 20 个字"),
        ("  paint:", "  喷漆:", "话题代号「喷漆」"),
        ("  other: {", "  rest: {", "要保留「other」"),
        (
            "  other: {name: 其他, category: other, department: front_desk}",
            "  other: 其他",
            "要写 name、category",
        ),
        ("sure_from: 0.6", "sure_from: 60", "0 到 1 之间的小数"),
        ("enough: 3", "enough: three", "请写 1 到 18 的整数"),
        ("enough: 3", "enough: 3\nsurely: 1", "没有「surely」这一项"),
        ("  valid:", "  invalid:", "kinds 里的「invalid」"),
        ("  major: {3: [受伤]}", "", "缺少 severities"),
        ("topics:", "topics: [", "格式不对"),
    ],
)
def test_c5_a_mistake_is_told_with_its_place_and_cure(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    assert before in GOOD
    with pytest.raises(RoutingFileError) as refused:
        read(tmp_path, GOOD.replace(before, after))
    assert any(told in line for line in refused.value.lines), refused.value.lines
    assert all("routing.yaml" in line for line in refused.value.lines)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RoutingFileError) as refused:
        read(tmp_path, GOOD.replace("[色差]", '["色(差"]').replace("workshop", "garage").replace("0.6", "6"))
    assert len(refused.value.lines) == 3


def test_a_file_that_is_missing_empty_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(RoutingFileError, match="找不到"):
        load_rules(tmp_path / "routing.yaml")
    with pytest.raises(RoutingFileError, match="应当有"):
        read(tmp_path, "")
    (tmp_path / "routing.yaml").write_bytes("投诉".encode("gbk"))
    with pytest.raises(RoutingFileError, match="UTF-8"):
        load_rules(tmp_path / "routing.yaml")


def test_check_reports_the_word_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checkup._routing() == checkup.Finding(phrase("cli", "check_routing"))
    (tmp_path / "routing.yaml").write_text(GOOD.replace("[色差]", '["色(差"]'), encoding="utf-8")
    monkeypatch.setattr(routing, "FILE", tmp_path / "routing.yaml")
    assert "色(差" in checkup._routing().faults[0]
