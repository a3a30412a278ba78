"""work remembers the trace that caused it

Revision: 0017
After: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work", sa.Column("trace", sa.String(64)))


def downgrade() -> None:
    op.drop_column("work", "trace")
