"""When customers are asked: the look before each message, reminders, other times, the end of the time (F1, F2, K5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from dialogs.core import Entered, Kind, Pressed, Say, Told
from dialogs.effects import NoteFollowUp
from domain.follow_ups import FollowUpState, Hindrance
from tests.dialogs.conftest import MONDAY, Desk
from tests.dialogs.follow_up_case import (
    ADVICE,
    CUSTOMER,
    OVERALL,
    RUNS,
    WHO,
    begun,
    clock,
    invited,
    labels,
    messages,
    now,
    planned,
    sheet,
)

S = FollowUpState
TEN = MONDAY + timedelta(hours=1)


def hinder(desk: Desk, reason: Hindrance | None) -> None:
    """Something hinders us from now on (None: nothing any more)."""
    desk.follow_ups = replace(desk.follow_ups, hindrance=reason)


@pytest.mark.parametrize("reason", [Hindrance.OPTED_OUT, Hindrance.OWN_CAR])
def test_who_must_not_be_asked_is_not(desk: Desk, reason: Hindrance) -> None:
    waiting = planned(desk)
    hinder(desk, reason)
    waiting.wake("due")
    assert (waiting.step, waiting.texts) == ("", [])
    assert (now(desk).state, now(desk).reason) == (S.SKIPPED, reason.value)


@pytest.mark.parametrize("reason", [Hindrance.COMPLAINT, Hindrance.CONTACTED])
def test_who_has_something_else_going_on_is_asked_another_day(desk: Desk, reason: Hindrance) -> None:
    waiting = planned(desk)
    hinder(desk, reason)
    waiting.wake("due")
    assert (waiting.texts, now(desk).state) == ([], S.PLANNED)
    tomorrow = waiting.timers["due"]
    assert tomorrow.date() == (TEN + timedelta(days=1)).date()
    assert now(desk).due_at == tomorrow
    hinder(desk, None)
    assert now(waiting.wake("due").desk).state is S.INVITED


def test_a_complaint_that_lasts_too_long_lets_it_go(desk: Desk) -> None:
    waiting = planned(desk)
    hinder(desk, Hindrance.COMPLAINT)
    tries = 0
    while waiting.step and tries < 20:
        waiting.wake("due")
        tries += 1
    assert (now(desk).state, now(desk).reason) == (S.SKIPPED, "too_late")
    assert desk.now <= now(desk).latest_at + timedelta(days=desk.store.follow_ups.expires_days)
    assert tries > 3


def test_nothing_but_advice_is_not_sent(desk: Desk) -> None:
    waiting = planned(desk, sheet(ADVICE)).wake("due")
    assert (waiting.texts, waiting.step) == ([], "")
    assert (now(desk).state, now(desk).reason) == (S.SKIPPED, "nothing_to_ask")


def test_who_is_not_in_the_chat_is_called_and_else_let_go(desk: Desk) -> None:
    waiting = planned(desk)
    hinder(desk, Hindrance.UNREACHABLE)
    waiting.wake("due")
    assert (waiting.step, waiting.texts, now(desk).state) == ("to_call", [], S.TO_CALL)
    waiting.wake("gives_up")
    assert (waiting.step, now(desk).state, now(desk).reason) == ("", S.SKIPPED, "too_late")


@pytest.mark.parametrize("timer", ["due", "nudge", "expires"])
def test_nobody_is_asked_in_the_chat_while_a_colleague_calls(desk: Desk, timer: str) -> None:
    """They took it by themselves, before it was due or while the invitation lay there (F4)."""
    waiting = planned(desk) if timer == "due" else invited(desk)
    calling(desk)
    clock(waiting, timer)
    assert (waiting.step, waiting.texts, now(desk).state) == ("to_call", [], S.TO_CALL)
    assert set(waiting.timers) == {"gives_up"}


def test_a_call_that_lasts_is_not_given_up(desk: Desk) -> None:
    waiting = planned(desk)
    calling(desk)
    clock(waiting, "due")
    kept = desk.store.follow_ups.call_kept
    desk.now = waiting.timers["gives_up"] - timedelta(minutes=1)
    calling(desk)
    clock(waiting, "gives_up")
    assert (waiting.step, now(desk).state) == ("to_call", S.TO_CALL)
    assert waiting.timers["gives_up"] == desk.now + kept
    clock(waiting, "gives_up")
    assert (waiting.step, now(desk).reason) == ("", "too_late")


def calling(desk: Desk) -> None:
    """A colleague has taken the contact off the plan, and is on the phone."""
    taken = replace(now(desk), state=S.TO_CALL, caller=11, taken_at=desk.now)
    desk.follow_ups = replace(desk.follow_ups, follow_up=taken)


def test_a_call_that_ended_it_ends_the_waiting(desk: Desk) -> None:
    waiting = planned(desk)
    hinder(desk, Hindrance.UNREACHABLE)
    waiting.wake("due")
    assert waiting.on(Told("called")).step == "to_call"
    desk.follow_ups = replace(desk.follow_ups, follow_up=replace(now(desk), state=S.ANSWERED))
    assert waiting.on(Told("called")).step == ""


def test_who_unblocks_and_presses_the_old_card_is_asked_again(desk: Desk) -> None:
    waiting = invited(desk)
    hinder(desk, Hindrance.UNREACHABLE)
    clock(waiting, "nudge")
    assert (waiting.step, now(desk).state) == ("to_call", S.TO_CALL)
    desk.who = CUSTOMER
    waiting.on(Entered())
    assert (waiting.step, now(desk).state) == ("invite", S.INVITED)
    assert "expires" in waiting.timers


def test_a_late_timer_asks_nobody_at_night(desk: Desk) -> None:
    waiting = planned(desk)
    desk.now = MONDAY.replace(hour=22)
    waiting.wake("due")
    assert waiting.texts == []
    assert waiting.timers["due"] == MONDAY.replace(hour=9) + timedelta(days=1)


def test_two_reminders_and_then_it_is_over(desk: Desk) -> None:
    asked = invited(desk)
    moments = [desk.now]
    for _ in range(2):
        clock(asked, "nudge")
        [card] = messages(asked)
        assert (card.kind, card.fresh) == (Kind.CARE, True)
        assert asked.text.startswith("打扰您一下，这份回访还在等您。")
        moments.append(desk.now)
    assert "nudge" not in asked.timers
    assert all(later - earlier >= timedelta(hours=24) for earlier, later in pairwise(moments))
    clock(asked, "expires")
    assert (asked.step, now(desk).state, now(desk).nudges) == ("", S.EXPIRED, 2)
    assert messages(asked)[0].in_place
    assert desk.now == TEN + timedelta(days=desk.store.follow_ups.expires_days)


def test_a_half_filled_sheet_is_reminded_of_and_its_answers_count(desk: Desk) -> None:
    asked = clock(clock(begun(desk, OVERALL, RUNS, WHO).press("answer", "4"), "rest"), "nudge")
    assert "还没填完，剩 2 题" in asked.text
    assert asked.step == "resting"
    clock(asked, "nudge")
    clock(asked, "expires")
    assert (now(desk).state, len(now(desk).answers)) == (S.EXPIRED, 1)
    assert [each.questionnaire for each in desk.follow_ups.planned] == ["second"]


def test_no_reminder_while_a_complaint_is_open(desk: Desk) -> None:
    asked = invited(desk)
    hinder(desk, Hindrance.COMPLAINT)
    day = asked.timers["nudge"].date()
    clock(asked, "nudge")
    assert (asked.texts, now(desk).nudges) == ([], 0)
    assert asked.timers["nudge"].date() == day + timedelta(days=1)
    assert asked.press("begin").step == "question"  # whoever wants to answer may


def test_who_opted_out_elsewhere_is_left_in_peace(desk: Desk) -> None:
    asked = invited(desk)
    hinder(desk, Hindrance.OPTED_OUT)
    clock(asked, "nudge")
    assert (asked.step, now(desk).reason) == ("", "opted_out")
    assert [say.in_place for say in messages(asked)] == [True]


def test_later_is_some_hours_on_and_no_reminder(desk: Desk) -> None:
    asked = invited(desk).press("later")
    at = desk.now + timedelta(hours=desk.store.follow_ups.later)
    assert asked.text == "好的，今天 11月23日 周一 13:00 再来请教您。您先忙，想早点填也可以。"
    assert asked.timers["agreed"] == at
    assert "nudge" not in asked.timers
    hinder(desk, Hindrance.CONTACTED)  # it was today that they heard from us; they asked for it
    clock(asked, "agreed")
    [card] = messages(asked)
    assert (card.kind, card.fresh) == (Kind.REMINDER, True)
    assert asked.text.startswith("您约的时间到了")
    assert (now(desk).nudges, "nudge" in asked.timers) == (0, True)


def test_another_time_by_button(desk: Desk) -> None:
    asked = invited(desk).press("not_now")
    offered = [button for button in asked.buttons() if button.key == "at"]
    assert len(offered) >= 3
    asked.press("at", offered[1].value)
    assert asked.step == "resting"
    assert f"{asked.timers['agreed']:%Y-%m-%dT%H:%M}" == offered[1].value
    assert now(desk).due_at == asked.timers["agreed"]


def test_another_time_in_words_is_read_back(desk: Desk) -> None:
    asked = invited(desk).press("not_now").say("周四下午三点")
    assert "周四" in asked.text
    assert "15:00" in asked.text
    assert labels(asked) == ["confirm", "not_now"]
    asked.say("好的")
    assert asked.step == "resting"
    assert asked.timers["agreed"] == MONDAY.replace(hour=15) + timedelta(days=3)


def test_a_time_beyond_the_end_makes_it_last_until_then(desk: Desk) -> None:
    asked = invited(desk).press("not_now").say("12月10号上午十点").press("confirm")
    assert asked.timers["expires"] > asked.timers["agreed"] > TEN + timedelta(days=7)
    assert "您约的时间到了" in clock(asked, "agreed").text


def test_a_time_that_does_not_suit_or_is_not_understood(desk: Desk) -> None:
    asked = invited(desk).press("not_now").say("凌晨三点")
    assert "09:00" in asked.text
    asked.say("不行")
    assert asked.text.startswith("好的，不打扰您。什么时候方便？")
    assert "没有看明白" in asked.say("随缘").text


def test_no_time_in_the_middle_of_the_questions(desk: Desk) -> None:
    asked = begun(desk, OVERALL, RUNS).press("answer", "5").say("在开车，等会儿")
    assert (asked.step, "agreed" in asked.timers) == ("resting", True)
    assert "车子开起来正常吗" in asked.press("go_on").text
    assert "agreed" not in asked.timers


def test_silence_over_other_times_lets_the_card_rest(desk: Desk) -> None:
    asked = clock(invited(desk).press("not_now"), "rest")
    assert asked.step == "resting"
    assert asked.press("go_on").step == "question"


def test_a_press_on_what_was_ended_elsewhere_is_answered(desk: Desk) -> None:
    asked = invited(desk)
    desk.follow_ups = replace(desk.follow_ups, follow_up=replace(now(desk), state=S.ANSWERED))
    asked.on(Pressed("begin"))
    assert (asked.step, asked.of(NoteFollowUp)) == ("", [])
    assert asked.of(Say)[0].in_place is False
