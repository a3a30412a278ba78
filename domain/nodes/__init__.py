"""The processes that serve this deployment: who they are, when each was last heard of."""
