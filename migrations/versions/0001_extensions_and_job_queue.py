"""extensions and the job queue.

``pg_trgm`` finds parts of Chinese names by index. The queue's tables are procrastinate's own, of the pinned version 3.10.0;
a later version of it comes with a migration of ours that runs its scripts.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    _run(SchemaManager.get_schema())


def downgrade() -> None:
    _run(
        """
        do $$ declare found record; begin
            for found in select oid::regclass as name from pg_class
                where relkind = 'r' and relname like 'procrastinate\\_%' and relnamespace = current_schema()::regnamespace
            loop execute 'drop table ' || found.name || ' cascade'; end loop;
            for found in select oid::regprocedure as name from pg_proc
                where proname like 'procrastinate\\_%' and pronamespace = current_schema()::regnamespace
            loop execute 'drop function ' || found.name || ' cascade'; end loop;
            for found in select oid::regtype as name from pg_type
                where typname like 'procrastinate\\_%' and typtype in ('e', 'c') and typnamespace = current_schema()::regnamespace
            loop execute 'drop type if exists ' || found.name || ' cascade'; end loop;
        end $$
        """
    )
    op.execute("drop extension if exists pg_trgm")


def _run(script: str) -> None:
    """Run several statements as they are: a % in them is not a parameter."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101 -- inside a migration there is a connection
    with connection.cursor() as cursor:
        cursor.execute(script)
