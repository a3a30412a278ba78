"""密钥: secrets that calls to the outside need, written but never read back; models and settings name them (``secret:NAME``)."""
