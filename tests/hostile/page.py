"""One step with its question, its facts and its person, loaded once: thousands of answers can be tried on it.

The step and its words are the real ones; only nothing is written. What a person would get is read as the messaging
service reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.channels.updates import clean
from dialogs.catalogue import DIALOGS
from dialogs.core import Effect, Open, Pressed, Said, Say, Tell, Toast, TradeEffect, Wake
from dialogs.effects import OptOut
from dialogs.patterns import Response, Standing, respond
from sandbox.entities import read_html, units
from service.briefing import Briefing
from service.ledger import Ledger
from service.letters import plain
from service.occasion import Occasion
from service.play import Play
from storage import people, states
from tests.service.front_door import WANG, FrontDoor
from tests.service.stages import ADVISOR, BOSS, STAGES, stand_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialogs.core import Event
    from dialogs.facts import Facts
    from service.house import House

LONGEST, LONGEST_LABEL, LONGEST_TOAST = (
    4096,
    512,
    200,
)  # Bot API: of a message, of a button's face (kept to a screen), of a toast
MARKS = {"bold", "italic", "code", "blockquote", "bot_command", "url", "mention"}
"""What our own words are marked with, and what the service finds by itself. Nothing else is ever ours."""


@dataclass
class Page:
    """A step that waits. `facts` are those of its person; `offered` what its buttons carry, by key."""

    house: House
    stage: tuple[str, str]
    standing: Standing
    facts: Facts
    offered: dict[str, set[str]] = field(default_factory=dict)

    def answer(self, event: Event) -> Response:
        """What the step says to `event`, as the engine asks it."""
        return respond(DIALOGS[self.stage[0]], self.standing, event, self.facts, self.house.menu)

    def say(self, text: str) -> Response | None:
        """What it says to words, as a channel brings them; None where nothing is left of them."""
        said = clean(text).strip()
        return self.answer(Said(said)) if said else None

    def press(self, key: str, value: str) -> Response:
        """What it says to a press."""
        return self.answer(Pressed(key, value))

    def shown(self, response: Response) -> Iterator[str]:
        """Every text that people get, as they read it. Raises what the service would refuse, AssertionError for
        words that are too long or that brought marks of their own."""
        scripts, dialog = self.house.scripts, self.stage[0]
        for effect in response.effects:
            match effect:
                case Say():
                    html = scripts.text(effect.script, effect.words)
                    yield as_read(html)
                    for button in (button for row in effect.buttons for button in row):
                        label = scripts.label(dialog, button.label or button.key, button.words)
                        assert 0 < len(label) <= LONGEST_LABEL, (effect.script, button.key)
                case Toast():
                    yield scripts.text(effect.script, effect.words)
                case Wake(name, _, words):
                    yield from scripts.timer(dialog, name, words)

    def goes_on(self, response: Response) -> bool:
        """Whether the step is over: the procedure has ended, or waits for what comes after it."""
        if response.standing is None:
            return True
        names = [step.__name__ for step in DIALOGS[self.stage[0]].steps]
        return names.index(response.standing.step) > names.index(self.standing.step)

    def does(self, response: Response) -> list[Effect]:
        """Of the effects those that change more than the talk itself."""
        return [
            each
            for each in response.effects
            if isinstance(each, TradeEffect | Open | Tell) and not isinstance(each, OptOut)
        ]


def as_read(html: str) -> str:
    """The text of a message as its reader sees it."""
    text, entities = read_html(html)
    assert text.strip()
    assert units(text) <= LONGEST, f"{units(text)} signs"
    assert {each["type"] for each in entities} <= MARKS
    assert plain(html) == text
    return text


async def turn_to(shop: FrontDoor, stage: tuple[str, str]) -> Page:
    """Stand at `stage`, as somebody who holds every role where it is a colleague's."""
    row = await stand_at(shop, *stage)
    who = BOSS if STAGES[stage].queue else ADVISOR if STAGES[stage].staff else WANG
    dialog = DIALOGS[stage[0]]
    async with shop.house.books.glance() as unit:
        now = shop.clock.now()
        ledger = Ledger(unit, now)
        ledger.know(await people.load(unit, now, ids=[(await shop.person(who)).id]))
        play = Play(shop.house, ledger, Briefing(unit, shop.house, now))
        conversation = await ledger.conversation(row.id)
        assert conversation is not None
        occasion = Occasion(person=next(iter(ledger.people.values())), press_id="P", chat_id=who.user_id)
        facts = await play._facts(dialog, conversation, Pressed(""), occasion)
    standing = Standing(row.step, states.read(dialog, row.state, row.version), row.misses)
    page = Page(shop.house, stage, standing, facts)
    for face in (face for letter in shop.post.letters for line in letter.buttons for face in line):
        if face.tap.conversation == row.id:
            page.offered.setdefault(face.tap.key, set()).add(face.tap.value)
    return page
