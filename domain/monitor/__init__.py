"""What does not move, and the numbers of the whole."""
