"""Decisions: deployed DMN models and the decisions in them that processes call."""
