"""Follow-ups with their answers and calls, the sheets that were asked, and questions for advisors.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    _follow_ups()
    _answers()
    _calls()
    _sheets()
    _questions()


def downgrade() -> None:
    """Take them away."""
    for table in (
        "customer_questions",
        "questionnaires",
        "follow_up_calls",
        "follow_up_answers",
        "follow_ups",
    ):
        op.drop_table(table)


def _follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("questionnaire", sa.String(32), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(24), nullable=False),
        sa.Column("after", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("plate", sa.String(16), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("advisor_id", sa.BigInteger()),
        sa.Column("advisor_name", sa.String(128), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("latest_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("nudges", sa.Integer(), nullable=False),
        sa.Column("invited_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("call_at", MOMENT),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("complaint", sa.String(24), nullable=False),
        sa.Column("caller_id", sa.BigInteger()),
        sa.Column("taken_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_follow_ups"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_follow_ups_customer_id_customers"
        ),
    )
    op.create_index("ix_follow_ups_occurred_at", "follow_ups", ["occurred_at"])
    op.create_index("ix_follow_ups_state", "follow_ups", ["state", "latest_at"])
    op.create_index("ix_follow_ups_advisor", "follow_ups", ["advisor_id", "ended_at"])
    op.create_index("ix_follow_ups_customer", "follow_ups", ["customer_id"])


def _answers() -> None:
    op.create_table(
        "follow_up_answers",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("question", sa.String(32), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("bad", sa.Boolean(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("given_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", "question", name="pk_follow_up_answers"),
        sa.ForeignKeyConstraint(
            ["number"], ["follow_ups.number"], name="fk_follow_up_answers_number_follow_ups"
        ),
    )


def _calls() -> None:
    op.create_table(
        "follow_up_calls",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up_calls"),
        sa.ForeignKeyConstraint(
            ["number"], ["follow_ups.number"], name="fk_follow_up_calls_number_follow_ups"
        ),
    )
    op.create_index("ix_follow_up_calls_number", "follow_up_calls", ["number"])


def _sheets() -> None:
    op.create_table(
        "questionnaires",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("first_asked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name="pk_questionnaires"),
    )


def _questions() -> None:
    op.create_table(
        "customer_questions",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("follow_up", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.BigInteger()),
        sa.Column("owner_name", sa.String(128), nullable=False),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_customer_questions"),
    )
    op.create_index("ix_customer_questions_answered_at", "customer_questions", ["answered_at", "asked_at"])
