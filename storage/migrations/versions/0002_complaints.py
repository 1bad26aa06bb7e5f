"""Complaints with their history and legs; absences of colleagues; who invited whom; copies of cards.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make them."""
    _complaints()
    _complaint_entries()
    _complaint_legs()
    _absences()
    _copies()
    # Soonest first by moment and number: without the number, all timers of one moment are sorted to find the first.
    op.create_index("ix_timers_due", "timers", ["due_at", "id"])
    op.drop_index("ix_timers_due_at", "timers")
    # Whose leaving ends it (R3); None where it came from the command line.
    op.add_column("invitations", sa.Column("issued_by", sa.BigInteger()))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("invitations", "issued_by")
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    op.drop_index("ix_timers_due", "timers")
    for table in ("copies", "absences", "complaint_legs", "complaint_entries", "complaints"):
        op.drop_table(table)


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(32), nullable=False),
        sa.Column("plate", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(12), nullable=False),
        sa.Column("department", sa.String(32), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_complaints"),
    )
    op.create_index("ix_complaints_person", "complaints", ["person_id", "opened_at"])
    op.create_index("ix_complaints_plate", "complaints", ["plate", "opened_at"])
    op.create_index("ix_complaints_opened_at", "complaints", ["opened_at"])
    op.create_index("ix_complaints_state", "complaints", ["state", "number"])


def _complaint_entries() -> None:
    op.create_table(
        "complaint_entries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("happening", sa.String(16), nullable=False),
        sa.Column("leg", sa.String(40), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["complaints.number"], name="fk_complaint_entries_number_complaints"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_entries"),
    )
    op.create_index("ix_complaint_entries_number", "complaint_entries", ["number", "id"])
    # Each alarm of a leg rings exactly once, whatever happens (C6).
    op.create_index(
        "uq_complaint_entries_alarm",
        "complaint_entries",
        ["number", "leg", "happening"],
        unique=True,
        sqlite_where=sa.text("happening IN ('warned', 'breached', 'raised')"),
        postgresql_where=sa.text("happening IN ('warned', 'breached', 'raised')"),
    )


def _complaint_legs() -> None:
    op.create_table(
        "complaint_legs",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("leg", sa.String(40), nullable=False),
        sa.Column("queue", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.BigInteger()),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["number"], ["complaints.number"], name="fk_complaint_legs_number_complaints"
        ),
        sa.PrimaryKeyConstraint("number", "leg", name="pk_complaint_legs"),
    )
    op.create_index("ix_complaint_legs_owner", "complaint_legs", ["owner_id", "open", "due_at"])
    op.create_index("ix_complaint_legs_queue", "complaint_legs", ["queue", "open", "due_at"])


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("named_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_absences_person_id_people"),
        sa.ForeignKeyConstraint(["substitute_id"], ["people.id"], name="fk_absences_substitute_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "ends_at"])
    op.create_index("ix_absences_substitute", "absences", ["substitute_id", "ends_at"])


def _copies() -> None:
    op.create_table(
        "copies",
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("letter_id", name="pk_copies"),
    )
    op.create_index("ix_copies_conversation", "copies", ["conversation_id"])
