"""试运行: models run step by step before they are published, without items, sites or cases."""
