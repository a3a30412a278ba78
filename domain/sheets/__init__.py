"""Spreadsheets as people send them: read within bounds, written without formulas."""
