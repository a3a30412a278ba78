"""allowed hosts: how many calls at once, and when a host is left alone

Revision: 0020
After: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAMES = {"most_at_once": "8", "failures_to_open": "5", "pause_seconds": "60"}


def upgrade() -> None:
    for name, value in NAMES.items():
        op.add_column("allowed_hosts", sa.Column(name, sa.BigInteger(), nullable=False, server_default=value))
        op.alter_column("allowed_hosts", name, server_default=None)


def downgrade() -> None:
    for name in NAMES:
        op.drop_column("allowed_hosts", name)
