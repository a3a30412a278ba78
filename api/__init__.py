"""The HTTP door: one module per noun, schemas on top, views below. The only room that knows Flask."""
