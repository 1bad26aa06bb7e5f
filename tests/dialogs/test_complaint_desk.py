"""The cards of a complaint: every move of the chain, what is shown, and every press that is refused (C2–C12, R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dialogs.catalogue import DIALOGS
from dialogs.core import Home, Pressed, Told, Woke
from dialogs.facts import Who
from domain.complaint_ladder import DEPARTMENTS
from domain.complaints import Category, ComplaintState, Earlier, Happening, Severity
from domain.people import Queue, Role
from tests.dialogs.complaint_case import (
    CHEN,
    FENG,
    LIN,
    LIU,
    NOBODY,
    QIAN,
    REPORT,
    SOLUTION,
    STAFF,
    SUN,
    WANG,
    WU,
    ZHAO,
    Case,
    assert_in_order,
    at_departments,
    at_dispatch,
    at_handling,
    at_summary,
    closed,
    dispatch,
    filed,
    returned,
)

INTAKE, HANDLING, DISPATCH = "intake.front_desk.1", "handling.front_desk.1", "dispatch.after_sales.1"
WORKSHOP, PARTS, SUMMARY = "department.workshop.1", "department.parts.1", "summary.after_sales.1"


def happened(case: Case) -> list[str]:
    """What the history says of the chain, without what the customer said."""
    said = (Happening.CAPTURED, Happening.WORDS, Happening.MEDIA)
    return [
        f"{each.happening.value} {each.leg}".strip()
        for each in case.complaint.history
        if each.happening not in said
    ]


def refused(case: Case, who: Who, leg: str, key: str, value: str = "") -> bool:
    """Whether a press changes nothing at all."""
    before = case.complaint, len(case.heard), case.at(leg).conversation.state
    case.tap(who, case.at(leg), Pressed(key, value))
    return before == (case.complaint, len(case.heard), case.at(leg).conversation.state)


# ---------------------------------------------------------------- the chain, move by move (C4)


def test_c4_the_whole_chain_in_its_entries(desk: Any) -> None:
    """Every step begins when the one before ends; each has its owner; closing leaves nothing open."""
    case = closed(desk)
    assert happened(case) == [
        f"begun {INTAKE}", f"accepted {INTAKE}", f"ended {INTAKE}", f"begun {HANDLING}", f"accepted {HANDLING}",
        f"reported {HANDLING}", f"ended {HANDLING}", f"begun {DISPATCH}",
        f"accepted {DISPATCH}", f"ended {DISPATCH}", f"begun {WORKSHOP}",
        f"accepted {WORKSHOP}", f"reported {WORKSHOP}", f"ended {WORKSHOP}",
        f"begun {SUMMARY}", f"handed_over {SUMMARY}", f"reported {SUMMARY}", f"ended {SUMMARY}", "closed",
    ]  # fmt: skip
    owners = [
        (case.leg(leg).owner, case.leg(leg).ended_by) for leg in (HANDLING, DISPATCH, WORKSHOP, SUMMARY)
    ]
    assert owners == [(31, "陈晓"), (33, "赵敏"), (34, "孙立"), (33, "赵敏")]
    assert case.complaint.state is ComplaintState.CLOSED
    assert_in_order(case)


@pytest.mark.parametrize(
    ("reached", "leg", "queue", "hours"),
    [
        (filed, INTAKE, Queue.FRONT_DESK, 2),
        (at_handling, HANDLING, Queue.FRONT_DESK, 12),
        (at_dispatch, DISPATCH, Queue.AFTER_SALES, 12),
        (at_departments, WORKSHOP, Queue.WORKSHOP, 12),
        (at_summary, SUMMARY, Queue.AFTER_SALES, 12),
    ],
)
def test_c4_each_card_lies_in_its_queue_with_its_time(
    desk: Any, reached: Any, leg: str, queue: Queue, hours: int
) -> None:
    case = reached(desk)
    assert case.open == [leg]
    card = case.at(leg)
    assert card.home == Home(queue=queue)
    timers = card.conversation.timers
    begun = case.leg(leg).begins
    assert [timers[name] - begun for name in ("warned", "breached", "raised")] == [
        timedelta(hours=hours * share) for share in (0.75, 1, 1.25)
    ]
    assert_in_order(case)


def test_c4_the_accepted_form_stays_one_card(desk: Any) -> None:
    """Intake and first handling are one card: what takes its place is not a second message in the topic."""
    case = at_handling(desk)
    cards = [
        each
        for each in case.heard
        if each.home.queue is Queue.FRONT_DESK and each.script == "complaint_desk/card"
    ]
    assert [each.say.in_place for each in cards] == [False, True]
    assert {key.key for key in case.at(HANDLING).buttons} >= {
        "fill",
        "hand_up",
        "contact",
        "pause",
        "hand_over",
    }
    assert case.leg(HANDLING).owner == CHEN.person_id


def test_c4_of_two_who_press_together_one_owns_it_and_the_other_reads_who(desk: Any) -> None:
    case = filed(desk)
    card = case.at(INTAKE)
    case.press(CHEN, card, "accept")
    before = case.complaint
    case.tap(LIU, card, Pressed("accept"))
    assert case.complaint == before
    late = DIALOGS["complaint_desk"].overtaken
    assert late is not None
    desk.who = LIU
    toast = late(card.conversation.state, desk.facts(card.conversation), "accept")
    assert toast is not None
    assert toast.words == {"who": "陈晓"}


@pytest.mark.parametrize("first", [Queue.WORKSHOP, Queue.PARTS])
def test_c4_the_summary_waits_for_every_department_in_either_order(desk: Any, first: Queue) -> None:
    case = at_departments(desk, Queue.WORKSHOP, Queue.PARTS)
    assert sorted(case.open) == [PARTS, WORKSHOP]
    people = {Queue.WORKSHOP: (WORKSHOP, SUN), Queue.PARTS: (PARTS, WU)}
    last = next(queue for queue in people if queue is not first)
    returned(case, *people[first])
    assert case.open == [people[last][0]]
    assert "汇总" not in case.sheet.face
    returned(case, *people[last], "密封圈已换")
    assert case.open == [SUMMARY]
    face = case.at(SUMMARY).face
    assert "车间：" in face
    assert "配件部：" in face
    assert "密封圈已换" in face
    assert_in_order(case)


def test_c4_a_department_declines_with_or_without_a_form(desk: Any) -> None:
    case = at_departments(desk, Queue.WORKSHOP, Queue.PARTS)
    case.press(WU, case.at(PARTS), "accept")
    case.press(WU, case.at(PARTS), "decline")
    assert case.open == [WORKSHOP]
    assert [each.details for each in case.complaint.of(Happening.ENDED) if each.leg == PARTS] == [
        {"declined": True}
    ]
    returned(case, WORKSHOP, SUN)
    assert "配件部：退回，不属于本部门" in case.at(SUMMARY).face


def test_c4_dispatched_again_from_the_summary_the_legs_are_new(desk: Any) -> None:
    """Each round of a department is a leg of its own, with its own time; the summary too."""
    case = at_summary(desk)
    case.later(hours=5)
    dispatch(case, SUMMARY, Queue.WORKSHOP, Queue.PARTS)
    assert sorted(case.open) == [PARTS, "department.workshop.2"]
    assert case.leg("department.workshop.2").begins == desk.now
    assert "汇总" not in case.sheet.face
    returned(case, "department.workshop.2", QIAN)
    returned(case, PARTS, WU)
    assert case.open == ["summary.after_sales.2"]
    assert case.leg("summary.after_sales.2").owner == ZHAO.person_id
    assert_in_order(case)


def test_c4_whoever_dispatched_sums_up_unless_they_are_away(desk: Any) -> None:
    case = at_departments(desk)
    case.gone(ZHAO, FENG)
    returned(case, WORKSHOP, SUN)
    assert case.leg(SUMMARY).owner == 0
    assert case.press(FENG, case.at(SUMMARY), "accept")


@pytest.mark.parametrize("topic", ["workshop_quality", "parts", "price", "manners", "vehicle"])
def test_c5_the_department_of_the_topic_is_proposed_and_can_be_changed(desk: Any, topic: str) -> None:
    case = at_dispatch(desk)
    case.press(ZHAO, case.at(DISPATCH), "classify")
    case.press(ZHAO, case.at(DISPATCH), "topic", topic)
    department = case.complaint.classification.department
    case.press(ZHAO, case.at(DISPATCH), "dispatch")
    assert case.at(DISPATCH).conversation.state.chosen == (department.value,)
    assert case.at(DISPATCH).face.count("☑") == 1
    case.press(ZHAO, case.at(DISPATCH), "department", department.value)
    case.press(ZHAO, case.at(DISPATCH), "send")
    assert "请至少选一个部门" in case.toasts[-1]
    assert case.open == [DISPATCH]


def test_c5_every_department_has_its_card_in_its_topic(desk: Any) -> None:
    case = at_departments(desk, *DEPARTMENTS)
    assert {talk.home.queue for talk in case.of("complaint_desk")} == set(DEPARTMENTS)
    assert_in_order(case)


# ---------------------------------------------------------------- what does not fit is refused


@pytest.mark.parametrize(
    ("reached", "leg", "who", "key"),
    [
        (at_handling, HANDLING, CHEN, "hand_up"),
        (at_departments, WORKSHOP, SUN, "result"),
        (at_summary, SUMMARY, ZHAO, "close"),
    ],
)
def test_c8_without_the_form_no_step_ends(desk: Any, reached: Any, leg: str, who: Who, key: str) -> None:
    case = reached(desk)
    if not case.leg(leg).owner:
        case.press(who, case.at(leg), "accept")
    assert refused(case, who, leg, key)
    assert "请先点「填写处理」" in case.toasts[-1]
    case.report(leg)
    case.press(who, case.at(leg), key)
    assert leg not in case.open


WRONG = {
    "accept": "", "hand_up": "", "send": "", "result": "", "decline": "", "close": "", "go_on": "", "release": "",
    "department": "workshop", "to": "32", "because": "reply", "topic": "price", "severity": "major", "right": "",
}  # fmt: skip


HERE_ALREADY = {(HANDLING, "hand_up"), (SUMMARY, "close")}
STANDS: tuple[tuple[Any, str, Who], ...] = (
    (at_handling, HANDLING, CHEN),
    (at_dispatch, DISPATCH, ZHAO),
    (at_summary, SUMMARY, ZHAO),
)


@pytest.mark.parametrize(
    ("reached", "leg", "owner", "key"),
    [(*stand, key) for stand in STANDS for key in WRONG if (stand[1], key) not in HERE_ALREADY],
)
def test_r2_a_button_that_the_card_does_not_show_does_nothing(
    desk: Any, reached: Any, leg: str, owner: Who, key: str
) -> None:
    """Another step's button, an answer to a question that was not asked: also from the owner and the manager."""
    case = reached(desk)
    assert key not in {each.key for each in case.at(leg).buttons}
    assert refused(case, owner, leg, key, WRONG[key])
    assert refused(case, FENG, leg, key, WRONG[key])
    assert_in_order(case)


@pytest.mark.parametrize(
    ("face", "key", "value"),
    [
        ("dispatch", "department", "boardroom"), ("dispatch", "department", "escalation"), ("hand_over", "to", "999"),
        ("hand_over", "to", "x"), ("hand_over", "to", "3"), ("hand_over", "to", "38"), ("pause", "because", "lunch"),
        ("classify", "topic", "witchcraft"), ("classify", "severity", "deadly"), ("classify", "right", "x"),
    ],
)  # fmt: skip
def test_r2_forged_values_do_nothing(desk: Any, face: str, key: str, value: str) -> None:
    case = at_dispatch(desk)
    case.press(ZHAO, case.at(DISPATCH), face)
    assert refused(case, ZHAO, DISPATCH, key, value)
    assert "请点卡片上的按钮" in case.toasts[-1]


@pytest.mark.parametrize("who", [WANG, LIN, SUN, NOBODY], ids=["customer", "advisor", "workshop", "nobody"])
@pytest.mark.parametrize(
    ("reached", "leg"), [(filed, INTAKE), (at_handling, HANDLING), (at_dispatch, DISPATCH)]
)
def test_r2_strangers_and_other_departments_press_in_vain(
    desk: Any, who: Who, reached: Any, leg: str
) -> None:
    case = reached(desk)
    for button in case.at(leg).buttons:
        assert not case.press(who, case.at(leg), button.key, button.value)
    assert case.open == [leg]


def test_r2_only_the_owner_works_on_it_and_the_level_above_may_look_and_pass_it_on(desk: Any) -> None:
    case = at_handling(desk)
    shown = {each.key for each in case.at(HANDLING).buttons}
    may: dict[int, set[str]] = {who.person_id: set() for who in (CHEN, LIU, ZHAO)}
    for who in (CHEN, LIU, ZHAO):
        for key in shown:
            permit = DIALOGS["complaint_desk"].authority[key]
            desk.who = who
            if permit(case.at(HANDLING).conversation.state, desk.facts(case.at(HANDLING).conversation)):
                may[who.person_id].add(key)
    assert may == {31: shown, 32: set(), 33: {"contact", "hand_over", "classify"}}


def test_r2_after_the_role_was_taken_away_nothing_can_be_pressed(desk: Any) -> None:
    case = at_handling(desk)
    former = replace(CHEN, roles=frozenset({Role.ADVISOR}))
    for button in case.at(HANDLING).buttons:
        assert not case.press(former, case.at(HANDLING), button.key, button.value)


def test_r4_who_is_away_accepts_nothing(desk: Any) -> None:
    case = filed(desk)
    away = replace(CHEN, absent_until=desk.now + timedelta(days=1))
    assert not case.press(away, case.at(INTAKE), "accept")
    assert case.press(LIU, case.at(INTAKE), "accept")


def test_c4_after_a_step_is_over_its_buttons_and_forms_do_nothing(desk: Any) -> None:
    case = at_handling(desk)
    case.report(HANDLING)
    card = case.at(HANDLING)
    case.press(CHEN, card, "hand_up")
    assert not card.open
    assert "已完成" in card.face
    assert not card.buttons
    told = Told("reported", {"leg": HANDLING, "report": REPORT})
    before = case.complaint
    case.on(case.at(DISPATCH), told, CHEN)
    assert case.complaint == before


# ---------------------------------------------------------------- what it is about (C2, C9, C12)


@pytest.mark.parametrize("key", ["right", "topic", "severity"])
def test_c2_a_person_confirms_or_corrects_and_the_proposal_stays_on_record(desk: Any, key: str) -> None:
    case = at_handling(desk)
    proposed = case.complaint.classification
    assert "待核对" in case.at(HANDLING).face
    case.press(CHEN, case.at(HANDLING), "classify")
    value = {"right": "", "topic": "waiting", "severity": "minor"}[key]
    case.press(CHEN, case.at(HANDLING), key, value)
    now = case.complaint
    assert now.confirmed
    assert "待核对" not in case.at(HANDLING).face
    assert now.classification.topic == ("waiting" if key == "topic" else proposed.topic)
    assert now.classification.severity == (Severity.MINOR if key == "severity" else proposed.severity)
    (entry,) = now.of(Happening.CLASSIFIED)
    assert (entry.person, entry.details["proposed"]) == (CHEN.person_id, proposed.topic)


def test_c9_corrected_to_major_the_after_sales_manager_knows_once(desk: Any) -> None:
    """And the normal chain goes on beside it."""
    case = at_handling(desk)
    since = len(case.heard)
    for severity in ("major", "normal", "major"):
        case.press(CHEN, case.at(HANDLING), "classify")
        case.press(CHEN, case.at(HANDLING), "severity", severity)
    told = [text for text in case.read(ZHAO, since) if "重大投诉" in text]
    group = [text for text in case.read(Queue.ESCALATION, since) if "重大投诉" in text]
    assert (len(told), len(group), len(case.complaint.of(Happening.MAJOR))) == (1, 1, 1)
    assert "🔴" in case.at(HANDLING).face
    assert case.open == [HANDLING]


def test_c9_major_at_capture_is_told_at_once_and_not_again(desk: Any) -> None:
    case = filed(desk, "提车时刹车失灵出了车祸，我受伤住院了，要找律师起诉你们")
    assert case.complaint.classification.severity is Severity.MAJOR
    assert len([text for text in case.read(ZHAO) if "重大投诉" in text]) == 1
    case.press(ZHAO, case.at(INTAKE), "classify")
    case.press(ZHAO, case.at(INTAKE), "right")
    assert len([text for text in case.read(ZHAO) if "重大投诉" in text]) == 1
    assert case.at(INTAKE).home == Home(queue=Queue.FRONT_DESK)


def test_c12_earlier_complaints_are_shown_on_every_card(desk: Any) -> None:
    desk.earlier = (
        Earlier("TS260901-007", desk.now - timedelta(days=80), Category.SERVICE, ComplaintState.CLOSED),
        Earlier("TS261101-002", desk.now - timedelta(days=22), Category.PRICE, ComplaintState.OPEN),
    )
    case = filed(desk)
    for leg in (INTAKE, HANDLING):
        assert "还有投诉：TS260901-007" in case.at(leg).face
        assert "TS261101-002" in case.at(leg).face
        if leg == INTAKE:
            case.press(CHEN, case.at(INTAKE), "accept")


# ---------------------------------------------------------------- contact, papers, what reaches nobody


def test_a3_numbers_and_papers_are_shown_to_who_has_it_in_private_and_that_is_recorded(desk: Any) -> None:
    case = filed(desk, "电话13900139000，车牌粤BD99999，漆面有色差")
    case.press(CHEN, case.at(INTAKE), "accept")
    case.add("这是照片")
    since = len(case.heard)
    case.press(CHEN, case.at(HANDLING), "contact")
    case.press(CHEN, case.at(HANDLING), "look")
    private = "\n".join(case.read(CHEN, since))
    assert "13900139000" in private.replace(" ", "")
    assert "BD99999" in private.replace("·", "")
    assert not case.read(Queue.FRONT_DESK, since)
    assert [each.action for each in case.records[-2:]] == ["phone.opened", "materials.opened"]


def test_c8_a_call_is_noted_once_by_the_card_it_is_about(desk: Any) -> None:
    case = at_departments(desk, Queue.WORKSHOP, Queue.PARTS)
    case.press(SUN, case.at(WORKSHOP), "accept")
    case.press(SUN, case.at(WORKSHOP), "contact")
    contact = case.of("complaint_contact")[-1]
    case.press(SUN, contact, "not_reached")
    case.press(SUN, contact, "reached")
    contacts = case.complaint.of(Happening.CONTACTED)
    assert [(each.leg, each.details["how"]) for each in contacts] == [
        (WORKSHOP, "not_reached"),
        (WORKSHOP, "phone"),
    ]
    assert "联系客户：1 次" in case.at(WORKSHOP).face


@pytest.mark.parametrize(("accepted", "readers"), [(True, [CHEN]), (False, [CHEN, LIU])])
def test_c8_what_the_customer_cannot_receive_somebody_phones(
    desk: Any, accepted: bool, readers: list[Who]
) -> None:
    """The owner; before anybody has it, everybody who could."""
    case = at_handling(desk) if accepted else filed(desk)
    since = len(case.heard)
    case.on(case.of("complaint_desk")[0], Told("unreachable", {"text": "答复内容", "person": 3}), NOBODY)
    assert [each for each in (*STAFF, WANG) if case.read(each, since)] == readers
    assert "13800138000" in "".join(case.read(CHEN, since)).replace(" ", "")


@pytest.mark.parametrize("news", ["show_to", "classified", "added", "strange"])
def test_news_of_a_case_never_breaks_its_card(desk: Any, news: str) -> None:
    case = at_handling(desk)
    case.on(case.at(HANDLING), Told(news, {"leg": HANDLING, "person": 33}), NOBODY)
    assert_in_order(case)
    if news == "show_to":
        assert case.heard[-1].say.copy
        assert case.heard[-1].home == Home(person=33)


@pytest.mark.parametrize("name", ["warned", "pause_reminder", "silence_nudge"])
def test_a_card_of_an_unknown_case_or_a_step_that_is_over_ends_quietly(desk: Any, name: str) -> None:
    case = at_handling(desk)
    card = case.at(HANDLING)
    desk.complaint = None
    since = len(case.heard)
    case.on(card, Woke(name), NOBODY)
    assert not card.open
    assert len(case.heard) == since


def test_c8_the_answer_of_the_summary_goes_to_the_customer_word_for_word(desk: Any) -> None:
    case = at_summary(desk)
    case.report(SUMMARY, "经查 <b>属实</b>，已免费返工，向您致歉")
    since = len(case.heard)
    case.press(ZHAO, case.at(SUMMARY), "close")
    assert "经查 &lt;b&gt;属实&lt;/b&gt;，已免费返工，向您致歉" in "\n".join(case.read(WANG, since))
    assert (
        case.complaint.of(Happening.CLOSED)[0].details["answer"] == "经查 <b>属实</b>，已免费返工，向您致歉"
    )
    assert SOLUTION in case.complaint.of(Happening.REPORTED)[0].details["solution"]
