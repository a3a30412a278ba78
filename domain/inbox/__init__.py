"""来件: messages that arrive from other sites."""
