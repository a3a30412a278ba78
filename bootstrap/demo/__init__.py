"""The demo: sites in three provinces, people in every role, shipped workflows. Invented people only."""

from bootstrap.demo.loading import load, load_pages
from bootstrap.demo.people import print_logins

__all__ = ["load", "load_pages", "print_logins"]
