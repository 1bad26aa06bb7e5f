"""The books of one follow-up, for the desk without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from dialogs.core import TradeEffect
from dialogs.effects import GiveAnswer, NoteCall, NoteFollowUp, OptOut, PlanFollowUp, TakeCall
from domain.customers import Customer
from domain.follow_ups import FollowUp, Hindrance
from domain.questionnaires import Answer, Paper, Questionnaire


@dataclass(frozen=True)
class FollowUpBooks:
    """A follow-up with its sheet, what hinders it, what else was planned, and everything that was ever answered."""

    follow_up: FollowUp | None = None
    sheet: Questionnaire | None = None
    earlier: Mapping[str, Answer] = field(default_factory=dict)
    hindrance: Hindrance | None = None
    planned: tuple[FollowUp, ...] = ()
    given: tuple[Answer, ...] = ()
    opted_out: bool = False
    opted_out_person: int = 0
    newcomers: tuple[Customer, ...] = ()
    to_call: tuple[FollowUp, ...] = ()
    refusal: str = ""

    @property
    def paper(self) -> Paper | None:
        """The sheet in the customer's hands."""
        if self.sheet is None or self.follow_up is None:
            return None
        return Paper(self.sheet, self.follow_up.by_question, self.earlier)

    def refuses(self, effect: TradeEffect) -> str:
        """Why `effect` cannot be had: as a test says, or because somebody else is calling."""
        if self.refusal or not isinstance(effect, TakeCall):
            return self.refusal
        return "" if any(each.number == effect.number for each in self.to_call) else "taken"

    def after(self, effect: TradeEffect, caller: int = 0, now: datetime | None = None) -> FollowUpBooks:
        """The books once `effect` is written. As in the database, noting a follow-up leaves its answers alone."""
        match effect:
            case PlanFollowUp(follow_up=planned, newcomer=newcomer):
                newcomers = (*self.newcomers, newcomer) if newcomer else self.newcomers
                return replace(self, planned=(*self.planned, planned), newcomers=newcomers)
            case TakeCall(number=number):
                taken = next(each for each in self.to_call if each.number == number)
                return replace(self, follow_up=replace(taken, caller=caller, taken_at=now))
            case NoteCall(call=call):
                assert self.follow_up is not None
                return replace(self, follow_up=replace(self.follow_up, calls=(*self.follow_up.calls, call)))
            case NoteFollowUp(follow_up=noted):
                known = self.follow_up or noted
                kept = replace(noted, answers=known.answers, calls=known.calls)
                return replace(self, follow_up=kept)
            case GiveAnswer(answer=answer):
                assert self.follow_up is not None
                others = tuple(each for each in self.follow_up.answers if each.question != answer.question)
                follow_up = replace(self.follow_up, answers=(*others, answer))
                return replace(self, follow_up=follow_up, given=(*self.given, answer))
            case OptOut(out=out, person=person):
                return replace(self, opted_out=out, opted_out_person=person)
            case _:
                return self
