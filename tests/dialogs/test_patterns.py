"""What people do in every procedure, seen from the rules alone: respond() on every step of a little procedure.

Every real dialog goes through the same patterns in tests/service/test_every_dialog.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.core import (
    Button,
    Dialog,
    EditedText,
    Effect,
    Entered,
    Event,
    Outcome,
    Pressed,
    Refused,
    Said,
    Say,
    SentMedia,
    SharedContact,
    Told,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    ask_again,
    done,
    hand_over,
    stay,
    then,
)  # fmt: skip
from dialogs.facts import Facts, Who
from dialogs.patterns import LONGEST_TEXT, LONGEST_TRAIL, Footprint, Response, Standing, respond
from domain.calendar import StoreCalendar
from tests.clock import MONDAY_TEN
from tests.domain.example_store import example_store

STORE = example_store()
CALENDAR = StoreCalendar.of(STORE)
FACTS = Facts(MONDAY_TEN.astimezone(STORE.zone), STORE, Who(3, "伟"), 1, CALENDAR, home_person=3)
MENU = {"预约服务": "预约服务", "咨询": "咨询"}


@dataclass(frozen=True, slots=True)
class Form:
    """A name, a car and a bay that is held."""

    name: str = ""
    car: str = ""


def tell_name(form: Form, event: Event, facts: Facts) -> Turn:
    match event:
        case Entered():
            return ask(form, Say("a/name", buttons=((Button("cancel"),),)))
        case Said(text) if len(text) < 4:
            return then(tell_car, replace(form, name=text))
        case Told():
            return stay()
        case _:
            return ask_again(form, Say("a/name_again"))


def tell_car(form: Form, event: Event, facts: Facts) -> Turn:
    match event:
        case Entered() if form.car == "gone":
            return done(Say("a/gone"))
        case Entered():
            return ask(form, Say("a/car", buttons=((Button("car"), Button("cancel")),)))
        case Woke("bell"):
            return ask(form, Say("a/bell"))
        case Said("done"):
            return done(Say("a/done"))
        case Said("stuck"):
            return hand_over("trouble")
        case Said(text) if text.startswith("car"):
            return ask(replace(form, car=text), Say("a/car_noted"))
        case _:
            return ask_again(form, Say("a/car_again"))


def _undone(form: Form, facts: Facts) -> tuple[Effect, ...]:
    return (Unwake("hold"),)


FORM = Dialog("a", Form, steps=(tell_name, tell_car), cancelled=_undone)
NAMED = Standing("tell_car", Form("王"), 0, (Footprint("tell_name", Form()),))
FIRST = Standing("tell_name", Form())


def after(standing: Standing, event: Event, dialog: Dialog = FORM) -> Response:
    return respond(dialog, standing, event, FACTS, MENU)


def scripts(response: Response) -> list[str]:
    return [effect.script for effect in response.effects if isinstance(effect, Say)]


def timers(response: Response) -> dict[str, timedelta]:
    return {effect.name: effect.at - FACTS.now for effect in response.effects if isinstance(effect, Wake)}


@pytest.mark.parametrize("event", [Said("取消"), Said("算了"), Said("不约了"), Pressed("cancel")], ids=str)
@pytest.mark.parametrize("standing", [FIRST, NAMED], ids=lambda each: each.step)
def test_cancel(standing: Standing, event: Event) -> None:
    """取消: it is over, what was done is undone first, and the menu comes back."""
    response = after(standing, event)
    assert (response.outcome, response.standing) == (Outcome.DONE, None)
    assert response.effects == (Unwake("hold"), Say("shared/cancelled", keyboard="menu"))


@pytest.mark.parametrize("event", [Said("人工"), Said("转人工"), Pressed("human")], ids=str)
def test_human(event: Event) -> None:
    """人工: a person takes over, and nothing stays half done."""
    response = after(NAMED, event)
    assert (response.outcome, response.reason) == (Outcome.HAND_OVER, "asked")
    assert response.effects == (Unwake("hold"),)


@pytest.mark.parametrize(
    ("dialog", "typed", "elsewhere"),
    [
        (FORM, "退订", True),
        (FORM, "别再给我发消息了", True),
        (FORM, "恢复订阅", True),
        (FORM, "不要退订", False),
        (FORM, "怎么退订", False),
        (replace(FORM, relays=True), "退订", True),
        (replace(FORM, relays=True), "别再给我发消息了", False),
        (replace(FORM, open_ended=True), "退订", True),
        (replace(FORM, open_ended=True), "别再骚扰我了", False),
        (replace(FORM, is_care=True), "退订", False),
        (replace(FORM, is_care=True), "恢复订阅", True),
    ],
)
def test_who_wants_no_care_is_heard_in_any_form(dialog: Dialog, typed: str, elsewhere: bool) -> None:
    """K5: the front desk answers; what is care itself does so by itself; kept words count only when they are bare."""
    assert after(FIRST, Said(typed), dialog).interrupted is elsewhere


def test_back_goes_the_way_back_and_stops_at_the_first_question() -> None:
    """返回: the question before, as it was asked then; at the first question, that one."""
    back = after(NAMED, Said("返回"))
    assert back.standing == FIRST
    assert scripts(back) == ["a/name"]
    assert after(FIRST, Pressed("back")).standing == FIRST


def keys(response: Response) -> list[list[str]]:
    return [
        [button.key for button in row]
        for each in response.effects
        if isinstance(each, Say)
        for row in each.buttons
    ]


def test_back_stands_beside_cancel_where_there_is_a_question_before() -> None:
    """Not at the first question; also on the nudge and where a person is offered."""
    assert keys(after(FIRST, Entered())) == [["cancel"]]
    assert keys(after(FIRST, Said("王"))) == [["car", "back", "cancel"]]
    assert keys(after(NAMED, Woke("silence_nudge"))) == [["car", "back", "cancel"]]
    assert keys(after(replace(NAMED, misses=1), Said("哦哦哦哦"))) == [["human", "back", "cancel"]]
    assert keys(after(NAMED, Pressed("back"))) == [["cancel"]]
    assert keys(after(NAMED, Entered(), replace(FORM, patient=True))) == [["car", "cancel"]]


def test_what_was_held_is_given_back_on_the_way_back() -> None:
    """Before the question is asked again; at the first question nothing is left, and nothing given back."""
    assert after(NAMED, Pressed("back")).effects[0] == Unwake("hold")
    assert Unwake("hold") not in after(FIRST, Pressed("back")).effects


def test_nobody_goes_back_to_a_step_that_asked_nothing() -> None:
    """A way in that only looks what is known, and leads on."""

    def look_up(form: Form, event: Event, facts: Facts) -> Turn:
        return then(tell_car, replace(form, name="王"))

    entered = after(
        Standing("look_up", Form()), Entered(), replace(FORM, steps=(look_up, tell_name, tell_car))
    )
    assert entered.standing == Standing("tell_car", Form("王"))


def test_the_trail_keeps_only_the_last_steps() -> None:
    """Going to and fro for ever does not grow the row for ever."""
    trail = tuple(Footprint("tell_car", Form(str(number))) for number in range(LONGEST_TRAIL))
    moved = after(replace(FIRST, trail=trail), Said("王")).standing
    assert moved is not None
    assert moved.trail == (*trail[1:], Footprint("tell_name", Form()))


def test_a_question_waits_only_so_long() -> None:
    """Every question sets the nudge and the end; every answer sets them anew."""
    figures = STORE.dialogs
    wanted = {"silence_nudge": figures.nudge_after, "silence_close": figures.close_after}
    assert timers(after(FIRST, Entered())) == timers(after(NAMED, Said("car 1"))) == wanted
    assert timers(after(FIRST, Said("哦哦哦哦"))) == wanted


def test_a_timer_that_asks_does_not_begin_the_silence_anew() -> None:
    """Silence counts from what the person did last; else a card that runs out again and again would never end."""
    assert timers(after(NAMED, Woke("bell"))) == {}


def test_the_nudge_asks_again_and_closes_so_long_after_it() -> None:
    """Also when it comes late: the person gets the same time to answer it."""
    figures = STORE.dialogs
    nudged = after(NAMED, Woke("silence_nudge", late=True))
    assert scripts(nudged) == ["shared/silence_nudge", "a/car"]
    assert timers(nudged) == {"silence_close": figures.close_after - figures.nudge_after}
    assert nudged.standing == NAMED


def test_a_nudge_about_something_that_is_over_ends_it() -> None:
    """What was asked about has gone meanwhile: say so, do not wait at a step that is none."""
    response = after(replace(NAMED, state=Form("王", "gone")), Woke("silence_nudge"))
    assert (response.outcome, response.standing) == (Outcome.DONE, None)
    assert scripts(response) == ["a/gone"]


def test_silence_at_last_closes() -> None:
    """Closed kindly, and what was held is given back."""
    closed = after(NAMED, Woke("silence_close"))
    assert (closed.outcome, closed.standing) == (Outcome.DONE, None)
    assert closed.effects == (Unwake("hold"), Say("shared/silence_closed"))


def test_twice_not_understood_offers_a_person_and_counts_anew() -> None:
    """B15: the first time the question again, the second time help, then the same from the beginning."""
    standing = FIRST
    heard: list[str] = []
    for _ in range(4):
        response = after(standing, Said("哦哦哦哦"))
        assert response.standing is not None
        standing, heard = response.standing, heard + scripts(response)
    assert heard == ["a/name_again", "shared/not_understood_twice"] * 2
    understood = after(replace(FIRST, misses=1), Said("王")).standing
    assert understood is not None
    assert understood.misses == 0


@pytest.mark.parametrize("event", [SentMedia("voice"), SentMedia("sticker"), EditedText("王")], ids=str)
def test_what_is_no_text_gets_its_own_words_and_is_no_miss(event: Event) -> None:
    """A voice message or an edit: what to do instead; not a step towards 没有看明白."""
    response = after(replace(NAMED, misses=1), event)
    assert scripts(response) == ["shared/edited" if isinstance(event, EditedText) else "shared/text_please"]
    assert response.standing == NAMED


def test_a_text_that_is_too_long_is_kindly_refused() -> None:
    """Refused before anything reads it; the longest allowed goes to the step."""
    assert scripts(after(FIRST, Said("长" * (LONGEST_TEXT + 1)))) == ["shared/too_long"]
    assert scripts(after(FIRST, Said("长" * LONGEST_TEXT))) == ["a/name_again"]


@pytest.mark.parametrize(
    "text", ["预约服务", "咨询", "/start", "/start abc", "/menu", "/help", "维修进度", "你们店地址在哪里"]
)
def test_menu_words_interrupt(text: str) -> None:
    """A word of the menu, or a wish that the step cannot use, is the front desk's; nothing moves meanwhile."""
    response = after(NAMED, Said(text))
    assert response.interrupted
    assert (response.outcome, response.standing, response.effects) == (Outcome.STAY, NAMED, ())


def test_a_wish_that_the_step_can_use_is_an_answer() -> None:
    """`car 保养` is a booking wish, but here it is the car that was asked for."""
    assert not after(NAMED, Said("car 保养")).interrupted


def test_an_unknown_step_hands_over() -> None:
    """A step that no release ever had."""
    response = after(Standing("never", Form()), Said("王"))
    assert (response.outcome, response.standing, response.reason) == (Outcome.HAND_OVER, None, "unknown_step")


@pytest.mark.parametrize("kind", [{"lasting": True}, {"patient": True}], ids=str)
def test_cards_and_desks_hear_everything_themselves(kind: dict[str, Any]) -> None:
    """What waits for a press or lasts for ever knows no silence and no 取消 of its own."""
    dialog = replace(FORM, **kind)
    assert scripts(after(NAMED, Said("取消"), dialog)) == ["a/car_again"]
    assert timers(after(FIRST, Entered(), dialog)) == {}
    over = after(NAMED, Said("stuck"), dialog)
    assert over.outcome is Outcome.HAND_OVER
    assert (over.standing is None) == (not dialog.lasting)


_texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["取消", "返回", "人工", "王", "car", "done", "stuck", "咨询", "/start"]),
)
_events = st.one_of(
    st.builds(Entered), st.builds(Said, _texts), st.builds(Pressed, st.sampled_from(["cancel", "back", "human", "x"])),
    st.builds(SharedContact, st.just("1"), st.booleans()), st.builds(SentMedia, st.sampled_from(["photo", "voice"])),
    st.builds(Woke, st.sampled_from(["silence_nudge", "silence_close", "bell"]), st.booleans()),
    st.builds(EditedText, _texts),
    st.builds(Told, st.just("moved")), st.builds(Refused, st.just(Say("a/name")), st.just("full")),
)  # fmt: skip


@given(st.lists(_events, max_size=12))
def test_any_order_of_events_leaves_a_procedure_standing_or_over(events: list[Event]) -> None:
    """Whatever happens: it waits at a step that exists, or is over; what a person did is answered."""
    standing = FIRST
    for event in events:
        response = after(standing, event)
        if isinstance(event, Said | Pressed | SharedContact | SentMedia | EditedText):
            assert scripts(response) or response.interrupted or response.outcome is Outcome.HAND_OVER
        if response.standing is None:
            assert response.outcome in (Outcome.DONE, Outcome.HAND_OVER)
            return
        standing = response.standing
        assert FORM.step(standing.step) is not None
        assert len(standing.trail) <= LONGEST_TRAIL
        assert standing.misses < 2
