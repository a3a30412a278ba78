"""trials: the forms that an import made

Revision: 0009
After: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("trial_definitions", sa.Column("forms", kind, nullable=False, server_default="{}"))
    op.alter_column("trial_definitions", "forms", server_default=None)


def downgrade() -> None:
    op.drop_column("trial_definitions", "forms")
