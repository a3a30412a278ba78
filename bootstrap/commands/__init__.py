"""The commands of ``lianban``, one module per topic."""
