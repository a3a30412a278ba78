"""deployed decision models and the decisions in them

Revision: 0009
After: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_versions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("namespace", sa.String(600), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("model", postgresql.JSONB(), nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=False),
        sa.Column("plan_digest", sa.String(64), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("deployed_by", sa.BigInteger(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_versions")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_decision_versions_key_version")),
    )
    op.create_index("ix_decision_versions_namespace", "decision_versions", ["namespace", "id"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.String(255), nullable=False),
        sa.Column("plan_key", sa.String(900), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version_tag", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["decision_versions.id"], name=op.f("fk_decisions_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_decision_id", "decisions", ["decision_id", "id"])
    op.create_index(op.f("ix_decisions_version_id"), "decisions", ["version_id"])
    op.add_column(
        "definitions",
        sa.Column("decisions", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    )
    op.alter_column("definitions", "decisions", server_default=None)


def downgrade() -> None:
    op.drop_column("definitions", "decisions")
    op.drop_table("decisions")
    op.drop_table("decision_versions")
