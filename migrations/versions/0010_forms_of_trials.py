"""trials: the forms that an import made; a line of the history says in which resource its element is

Revision: 0010
After: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("trial_definitions", sa.Column("forms", kind, nullable=False, server_default="{}"))
    op.alter_column("trial_definitions", "forms", server_default=None)
    op.add_column("trial_events", sa.Column("definition_id", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("trial_events", "definition_id")
    op.drop_column("trial_definitions", "forms")
