"""Rates: how often a caller may do something, counted for the whole deployment."""
