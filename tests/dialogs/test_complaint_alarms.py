"""The alarms of a complaint: exactly once, at the right people, also late; and the pauses that hold them up (C6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialogs.core import Home, Pressed, Woke
from dialogs.facts import Who
from domain.complaints import ALARMS, Happening
from domain.people import Queue
from tests.dialogs.complaint_case import (
    CHEN,
    FENG,
    LIU,
    NOBODY,
    QIAN,
    STAFF,
    SUN,
    WANG,
    ZHAO,
    Case,
    assert_in_order,
    at_departments,
    at_dispatch,
    at_handling,
    at_summary,
    dispatch,
    filed,
)

INTAKE, HANDLING, DISPATCH = "intake.front_desk.1", "handling.front_desk.1", "dispatch.after_sales.1"
WORKSHOP, PARTS, SUMMARY = "department.workshop.1", "department.parts.1", "summary.after_sales.1"


def refused(case: Case, who: Who, leg: str, key: str, value: str = "") -> bool:
    """Whether a press changes nothing at all."""
    before = case.complaint, len(case.heard), case.at(leg).conversation.state
    case.tap(who, case.at(leg), Pressed(key, value))
    return before == (case.complaint, len(case.heard), case.at(leg).conversation.state)


# ---------------------------------------------------------------- once each, at the right people


LEVELS = [
    (filed, INTAKE, {CHEN, LIU}, {ZHAO}, {FENG}),
    (at_handling, HANDLING, {CHEN}, {ZHAO, CHEN}, {FENG, CHEN}),
    (at_dispatch, DISPATCH, {ZHAO}, {FENG, ZHAO}, {FENG, ZHAO}),
    (at_departments, WORKSHOP, {SUN, QIAN}, {ZHAO}, {FENG}),
    (at_summary, SUMMARY, {ZHAO}, {FENG, ZHAO}, {FENG, ZHAO}),
]


def alarmed(case: Case, since: int) -> list[tuple[str, str]]:
    """Who read an alarm, and which."""
    names = {Home(person=who.person_id): who.first_name for who in STAFF}
    return [
        (each.say.words["alarm"].value, names.get(each.home) or str(each.home.queue))
        for each in case.heard[since:]
        if each.script == "complaint_desk/alarm"
    ]


@pytest.mark.parametrize(("reached", "leg", "warned", "breached", "raised"), LEVELS)
@pytest.mark.parametrize("down", [False, True], ids=["in time", "after a standstill"])
def test_c6_every_level_hears_once_also_late(
    desk: Any, reached: Any, leg: str, warned: set[Who], breached: set[Who], raised: set[Who], down: bool
) -> None:
    """Warning to the owner (or the desk), breach to the next level, then the general manager; then never again."""
    case = reached(desk)
    since = len(case.heard)
    case.later(hours=40, down=down)
    heard = alarmed(case, since)
    assert len(heard) == len(set(heard))
    people = {
        alarm: {who for who in STAFF if (alarm, who.first_name) in heard}
        for alarm in ("warned", "breached", "raised")
    }
    assert people == {"warned": warned, "breached": breached, "raised": raised}
    escalated = [alarm for alarm, where in heard if where == "escalation"]
    assert escalated == ["breached", "raised"]
    assert case.rung() == {(leg, "warned"): 1, (leg, "breached"): 1, (leg, "raised"): 1}
    assert [each.details["late"] for each in case.complaint.of(*ALARMS)] == [down] * 3
    assert [each.action for each in case.records[-3:]] == [
        "complaint.warned", "complaint.breached", "complaint.raised",
    ]  # fmt: skip
    assert ("机器人当时不在线" in "\n".join(each.text for each in case.heard[since:])) == down
    assert "🚨 已超时" in case.at(leg).face
    assert len([text for text in case.read(WANG, since) if "没能按约定时间" in text]) == 1
    assert_in_order(case)


def test_c6_the_moments_are_those_of_the_rule(desk: Any) -> None:
    case = at_handling(desk)
    case.later(hours=40)
    begun = case.leg(HANDLING).begins
    rung = {each.happening: (each.at - begun) / timedelta(hours=1) for each in case.complaint.of(*ALARMS)}
    assert rung == {Happening.WARNED: 9, Happening.BREACHED: 12, Happening.RAISED: 15}
    assert all(each.details["due"] == each.at.isoformat() for each in case.complaint.of(*ALARMS))


def test_c6_an_alarm_that_wakes_twice_rings_once(desk: Any) -> None:
    case = at_handling(desk)
    case.later(hours=10)
    before = case.complaint, len(case.heard)
    case.on(case.at(HANDLING), Woke("warned"), NOBODY)
    assert (case.complaint, len(case.heard)) == before


ENDS: dict[str, tuple[Any, Any]] = {
    INTAKE: (filed, lambda case: case.press(CHEN, case.at(INTAKE), "accept")),
    HANDLING: (at_handling, lambda case: case.press(CHEN, case.at(HANDLING), "hand_up")),
    DISPATCH: (at_dispatch, lambda case: dispatch(case, DISPATCH, Queue.PARTS)),
    WORKSHOP: (at_departments, lambda case: case.press(SUN, case.at(WORKSHOP), "decline")),
    SUMMARY: (at_summary, lambda case: case.press(ZHAO, case.at(SUMMARY), "close")),
}


@pytest.mark.parametrize("leg", ENDS)
@pytest.mark.parametrize(
    ("share", "missed"),
    [(0.8, ["warned"]), (1.1, ["warned", "breached"]), (9, ["warned", "breached", "raised"])],
)
def test_c6_a_step_that_ends_right_after_a_standstill_still_rings_what_was_missed(
    desk: Any, leg: str, share: float, missed: list[str]
) -> None:
    """The press came in before the first timer did: the alarms that were due are told all the same, as late."""
    reached, end = ENDS[leg]
    case = reached(desk)
    if leg == WORKSHOP:
        case.press(SUN, case.at(WORKSHOP), "accept")
    if leg in (HANDLING, SUMMARY):
        case.report(leg)
    desk.now += timedelta(minutes=case.leg(leg).minutes * share)
    since = len(case.heard)
    end(case)
    assert leg not in case.open
    assert case.rung() == {(leg, alarm): 1 for alarm in missed}
    assert all(each.details["late"] for each in case.complaint.of(*ALARMS))
    assert {alarm for alarm, _ in alarmed(case, since)} == set(missed)
    case.later(minutes=1)
    assert case.rung() == {(leg, alarm): 1 for alarm in missed}
    assert_in_order(case)


def test_c6_a_pause_after_the_deadline_silences_no_alarm_that_was_due(desk: Any) -> None:
    case = at_handling(desk)
    desk.now += timedelta(hours=13)
    case.press(CHEN, case.at(HANDLING), "pause")
    case.press(CHEN, case.at(HANDLING), "because", "reply")
    assert_in_order(case)
    case.later(hours=1)
    assert case.rung() == {(HANDLING, "warned"): 1, (HANDLING, "breached"): 1}


def test_c6_pauses_move_the_alarms_by_their_length(desk: Any) -> None:
    case = at_handling(desk)
    for _ in range(2):
        case.later(hours=3)
        case.press(CHEN, case.at(HANDLING), "pause")
        case.press(CHEN, case.at(HANDLING), "because", "reply")
        case.later(hours=5)
        case.press(CHEN, case.at(HANDLING), "go_on")
    timers = case.at(HANDLING).conversation.timers
    begun = case.leg(HANDLING).begins
    assert [(timers[each.value] - begun) / timedelta(hours=1) for each in ALARMS] == [19, 22, 25]


@pytest.mark.parametrize("move", ["hand over", "release", "leave", "substitute"])
def test_c6_no_change_of_owner_moves_or_repeats_an_alarm(desk: Any, move: str) -> None:
    case = at_handling(desk)
    case.later(hours=10)
    planned = dict(case.at(HANDLING).conversation.timers)
    assert set(planned) == {"breached", "raised"}
    if move in ("hand over", "release"):
        case.press(CHEN, case.at(HANDLING), "hand_over")
        case.press(CHEN, case.at(HANDLING), "to" if move == "hand over" else "release")
    else:
        case.gone(CHEN, LIU if move == "substitute" else None)
    assert case.at(HANDLING).conversation.timers == planned
    case.later(hours=10)
    assert set(case.rung().values()) == {1}


def test_c6_where_the_next_level_is_away_their_substitute_hears(desk: Any) -> None:
    case = at_handling(desk)
    case.gone(ZHAO, FENG)
    since = len(case.heard)
    case.later(hours=13)
    assert ("breached", "冯军") in alarmed(case, since)
    assert ("breached", "赵敏") not in alarmed(case, since)


def test_c6_the_card_comes_to_the_next_level_and_works_there(desk: Any) -> None:
    """A live copy: the manager can call, look, and give it to somebody else at once."""
    case = at_handling(desk)
    since = len(case.heard)
    case.later(hours=13)
    (copy,) = [each for each in case.heard[since:] if each.say.copy]
    assert copy.home == Home(person=ZHAO.person_id)
    assert case.press(ZHAO, case.at(HANDLING), "hand_over")
    assert case.press(ZHAO, case.at(HANDLING), "to", "32")
    assert case.leg(HANDLING).owner == LIU.person_id


# ---------------------------------------------------------------- waiting for the customer


def test_c6_a_pause_has_a_reason_and_stops_the_clock(desk: Any) -> None:
    case = at_handling(desk)
    case.later(hours=2)
    case.press(CHEN, case.at(HANDLING), "pause")
    assert_in_order(case)
    assert not case.leg(HANDLING).pause, "without a reason it is none"
    since = len(case.heard)
    case.press(CHEN, case.at(HANDLING), "because", "visit")
    assert case.complaint.history[-1].details == {"reason": "visit"}
    assert set(case.at(HANDLING).conversation.timers) == {"pause_reminder"}
    assert "等客户到店" in case.at(HANDLING).face
    assert "正等您的" in "\n".join(case.read(WANG, since))
    assert "继续处理" in case.at(HANDLING).face
    assert "接单" not in case.at(HANDLING).face
    case.later(hours=30)
    assert not case.rung()
    case.press(CHEN, case.at(HANDLING), "go_on")
    assert case.at(HANDLING).conversation.timers["breached"] == case.leg(HANDLING).begins + timedelta(
        hours=42
    )
    assert_in_order(case)


def test_c6_it_cannot_be_paused_twice_nor_go_on_unpaused(desk: Any) -> None:
    case = at_handling(desk)
    assert refused(case, CHEN, HANDLING, "go_on")
    case.press(CHEN, case.at(HANDLING), "pause")
    case.press(CHEN, case.at(HANDLING), "because", "reply")
    for key, value in (("pause", ""), ("because", "papers")):
        assert refused(case, CHEN, HANDLING, key, value)


def test_c6_the_customers_words_end_the_pause_and_reach_the_owner(desk: Any) -> None:
    case = at_handling(desk)
    case.press(CHEN, case.at(HANDLING), "pause")
    case.press(CHEN, case.at(HANDLING), "because", "reply")
    case.later(hours=4)
    since = len(case.heard)
    case.add("照片在这里，右前门")
    assert case.leg(HANDLING).pause is None
    assert case.complaint.of(Happening.RESUMED)[-1].person == 0
    assert "右前门" in "\n".join(case.read(CHEN, since))
    assert "右前门" in case.at(HANDLING).face
    assert_in_order(case)


def test_c6_while_it_waits_its_owner_is_reminded_every_day(desk: Any) -> None:
    case = at_handling(desk)
    case.press(CHEN, case.at(HANDLING), "pause")
    case.press(CHEN, case.at(HANDLING), "because", "papers")
    since = len(case.heard)
    case.later(days=3, hours=1)
    assert ["在等客户" in text for text in case.read(CHEN, since)] == [True] * 3
    assert_in_order(case)


def test_c6_a_pause_without_an_owner_reminds_whoever_may_have_it(desk: Any) -> None:
    """The owner left while it waited for the customer: nobody is forgotten over it."""
    case = at_handling(desk)
    case.press(CHEN, case.at(HANDLING), "pause")
    case.press(CHEN, case.at(HANDLING), "because", "papers")
    case.gone(CHEN, None, roles=frozenset())
    since = len(case.heard)
    case.later(hours=25)
    assert ["在等客户" in text for text in case.read(LIU, since)] == [True]
    assert all(each.home.person != 0 for each in case.heard)
