"""Editions of data contracts: in force from a moment; drafts that both sides approve

Revision: 0040
After: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default is for nodes of the program before, which go on publishing editions that are in force at once.
    op.add_column(
        "data_contracts",
        sa.Column("in_force_from", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.execute("update data_contracts set in_force_from = published_at")
    op.create_table(
        "contract_drafts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("item_code", sa.String(length=60), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("in_force_on", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("approvals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("drafted_by", sa.BigInteger(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing_note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["item_code"], ["items.code"], name=op.f("fk_contract_drafts_item_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_drafts")),
    )
    op.create_index(
        "uq_contract_drafts_open",
        "contract_drafts",
        ["item_code"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    op.drop_table("contract_drafts")
    op.drop_column("data_contracts", "in_force_from")
