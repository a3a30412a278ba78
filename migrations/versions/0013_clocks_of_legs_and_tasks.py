"""clocks of cases, legs and tasks in one table; events with who, law and words

Revision: 0013
After: 0012
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import chinese_calendar
import sqlalchemy as sa
from alembic import op
from chinese_calendar.constants import holidays

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHINA = timezone(timedelta(hours=8))
MOMENT = sa.DateTime(timezone=True)


def clock_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("leg_id", sa.BigInteger()),
        sa.Column("task_id", sa.String(40)),
        sa.Column("policy", sa.String(60), nullable=False, server_default=""),
        sa.Column("paused_days", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("started_at", MOMENT),
        sa.Column("stopped_at", MOMENT),
        sa.Column("resume_expected_at", MOMENT),
    ]


def event_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("leg_id", sa.BigInteger()),
        sa.Column("task_id", sa.String(40)),
        sa.Column("note", sa.String(400), nullable=False, server_default=""),
        sa.Column("legal_ground", sa.String(200), nullable=False, server_default=""),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("actor_name", sa.String(80), nullable=False, server_default=""),
        sa.Column("paused_days", sa.BigInteger(), nullable=False, server_default="0"),
    ]


def upgrade() -> None:
    op.rename_table("case_clocks", "clocks")
    for old, new in (("pk_case_clocks", "pk_clocks"), ("fk_case_clocks_case_id", "fk_clocks_case_id")):
        op.execute(f"alter table clocks rename constraint {old} to {new}")
    op.execute("alter sequence case_clocks_id_seq rename to clocks_id_seq")
    op.drop_constraint("uq_case_clocks_case_id_kind", "clocks")
    _add("clocks", clock_columns())
    _add("clock_events", event_columns())
    op.create_foreign_key(op.f("fk_clocks_leg_id"), "clocks", "legs", ["leg_id"], ["id"])
    op.create_foreign_key(op.f("fk_clocks_task_id"), "clocks", "tasks", ["task_id"], ["id"])
    op.create_unique_constraint(
        op.f("uq_clocks_case_id_kind_leg_id_task_id"),
        "clocks",
        ["case_id", "kind", "leg_id", "task_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_clocks_task", "clocks", ["task_id"], postgresql_where=sa.text("task_id is not null"))
    op.create_index(
        "ix_clocks_running", "clocks", ["region_code", "due_at"], postgresql_where=sa.text("state = 'RUNNING'")
    )
    op.execute("update clocks set policy = case kind when 'STATUTORY' then 'clock.legal' else 'clock.promise' end")
    _fill_times(op.get_bind())


def downgrade() -> None:
    op.execute("delete from clocks where leg_id is not null or task_id is not null")
    op.execute("delete from clock_events where leg_id is not null or task_id is not null")
    op.drop_index("ix_clocks_running", "clocks")
    op.drop_index("ix_clocks_task", "clocks")
    op.drop_constraint("uq_clocks_case_id_kind_leg_id_task_id", "clocks")
    for column in event_columns():
        op.drop_column("clock_events", column.name)
    for column in clock_columns():
        op.drop_column("clocks", column.name)
    op.execute("alter sequence clocks_id_seq rename to case_clocks_id_seq")
    for old, new in (("pk_clocks", "pk_case_clocks"), ("fk_clocks_case_id", "fk_case_clocks_case_id")):
        op.execute(f"alter table clocks rename constraint {old} to {new}")
    op.rename_table("clocks", "case_clocks")
    op.create_unique_constraint(op.f("uq_case_clocks_case_id_kind"), "case_clocks", ["case_id", "kind"])


def _add(table: str, columns: list[sa.Column[Any]]) -> None:
    for column in columns:
        op.add_column(table, column)
        if column.server_default is not None:
            op.alter_column(table, column.name, server_default=None)


def _fill_times(connection: sa.Connection) -> None:
    """When each clock began, since when it stands still, and how long it stood still before: read from its events."""
    query = sa.text(
        "select c.id, c.state, c.running_since, e.action, e.at from clocks c"
        " join clock_events e on e.case_id = c.case_id and e.kind = c.kind order by c.id, e.id"
    )
    clocks: dict[int, dict[str, Any]] = {}
    for row in connection.execute(query):
        own = clocks.setdefault(row.id, {"id": row.id, "started": None, "stopped": None, "paused": 0})
        if row.action == "start":
            own["started"] = row.at
        elif row.action == "stop" and own["started"] is not None:
            own["stopped"] = row.at
        elif own["stopped"] is not None and row.action in {"resume", "end"}:
            own["paused"] += _workdays(own["stopped"], row.at)
            own["stopped"] = None
        if row.state == "RUNNING" and not own["paused"]:
            own["started"] = row.running_since
    for values in clocks.values():
        connection.execute(
            sa.text(
                "update clocks set started_at = :started, stopped_at = :stopped, paused_days = :paused where id = :id"
            ),
            values,
        )


def _workdays(since: datetime, until: datetime) -> int:
    first, last = since.astimezone(CHINA).date(), until.astimezone(CHINA).date()
    return sum(_works(first + timedelta(days=number)) for number in range(1, (last - first).days + 1))


def _works(day: date) -> bool:
    years = {each.year for each in holidays}
    if min(years) <= day.year <= max(years):
        return bool(chinese_calendar.is_workday(day))
    return day.isoweekday() <= 5  # noqa: PLR2004 -- Friday
