"""rules_edition: one number that every change of a policy or calendar replaces, so that processes may remember what they read

Revision: 0022
After: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

RULES = ("policies", "calendar_days", "calendar_versions")


def upgrade() -> None:
    op.create_table(
        "rules_edition",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules_edition")),
    )
    op.execute("insert into rules_edition (id) values (1)")
    op.execute(
        """
        create function new_rules_edition() returns trigger language plpgsql as $$
        begin
            insert into rules_edition (id) values (1)
            on conflict (id) do update set number = gen_random_uuid();
            return null;
        end $$
        """
    )
    for table in RULES:
        op.execute(
            f"create trigger rules_changed after insert or update or delete or truncate on {table}"
            " for each statement execute function new_rules_edition()"
        )


def downgrade() -> None:
    for table in RULES:
        op.execute(f"drop trigger rules_changed on {table}")
    op.execute("drop function new_rules_edition()")
    op.drop_table("rules_edition")
