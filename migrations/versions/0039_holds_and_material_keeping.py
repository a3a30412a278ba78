"""Holds have an end and two people; deletions are of cases or of materials

Revision: 0039
After: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = (
    ("held_by_id", sa.BigInteger()),
    ("until_at", MOMENT),
    ("agreed_at", MOMENT),
    ("release_asked_by_id", sa.BigInteger()),
    ("release_asked_at", MOMENT),
)
WORDS = (("agreed_by", 60), ("release_reason", 200), ("release_asked_by", 60))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("legal_holds", sa.Column(name, kind, nullable=True))
    for name, length in WORDS:
        op.add_column("legal_holds", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.add_column("erasures", sa.Column("what", sa.String(length=10), server_default="cases", nullable=False))


def downgrade() -> None:
    op.drop_column("erasures", "what")
    for name, _ in (*COLUMNS, *WORDS):
        op.drop_column("legal_holds", name)
