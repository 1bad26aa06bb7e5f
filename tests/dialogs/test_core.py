"""The words that procedures are written in: advance, then, done, buttons, former names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Outcome,
    Pressed,
    Said,
    Say,
    Turn,
    advance,
    ask,
    ask_again,
    done,
    hand_over,
    stay,
    then,
)  # fmt: skip

FACTS: Any = None  # these steps look at nothing


@dataclass(frozen=True, slots=True)
class Note:
    """What the little procedure below remembers."""

    name: str = ""
    seen: int = 0


def first(note: Note, event: Event, facts: Any) -> Turn:
    match event:
        case Entered():
            return ask(replace(note, seen=note.seen + 1), Say("a/first"))
        case Said("round"):
            return then(circle, note)
        case Said("no"):
            return ask_again(note, Say("a/again"))
        case Said("bye"):
            return done(Say("a/bye"))
        case Said("help"):
            return hand_over("asked", Say("a/help"))
        case Said(text):
            return then(second, replace(note, name=text), Say("a/noted"))
        case _:
            return stay(Say("a/same"))


def second(note: Note, event: Event, facts: Any) -> Turn:
    match event:
        case Entered() if note.name == "skip":
            return then(third, note, Say("a/skipped"))
        case Entered():
            return ask(note, Say("a/second"))
        case _:
            return then(third, note)


def third(note: Note, event: Event, facts: Any) -> Turn:
    return ask(note, Say("a/third"))


def circle(note: Note, event: Event, facts: Any) -> Turn:
    return then(circle, note)


STEPS = Dialog("a", Note, steps=(first, second, third), formerly={"one": "first"})


def said(text: str) -> tuple[str, list[str], Outcome]:
    after = advance(first, Note(seen=3), Said(text), FACTS)
    return after.step, [effect.script for effect in after.effects if isinstance(effect, Say)], after.outcome


def test_then_enters_the_next_step_at_once_and_keeps_the_order_of_effects() -> None:
    assert said("wang") == ("second", ["a/noted", "a/second"], Outcome.ASK)
    assert said("skip") == ("third", ["a/noted", "a/skipped", "a/third"], Outcome.ASK)


def test_how_a_step_may_end() -> None:
    """ask_again waits at the same step; done and hand_over wait nowhere and remember nothing."""
    assert said("no") == ("first", ["a/again"], Outcome.ASK_AGAIN)
    assert said("bye") == ("", ["a/bye"], Outcome.DONE)
    assert said("help") == ("", ["a/help"], Outcome.HAND_OVER)
    over = advance(first, Note(), Said("help"), FACTS)
    assert (over.state, over.reason) == (None, "asked")


def test_stay_keeps_what_was_remembered() -> None:
    same = advance(first, Note("w", 3), Pressed("x"), FACTS)
    assert (same.outcome, same.step, same.state) == (Outcome.STAY, "first", Note("w", 3))


def test_ask_remembers_what_the_step_says() -> None:
    assert advance(first, Note(seen=1), Entered(), FACTS).state == Note(seen=2)


def test_steps_that_lead_in_a_circle_are_a_bug_with_a_name() -> None:
    with pytest.raises(RecursionError, match=r"circle.*end one of them"):
        advance(first, Note(), Said("round"), FACTS)


def test_steps_are_found_by_their_present_and_former_names() -> None:
    assert STEPS.step("first") is STEPS.step("one") is STEPS.first
    assert STEPS.step("never") is None


@pytest.mark.parametrize(("key", "value"), [("x" * 41, ""), ("x", "y" * 40), ("预约", ""), ("x", "车")])
def test_a_button_that_cannot_be_delivered_is_refused(key: str, value: str) -> None:
    """Key and value stay within 40 ASCII bytes, so that the callback data stays within 64 (Bot API)."""
    with pytest.raises(ValueError, match="shorten"):
        Button(key, value)


def test_the_longest_button_is_allowed() -> None:
    assert Button("x" * 10, "y" * 30).label == ""
