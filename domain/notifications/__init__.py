"""Messages to people on the platform."""
