"""present_rules_edition(): the edition of the rules as a lock's statement reads it, after the lock was obtained

Revision: 0026
After: 0025

A volatile function takes a snapshot of its own. A subquery would see what the statement saw when it began, which is
before it waited for the lock: a change of the rules committed meanwhile would be missed.
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create function present_rules_edition() returns uuid language plpgsql volatile as $$
        begin
            return (select number from rules_edition);
        end $$
        """
    )


def downgrade() -> None:
    op.execute("drop function present_rules_edition()")
