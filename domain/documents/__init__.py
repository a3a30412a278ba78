"""Documents 文书 issued in cases."""
