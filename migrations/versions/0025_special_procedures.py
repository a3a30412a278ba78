"""special procedures and extensions: asked, decided, running, ended

Revision: 0025
After: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "procedures",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("leg_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("applicant_does", sa.String(400), nullable=False),
        sa.Column("legal_ground", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_name", sa.String(80), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.Column("decided_name", sa.String(80), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("opinion", sa.String(400), nullable=False),
        sa.Column("document_id", sa.BigInteger()),
        sa.Column("expected_end_at", MOMENT),
        sa.Column("ended_by", sa.BigInteger()),
        sa.Column("ended_name", sa.String(80), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("conclusion", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_procedures_case_id")),
        sa.ForeignKeyConstraint(["leg_id"], ["legs.id"], name=op.f("fk_procedures_leg_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedures")),
    )
    op.create_index("ix_procedures_case", "procedures", ["case_id", "id"])
    op.create_index(
        "ix_procedures_open",
        "procedures",
        ["case_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state in ('ASKED', 'RUNNING')"),
    )
    op.add_column(
        "supplement_notices", sa.Column("is_override", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.alter_column("supplement_notices", "is_override", server_default=None)


def downgrade() -> None:
    op.drop_column("supplement_notices", "is_override")
    op.drop_table("procedures")
