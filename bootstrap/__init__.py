"""Putting the house together: settings, database, container, logging, command line."""
