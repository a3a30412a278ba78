"""rate_buckets: rate limits count for the whole deployment

Revision: 0029
After: 0028

Unlogged: a lost bucket is a full one. Half of each page stays free, so that a token taken is an update in place.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_buckets",
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_buckets")),
        prefixes=["UNLOGGED"],
    )
    op.execute("alter table rate_buckets set (fillfactor = 50)")


def downgrade() -> None:
    op.drop_table("rate_buckets")
