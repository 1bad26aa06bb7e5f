"""People of the messaging service, the roles they hold, and the invitations that gave them those roles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Select,
    String,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from domain.people import Role
from storage import locks
from storage.absences import ABSENCES
from storage.engine import Unit
from storage.locks import Lock
from storage.schema import METADATA, Instant, RowId, among

PEOPLE = Table(
    "people",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("user_id", BigInteger, nullable=False, unique=True),
    Column("first_name", String(128), nullable=False, default=""),
    Column("username", String(64), nullable=False, default=""),
    Column("reachable", Boolean, nullable=False, default=True, server_default=true()),
    Column("opted_out", Boolean, nullable=False, default=False),
    Column("first_seen", Instant, nullable=False),
)

STAFF_ROLES = Table(
    "staff_roles",
    METADATA,
    Column("person_id", BigInteger, ForeignKey("people.id"), primary_key=True),
    Column("role", String(32), primary_key=True),
    Column("since", Instant, nullable=False),
)

INVITATIONS = Table(
    "invitations",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("role", String(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("used_by", BigInteger),
    Column("issued_by", BigInteger),
)


@dataclass(slots=True)
class Person:
    """Somebody who wrote to us. In private chats the chat's number is the user's (`user_id`).

    `roles` are their own and, while they stand in for an absent colleague, also that colleague's (R4). While they
    are absent themselves, `absent_until` says how long and `substitute` who stands in (0: nobody).
    """

    id: int
    user_id: int
    first_name: str
    username: str
    reachable: bool
    opted_out: bool
    roles: frozenset[Role] = frozenset()
    own_roles: frozenset[Role] = frozenset()
    absent_until: datetime | None = None
    substitute: int = 0


def _lasting_now(absence: Any) -> Any:
    """Whether the absence lasts at the moment `now`."""
    return and_(absence.begins_at <= bindparam("now"), absence.ends_at > bindparam("now"))


def _with_roles(those: Any) -> Select[Any]:
    """One row per role that `those` people may act in, with the person who really holds it (`role_of`).

    Whoever stands in for an absent colleague stands in for everybody whom that one stands in for, and so on;
    UNION lets nobody in twice, so that a circle ends.
    """
    acting = (
        select(PEOPLE.c.id.label("holder"), PEOPLE.c.id.label("acts_for"))
        .where(those)
        .cte("acting", recursive=True)
    )
    absence = ABSENCES.alias("absence_of_another")
    further = select(acting.c.holder, absence.c.person_id).where(
        absence.c.substitute_id == acting.c.acts_for, _lasting_now(absence.c)
    )
    acting = acting.union(further)
    own = ABSENCES.alias("absence_of_their_own")
    return (
        select(
            PEOPLE,
            STAFF_ROLES.c.role,
            STAFF_ROLES.c.person_id.label("role_of"),
            own.c.ends_at.label("absent_until"),
            own.c.substitute_id,
        )
        .join(acting, acting.c.holder == PEOPLE.c.id)
        .outerjoin(STAFF_ROLES, STAFF_ROLES.c.person_id == acting.c.acts_for)
        .outerjoin(own, and_(own.c.person_id == PEOPLE.c.id, _lasting_now(own.c)))
        .where(those)  # said again, or SQLite goes through everybody it ever met
    )


# Made once: making a statement costs as much as executing it.
_BY_USER = _with_roles(among(PEOPLE.c.user_id, "numbers"))
_BY_ID = _with_roles(among(PEOPLE.c.id, "numbers"))
_STAFF = _with_roles(PEOPLE.c.id.in_(select(STAFF_ROLES.c.person_id)))

# NO KEY UPDATE: rows that merely point to a person (a role, a customer file) do not have to wait.
# In one order, so that nobody waits in a circle.
_LOCKED = (
    select(PEOPLE.c.id)
    .where(among(PEOPLE.c.user_id, "numbers"))
    .order_by(PEOPLE.c.id)
    .with_for_update(key_share=True)
    .subquery()
)
_ALL_LOCKED = select(func.count().label("people")).select_from(_LOCKED).subquery()
# First all of them, then the staff: whoever leaves holds their own row, and waits for nobody who waits for that.
_LOCK_BY_USER = select(func.pg_advisory_xact_lock_shared(int(Lock.STAFF)), _ALL_LOCKED.c.people)


async def meet(unit: Unit, people: Iterable[Mapping[str, Any]]) -> None:
    """Note people we may not know yet: user_id, first_name, username, first_seen."""
    await unit.run_many(unit.insert_new(PEOPLE, unless=("user_id",)), people)


async def load(
    unit: Unit, now: datetime, *, user_ids: Collection[int] = (), ids: Collection[int] = ()
) -> list[Person]:
    """People by the service's number, locked for this transaction (one person, one event at a time); or by ours.

    Their roles and absences are those of the moment `now`, and stay so (`staff_stays`). They are read once the lock is
    there: the statement that waits for it would tell the roles of before. By our own number nobody is locked: whoever
    is merely written to must not wait, nor close a circle of waiting.
    """
    if user_ids:
        found, numbers = _BY_USER, list(user_ids)
        if unit.is_postgres:
            await unit.rows(_LOCK_BY_USER, {"numbers": numbers})
    elif ids:
        found, numbers = _BY_ID, list(ids)
    else:
        return []
    return _people(await unit.rows(found, {"numbers": numbers, "now": now}))


def _people(rows: Iterable[Any]) -> list[Person]:
    people: dict[int, Person] = {}
    for row in rows:
        person = people.get(row.id)
        if person is None:
            person = people[row.id] = Person(
                row.id, row.user_id, row.first_name, row.username, row.reachable, row.opted_out
            )
        if row.role is not None:
            person.roles |= {Role(row.role)}
            person.own_roles |= {Role(row.role)} if row.role_of == row.id else frozenset()
        if row.absent_until is not None:
            person.absent_until = row.absent_until
            person.substitute = row.substitute_id if row.substitute_id != row.id else 0
    for person in people.values():
        if not person.own_roles:
            person.roles = frozenset()  # who has left is nobody's substitute (R3)
    return [people[number] for number in sorted(people)]


async def set_reachable(unit: Unit, people: Collection[int], reachable: bool) -> None:
    """Note who blocked us, or came back."""
    if people:
        await unit.run(update(PEOPLE).where(PEOPLE.c.id.in_(people)).values(reachable=reachable))


async def opt_out(unit: Unit, person: int, out: bool) -> None:
    """`person` wants no care messages any more, or wants them again (F2, K5)."""
    await unit.run(update(PEOPLE).where(PEOPLE.c.id == person).values(opted_out=out))


async def give_role(unit: Unit, person: int, role: Role, now: datetime) -> None:
    """`person` holds `role` from now on."""
    await unit.run(unit.insert_new(STAFF_ROLES).values(person_id=person, role=role.value, since=now))


async def take_roles(unit: Unit, person: int) -> int:
    """`person` holds no role any more; how many there were (R3)."""
    return await unit.run(delete(STAFF_ROLES).where(STAFF_ROLES.c.person_id == person))


async def staff_stays(unit: Unit) -> None:
    """Until this transaction is over nobody leaves and no absence begins or ends, but whoever gives work to a colleague
    may do so.

    Work that is given to somebody meanwhile would not be seen by what moves all their work, and stay with them. Who
    there is has to be read after this. SQLite has one writer at a time anyway.
    """
    await locks.shared(unit, Lock.STAFF)


async def staff_changes(unit: Unit) -> None:
    """Whoever is just giving work to somebody is waited for; nobody else gives any until this transaction is over."""
    await locks.alone(unit, Lock.STAFF)


async def staff(unit: Unit, now: datetime) -> list[Person]:
    """Everybody who holds a role of their own, as it is at the moment `now`."""
    return _people(await unit.rows(_STAFF, {"now": now}))


async def invite(
    unit: Unit, token_hash: str, role: Role, now: datetime, expires_at: datetime, issued_by: int | None = None
) -> None:
    """Write down an invitation; only the hash of its token is kept. `issued_by`: None from the command line."""
    await unit.run(
        insert(INVITATIONS).values(
            token_hash=token_hash, role=role.value, created_at=now, expires_at=expires_at, issued_by=issued_by
        )
    )


async def open_invitations(unit: Unit, now: datetime) -> list[Any]:
    """The invitations that could still be used, the oldest first."""
    found = select(INVITATIONS).where(INVITATIONS.c.used_at.is_(None), INVITATIONS.c.expires_at > now)
    return await unit.rows(found.order_by(INVITATIONS.c.created_at, INVITATIONS.c.token_hash))


async def revoke_invitation(unit: Unit, beginning: str, now: datetime) -> bool:
    """Nobody may use the invitation whose hash begins so any more; False if nobody could."""
    meant = INVITATIONS.c.token_hash.startswith(beginning, autoescape=True)
    return await unit.run(_revoked(meant, now)) > 0


async def revoke_invitations_of(unit: Unit, issuer: int, now: datetime) -> None:
    """Nobody may use the invitations that `issuer` gave out any more (R3)."""
    await unit.run(_revoked(INVITATIONS.c.issued_by == issuer, now))


def _revoked(meant: Any, now: datetime) -> Update:
    """Never good from now on: whoever is just joining may have looked at the clock before us."""
    unused = INVITATIONS.c.used_at.is_(None), INVITATIONS.c.expires_at > now
    return update(INVITATIONS).where(meant, *unused).values(expires_at=INVITATIONS.c.created_at)


async def invitation(unit: Unit, token_hash: str) -> Any | None:
    """The invitation whose token has this hash."""
    return await unit.one(select(INVITATIONS).where(INVITATIONS.c.token_hash == token_hash))


async def use_invitation(unit: Unit, token_hash: str, person: int, now: datetime) -> bool:
    """Use it up; False if it is over, or somebody else was first (R3: single use)."""
    unused = INVITATIONS.c.used_at.is_(None), INVITATIONS.c.expires_at > now
    using = update(INVITATIONS).where(INVITATIONS.c.token_hash == token_hash, *unused)
    return await unit.run(using.values(used_at=now, used_by=person)) == 1
