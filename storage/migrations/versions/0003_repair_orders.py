"""Repair orders and the history of each visit.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state NOT IN ('left', 'cancelled')")
HAS_REFERENCE = sa.text("reference <> ''")


def upgrade() -> None:
    """Make them."""
    _repair_orders()
    _order_entries()
    # By subject first: what is told about a case goes to everything that is open about it.
    op.drop_index("ix_conversations_subject", "conversations")
    op.create_index("ix_conversations_subject", "conversations", ["subject", "dialog", "status"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_conversations_subject", "conversations")
    op.create_index("ix_conversations_subject", "conversations", ["dialog", "subject", "status"])
    op.drop_table("order_entries")
    op.drop_table("repair_orders")


def _repair_orders() -> None:
    op.create_table(
        "repair_orders",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("plate", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("advisor_id", sa.BigInteger()),
        sa.Column("advisor_name", sa.String(128), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("arrival", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("appointment", sa.String(24), nullable=False),
        sa.Column("benefits", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("promised_at", MOMENT),
        sa.Column("left_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_repair_orders"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_repair_orders_customer_id_customers"
        ),
    )
    op.create_index("ix_repair_orders_person", "repair_orders", ["person_id", "state"])
    op.create_index("ix_repair_orders_state", "repair_orders", ["state", "promised_at"])
    op.create_index("ix_repair_orders_left_at", "repair_orders", ["left_at"])
    op.create_index("ix_repair_orders_customer", "repair_orders", ["customer_id", "state"])
    op.create_index(
        "uq_repair_orders_plate",
        "repair_orders",
        ["plate"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
    op.create_index(
        "uq_repair_orders_reference",
        "repair_orders",
        ["reference"],
        unique=True,
        sqlite_where=HAS_REFERENCE,
        postgresql_where=HAS_REFERENCE,
    )


def _order_entries() -> None:
    op.create_table(
        "order_entries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("happening", sa.String(16), nullable=False),
        sa.Column("person_id", sa.BigInteger()),
        sa.Column("who", sa.String(128), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_entries"),
        sa.ForeignKeyConstraint(
            ["number"], ["repair_orders.number"], name="fk_order_entries_number_repair_orders"
        ),
    )
    op.create_index("ix_order_entries_number", "order_entries", ["number", "id"])
