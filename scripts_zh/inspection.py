"""Does every wording that a store may have edited still work? For `python bot.py check` and the tests.

Read as text and as template, not rendered: which values a script gets is the dialogs' business, but a word that no
dialog ever gives, a tag that the messaging service refuses, or a file that no dialog names is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from jinja2 import Environment, TemplateError, meta, nodes

from dialogs.catalogue import DIALOGS
from scripts_zh.rendering import SHARED, Scripts

LONGEST_SCRIPT = 3000  # characters before its words are put in; a message may have 4096
LONGEST_LABEL = 20
TAGS = frozenset({"b", "i", "code", "blockquote"})
STATEMENTS = (nodes.If, nodes.For)
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,!?;:]|[,!?;][\u4e00-\u9fff]")
KNOWN_WORDS = frozenset(
    [
        "about",
        "accepted",
        "added",
        "address",
        "again",
        "after",
        "alarm",
        "answer",
        "any_day",
        "any_offer",
        "any_time",
        "appointments",
        "appraisal",
        "asked",
        "average",
        "bay",
        "before",
        "bill",
        "begins",
        "begun",
        "benefits",
        "booking",
        "by",
        "by_phone",
        "called",
        "caller",
        "calling",
        "cars",
        "cause",
        "changed",
        "changes",
        "checklist",
        "complaint",
        "contacts",
        "count",
        "day",
        "days",
        "declined",
        "deposit",
        "deposit_until",
        "description",
        "discount",
        "due",
        "earlier",
        "early",
        "ended",
        "ends",
        "face",
        "fee",
        "first",
        "floor",
        "follow_up",
        "form",
        "given",
        "group",
        "invitations",
        "item",
        "job",
        "kind",
        "last_word",
        "late",
        "least",
        "left_out",
        "leg",
        "limit",
        "lines",
        "link",
        "loss",
        "media",
        "minutes",
        "model",
        "most_repeats",
        "name",
        "names",
        "news",
        "note",
        "now",
        "number",
        "offer",
        "offers",
        "open",
        "order",
        "overdue",
        "own",
        "owners",
        "page",
        "pages",
        "part_is_full",
        "phone",
        "place",
        "plate",
        "price",
        "promise",
        "proposed",
        "questions",
        "queue",
        "reached",
        "reason",
        "reference",
        "refused",
        "repeats",
        "report",
        "results",
        "role",
        "room",
        "safety",
        "said",
        "saved",
        "secret",
        "seen_by",
        "service",
        "severity",
        "share",
        "since",
        "split",
        "spread",
        "staff",
        "stages",
        "required",
        "start",
        "state",
        "step",
        "steps",
        "store",
        "substitute",
        "terms",
        "text",
        "ticked",
        "tier",
        "title",
        "topic",
        "until",
        "usual",
        "vehicle",
        "waiting",
        "waits",
        "wanted",
        "week",
        "who",
        "whole_day",
        "why",
        "working",
    ]
)
"""Every word that some dialog gives to some script."""


def faults(scripts: Scripts, folder: Path) -> Iterator[str]:
    """One sentence per thing to mend, naming the file and the cure, in Chinese."""
    environment = scripts.environment
    for name in scripts.names():
        text = (folder / f"{name}.j2").read_text(encoding="utf-8")
        yield from (f"scripts_zh/{name}.j2：{fault}" for fault in _script_faults(environment, text))
    for dialog in (*DIALOGS, SHARED):
        yield from _label_faults(environment, folder / dialog / "buttons.yaml")
    yield from _missing(scripts, folder)


def _script_faults(environment: Environment, text: str) -> Iterator[str]:
    try:
        tree = environment.parse(text)
        environment.compile(tree)
    except TemplateError as error:
        yield f"写法有误（{error}），请检查大括号和百分号是否成对。"
        return
    for word in sorted(meta.find_undeclared_variables(tree) - KNOWN_WORDS):
        yield f"没有「{word}」这个词可填，请检查拼写。"
    if not text.strip():
        yield "内容是空的，请写上要说的话。"
    if len(text) > LONGEST_SCRIPT:
        yield f"太长了（{len(text)} 字），请缩到 {LONGEST_SCRIPT} 字以内。"
    yield from _tag_faults(text)
    plain = re.sub(r"\{[{%#].*?[}%#]\}|<[^>]*>", "", text, flags=re.DOTALL)
    if HALF_WIDTH.search(plain):
        yield f"中文里有半角标点「{HALF_WIDTH.search(plain)[0]}」，请换成全角。"  # type: ignore[index]
    if "你" in plain:
        yield "请用「您」称呼客户。"


def _tag_faults(text: str) -> Iterator[str]:
    for tag in sorted(set(re.findall(r"</?(\w+)", text)) - TAGS):
        yield f"消息里不能用 <{tag}>，可以用 {'、'.join(sorted(TAGS))}。"
    for tag in sorted(TAGS):
        if text.count(f"<{tag}>") != text.count(f"</{tag}>"):
            yield f"<{tag}> 和 </{tag}> 不成对。"


def _label_faults(environment: Environment, file: Path) -> Iterator[str]:
    if not file.exists():
        return
    where = f"scripts_zh/{file.parent.name}/{file.name}"
    try:
        labels = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        yield f"{where}：不是正确的 YAML（{str(error).splitlines()[0]}）。"
        return
    for key, label in labels.items():
        text = str(label)
        try:
            unknown = sorted(meta.find_undeclared_variables(environment.parse(text)) - KNOWN_WORDS)
        except TemplateError as error:
            yield f"{where}：按钮 {key} 写法有误（{error}）。"
            continue
        if unknown:
            yield f"{where}：按钮 {key} 里没有「{'、'.join(unknown)}」这个词可填。"
        if "{" not in text and not 0 < len(text) <= LONGEST_LABEL:
            yield f"{where}：按钮 {key} 要有 1 到 {LONGEST_LABEL} 个字。"


def _missing(scripts: Scripts, folder: Path) -> Iterator[str]:
    """What the program names must be there, and what is there must be named."""
    rooms = (folder.parent / room for room in ("dialogs", "service"))
    source = "\n".join(
        file.read_text(encoding="utf-8") for room in rooms for file in sorted(room.glob("*.py"))
    )
    named = set(re.findall(r'"([a-z_]+/[a-z_0-9]+)"', source))
    families = tuple(re.findall(r'f"([a-z_]+/[a-z_]*)\{', source))
    written = set(scripts.names())
    folders = {name.split("/")[0] for name in written}
    for name in sorted(
        name for name in named - written if name.split("/")[0] in folders and name != "shared/topic"
    ):
        yield f"缺少话术 scripts_zh/{name}.j2。"
    for name in sorted(written - named):
        if not name.startswith(families):
            yield f"scripts_zh/{name}.j2 没有用到，可以删掉。"
