"""Dates of open cases set anew when a calendar or a policy changes: shown before, done in batches, logged one by one."""
