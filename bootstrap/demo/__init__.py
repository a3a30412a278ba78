"""The demo: sites in three provinces, people in every role, shipped workflows. Invented people only."""

from bootstrap.demo.loading import load
from bootstrap.demo.people import print_logins

__all__ = ["load", "print_logins"]
