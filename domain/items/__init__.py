"""Service items 事项: guides, materials, routing."""
