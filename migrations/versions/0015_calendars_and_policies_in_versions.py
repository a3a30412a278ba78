"""published years of calendars, the history of policies, recomputations; what a task's date was reckoned from

Revision: 0015
After: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_versions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("days", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("reverts", sa.BigInteger(), nullable=True),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("publisher", sa.String(60), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint(
            "region_code", "year", "version", name=op.f("uq_calendar_versions_region_code_year_version")
        ),
    )
    op.create_index(
        "ix_calendar_versions_force",
        "calendar_versions",
        ["region_code", "year"],
        unique=True,
        postgresql_where=sa.text("in_force"),
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("scope_ref", sa.String(40), nullable=False),
        sa.Column("item_code", sa.String(60), nullable=False),
        sa.Column("value", sa.String(60), nullable=True),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("also_open", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changer", sa.String(60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    op.create_index("ix_policy_versions_key", "policy_versions", ["key", "id"])
    op.create_table(
        "recomputations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("total_cases", "done_cases", "moved_clocks", "moved_tasks", "moved_timers", "moved_steps")
        ),
        sa.Column("started_by", sa.BigInteger(), nullable=True),
        sa.Column("starter", sa.String(60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recomputations")),
    )
    op.create_table(
        "calendar_alerts",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_alerts")),
    )
    op.add_column("tasks", sa.Column("due_literal", sa.String(60), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "due_literal")
    for name in ("calendar_alerts", "recomputations", "policy_versions", "calendar_versions"):
        op.drop_table(name)
