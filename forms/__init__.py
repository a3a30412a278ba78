"""Forms: definitions, validation and the expression kernel shared with the browser."""
