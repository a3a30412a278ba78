"""consents, legal_holds, erasures, cases.erased_at: what was agreed to, what is kept, what was deleted

Revision: 0032
After: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("cases", sa.Column("erased_at", moment))
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("people", sa.BigInteger, nullable=False),
        sa.Column("form_id", sa.String(80), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("given_by", sa.BigInteger),
        sa.Column("at_window", sa.Boolean, nullable=False),
        sa.Column("given_at", moment, nullable=False),
    )
    op.create_index("ix_consents_case_id", "consents", ["case_id"])
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("case_id", sa.BigInteger, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("site_id", sa.BigInteger, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("held_by", sa.String(60), nullable=False),
        sa.Column("held_at", moment, nullable=False),
        sa.Column("released_by", sa.String(60), nullable=False),
        sa.Column("released_at", moment),
    )
    op.create_index(
        "ix_legal_holds_open", "legal_holds", ["case_id"], unique=True, postgresql_where=sa.text("released_at is null")
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("site_id", sa.BigInteger, sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("case_ids", JSONB, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.BigInteger, nullable=False),
        sa.Column("asked_name", sa.String(60), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_name", sa.String(60), nullable=False),
        sa.Column("decided_at", moment),
        sa.Column("finished_at", moment),
    )
    op.create_index("ix_erasures_site", "erasures", ["site_id", "asked_at"])


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("legal_holds")
    op.drop_table("consents")
    op.drop_column("cases", "erased_at")
