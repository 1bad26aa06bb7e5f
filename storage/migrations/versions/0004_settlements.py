"""Settlements of repair orders, and the discounts asked for on them.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IS_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Make them."""
    _settlements()
    _discounts()


def downgrade() -> None:
    """Take them away."""
    op.drop_table("discounts")
    op.drop_table("settlements")


def _settlements() -> None:
    op.create_table(
        "settlements",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("insurance", sa.Boolean(), nullable=False),
        sa.Column("fleet", sa.Boolean(), nullable=False),
        sa.Column("benefits", sa.Boolean(), nullable=False),
        sa.Column("benefit", sa.String(12), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", name="pk_settlements"),
        sa.ForeignKeyConstraint(
            ["number"], ["repair_orders.number"], name="fk_settlements_number_repair_orders"
        ),
    )


def _discounts() -> None:
    op.create_table(
        "discounts",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("order_number", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.BigInteger()),
        sa.Column("asked_name", sa.String(128), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_name", sa.String(128), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_discounts"),
        sa.ForeignKeyConstraint(
            ["order_number"], ["repair_orders.number"], name="fk_discounts_order_number_repair_orders"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_discounts_customer_id_customers"),
    )
    op.create_index("ix_discounts_customer", "discounts", ["customer_id", "asked_at"])
    op.create_index("ix_discounts_decided_at", "discounts", ["decided_at"])
    op.create_index(
        "uq_discounts_order",
        "discounts",
        ["order_number"],
        unique=True,
        sqlite_where=IS_OPEN,
        postgresql_where=IS_OPEN,
    )
