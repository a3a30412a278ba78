"""the cases of a site, newest first: all of them, and those whose leg there is open

Revision: 0006
After: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_legs_site_case", "legs", ["site_id", "case_id"])
    op.create_index("ix_legs_site_open", "legs", ["site_id", "case_id"], postgresql_where=sa.text("ended_at is null"))


def downgrade() -> None:
    op.drop_index("ix_legs_site_open", "legs")
    op.drop_index("ix_legs_site_case", "legs")
