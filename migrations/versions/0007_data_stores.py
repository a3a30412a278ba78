"""values of data stores, which outlive cases

Revision: 0007
After: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_store_values",
        sa.Column("definition_key", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("value", sa.LargeBinary()),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_by_leg_id", sa.BigInteger()),
    )


def downgrade() -> None:
    op.drop_table("data_store_values")
