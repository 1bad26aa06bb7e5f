"""The chain of a complaint as a drawing, taken from its code: steps, owners, times, alarms, what leads on (C4–C6)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from types import FunctionType

import yaml

from dialogs import complaint_moves
from dialogs.catalogue import DIALOGS
from dialogs.complaint_card import ACTIONS
from docs.reading import SCRIPTS, button_label, meant, source_of
from domain.complaint_chain import beginning, share_of
from domain.complaint_ladder import DEPARTMENTS, QUEUE_OF, level, owners
from domain.complaints import ALARMS, ComplaintFigures, Happening, Step
from domain.people import Queue

DESK, SHEET, CLOSED = "complaint_desk", "complaint_sheet", "closed"
ANSWERS = {"dispatch": "send"}  # a button that only asks, and the one that then acts
INK, SOFT, LINE = "#12312e", "#44524f", "#0f6b66"
TOP, PITCH, HEIGHT = 24, 132, 84  # of the rows; pixels
LEFT, WIDTH = 190, 320  # of the boxes
CLOCK, HOUR_LINE = 560, 370  # where a step's time begins, and how long 125 % of it is drawn


@dataclass(frozen=True, slots=True)
class Stretch:
    """A step of the chain: Chinese name, desk, owners, and who hears of which alarm after how many minutes."""

    step: Step
    name: str
    desk: str
    owners: str
    alarms: tuple[tuple[Happening, int, str], ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """What leads from a step to another, or to the end: the buttons' labels."""

    source: str
    target: str
    label: str


def stretches() -> list[Stretch]:
    """The steps with the figures that hold where the store file says nothing else."""
    figures = ComplaintFigures()
    words = yaml.safe_load((SCRIPTS / "phrases.yaml").read_text(encoding="utf-8"))
    found = []
    for step in Step:
        queue = QUEUE_OF.get(step, Queue.WORKSHOP)
        minutes = figures.hours_of(step) * 60
        alarms = tuple(
            (alarm, int(minutes * share_of(alarm, figures)), _told(alarm, step, queue)) for alarm in ALARMS
        )
        if step is Step.DEPARTMENT:
            desk = "topics " + "、".join(words["queue"][each.value] for each in DEPARTMENTS)
            who = "the head of that department"
        else:
            desk = f"topic {words['queue'][queue.value]}"
            who = " or ".join(_spoken(role.value) for role in owners(step, queue))
        found.append(Stretch(step, words["complaint_step"][step.value], desk, who, alarms))
    return found


def _told(alarm: Happening, step: Step, queue: Queue) -> str:
    roles = " or ".join(_spoken(role.value) for role in level(alarm, step, queue))
    return "its owner" if alarm is Happening.WARNED else roles


def _spoken(name: str) -> str:
    return name.replace("_", " ")


# ---------------------------------------------------------------- reading the moves


def leads() -> list[Lead]:
    """Which button leads from which step to which, read from what the moves begin."""
    found = [Lead(Step.INTAKE, *_to("accept", DESK))]
    for step, rows in ACTIONS.items():
        labels: dict[str, list[str]] = {}
        for button in (button for row in rows for button in row):
            key = ANSWERS.get(button.key, button.key)
            target, _ = _to(key, DESK)
            if target:
                label = button_label(DESK, button.label or button.key)
                labels.setdefault(target, []).append(label)
        found += [Lead(step, target, " · ".join(each)) for target, each in labels.items()]
    return [*found, Lead(CLOSED, *_to("dissatisfied", SHEET))]


def _to(key: str, dialog: str) -> tuple[str, str]:
    """Where a press on `key` leads ("" if it stays), and the button's label."""
    step = DIALOGS[dialog].first
    assert isinstance(step, FunctionType)
    targets = list(_begun(key, step, {step}))
    return (targets[-1] if targets else ""), button_label(dialog, key)


def _begun(key: str, function: FunctionType, seen: set[FunctionType]) -> Iterator[str]:
    """The steps that begin where `function` and what it calls hear of `key`, and the end where the case is closed."""
    for node in (node for line in _heard(key, source_of(function).body) for node in ast.walk(line)):
        if not isinstance(node, ast.Call):
            continue
        called = meant(node.func, function)
        named = [meant(each, function) for each in node.args]
        begun = [each for each in named if isinstance(each, Step)]
        if called in (complaint_moves.begins, beginning) and begun:
            yield begun[0].value
        elif called is complaint_moves.entry and Happening.CLOSED in named:
            yield CLOSED
        elif isinstance(called, FunctionType) and called not in seen and _is_of_complaints(called):
            yield from _begun(key, called, seen | {called})


def _heard(key: str, lines: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The lines that are run for `key`: of a match its own case, or those that name no key at all."""
    for line in lines:
        if not isinstance(line, ast.Match):
            yield line
            continue
        cases = [(_keys(case.pattern), case.body) for case in line.cases]
        mine = [body for keys, body in cases if key in keys] or [body for keys, body in cases if not keys]
        for body in mine:
            yield from _heard(key, body)


def _keys(pattern: ast.pattern) -> set[object]:
    return {
        node.value.value
        for node in ast.walk(pattern)
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant)
    }


def _is_of_complaints(function: FunctionType) -> bool:
    return function.__module__.startswith("dialogs.complaint_")


# ---------------------------------------------------------------- the picture


def chain_svg(steps: list[Stretch], ways: list[Lead]) -> str:
    """A row per step: what it is, then its time with the alarms; ways back swing out on the left."""
    rows: dict[str, int] = {each.step.value: number for number, each in enumerate(steps)} | {
        CLOSED: len(steps)
    }
    height = TOP + PITCH * len(steps) + 60 + TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {height}" width="1000" height="{height}"'
        ' font-family="sans-serif">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{LINE}"/></marker></defs>',
        f'<rect width="1000" height="{height}" fill="#ffffff"/>',
    ]
    for each in steps:
        parts += [_box(each, rows[each.step]), *_clock(each, rows[each.step])]
    parts.append(_end(rows[CLOSED]))
    parts += [_way(rows[way.source], rows[way.target], way.label) for way in ways]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _top(row: int) -> int:
    return TOP + row * PITCH


def _text(x: int, y: int, words: str, *, size: int = 12, colour: str = SOFT, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{more}>{escape(words)}</text>'


def _box(each: Stretch, row: int) -> str:
    top = _top(row)
    return "".join(
        (
            f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#e3f3f0" stroke="{LINE}"/>',
            _text(
                LEFT + 14,
                top + 26,
                f"{each.name} {each.step}",
                size=15,
                colour=INK,
                more=' font-weight="bold"',
            ),
            _text(LEFT + 14, top + 48, each.desk),
            _text(LEFT + 14, top + 68, each.owners),
        )
    )


def _clock(each: Stretch, row: int) -> Iterator[str]:
    """The step's time as a line, with a mark and a word for every alarm."""
    middle = _top(row) + HEIGHT // 2
    whole = each.alarms[-1][1]
    yield f'<path d="M{CLOCK} {middle}H{CLOCK + HOUR_LINE}" stroke="{LINE}" stroke-width="3"/>'
    yield _text(CLOCK - 6, middle + 4, "0", more=' text-anchor="end"')
    for place, (alarm, minutes, who) in enumerate(each.alarms):
        x = CLOCK + HOUR_LINE * minutes // whole
        fill = "#e8a33d" if alarm is Happening.WARNED else "#c8372d"
        yield f'<circle cx="{x}" cy="{middle}" r="6" fill="{fill}"/>'
        yield _text(x, middle - 14, f"{minutes / 60:g} h", size=13, colour=INK, more=' text-anchor="middle"')
        yield _text(x, middle + (26 if place % 2 else 44), who, more=' text-anchor="middle"')


def _end(row: int) -> str:
    top = _top(row)
    words = "满意: over · 不满意: once more"
    return (
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="60" rx="30" fill="#e4e7ea" stroke="{LINE}"/>'
        + _text(
            LEFT + 30,
            top + 26,
            "the customer has the answer",
            size=15,
            colour=INK,
            more=' font-weight="bold"',
        )
        + _text(LEFT + 30, top + 46, words)
    )


def _way(source: int, target: int, label: str) -> str:
    stroke = f'fill="none" stroke="{LINE}" marker-end="url(#tip)"'
    if target == source + 1:
        x, begin, end = LEFT + 40, _top(source) + HEIGHT, _top(target)
        line = f'<path d="M{x} {begin}V{end}" {stroke}/>'
        return line + _text(x + 12, (begin + end) // 2 + 5, label, size=13, colour=INK)
    begin, end = _top(source) + 24, _top(target) + HEIGHT - 20
    out = LEFT - 60 - 40 * (source - target)
    line = f'<path d="M{LEFT} {begin}C{out} {begin} {out} {end} {LEFT} {end}" {stroke}/>'
    halo = ' text-anchor="middle" paint-order="stroke" stroke="#ffffff" stroke-width="4"'
    reach, along = (
        LEFT - (LEFT - out) * 63 // 100,
        begin + (end - begin) * 22 // 100,
    )  # nearer to where it begins
    return line + _text(reach, along, label, size=13, colour=INK, more=halo)
