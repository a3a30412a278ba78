"""Deadlines 时限: calendar, policies, clocks, ladder."""
