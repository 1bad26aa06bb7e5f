"""The alerts that are shipped can fire: each names metrics and labels that the bot really has."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import ANSWERS, Metrics
from dialogs.core import Said
from service.ports import Delivered, Incoming, Sender
from storage.standing import Standing
from tests.house.tree import ROOT

(GROUP,) = yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text(encoding="utf-8"))["groups"]
RULES = GROUP["rules"]
WORDS_OF_THE_LANGUAGE = {
    *("sum", "max", "by", "or", "and", "unless", "absent", "rate", "increase", "histogram_quantile", "le"),
}
OF_PROMETHEUS = {"up": {"job"}}  # what a scrape says of itself
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?")
MATCHER = re.compile(r"""(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)\"""")


def exposed() -> dict[str, dict[str, set[str]]]:
    """Every sample that the bot may expose, with its labels and the values they had once all was used."""
    metrics = Metrics()
    update = Incoming(1, Sender(1), 1, Said("x"))
    metrics.received([update])
    metrics.committed([update], [{"id": 1, "kind": "answer", "chat_id": 1}], 1, [timedelta()], 0.1)
    metrics.brought(1, Delivered(1))
    for status in (0, 200, 429, 502):
        metrics.called("sendMessage", status, 0.1)
    standing = Standing({"pending": 1}, timedelta(), 0, 0, 0, 0, 0)
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(metrics.text(standing).decode()):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_names_what_there_is(rule: dict[str, Any]) -> None:
    expression, known = rule["expr"], exposed()
    assert all(
        expression.count(opening) == expression.count(closing) for opening, closing in ("()", "[]", "{}")
    )
    bare = re.sub(r"\[\d+[smhd]\]", "", expression)
    named = [(name, inside) for name, inside in SELECTOR.findall(bare) if name not in WORDS_OF_THE_LANGUAGE]
    assert named
    for name, inside in named:
        if name in OF_PROMETHEUS:
            assert {label for label, _ in MATCHER.findall(inside)} <= OF_PROMETHEUS[name]
            continue
        assert name in known
        for label, value in MATCHER.findall(inside):
            assert any(re.fullmatch(value, each) for each in known[name][label]), (
                f"{name} never has {label}={value}"
            )


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("page", "work")
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["annotations"]["summary"].endswith(".")


def test_the_page_for_watchers_explains_every_metric_and_alert() -> None:
    page = (ROOT / "docs/how-to/watch.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(desk_\w+)", page))
    ours = {
        re.sub(r"_(bucket|sum|count|created)$", "", name) for name in exposed() if name.startswith("desk_")
    }
    assert ours - explained == set()
    assert explained - ours == set()
    assert {rule["alert"] for rule in RULES} == set(re.findall(r"`(Desk[A-Z]\w+)`", page))
    assert set(ANSWERS.values()) <= set(re.findall(r"`(\w+)`", page))
