"""API clients: other systems that act here with a token of their own."""
