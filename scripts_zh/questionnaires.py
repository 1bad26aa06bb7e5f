"""followup/*.yaml, where the store writes its questionnaires (F3), read, checked, and kept as they were asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.people import Queue
from domain.questionnaires import (
    Condition,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from scripts_zh.questionnaire_checks import inner_faults, lonely_faults, outer_faults, wording_faults
from scripts_zh.questionnaire_file import Draft, read_draft
from scripts_zh.questionnaire_nodes import Fault
from scripts_zh.routing import RoutingFileError, routing_rules

FOLDER = Path(__file__).with_name("followup")
_HOUR = timedelta(hours=1)


class UnreadableSheet(Exception):
    """A questionnaire cannot be used: `lines` hold a Chinese sentence each, with file, line and cure."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """The store's sheets by id, read once per process. Raises UnreadableSheet."""
    return load_sheets(FOLDER)


def load_sheets(folder: Path) -> Mapping[str, Questionnaire]:
    """All sheets of `folder` by id. Raises UnreadableSheet with everything that is wrong with any of them."""
    drafts = _drafts(folder)
    told = tuple(line for draft in drafts.values() for line in _told(draft, drafts))
    if told:
        raise UnreadableSheet(told)
    found = (with_version(draft.sheet) for draft in drafts.values() if draft.sheet is not None)
    return {sheet.id: sheet for sheet in found}


def read_sheet(path: Path) -> tuple[Questionnaire, Questionnaire | None]:
    """The sheet in `path`, and the one beside it that it comes after. Raises UnreadableSheet with their faults."""
    path = path.resolve()
    drafts = _drafts(path.parent)
    draft = drafts.get(path.stem)
    if draft is None or path.suffix != ".yaml":
        draft = read_draft(path)
    told = tuple(_told(draft, drafts))
    before = drafts.get(draft.sheet.start.after) if draft.sheet else None
    if before is not None and before.sheet is None:
        told += tuple(_told(before, drafts))
    if told or draft.sheet is None:
        raise UnreadableSheet(told)
    return with_version(draft.sheet), before.sheet if before else None


def _drafts(folder: Path) -> dict[str, Draft]:
    files = sorted(each for each in folder.glob("*") if each.suffix in (".yaml", ".yml"))
    return {path.stem if path.suffix == ".yaml" else path.name: read_draft(path) for path in files}


def _told(draft: Draft, drafts: Mapping[str, Draft]) -> Iterator[str]:
    """The sentences about one file, in the order of its lines."""
    faults = list(draft.faults)
    if draft.partial is not None:
        faults += wording_faults(draft.partial, draft.lines)
    if draft.sheet is not None:
        faults += inner_faults(draft.sheet, draft.lines, _topics())
        faults += _about_the_earlier(draft.sheet, draft.lines, drafts)
    for line, sentence in sorted(dict.fromkeys(faults)):
        yield f"{draft.where} 第 {line} 行：{sentence}" if line else f"{draft.where}：{sentence}"


def _about_the_earlier(
    sheet: Questionnaire, lines: Mapping[str, int], drafts: Mapping[str, Draft]
) -> Iterator[Fault]:
    after = sheet.start.after
    if not after:
        yield from lonely_faults(sheet, lines)
    elif after not in drafts or after == sheet.id:
        others = "、".join(sorted(drafts.keys() - {sheet.id})) or "（没有别的问卷）"
        yield Fault(lines["start"], f"after 里的问卷「{after}」不存在，请从这些里选：{others}。")
    elif _goes_round(sheet.id, drafts):
        yield Fault(lines["start"], f"after 绕回了自己（{sheet.id}），请让其中一份问卷用 event 开始。")
    elif (earlier := drafts[after].sheet) is not None:
        yield from outer_faults(sheet, lines, earlier)


def _goes_round(first: str, drafts: Mapping[str, Draft]) -> bool:
    seen: set[str] = set()
    this = first
    while this in drafts and this not in seen:
        seen.add(this)
        sheet = drafts[this].sheet
        this = sheet.start.after if sheet else ""
    return this == first


def _topics() -> Mapping[str, str] | None:
    """Names of the topics of complaints by code; None while routing.yaml cannot be read, which is told elsewhere."""
    try:
        return {topic.code: topic.name for topic in routing_rules().topics}
    except RoutingFileError:
        return None


# ---------------------------------------------------------------- kept with the answers


def with_version(sheet: Questionnaire) -> Questionnaire:
    """`sheet` with its content as `source`, and the version that is made of it."""
    return _versioned(sheet, source_of(sheet))


def _versioned(sheet: Questionnaire, source: str) -> Questionnaire:
    return replace(sheet, source=source, version=sha256(source.encode()).hexdigest()[:8])


def source_of(sheet: Questionnaire) -> str:
    """The content of `sheet` as one line of JSON: the same for the same content, however the file is laid out."""
    start: dict[str, Any] = {
        "event": sheet.start.event.value if sheet.start.event else "",
        "after": sheet.start.after,
        "from_hours": sheet.start.earliest // _HOUR,
        "until_hours": sheet.start.latest // _HOUR,
    }
    body: dict[str, Any] = {
        "id": sheet.id,
        "title": sheet.title,
        "start": {part: value for part, value in start.items() if value},
        "opening": sheet.opening,
        "closing": sheet.closing,
        "told": [queue.value for queue in sheet.told],
        "questions": [_question_body(each) for each in sheet.questions],
    }
    said = {part: value for part, value in body.items() if value or part == "questions"}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _question_body(question: Question) -> dict[str, Any]:
    when = question.when
    condition: dict[str, Any] = (
        {}
        if when is None
        else {
            "question": f"earlier.{when.question}" if when.earlier else when.question,
            "is": list(when.codes) or None,
            "at_most": when.at_most,
            "at_least": when.at_least,
            "bad": when.bad,
            "answered": when.answered,
        }
    )
    body: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind.value,
        "text": question.text,
        "options": [[option.code, option.label] for option in question.options],
        "when": {part: value for part, value in condition.items() if value is not None},
        "bad": sorted(question.bad_codes),
        "bad_at_most": question.bad_at_most,
        "topic": question.topic,
        "required": question.required,
        "asks_back": question.asks_back,
    }
    return {part: value for part, value in body.items() if value}


def from_source(source: str) -> Questionnaire:
    """A sheet from its content as it was kept. Rules that came later do not count: whoever began it can finish it.

    Raises UnreadableSheet where not even its questions can be made out.
    """
    try:
        body: dict[str, Any] = json.loads(source)
        start = body.get("start") or {}
        event = start.get("event")
        sheet = Questionnaire(
            str(body["id"]),
            str(body.get("title") or body["id"]),
            "",
            Start(
                _HOUR * start.get("from_hours", 0),
                _HOUR * start.get("until_hours", 0),
                FollowUpEvent(event) if event in list(FollowUpEvent) else None,
                str(start.get("after") or ""),
            ),
            str(body.get("opening") or ""),
            str(body.get("closing") or ""),
            tuple(_question(each) for each in body["questions"]),
            tuple(Queue(code) for code in body.get("told") or () if code in list(Queue)),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UnreadableSheet((f"数据库里保存的一份旧问卷读不出来（{type(error).__name__}）。",)) from None
    return _versioned(sheet, source)


def _question(each: Mapping[str, Any]) -> Question:
    written = each.get("options") or ()
    options = written.items() if isinstance(written, dict) else written
    return Question(
        str(each["id"]),
        QuestionKind(each["kind"]),
        str(each.get("text") or ""),
        tuple(Option(str(code), str(label)) for code, label in options),
        _condition(each["when"]) if each.get("when") else None,
        _number(each.get("bad_at_most")),
        frozenset(str(code) for code in each.get("bad") or ()),
        str(each.get("topic") or ""),
        bool(each.get("required")),
        bool(each.get("asks_back")),
    )


def _condition(when: Mapping[str, Any]) -> Condition:
    wanted = str(when["question"])
    return Condition(
        wanted.removeprefix("earlier."),
        wanted.startswith("earlier."),
        tuple(str(code) for code in when.get("is") or ()),
        _number(when.get("at_most")),
        _number(when.get("at_least")),
        when.get("bad"),
        when.get("answered"),
    )


def _number(value: Any) -> int | None:
    return None if value is None else int(value)
