"""Second factors: until when one is owed, removal by two administrators; known browsers; every API token ends

Revision: 0042
After: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("second_factor_due_at", MOMENT, nullable=True))
    op.create_table(
        "factor_removals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proof", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_factor_removals_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_removals")),
    )
    op.create_index("ix_factor_removals_user", "factor_removals", ["user_id", "id"])
    op.create_table(
        "known_devices",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id")),
        sa.PrimaryKeyConstraint("user_id", "device_hash", name=op.f("pk_known_devices")),
    )
    op.create_index("ix_known_devices_last_at", "known_devices", ["last_at"])
    # Tokens that knew no end are good for one more year: their systems go on, and somebody has to renew them.
    op.execute("update api_clients set expires_at = now() + interval '1 year' where expires_at is null")


def downgrade() -> None:
    op.drop_table("known_devices")
    op.drop_table("factor_removals")
    op.drop_column("users", "second_factor_due_at")
