"""What the platform tells of itself: figures for Prometheus, traces for OpenTelemetry. Never personal data.

The business knows nothing of it: figures are taken where requests, jobs, transactions and commands enter.
"""
