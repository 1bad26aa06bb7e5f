"""Invitations in chat (R3): who may give which role, what is shown, what is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialogs.core import Entered, Outcome, Pressed, Record
from dialogs.effects import Invite, Revoke
from dialogs.facts import Invited, Who
from domain.people import STAFF_ROLES, Role

MANAGER = Who(13, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
GENERAL = Who(14, "孙总", roles=frozenset({Role.GENERAL_MANAGER}))
DEPUTY = Who(
    15,
    "代总",
    roles=frozenset({Role.ADVISOR, Role.GENERAL_MANAGER}),
    lent=frozenset({Role.GENERAL_MANAGER}),
)


def test_link_and_command_hold_the_same_secret(desk: Any) -> None:
    """R3: shown once; the audit log names the invitation, never the secret (R5)."""
    desk.who = MANAGER
    over = desk.begin("invitation").on(Entered()).press("role", "advisor")
    assert over.outcome is Outcome.DONE
    assert over.of(Invite) == [Invite("s3cret", Role.ADVISOR)]
    assert "https://t.me/desk_bot?start=s3cret" in over.text
    assert "<code>/start s3cret</code>" in over.text
    assert "24 小时" in over.text
    assert [(each.subject, dict(each.details)) for each in over.of(Record)] == [("ab12", {"role": "advisor"})]


@pytest.mark.parametrize(("who", "top"), [(MANAGER, False), (DEPUTY, False), (GENERAL, True)])
def test_who_may_give_which_role(desk: Any, who: Who, top: bool) -> None:
    """R3: every role of staff; the general manager's by a general manager, not by who merely stands in."""
    desk.who = who
    shown = {each.value for each in desk.begin("invitation").on(Entered()).buttons() if each.key == "role"}
    assert shown == {role.value for role in STAFF_ROLES if top or role is not Role.GENERAL_MANAGER}


@pytest.mark.parametrize("forged", ["customer", "", "king", "general_manager"])
def test_a_forged_role_is_refused_and_written_down(desk: Any, forged: str) -> None:
    """R2, R5."""
    desk.who = MANAGER
    refused = desk.begin("invitation").on(Entered()).on(Pressed("role", forged))
    assert not refused.of(Invite)
    assert [each.action for each in refused.of(Record)] == ["invitation.refused"]


def test_unused_invitations_are_listed_and_taken_back(desk: Any) -> None:
    """R3: those of the command line too."""
    desk.who, desk.colleagues = MANAGER, (MANAGER,)
    until = desk.now + timedelta(hours=3)
    desk.invitations = (Invited("aa11", Role.ADVISOR, until, 13), Invited("bb22", Role.PARTS_MANAGER, until))
    card = desk.begin("invitation").on(Entered()).press("unused")
    assert "1. 服务顾问" in card.text
    assert "周经理发出" in card.text
    left = card.press("revoke", "bb22")
    assert left.of(Revoke) == [Revoke("bb22")]
    assert "配件经理" not in left.text
    assert "服务顾问" in left.text


def test_the_manager_may_change_their_mind(desk: Any) -> None:
    desk.who = MANAGER
    card = desk.begin("invitation").on(Entered())
    assert "没有未用的邀请" in card.press("unused").text
    assert "什么岗位" in card.press("another").text
    assert card.press("enough").outcome is Outcome.DONE
