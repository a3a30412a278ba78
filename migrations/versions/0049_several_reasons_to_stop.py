"""clocks: all reasons of the law may hold a clock at a time

Revision: 0049
After: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("clocks", "stop_reason", existing_type=sa.String(40), type_=sa.String(400))
    op.alter_column("clock_events", "reason", existing_type=sa.String(40), type_=sa.String(400))


def downgrade() -> None:
    op.alter_column("clock_events", "reason", existing_type=sa.String(400), type_=sa.String(40))
    op.alter_column("clocks", "stop_reason", existing_type=sa.String(400), type_=sa.String(40))
