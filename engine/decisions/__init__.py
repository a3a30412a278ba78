"""Decisions: DMN 1.1 to 1.5 read into a plan that the kernel evaluates. Pure: no database, no network, no clock."""
