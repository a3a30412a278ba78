"""work: the index of a leg's open work holds no row without a leg, so that no plan walks through it for something else

Revision: 0044
After: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

OPEN = "state in ('pending', 'promoted', 'held')"


def upgrade() -> None:
    op.drop_index("ix_work_leg_open", table_name="work")
    op.create_index("ix_work_leg_open", "work", ["leg_id"], postgresql_where=sa.text(f"leg_id is not null and {OPEN}"))


def downgrade() -> None:
    op.drop_index("ix_work_leg_open", table_name="work")
    op.create_index("ix_work_leg_open", "work", ["leg_id"], postgresql_where=sa.text(OPEN))
