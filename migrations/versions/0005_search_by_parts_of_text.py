"""finding cases by parts of their numbers and of the masked subject

Revision: 0005
After: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PARTS = {
    "ix_cases_text": ("cases", ("case_no", "collab_no", "subject_masked")),
    "ix_legs_text": ("legs", ("case_no",)),
}


def upgrade() -> None:
    for name, (table, columns) in PARTS.items():
        operators = dict.fromkeys(columns, "gin_trgm_ops")
        op.create_index(name, table, list(columns), postgresql_using="gin", postgresql_ops=operators)


def downgrade() -> None:
    for name, (table, _) in PARTS.items():
        op.drop_index(name, table)
