"""resealings, resealing_parts: how far sealing under new keys has come

Revision: 0030
After: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "resealings",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("key_id", sa.BigInteger, nullable=False),
        sa.Column("blind_version", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("started_by", sa.String(60), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("finished_at", moment),
    )
    op.create_table(
        "resealing_parts",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("resealing_id", sa.BigInteger, sa.ForeignKey("resealings.id"), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("broken", sa.BigInteger, nullable=False),
        sa.Column("passes", sa.BigInteger, nullable=False),
        sa.Column("finished_at", moment),
        sa.UniqueConstraint("resealing_id", "place"),
    )


def downgrade() -> None:
    op.drop_table("resealing_parts")
    op.drop_table("resealings")
