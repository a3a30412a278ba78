"""What nodes say that they seal with, so that sealing anew ends only when nobody writes under another key any more

Revision: 0047
After: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nodes", sa.Column("key_id", sa.BigInteger(), nullable=True))
    op.add_column("nodes", sa.Column("blind_version", sa.BigInteger(), nullable=True))
    op.add_column("nodes", sa.Column("written_in", sa.BigInteger(), nullable=True))
    op.add_column("resealings", sa.Column("fence", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("resealings", "fence")
    for name in ("written_in", "blind_version", "key_id"):
        op.drop_column("nodes", name)
