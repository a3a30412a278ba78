"""work: queues by kind, so what stood in the one queue is promoted anew; tables that turn over quickly are vacuumed early

Revision: 0011
After: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_QUICK = ("procrastinate_jobs", "procrastinate_events", "procrastinate_workers")
_QUICK_SETTINGS = {
    "autovacuum_vacuum_scale_factor": "0",
    "autovacuum_vacuum_threshold": "1000",
    "autovacuum_vacuum_cost_delay": "0",
    "autovacuum_analyze_scale_factor": "0",
    "autovacuum_analyze_threshold": "5000",
}
_WORK_SETTINGS = {
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_vacuum_threshold": "2000",
    "autovacuum_vacuum_cost_delay": "0",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.05",
}


def upgrade() -> None:
    op.execute("delete from procrastinate_jobs where queue_name = 'lianban'")
    op.execute("update work set state = 'pending', promoted_at = null where state = 'promoted'")
    op.execute("update work set queue = 'timer' where queue = 'deadline' and state in ('pending', 'held')")
    for table in _QUICK:
        op.execute(f"alter table {table} set ({_listed(_QUICK_SETTINGS)})")
    op.execute(f"alter table work set ({_listed(_WORK_SETTINGS)})")


def downgrade() -> None:
    for table in _QUICK:
        op.execute(f"alter table {table} reset ({', '.join(_QUICK_SETTINGS)})")
    op.execute(f"alter table work reset ({', '.join(_WORK_SETTINGS)})")


def _listed(settings: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in settings.items())
