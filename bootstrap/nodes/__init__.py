"""What every node does besides its work: says that it lives, answers for its health, leaves in order."""
