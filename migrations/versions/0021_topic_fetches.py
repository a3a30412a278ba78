"""external tasks: when clients last asked for a topic

Revision: 0021
After: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_fetches",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.id"], name=op.f("fk_topic_fetches_client_id")),
        sa.PrimaryKeyConstraint("topic", "client_id", name=op.f("pk_topic_fetches")),
    )


def downgrade() -> None:
    op.drop_table("topic_fetches")
