"""What stands in the books before anything happens: people, files, cars that are paid for; and how cases are closed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from dialogs.effects import Note
from domain.complaint_chain import open_legs
from domain.complaints import ComplaintState, Entry, Happening
from domain.people import Queue, Role
from domain.repair_orders import Arrival
from service.briefing import Briefing
from service.house import House
from service.ports import Sender
from service.trade import Bench, apply
from storage import complaints, people, places
from storage.complaints import COMPLAINTS
from storage.conversations import CONVERSATIONS, Conversation
from storage.customers import CUSTOMERS, VEHICLES
from storage.engine import Books
from storage.orders import ORDER_ENTRIES, REPAIR_ORDERS
from storage.people import PEOPLE, STAFF_ROLES
from tests.service.follow_up_year import Leaving, Manner, Owner
from tests.service.front_door import GROUP

ADVISOR = Sender(11, "小敏")
SUPERVISOR = Sender(21, "陈晓")
SURNAMES = "王李张刘陈杨黄赵周吴"
STATES = ("in_shop", "in_work", "inspection", "ready", "settled")


async def open_books(books: Books, owners: Sequence[Owner], now: datetime, house_cars: str) -> Sender:
    """Staff, their group with its topics, and every customer's file with the cars; who hands the cars over."""
    async with books.unit() as unit:
        staff = [_stranger(each.user_id, each.first_name, now) for each in (ADVISOR, SUPERVISOR)]
        chats = [_stranger(each.user, _surname(each), now) for each in owners if each.has_chat]
        await people.meet(unit, [*staff, *chats])
        known = {row.user_id: row.id for row in await unit.rows(select(PEOPLE.c.user_id, PEOPLE.c.id))}
        colleagues = [each.user for each in owners if each.manner is Manner.COLLEAGUE]
        roles = {ADVISOR.user_id: Role.ADVISOR, SUPERVISOR.user_id: Role.FRONT_DESK_SUPERVISOR}
        roles |= dict.fromkeys(colleagues, Role.PARTS_MANAGER)
        await unit.run_many(
            insert(STAFF_ROLES),
            ({"person_id": known[user], "role": role.value, "since": now} for user, role in roles.items()),
        )
        await places.bind(unit, GROUP, True)
        for thread, queue in enumerate(Queue, start=11):
            await places.set_topic(unit, queue, GROUP, thread)
        await unit.run_many(insert(CUSTOMERS), (_file(each, known, now, house_cars) for each in owners))
        await unit.run_many(
            insert(VEHICLES),
            (
                {"plate": each.plate(car), "model": "朗逸", "customer_id": each.number, "opened_at": now}
                for each in owners
                for car in range(1 + each.has_two)
            ),
        )
    return ADVISOR


def _stranger(user: int, name: str, now: datetime) -> dict[str, Any]:
    told = {"user_id": user, "first_name": name, "username": "", "first_seen": now}
    return told | {"reachable": True, "opted_out": False}


def _surname(owner: Owner) -> str:
    return SURNAMES[owner.number % len(SURNAMES)]


def _file(owner: Owner, known: dict[int, int], now: datetime, house_cars: str) -> dict[str, Any]:
    return {
        "id": owner.number,
        "person_id": known.get(owner.user),
        "name": f"{_surname(owner)}明",
        "surname": _surname(owner),
        "salutation": "先生",
        "phone": f"+86139{owner.number:08d}",
        "tier": house_cars if owner.manner is Manner.HOUSE else "",
        "consent_at": now,
        "opened_at": now,
    }


async def file_orders(
    books: Books, leaving: Sequence[Leaving], now: datetime, messages: Iterator[int], advisor: Sender
) -> dict[str, tuple[int, int]]:
    """Their orders stand in state 已结算; by number the conversation and message of each one's card."""
    cards: dict[str, tuple[int, int]] = {}
    async with books.unit() as unit:
        users = [each.owner.user for each in leaving] + [advisor.user_id]
        found = await unit.rows(select(PEOPLE.c.user_id, PEOPLE.c.id).where(PEOPLE.c.user_id.in_(users)))
        known = {row.user_id: row.id for row in found}
        me = known[advisor.user_id]
        await unit.run_many(insert(REPAIR_ORDERS), (_order(each, known, me, now) for each in leaving))
        await unit.run_many(
            insert(ORDER_ENTRIES), (entry for each in leaving for entry in _history(each, me, now))
        )
        for each in leaving:
            message = next(messages)
            row = await unit.one(
                insert(CONVERSATIONS).returning(CONVERSATIONS.c.id), _card(each, message, now)
            )
            assert row is not None
            cards[each.number] = row.id, message
    return cards


def _order(each: Leaving, known: dict[int, int], advisor: int, now: datetime) -> dict[str, Any]:
    owner = each.owner
    return {
        "number": each.number,
        "state": "settled",
        "plate": each.plate,
        "customer_id": owner.number,
        "person_id": known.get(owner.user),
        "address": f"{_surname(owner)}先生",
        "phone": f"+86139{owner.number:08d}",
        "advisor_id": advisor,
        "advisor_name": ADVISOR.first_name,
        "items": json.dumps(
            [{"name": "小保养", "price": "398", "estimate": "by_system", "origin": "genuine"}]
        ),
        "arrival": json.dumps(asdict(Arrival())),
        "opened_at": now,
        "promised_at": now + timedelta(hours=12),
    }


def _history(each: Leaving, advisor: int, now: datetime) -> Iterator[dict[str, Any]]:
    promised = (now + timedelta(hours=12)).isoformat()
    happened: list[tuple[str, dict[str, Any]]] = [
        ("opened", {}),
        ("promised", {"at": promised, "reason": ""}),
        ("confirmed", {"how": "paper"}),
        *(("moved", {"state": state}) for state in STATES),
    ]
    for happening, details in happened:
        yield {
            "number": each.number,
            "at": now,
            "happening": happening,
            "person_id": advisor,
            "who": ADVISOR.first_name,
            "details": json.dumps(details),
        }


def _card(each: Leaving, message: int, now: datetime) -> dict[str, Any]:
    return {
        "dialog": "order_desk",
        "subject": each.number,
        "queue": Queue.WORKSHOP.value,
        "step": "attend",
        "state": '{"face": "", "ticked": []}',
        "version": 1,
        "turn": 1,
        "card_message": message,
        "asked_at": now,
        "opened_at": now,
    }


async def close_complaints(house: House, user: int, now: datetime) -> int:
    """Everything that the person complained of is answered and over; how many cases that were."""
    async with house.books.unit() as unit:
        me = select(PEOPLE.c.id).where(PEOPLE.c.user_id == user).scalar_subquery()
        open_ones = COMPLAINTS.c.person_id == me, COMPLAINTS.c.state == ComplaintState.OPEN.value
        found = await unit.rows(select(COMPLAINTS.c.number).where(*open_ones))
        nobody = Conversation(0, "", None, "", "", 1, now, now)
        bench = Bench(unit, house.store, Briefing(unit, house, now), now, nobody)
        for row in found:
            case = await complaints.load(unit, row.number)
            assert case is not None
            ended = (Entry(now, Happening.ENDED, leg.name) for leg in open_legs(case.history))
            closed = Entry(now, Happening.CLOSED, details={"answer": "已处理"})
            await apply(Note(row.number, (*ended, closed)), bench)
    return len(found)
