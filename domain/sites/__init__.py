"""Sites 机构: regions, organisations, signing keys, numbers."""
