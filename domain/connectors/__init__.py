"""外部连接: the only ways out of the house for models and notices – HTTP, e-mail, robots – and who may be reached (docs/connectors.md)."""
