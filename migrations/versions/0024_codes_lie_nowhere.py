"""channels of people: the code is derived, no digest of it is kept

Revision: 0024
After: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("person_channels", "code_digest")


def downgrade() -> None:
    op.add_column("person_channels", sa.Column("code_digest", sa.String(length=64)))
