"""Bringing people, sites, organisations, regions, contacts and partners in from a spreadsheet, and out again."""
