"""脱敏与查看原文: personal data is masked until somebody asks for it with a purpose, for one case, for a few minutes (DOMAIN §5.4)."""
