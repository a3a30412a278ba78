"""Due work: ticks promote it, workers do it, exactly once. No business lives here."""
