"""the path of a leg, envelopes of messages, endpoints of sites

Revision: 0004
After: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = {
    "legs": [
        ("active_since", postgresql.JSONB(), "{}"),
        ("visited", postgresql.JSONB(), "[]"),
        ("taken", postgresql.JSONB(), "[]"),
        ("suspend_note", sa.String(300), ""),
    ],
    "messages": [
        ("manifest", postgresql.JSONB(), "[]"),
        ("element_id", sa.String(120), ""),
        ("correlation_key", sa.String(200), None),
        ("raw", sa.LargeBinary(), None),
        ("signature", sa.String(120), ""),
        ("rejection_code", sa.String(10), None),
        ("delivered_at", sa.DateTime(timezone=True), None),
    ],
    "sites": [("endpoint", sa.String(300), None)],
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind, default in columns:
            op.add_column(table, sa.Column(name, kind, nullable=default is None, server_default=default))
            if default is not None:
                op.alter_column(table, name, server_default=None)
    op.alter_column("cases", "applicant_user_id", nullable=True)
    op.create_index("ix_messages_leg", "messages", ["leg_id"])
    op.create_index("ix_work_promoted", "work", ["promoted_at"], postgresql_where=sa.text("state = 'promoted'"))


def downgrade() -> None:
    op.drop_index("ix_work_promoted", "work")
    op.drop_index("ix_messages_leg", "messages")
    op.alter_column("cases", "applicant_user_id", nullable=False)
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)
