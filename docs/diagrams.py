"""Draw the procedures from their code: `python -m docs.diagrams` writes the drawings anew.

A step is never named in a dialog but to go there, so the names that a step's source holds, and those in the functions
it calls, are the ways that lead on from it. A function that chooses among several steps is drawn as a choice.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any

import yaml

from dialogs import core
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog
from dialogs.standing_list import NEWER, list_anew
from docs.arcs import Arc, Box, arcs_svg
from docs.chain import CLOSED, chain_svg, leads, stretches
from docs.reading import ROOT, SCRIPTS, button_label, meant, source_of

PROCEDURES = ROOT / "docs" / "procedures"
OVER, PERSON = "over", "person"
REFUSED, BEGINS = "refused", "begins"
SERVICE = "begun by the service"
ENDS = {OVER: "it is over", PERSON: "a person takes it from here"}
BEGIN, END = "<!-- drawn: {} -->", "<!-- end of drawing -->"


@dataclass(frozen=True, slots=True)
class Way:
    """A way that leads from `source` to `target`, with the words on it."""

    source: str
    target: str
    label: str = ""


@dataclass
class Sight:
    """What can be seen from some lines of code: steps and choices that may follow, dialogs begun and told."""

    goes: dict[str, None] = field(default_factory=dict)
    opens: dict[tuple[str, str], None] = field(default_factory=dict)  # dialog, topic
    tells: dict[tuple[str, str], None] = field(default_factory=dict)  # dialog, news
    wakes: dict[str, None] = field(default_factory=dict)

    def add(self, other: Sight) -> None:
        """Whatever `other` sees is seen too."""
        self.goes |= other.goes
        self.opens |= other.opens
        self.tells |= other.tells
        self.wakes |= other.wakes


# ---------------------------------------------------------------- reading the code


def is_ours(found: Any) -> bool:
    """Whether this is a function of the dialogs that may lead somewhere."""
    return (
        isinstance(found, FunctionType)
        and found.__module__.startswith("dialogs.")
        and found.__module__ not in ("dialogs.core", "dialogs.patterns")
    )


class Reader:
    """Reads one dialog."""

    def __init__(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.choices: dict[str, FunctionType] = {}
        self.usual: list[str] = []
        self._steps: dict[Any, str] = {step: name_of(step) for step in dialog.steps}

    def ways(self) -> list[Way]:
        """Every way from step to step, in the order of the dialog."""
        found: dict[Way, None] = {}
        for step, name in self._steps.items():
            for label, sight in self.cases(step):
                found |= {Way(name, target, label): None for target in sight.goes if target != name}
        drawn: set[str] = set()
        while left := [name for name in self.choices if name not in drawn]:
            for name in left:
                drawn.add(name)
                sight = self._sight(source_of(self.choices[name]).body, self.choices[name], set())
                found |= {Way(name, target): None for target in sight.goes if target != name}
        usual = self._usual(found)
        self.usual = sorted({way.target for way in usual})
        return merged({way: None for way in found if way not in usual})

    def _usual(self, found: Iterable[Way]) -> set[Way]:
        """What is refused leads the same way from most steps: that is said once, under the drawing."""
        refused = [way for way in found if way.label == REFUSED]
        several = Counter(way.target for way in refused)
        return {way for way in refused if several[way.target] > len(self._steps) / 2}

    def whole(self) -> Sight:
        """Everything that can be seen from any step."""
        sight = Sight()
        for step in self._steps:
            sight.add(self._sight(source_of(step).body, step, set(), into_choices=True))
        return sight

    def cases(self, step: FunctionType) -> Iterator[tuple[str, Sight]]:
        """What each case of the step's match leads to, with its words; what stands beside the match has none."""
        for statement in source_of(step).body:
            if not isinstance(statement, ast.Match):
                yield "", self._sight([statement], step, set())
                continue
            for case in statement.cases:
                lines: list[ast.AST] = [*case.body, *([case.guard] if case.guard else [])]
                yield self._words(case.pattern), self._sight(lines, step, set())

    def _sight(
        self,
        lines: Sequence[ast.AST],
        function: FunctionType,
        seen: set[FunctionType],
        *,
        into_choices: bool = False,
    ) -> Sight:
        sight = Sight()
        for node in (node for line in lines for node in ast.walk(line)):
            found = meant(node, function)
            if found in self._steps if isinstance(found, FunctionType) else False:
                sight.goes[self._steps[found]] = None
            elif found is core.done:
                sight.goes[OVER] = None
            elif found is core.hand_over:
                sight.goes[PERSON] = None
            elif is_ours(found) and found not in seen and found is not function:
                if self._chooses(found) and not into_choices:
                    self.choices.setdefault(choice_name(found), found)
                    sight.goes[choice_name(found)] = None
                else:
                    more = source_of(found).body
                    sight.add(self._sight(more, found, seen | {found}, into_choices=into_choices))
            if isinstance(node, ast.Call):
                self._effect(node, function, lines, sight)
        return sight

    def _chooses(self, function: FunctionType) -> bool:
        named = {self._steps.get(as_key(meant(node, function))) for node in ast.walk(source_of(function))}
        return len(named - {None}) > 1

    def _effect(self, call: ast.Call, function: FunctionType, lines: Sequence[ast.AST], sight: Sight) -> None:
        made = meant(call.func, function)
        if made is core.Open:
            sight.opens |= {(dialog, topic_of(call)): None for dialog in said(call.args[0], function, lines)}
        elif made is core.Tell:
            news = next(iter(said(call.args[2], function, lines)), "…") if len(call.args) > 2 else "…"
            sight.tells |= {(dialog, news): None for dialog in said(call.args[0], function, lines)}
        elif made is list_anew:
            for dialog in said(call.args[0], function, lines):
                sight.opens[dialog, topic_of(call)] = None
                sight.tells[dialog, NEWER] = None
        elif made is core.Wake:
            named = said(call.args[0], function, lines) or timers_of(self.dialog.name)
            sight.wakes |= dict.fromkeys(named)

    def _words(self, pattern: ast.pattern) -> str:
        names = {node.cls.id for node in ast.walk(pattern) if isinstance(node, ast.MatchClass)
                 and isinstance(node.cls, ast.Name)}  # fmt: skip
        values = [node.value.value for node in ast.walk(pattern) if isinstance(node, ast.MatchValue)
                  and isinstance(node.value, ast.Constant)]  # fmt: skip
        words = "｜".join(str(value) for value in values)
        if names == {"Pressed"}:
            return "｜".join(button_label(self.dialog.name, str(value)) for value in values)
        if names == {"Woke"}:
            return f"⏰ {words}".strip()
        if "Told" in names:
            return f"news: {words or '…'}"
        if "Refused" in names:
            return REFUSED
        return "typed" if "Said" in names else "at once" if "Entered" in names else ""


def as_key(found: Any) -> Any:
    """`found` if it is a function, for looking it up among the steps."""
    return found if isinstance(found, FunctionType) else None


def said(node: ast.AST, function: FunctionType, lines: Sequence[ast.AST]) -> list[str]:
    """The words that `node` stands for: a constant, or what a comprehension runs through."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if not isinstance(node, ast.Name):
        return []
    for each in (each for line in lines for each in ast.walk(line) if isinstance(each, ast.comprehension)):
        if isinstance(each.target, ast.Name) and each.target.id == node.id:
            run = meant(each.iter, function)
            if isinstance(each.iter, ast.Tuple):
                run = tuple(value.value for value in each.iter.elts if isinstance(value, ast.Constant))
            return [str(value) for value in run] if isinstance(run, tuple) else []
    return []


def topic_of(call: ast.Call) -> str:
    """The staff group's topic in which an `Open` begins its dialog; "" for a person's chat."""
    if any(isinstance(node, ast.keyword) and node.arg == "queue" and isinstance(node.value, ast.Call)
           for node in ast.walk(call)):  # fmt: skip
        return "of its queue"
    queues = (node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)
              and isinstance(node.value, ast.Name) and node.value.id == "Queue")  # fmt: skip
    return next(queues, "").lower()


def name_of(function: Callable[..., Any]) -> str:
    """A function's own name."""
    return function.__name__


def choice_name(function: FunctionType) -> str:
    """How a choice is called in a drawing: appointment_terms.onward."""
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def merged(ways: dict[Way, None]) -> list[Way]:
    """One way per pair of places, with all words on it."""
    words: dict[tuple[str, str], list[str]] = {}
    for way in ways:
        words.setdefault((way.source, way.target), []).extend([way.label] if way.label else [])
    return [
        Way(source, target, " · ".join(dict.fromkeys(labels))) for (source, target), labels in words.items()
    ]


def timers_of(dialog: str) -> list[str]:
    """The timers that scripts_zh/timers.yaml has words for."""
    timers = yaml.safe_load((SCRIPTS / "timers.yaml").read_text(encoding="utf-8"))
    return list(timers.get(dialog, {}))


def explained(function: Callable[..., Any]) -> str:
    """The first sentence of the docstring."""
    first = (inspect.getdoc(function) or "").split("\n")[0]
    return first.split(" (")[0].rstrip(".")


# ---------------------------------------------------------------- drawing


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes, ways between them, and a sentence below."""

    boxes: list[Box]
    ways: list[Way]
    note: str = ""


def steps_drawing(dialog: Dialog) -> Drawing:
    """The steps of one dialog, the choices between them, and how it ends."""
    reader = Reader(dialog)
    ways = reader.ways()
    boxes = [Box(name_of(step), explained(step)) for step in dialog.steps]
    for name, each in reader.choices.items():
        led_to = {way.target for way in ways if way.source == name}
        place = next(number for number, box in enumerate(boxes) if box.name in led_to)
        boxes.insert(place, Box(name, explained(each) or "where the time that was named leads", choice=True))
    reached = {way.target for way in ways} | set(reader.usual)
    boxes += [Box(name, words, end=True) for name, words in ENDS.items() if name in reached]
    led = " or ".join(f"`{name}`" for name in reader.usual)
    return Drawing(boxes, ways, f"What the books refuse leads from every step to {led}." if led else "")


def house_drawing() -> Drawing:
    """All dialogs, which one begins which, and what they tell each other."""
    sights = {name: Reader(dialog).whole() for name, dialog in DIALOGS.items()}
    topics = {dialog: topic for sight in sights.values() for dialog, topic in sight.opens if topic}
    begun = {dialog for sight in sights.values() for dialog, _ in sight.opens}
    boxes = []
    for name, sight in sights.items():
        place = f"topic {topics[name]}" if name in topics else "a person's chat" if name in begun else SERVICE
        timers = f" · timers: {', '.join(sight.wakes)}" if sight.wakes else ""
        boxes.append(Box(name, place + timers))
    found: dict[Way, None] = {}
    for name, sight in sights.items():
        found |= {Way(name, dialog, BEGINS): None for dialog, _ in sight.opens}
        found |= {Way(name, dialog, f"tells {news}"): None for dialog, news in sight.tells}
    return Drawing(boxes, merged(found))


def mermaid(drawing: Drawing) -> str:
    """The drawing as Mermaid text, its sentence below."""
    boxes, ways = drawing.boxes, drawing.ways
    numbers = {box.name: f"n{number}" for number, box in enumerate(boxes)}
    lines = ["```mermaid", "flowchart TD"]
    for box in boxes:
        words = f"{box.name}<br/><i>{box.words}</i>".replace('"', "'")
        shape = ("{{", "}}") if box.choice else ("([", "])") if box.end else ("[", "]")
        lines.append(f'    {numbers[box.name]}{shape[0]}"{words}"{shape[1]}')
    for way in ways:
        label = f'|"{way.label}"|' if way.label else ""
        lines.append(f"    {numbers[way.source]} -->{label} {numbers[way.target]}")
    return "\n".join([*lines, "```", *(["", drawing.note] if drawing.note else [])])


def chain_drawing() -> Drawing:
    """The chain of a complaint: steps with owners, deadlines and alarms, and the buttons that lead on."""
    boxes = []
    for each in stretches():
        rings = ", ".join(f"{minutes / 60:g} h {who}" for _, minutes, who in each.alarms)
        boxes.append(Box(each.step, f"{each.name} · {each.desk} · {each.owners} · {rings}"))
    boxes.append(Box(CLOSED, "the customer has the answer and says 满意 or 不满意", end=True))
    return Drawing(boxes, [Way(lead.source, lead.target, lead.label) for lead in leads()])


def pages() -> dict[str, dict[str, Drawing]]:
    """The drawings of each page."""
    complaint = {name: steps_drawing(DIALOGS[name]) for name in ("complaint", "caller_complaint")}
    booking = {name: steps_drawing(DIALOGS[name]) for name in ("booking", "moving")}
    return {
        "booking.md": {"house": house_drawing(), **booking},
        "complaint.md": {"chain": chain_drawing(), **complaint},
    }


def drawn() -> dict[Path, str]:
    """Every file with a drawing, as it has to be now."""
    files = {}
    for page, drawings in pages().items():
        text = (PROCEDURES / page).read_text(encoding="utf-8")
        for name, drawing in drawings.items():
            before, _, rest = text.partition(BEGIN.format(name))
            _, _, after = rest.partition(END)
            text = f"{before}{BEGIN.format(name)}\n{mermaid(drawing)}\n{END}{after}"
            files[PROCEDURES / f"{name}.svg"] = svg(name, drawing)
        files[PROCEDURES / page] = text
    return files


def svg(name: str, drawing: Drawing) -> str:
    """The drawing as a picture."""
    if name == "chain":
        return chain_svg(stretches(), leads())
    arcs = [Arc(way.source, way.target, way.label) for way in drawing.ways]
    if name == "house":  # too many words for one column: the Mermaid text has them
        arcs = [Arc(arc.source, arc.target, dashed=BEGINS not in arc.label) for arc in arcs]
    return arcs_svg(drawing.boxes, arcs)


if __name__ == "__main__":
    for file, content in drawn().items():
        file.write_text(content, encoding="utf-8")
