"""A bad answer opens a complaint in the same transaction, with what was said so far (F5, C1, C5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.complaint_opening import opened
from dialogs.core import Effect, Home, Kind, Say
from dialogs.follow_up_card import known_of
from domain.answer_reading import label_of
from domain.complaint_routing import propose, with_topic
from domain.complaints import Classification, Complainant, Origin, complaint_number
from domain.people import Queue
from domain.piping import piped, words_of

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.follow_ups import FollowUp
    from domain.questionnaires import Answer, Paper, Question


def complained(
    follow_up: FollowUp, paper: Paper, answer: Answer, facts: Facts
) -> tuple[str, tuple[Effect, ...]]:
    """The number of the complaint that `answer` makes, and what files it. Needs COLLEAGUES and ROUTING.

    A conversation makes one complaint at most: its number is the conversation's. The answer itself and the
    follow-up's `complaint` are written by whoever calls. It is the same whether the customer answered in the chat or a
    colleague entered it on the phone.
    """
    number = complaint_number(facts.now, facts.conversation)
    sheet = replace(paper, answers={**paper.answers, answer.question: answer})
    by = Complainant(
        follow_up.person_id, follow_up.customer_id, follow_up.address, follow_up.phone, follow_up.plate
    )
    said = tuple(_line(question, given, sheet, follow_up, facts) for question, given in _that_matter(sheet))
    media = tuple(sent for _, given in _that_matter(sheet) for sent in given.media)
    filed = opened(number, Origin.FOLLOW_UP, by, said, media, _about(answer, sheet, facts), facts)
    return number, (*filed, *_desks_hear(number, follow_up, sheet, answer, facts))


def _that_matter(paper: Paper) -> tuple[tuple[Question, Answer], ...]:
    """What was bad, and whatever was said or sent in the customer's own way, in the order of the sheet."""
    answered = ((each, paper.answers.get(each.id)) for each in paper.questionnaire.questions)
    return tuple(
        (question, given)
        for question, given in answered
        if given is not None and (given.bad or given.text or given.media)
    )


def _line(question: Question, given: Answer, paper: Paper, follow_up: FollowUp, facts: Facts) -> str:
    """The question as it was asked and what was answered, a line each."""
    asked = piped(question.text, words_of(paper, known_of(follow_up, facts)))
    return "\n".join(filter(None, (asked, label_of(question, given))))


def _about(answer: Answer, paper: Paper, facts: Facts) -> Classification:
    """The question's own topic, else what the customer's words are about; how grave it is, the words alone say."""
    words = tuple(label_of(question, given) for question, given in _that_matter(paper))
    about = propose(words, facts.routing).classification
    question = paper.questionnaire.question(answer.question)
    if question is None or not question.topic:
        return about
    return with_topic(about, facts.routing.topic(question.topic))


def _desks_hear(
    number: str, follow_up: FollowUp, paper: Paper, answer: Answer, facts: Facts
) -> tuple[Say, ...]:
    """A line for the desks that the sheet names (C5). At the front desk the complaint's own card lies already."""
    question = paper.questionnaire.question(answer.question)
    words = {
        "number": number,
        "name": follow_up.address,
        "plate": follow_up.plate,
        "topic": paper.questionnaire.title,
        "said": _line(question, answer, paper, follow_up, facts) if question else answer.text,
    }
    desks = (queue for queue in paper.questionnaire.told if queue is not Queue.FRONT_DESK)
    return tuple(
        Say("follow_up_complaint/told", words, to=Home(queue=queue), kind=Kind.STAFF) for queue in desks
    )
