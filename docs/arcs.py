"""An arc diagram as SVG: boxes in a column, ways down on the right, ways back on the left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, PITCH = 400, 46, 74  # of a box, and from box to box; pixels
MARGIN = 24
REACH, STEP = 46, 15  # how far an arc swings out, and how much more per box that it passes
LETTER = 11  # height of small letters; a Chinese character is as wide


@dataclass(frozen=True, slots=True)
class Box:
    """One place: its name, a few words, and whether it is a choice or an end."""

    name: str
    words: str
    choice: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class Arc:
    """A way from one box to another; `dashed` for one that is not walked but only told of."""

    source: str
    target: str
    label: str = ""
    dashed: bool = False


def arcs_svg(boxes: Sequence[Box], arcs: Sequence[Arc]) -> str:
    """The drawing; it needs no font, script or address from elsewhere."""
    row = {box.name: number for number, box in enumerate(boxes)}
    spans = [row[arc.target] - row[arc.source] for arc in arcs]
    reaches = [(_reach(span) + len(arc.label) * 4, span) for span, arc in zip(spans, arcs, strict=True)]
    left = MARGIN + max((reach for reach, span in reaches if span < 0), default=0)
    right = max((reach for reach, span in reaches if span > 0), default=0)
    width, height = left + WIDTH + right + MARGIN, len(boxes) * PITCH + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="sans-serif">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#0f6b66"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    parts += [_line(row[arc.source], row[arc.target], left, arc.dashed) for arc in arcs]
    parts += [_box(box, row[box.name], left) for box in boxes]
    parts += [_label(arc.label, row[arc.source], row[arc.target], left) for arc in arcs if arc.label]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _reach(span: int) -> int:
    return REACH + STEP * abs(span)


def _middle(row: int) -> int:
    return MARGIN + row * PITCH + HEIGHT // 2


def _line(source: int, target: int, left: int, dashed: bool) -> str:
    stroke = 'fill="none" stroke="#0f6b66" stroke-opacity="0.75" marker-end="url(#tip)"'
    stroke += ' stroke-dasharray="5 4"' if dashed else ""
    if target == source + 1:
        x = left + WIDTH // 2
        return f'<path d="M{x} {_middle(source) + HEIGHT // 2}V{_middle(target) - HEIGHT // 2}" {stroke}/>'
    down = target > source
    edge, swing = (left + WIDTH, _reach(target - source)) if down else (left, -_reach(target - source))
    begin, end = _middle(source) + 8, _middle(target) - 8 if down else _middle(target) + 4
    out = edge + swing * 4 // 3  # a curve reaches three quarters of the way to its handles
    return f'<path d="M{edge} {begin}C{out} {begin} {out} {end} {edge} {end}" {stroke}/>'


def _box(box: Box, row: int, left: int) -> str:
    top = MARGIN + row * PITCH
    fill = "#fdeedd" if box.choice else "#e4e7ea" if box.end else "#e3f3f0"
    return (
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="{23 if box.end else 8}" fill="{fill}"'
        f' stroke="#0f6b66"/><text x="{left + 14}" y="{top + 19}" font-size="13" font-weight="bold">'
        f'{escape(box.name)}</text><text x="{left + 14}" y="{top + 36}" font-size="{LETTER}" fill="#44524f">'
        f"{escape(_short(box.words))}</text>"
    )


def _label(words: str, source: int, target: int, left: int) -> str:
    middle = (_middle(source) + _middle(target)) // 2
    if target == source + 1:
        x, anchor = left + WIDTH // 2 + 8, "start"
    elif target > source:
        x, anchor = left + WIDTH + _reach(target - source), "middle"
    else:
        x, anchor = left - _reach(target - source), "middle"
    return (
        f'<text x="{x}" y="{middle + 4}" font-size="{LETTER}" text-anchor="{anchor}" paint-order="stroke"'
        f' stroke="#ffffff" stroke-width="4">{escape(words)}</text>'
    )


def _short(words: str) -> str:
    return words if len(words) <= 66 else f"{words[:65]}…"
