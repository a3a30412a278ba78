"""trials: a line of the history says in which resource its element is

Revision: 0010
After: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trial_events", sa.Column("definition_id", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("trial_events", "definition_id")
