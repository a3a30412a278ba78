"""审计: an append-only chain of what happened, per case (SM3)."""
