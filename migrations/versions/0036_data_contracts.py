"""Data contracts per item, in versions; indices of done tasks by person, and of materials by file (who may open it is asked of them)

Revision: 0036
After: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_contracts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("item_code", sa.String(length=60), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_code"], ["items.code"], name=op.f("fk_data_contracts_item_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_contracts")),
        sa.UniqueConstraint("item_code", "version", name=op.f("uq_data_contracts_item_code_version")),
    )
    op.create_index(
        "ix_tasks_done",
        "tasks",
        ["completed_by", "closed_at", "id"],
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_index("ix_materials_file", "materials", ["file_id"], postgresql_where=sa.text("file_id is not null"))


def downgrade() -> None:
    op.drop_index("ix_tasks_done", table_name="tasks")
    op.drop_index("ix_materials_file", table_name="materials")
    op.drop_table("data_contracts")
