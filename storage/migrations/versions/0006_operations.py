"""Dead letters that can be replayed, and sending windows that all processes share.

Only adds (a column with a default, a table): a process of the previous release works on while this one takes over.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them."""
    op.add_column("dead_letters", sa.Column("state", sa.String(12), nullable=False, server_default="kept"))
    op.add_column("dead_letters", sa.Column("settled_at", MOMENT))
    op.create_index("ix_dead_letters_state", "dead_letters", ["state"])
    op.create_table(
        "sending_windows",
        sa.Column("scope", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("turns", sa.Text(), nullable=False),
        sa.Column("closed_until", MOMENT),
        sa.PrimaryKeyConstraint("scope", name="pk_sending_windows"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("sending_windows")
    op.drop_index("ix_dead_letters_state", "dead_letters")
    op.drop_column("dead_letters", "settled_at")
    op.drop_column("dead_letters", "state")
