"""work: the index of a leg's open work covers held work too, so that closing a task finds it; nobody asked by ref alone

Revision: 0019
After: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_work_ref_open", table_name="work")
    op.drop_index("ix_work_leg_open", table_name="work")
    op.create_index(
        "ix_work_leg_open",
        "work",
        ["leg_id"],
        postgresql_where=sa.text("state in ('pending', 'promoted', 'held')"),
    )


def downgrade() -> None:
    before = sa.text("state in ('pending', 'promoted')")
    op.drop_index("ix_work_leg_open", table_name="work")
    op.create_index("ix_work_leg_open", "work", ["leg_id"], postgresql_where=before)
    op.create_index("ix_work_ref_open", "work", ["ref"], postgresql_where=before)
