"""Our task specs: what each kind of node does when a token is there."""
