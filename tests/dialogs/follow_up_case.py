"""A customer's follow-up on hand-made facts: a sheet with every kind of question, planned, invited, begun."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dialogs.core import Entered, Say, Unwake
from dialogs.facts import Who
from domain.complaints import Complaint
from domain.follow_ups import FollowUp, FollowUpState
from domain.people import Role
from domain.questionnaires import (
    NO,
    Answer,
    FollowUpEvent,
    Option,
    Question,
    QuestionKind,
    Questionnaire,
    Start,
)
from domain.questionnaires import Condition as If
from tests.dialogs.conftest import MONDAY, Conversation, Desk
from tests.dialogs.follow_up_books import FollowUpBooks

NUMBER = "HF261120-041.1"
BOSS = Who(23, "吴总", roles=frozenset({Role.GENERAL_MANAGER}))
SUPERVISOR = Who(22, "陈主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
NOBODY = Who()
CUSTOMER = Who(person_id=3, first_name="小王")

OVERALL = Question("overall", QuestionKind.RATING, "这次到店，您的整体感受怎么样？", topic="manners")
RUNS = Question(
    "runs", QuestionKind.YES_NO, "车子开起来正常吗？", bad_codes=frozenset({NO}), topic="workshop_quality"
)
WHO = Question(
    "who", QuestionKind.SINGLE, "谁来取的车？", (Option("self", "我自己"), Option("family", "家里人"))
)
LIKED = Question(
    "liked",
    QuestionKind.MULTIPLE,
    "哪几样让您满意？",
    (Option("manners", "态度"), Option("speed", "速度"), Option("price", "价格")),
)
WHY = Question("why", QuestionKind.TEXT, "是什么让您打了这个分？", when=If("overall", at_most=4))
PICTURE = Question("picture", QuestionKind.PHOTO, "方便的话，拍一张现在的样子。")
WISHES = Question("wishes", QuestionKind.TEXT, "还有什么想问的吗？没有就点「跳过」。", asks_back=True)
ADVICE = Question("advice", QuestionKind.INFORMATION, "💡 下次保养一般在半年左右。")

CHECK = Questionnaire(
    "check",
    "用车回访",
    "v1",
    Start(timedelta(hours=20), timedelta(hours=48), FollowUpEvent.LEFT),
    "{{ address }}，您好！爱车{{ plate }}用着还顺手吗？几道小题，点一点就好。",
    "{{ address }}，感谢您的反馈，非常感谢合作！",
    (OVERALL, WHY, RUNS, WHO, LIKED, PICTURE, WISHES, ADVICE),
)
SECOND = Questionnaire(
    "second",
    "再次关怀",
    "w1",
    Start(timedelta(days=7), timedelta(days=14), after="check"),
    "{{ address }}，您好！想再确认一件事。",
    "谢谢您！",
    (Question("again", QuestionKind.YES_NO, "后来解决了吗？", when=If("overall", earlier=True, bad=True)),),
)


def sheet(*questions: Question, required: bool = False) -> Questionnaire:
    """The sheet with these questions only."""
    return replace(
        CHECK, questions=tuple(replace(each, required=required or each.required) for each in questions)
    )


def contact(**changes: Any) -> FollowUp:
    """Mr Wang's contact after his visit, which left on Friday and is due on Monday at ten."""
    planned = FollowUp(
        number=NUMBER,
        questionnaire="check",
        event=FollowUpEvent.LEFT,
        customer_id=7,
        occurred_at=MONDAY - timedelta(days=3),
        due_at=MONDAY + timedelta(hours=1),
        latest_at=MONDAY + timedelta(days=1),
        subject="JC261120-001",
        person_id=3,
        address="王先生",
        phone="+8613800138000",
        plate="粤B12345",
        work="更换刹车片",
        advisor=11,
        advisor_name="林顾问",
    )
    return replace(planned, **changes)


def planned(desk: Desk, questionnaire: Questionnaire = CHECK, **changes: Any) -> Conversation:
    """The contact waits for its time."""
    desk.colleagues, desk.who = (BOSS, SUPERVISOR), NOBODY
    desk.questionnaires = {each.id: each for each in (questionnaire, SECOND)}
    desk.follow_ups = FollowUpBooks(contact(**changes), questionnaire)
    return desk.begin("follow_up", None, NUMBER).on(Entered())


def invited(desk: Desk, questionnaire: Questionnaire = CHECK, **changes: Any) -> Conversation:
    """The invitation lies in the chat."""
    conversation = planned(desk, questionnaire, **changes).wake("due")
    assert desk.follow_ups.follow_up is not None
    assert desk.follow_ups.follow_up.state is FollowUpState.INVITED, conversation.text
    desk.who = CUSTOMER
    return conversation


def begun(desk: Desk, *questions: Question, **changes: Any) -> Conversation:
    """The first question is asked."""
    return invited(desk, sheet(*questions) if questions else CHECK, **changes).press("begin")


def clock(conversation: Conversation, name: str) -> Conversation:
    """A timer is due: nobody acts."""
    who, conversation.desk.who = conversation.desk.who, NOBODY
    conversation.wake(name)
    conversation.desk.who = who
    return conversation


def now(desk: Desk) -> FollowUp:
    """How the contact stands."""
    assert desk.follow_ups.follow_up is not None
    return desk.follow_ups.follow_up


def answers(desk: Desk) -> dict[str, tuple[str, ...] | str]:
    """What is kept: the codes, else the words, by question."""
    return {each.question: each.codes or each.text for each in now(desk).answers}


def given(desk: Desk, question: str) -> Answer:
    """The answer that is kept to a question."""
    return now(desk).by_question[question]


def complaint(desk: Desk) -> Complaint:
    """The complaint that was filed."""
    assert desk.complaint is not None
    return desk.complaint


def labels(conversation: Conversation) -> list[str]:
    """What can be pressed."""
    return [button.key for button in conversation.buttons()]


def messages(conversation: Conversation) -> list[Say]:
    """What the customer is told by the last event, in their own chat."""
    return [say for say in conversation.of(Say) if say.to.queue is None and say.to.person in (None, 3)]


def unwoken(conversation: Conversation) -> set[str]:
    """Timers that the last event took away."""
    return {each.name for each in conversation.of(Unwake)}
