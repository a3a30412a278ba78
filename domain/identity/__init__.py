"""People, their roles, their sessions, and what is masked."""
