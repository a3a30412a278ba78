"""The business: one package per noun, each with the same file names (models, service, queries)."""
