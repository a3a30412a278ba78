"""The schema's history (Alembic). Run by ``lianban db migrate``; never imported by the rooms."""
