"""item_editions: service items that are entered here, edition by edition

Revision: 0048
After: 0047
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("items", sa.Column("edition", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "item_editions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("item_code", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_code"], ["items.code"], name=op.f("fk_item_editions_item_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_editions")),
        sa.UniqueConstraint("item_code", "edition", name=op.f("uq_item_editions_item_code_edition")),
    )


def downgrade() -> None:
    op.drop_table("item_editions")
    op.drop_column("items", "edition")
