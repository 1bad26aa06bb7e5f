"""不在岗 (R4): which times are understood, who is proposed, what is refused, and what begin and end mean."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialogs.absence import Absence, be_away, begins, ends
from dialogs.absence_form import AbsenceForm
from dialogs.core import Entered, Open, Outcome, Pressed, Record, Say, Tell, Woke
from dialogs.effects import Replace, Return
from dialogs.facts import Who
from dialogs.stand_in import StandIn, show
from domain.people import Queue, Role

ZONE = ZoneInfo("Asia/Shanghai")
LIN = Who(3, "林晓", roles=frozenset({Role.ADVISOR}))
CHEN = Who(12, "陈晓", "chenxiao", frozenset({Role.ADVISOR}))
ZHAO = Who(13, "赵敏", roles=frozenset({Role.AFTER_SALES_MANAGER}))
SUN = Who(14, "孙立", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
EVERYBODY = (ZHAO, SUN, LIN, CHEN)


def monday(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """The Monday of the tests, or `days` later."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZONE) + timedelta(days=days)


@pytest.fixture
def form(desk: Any) -> Any:
    """Lin, an advisor, says on Monday at nine that she is away."""
    desk.colleagues, desk.who = EVERYBODY, LIN
    return desk.begin("absence").on(Entered())


@pytest.mark.parametrize(
    ("said", "begin", "end"),
    [
        ("today", None, monday(17, 30)),
        ("tomorrow", None, monday(17, 30, days=1)),
        ("three_days", None, monday(17, 30, days=2)),
        ("周五", None, monday(17, 30, days=4)),
        ("下午3点", None, monday(15)),
        ("5点", None, monday(17)),
        ("到后天中午12点", None, monday(12, days=2)),
        ("两天", None, monday(17, 30, days=1)),
        ("周四回来", None, monday(8, 30, days=3)),
        ("周日", None, monday(23, 59, days=6)),
        ("明天到后天", monday(8, 30, days=1), monday(17, 30, days=2)),
        ("明天上午九点到后天下午六点", monday(9, days=1), monday(18, days=2)),
        ("明天下午两点到五点", monday(14, days=1), monday(17, days=1)),
    ],
)
def test_how_long_somebody_is_away(form: Any, said: str, begin: datetime | None, end: datetime) -> None:
    """R4: by button or in plain words; a day ends when the store closes."""
    asked = form.press(said) if said.isascii() else form.say(said)
    assert asked.step == "choose_substitute", asked.text
    assert (asked.state.begins, asked.state.ends) == (begin, end)


@pytest.mark.parametrize("said", ["嗯", "昨天下午3点", "十年后"])
def test_what_is_no_time_to_come_is_asked_again(form: Any, said: str) -> None:
    """R4, B15."""
    assert form.say(said).outcome is Outcome.ASK_AGAIN
    assert "没有看明白" in form.text


def test_it_may_begin_later(form: Any) -> None:
    """R4: the buttons then count from that day."""
    assert "从什么时候开始" in form.press("later").text
    asked = form.say("周三上午九点")
    assert (asked.step, asked.state.begins) == ("tell_until", monday(9, days=2))
    assert asked.press("today").state.ends == monday(17, 30, days=2)


def test_after_closing_nobody_is_offered_today(desk: Any) -> None:
    desk.colleagues, desk.who, desk.now = EVERYBODY, LIN, monday(19)
    assert "today" not in {each.key for each in desk.begin("absence").on(Entered()).buttons()}


def test_who_shares_role_or_desk_is_proposed_first(form: Any) -> None:
    """R4: the other advisor, then the front desk, then the rest; nobody for themselves, nobody who is away."""
    form.desk.colleagues = (*EVERYBODY, Who(15, "吴芳", roles=LIN.roles, absent_until=monday(17)))
    shown = [each.words["name"] for each in form.press("today").buttons() if each.key == "substitute"]
    assert shown == ["陈晓", "孙立", "赵敏"]


@pytest.mark.parametrize("way", ["button", "陈晓", "@chenxiao"])
def test_a_colleague_proposes_and_it_takes_effect_at_once(form: Any, way: str) -> None:
    """R4, R5: the managers are asked to look at it, on a card at the after-sales desk."""
    chosen = form.press("today")
    over = chosen.press("substitute", "12") if way == "button" else chosen.say(way)
    assert over.of(Replace) == [Replace(3, 12, monday(9), monday(17, 30))]
    assert [each.action for each in over.of(Record)] == ["absence.named"]
    card = over.opened("stand_in")
    assert (card.home.queue, card.state.proposed, card.state.by) == (Queue.AFTER_SALES, True, "林晓")
    assert over.opened("away").home.person == 3


def test_a_manager_names_freely(desk: Any) -> None:
    """R4: for whomever, and nobody has to take notice."""
    desk.colleagues, desk.who, desk.home_person = EVERYBODY, ZHAO, 13
    over = (
        desk.begin("absence", AbsenceForm(name="林晓")).on(Entered()).press("today").press("substitute", "14")
    )
    assert over.of(Replace) == [Replace(3, 14, monday(9), monday(17, 30))]
    assert not over.opened("stand_in").state.proposed
    assert over.opened("away").home.person == 3


def test_who_is_no_manager_any_more_names_nobody_for_another(desk: Any) -> None:
    """R2: the role counts when the button is pressed."""
    desk.colleagues, desk.who, desk.home_person = EVERYBODY, ZHAO, 13
    form = desk.begin("absence", AbsenceForm(name="林晓")).on(Entered()).press("today")
    desk.who = Who(13, "赵敏")
    refused = form.press("substitute", "14")
    assert not refused.of(Replace)
    assert [each.action for each in refused.of(Record)] == ["absence.refused"]


def test_with_nobody_to_stand_in_the_manager_is_asked(desk: Any) -> None:
    desk.colleagues, desk.who = (LIN,), LIN
    assert "没有可以代班的同事" in desk.begin("absence").on(Entered()).press("today").text


# ---------------------------------------------------------------- begin and end

AWAY = Absence(3, "林晓", monday(9), monday(17, 30), 12, "陈晓", begun=True)


def facts(desk: Any, name: str = "away") -> Any:
    desk.colleagues = EVERYBODY
    return desk.facts(desk.begin(name, AWAY))


def test_begin_and_end_are_told_to_whoever_stands_in(desk: Any) -> None:
    """R4, R5: the one place where open work can follow."""
    for turn, script in ((begins, "away/stand_in"), (ends, "away/relieved")):
        said = [each for each in turn(AWAY, facts(desk)) if isinstance(each, Say)]
        assert [(each.script, each.to.person) for each in said] == [(script, 12)]
        assert [each.subject for each in turn(AWAY, facts(desk)) if isinstance(each, Record)] == ["absence-3"]


def test_a_card_that_is_shown_again_begins_nothing_again(desk: Any) -> None:
    """R4: only the first time."""
    assert not [each for each in be_away(AWAY, Entered(), facts(desk)).effects if isinstance(each, Record)]


def test_what_is_over_in_the_books_is_not_begun(desk: Any) -> None:
    """R4: the timer was late, or somebody has taken the absence away; the managers' card ends too."""
    turn = be_away(AWAY, Woke("begins"), facts(desk))
    assert turn.outcome is Outcome.DONE
    assert [each.news for each in turn.effects if isinstance(each, Tell)] == ["over"]


def test_returning_is_one_press(desk: Any) -> None:
    turn = be_away(AWAY, Pressed("returned"), facts(desk))
    assert [each for each in turn.effects if isinstance(each, Return)] == [Return(3, monday(9))]


@pytest.mark.parametrize("forged", ["", "0", "99", "x", "²"])
def test_a_forged_substitute_is_nobody(desk: Any, forged: str) -> None:
    """R2: whatever the button's data say."""
    turn = show(StandIn(AWAY), Pressed("substitute", forged), facts(desk))
    assert not [each for each in turn.effects if isinstance(each, Replace | Open)]
