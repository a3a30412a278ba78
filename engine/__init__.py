"""The process engine: a pure library over SpiffWorkflow. No database, no web framework, no clock of its own, no network."""
