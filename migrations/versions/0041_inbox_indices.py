"""Indices of what nobody has claimed and of what nobody has read: an inbox does not wade through what others have

Revision: 0041
After: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_task_candidates_free",
        "task_candidates",
        ["site_id", "role", "due_at", "task_id"],
        postgresql_include=["case_id"],
        postgresql_where=sa.text("assignee_id is null"),
    )
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id", "id"], postgresql_where=sa.text("read_at is null")
    )


def downgrade() -> None:
    op.drop_index("ix_notifications_unread", table_name="notifications")
    op.drop_index("ix_task_candidates_free", table_name="task_candidates")
