"""Log-in by a real provider, over the addresses that browsers and the provider visit."""
