"""Names of accounts and of files get a sealed column beside the plain one, which empties in the background

Revision: 0037
After: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("users", "files"):
        op.add_column(table, sa.Column("sealed_name", sa.LargeBinary(), nullable=True))
        op.create_index(f"ix_{table}_plain_name", table, ["id"], postgresql_where=sa.text("name <> ''"))


def downgrade() -> None:
    for table in ("users", "files"):
        op.drop_index(f"ix_{table}_plain_name", table_name=table)
        op.drop_column(table, "sealed_name")
